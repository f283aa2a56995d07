// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/metrics.h"
#include "force/lock_state.h"
#include "maps/devices.h"
#include "util/slot.h"
#include "util/words.h"

static const char *const verdicts[VG_VERDICTS] = { "allowed", "blocked",
						   "would_block" };
static const char *const reports[VG_REPORTS] = {
	"silent", "event", "folded", "rate_limited", "ring_full",
};

static void head(FILE *out, const char *name, const char *type,
		 const char *help)
{
	fprintf(out, "# HELP vfioguard_%s %s\n# TYPE vfioguard_%s %s\n", name,
		help, name, type);
}

static void gauge(FILE *out, const char *name, const char *help, __u64 value)
{
	head(out, name, "gauge", help);
	fprintf(out, "vfioguard_%s %llu\n", name, value);
}

static void print_lock(FILE *out)
{
	struct vg_lock_ask lock;
	bool sealed = vg_lock_read(&lock) && lock.phase == VG_LOCK_SEALED;

	gauge(out, "locked", "1 while the policy is locked.", sealed);
	if (!sealed)
		return;
	head(out, "refused_total", "counter",
	     "Attempts to change the locked policy.");
	fprintf(out, "vfioguard_refused_total %llu\n", lock.refused);
}

static void print_policy(const struct vg_store *store, FILE *out)
{
	struct vg_config config;

	vg_store_read_config(store, &config);
	gauge(out, "attached", "1 while the policy is attached.",
	      vg_store_attached(store));
	gauge(out, "enforcing", "1 in mode enforce, 0 in mode monitor.",
	      config.mode == VG_MODE_ENFORCE);
	gauge(out, "observing",
	      "1 where the kernel lets a policy only observe.",
	      config.door == VG_DOOR_OBSERVE);
	gauge(out, "stock_kernel",
	      "1 where the policy is in force without the hook.",
	      config.door != VG_DOOR_HOOK);
	gauge(out, "generation", "Number of the policy since the first load.",
	      config.generation);
	gauge(out, "loaded_timestamp_seconds", "When the policy was loaded.",
	      config.loaded_at);
	print_lock(out);
	gauge(out, "allowlist_entries", "Entries of the loaded allow list.",
	      vg_allowlist_count(store));
}

static void print_device(const struct vg_device *dev, FILE *out)
{
	char slot[VG_SLOT_LEN];
	int a, v, r;

	vg_slot_format(dev->slot, slot);
	for (a = 0; a < VG_ACCESSES; a++) {
		for (v = 0; v < VG_VERDICTS; v++) {
			for (r = 0; r < VG_REPORTS; r++) {
				if (!dev->counts[a][v][r])
					continue;
				fprintf(out,
					"vfioguard_accesses_total{"
					"device=\"%s\",vendor_id=\"%04x\","
					"device_id=\"%04x\",access=\"%s\","
					"verdict=\"%s\",report=\"%s\"} %llu\n",
					slot, dev->vendor, dev->device,
					vg_access_word(a), verdicts[v],
					reports[r], dev->counts[a][v][r]);
			}
		}
	}
}

static void print_daemon(const struct vg_daemon_counts *c, FILE *out)
{
	head(out, "records_total", "counter",
	     "What became of the events the daemon got.");
	fprintf(out,
		"vfioguard_records_total{sink=\"audit\"} %llu\n"
		"vfioguard_records_total{sink=\"journal\"} %llu\n"
		"vfioguard_records_total{sink=\"summary\"} %llu\n"
		"vfioguard_records_total{sink=\"lost\"} %llu\n",
		c->audit, c->journal, c->summarised, c->lost);
	head(out, "events_total", "counter",
	     "Events the daemon took from the ring buffer.");
	fprintf(out, "vfioguard_events_total %llu\n", c->events);
	gauge(out, "audit_queue", "Events that wait for the audit system.",
	      c->queued);
	gauge(out, "held_events", "Events that wait for their summary.",
	      c->held);
}

void vg_metrics_print(const struct vg_store *store,
		      const struct vg_daemon_counts *counts, FILE *out)
{
	struct vg_device dev;
	__u32 index = 0;

	print_policy(store, out);
	head(out, "accesses_total", "counter",
	     "Accesses the policy was asked about.");
	while (vg_devices_next(store, &index, &dev))
		print_device(&dev, out);
	if (counts)
		print_daemon(counts, out);
}

int vg_metrics_file(const struct vg_store *store,
		    const struct vg_daemon_counts *counts, const char *path)
{
	char temp[PATH_MAX];
	FILE *f;
	int ret;

	/* The collector reads *.prom only, so not this one. */
	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return -ENAMETOOLONG;
	/*
	 * Never what stands there already: in a folder that others may write
	 * to, that may be a link to a file of the daemon's.
	 */
	if (unlink(temp) && errno != ENOENT)
		return -errno;
	f = fopen(temp, "wxe");
	if (!f)
		return -errno;
	/* Read by a collector that is not root. */
	fchmod(fileno(f), 0644);
	vg_metrics_print(store, counts, f);
	ret = ferror(f) ? -EIO : 0;
	if (fclose(f) && !ret)
		ret = -errno;
	if (!ret && rename(temp, path))
		ret = -errno;
	if (ret)
		unlink(temp);
	return ret;
}
