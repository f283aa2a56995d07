// SPDX-License-Identifier: GPL-2.0-only
/* What the daemon makes of the policy it finds in force. */
#include <bpf/bpf.h>

#include "compile/compile.h"
#include "daemon/internal.h"
#include "daemon/list_watch.h"
#include "daemon/tell.h"
#include "force/load_file.h"
#include "force/lock_state.h"
#include "force/object.h"
#include "lock/lock.h"
#include "maps/devices.h"
#include "util/log.h"

/* Whether the policy file says what is loaded; then live edits are kept. */
static bool file_is_loaded(const char *path)
{
	struct vg_findings findings = {};
	struct vg_compiled compiled = {};
	struct vg_policy policy = {};
	struct vg_config config;
	struct vg_store store;
	struct vg_hook hook;
	bool same = false;

	if (!vg_store_pinned())
		return false;
	if (!vg_store_open(&store) && vg_store_attached(&store) &&
	    !vg_store_read_config(&store, &config) &&
	    !vg_policy_read(path, &policy, &findings) &&
	    !vg_hook_of(config.door, &hook) &&
	    !vg_compile(&policy, &hook, &compiled))
		same = compiled.config.source &&
		       compiled.config.source == config.source &&
		       config.program == vg_object_hash(config.door);
	vg_compiled_free(&compiled);
	vg_policy_free(&policy);
	vg_findings_free(&findings);
	vg_store_close(&store);
	return same;
}

/* What happened while no daemon was there. */
static void report_gap(const struct vg_daemon *d)
{
	struct vg_totals totals = {};
	struct vg_device dev;
	__u32 index = 0, zero = 0;
	__u64 last = 0, unreported = 0;

	bpf_map_lookup_elem(d->store.heartbeat, &zero, &last);
	while (vg_devices_next(&d->store, &index, &dev)) {
		vg_totals_add(&totals, &dev);
		unreported += dev.unreported;
	}
	vg_info("took over the loaded policy; no daemon for %llu s, %llu "
		"accesses so far, %llu of them not reported",
		last ? (vg_boottime() - last) / 1000000000ULL : 0,
		totals.accesses, unreported);
}

static enum vg_exit lock_policy(struct vg_daemon *d)
{
	enum vg_exit ret;

	if (vg_lock_sealed())
		return VG_EXIT_OK;
	/* Nobody may hold the link then, the daemon neither. */
	vg_store_close(&d->store);
	ret = vg_lock();
	return ret ? ret : vg_store_open(&d->store);
}

enum vg_exit vg_start_policy(struct vg_daemon *d)
{
	bool same = file_is_loaded(d->settings.policy), locked;
	enum vg_exit ret;
	bool take_over;

	locked = vg_lock_sealed();
	take_over = same || locked;
	if (locked && !same)
		vg_warn("the loaded policy is locked and not what %s says; "
			"it stays until the next boot",
			d->settings.policy);
	if (!take_over) {
		ret = vg_load_file(d->settings.policy);
		if (ret)
			return ret;
	}
	ret = vg_store_open(&d->store);
	if (ret)
		return ret;
	vg_store_read_config(&d->store, &d->config);
	vg_list_start(d->store.allowlist);
	if (take_over)
		report_gap(d);
	vg_tell_policy(take_over ? "take-over-policy" : "load-policy",
		       locked ? d->config.name : d->settings.policy, &d->config,
		       true);
	return d->settings.lock ? lock_policy(d) : VG_EXIT_OK;
}
