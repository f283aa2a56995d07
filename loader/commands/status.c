// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard status: what is in force, and what it did */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "commands/commands.h"
#include "daemon/flood.h"
#include "events/event_log.h"
#include "force/lock_state.h"
#include "force/store.h"
#include "maps/devices.h"
#include "maps/heartbeat.h"
#include "util/pci_ids.h"
#include "util/printable.h"
#include "util/slot.h"

static const char *const region_words[VG_REGIONS] = {
	[VG_REGION_UNASSIGNED] = "unassigned",
	[VG_REGION_VENDOR] = "vendor",
	[VG_REGION_OTHER] = "other",
};

static const char *mode_word(const struct vg_config *config)
{
	return config->mode == VG_MODE_MONITOR ? "monitor" : "enforce";
}

static void default_text(const struct vg_default *d, char *buf, size_t len)
{
	snprintf(buf, len, "%s%s", d->verdict == VG_ALLOW ? "allow" : "block",
		 d->audit ? "+audit" : "");
}

/* Until the next boot; says when, and what was refused since. */
static void print_lock(void)
{
	struct vg_lock_ask lock;
	struct timespec up;

	if (!vg_lock_read(&lock) || lock.phase != VG_LOCK_SEALED) {
		printf("locked      no\n");
		return;
	}
	clock_gettime(CLOCK_BOOTTIME, &up);
	printf("locked      until the next boot, for %llu s now; %llu attempts "
	       "to change it were refused\n",
	       up.tv_sec - lock.sealed_at / 1000000000ULL, lock.refused);
}

static void json_lock(struct vg_json *json)
{
	struct vg_lock_ask lock;
	bool sealed = vg_lock_read(&lock) && lock.phase == VG_LOCK_SEALED;

	vg_json_bool(json, "locked", sealed);
	if (sealed)
		vg_json_u64(json, "refused", lock.refused);
}

/* How it is in force, and what can't be done that way. */
static const char *door_text(const struct vg_config *config)
{
	switch (config->door) {
	case VG_DOOR_STOCK:
		return "stock kernel, by tracing and LSM programs (no values "
		       "or masks; an access is blocked as a whole)";
	case VG_DOOR_OBSERVE:
		return "stock kernel, OBSERVING ONLY: nothing is refused";
	default:
		return "the hook of the patched vfio-pci-core";
	}
}

static void print_head(const struct vg_store *store,
		       const struct vg_config *config,
		       const struct vg_daemon_counts *counts)
{
	const char *trouble;
	time_t loaded = config->loaded_at;
	char when[32], r[16], w[16], name[4 * sizeof(config->name) + 1];
	struct tm tm;
	int i;

	localtime_r(&loaded, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	printf("policy      %s, generation %llu, loaded %s\n",
	       vg_printable(config->name, name, sizeof(name)),
	       config->generation, when);
	printf("mode        %s%s%s\n", mode_word(config),
	       config->mode == VG_MODE_MONITOR ? " (nothing is blocked)" : "",
	       config->learn ? ", learning; see vfioguard learn status" : "");
	printf("by way of   %s\n", door_text(config));
	printf("attached    %s\n",
	       vg_store_attached(store) ?
		       "yes" :
		       "NO - detached, by someone else or by an unload that "
		       "was cut short; nothing is filtered");
	trouble = vg_store_trouble(config);
	if (trouble)
		printf("%sPROTECTS    NO: %s%s\n",
		       vg_style(stdout, VG_STYLE_BAD), trouble,
		       vg_style(stdout, VG_STYLE_PLAIN));
	print_lock();
	if (vg_daemon_runs(store))
		printf("daemon      running\n");
	else
		printf("daemon      not running; the policy holds, events wait\n");
	if (counts)
		printf("records     %llu events: %llu to audit, %llu to the "
		       "journal, %llu in summaries, %llu waiting, %llu lost\n",
		       counts->events, counts->audit, counts->journal,
		       counts->summarised, counts->queued + counts->held,
		       counts->lost);
	printf("limits      %d records at once and %d an hour a device, %d and "
	       "%d all devices\n",
	       VG_FLOOD_BURST, VG_FLOOD_HOURLY,
	       VG_FLOOD_BURST * VG_FLOOD_DEVICES,
	       VG_FLOOD_HOURLY * VG_FLOOD_DEVICES);
	printf("allow list  %zu entries\n", vg_allowlist_count(store));
	for (i = 0; i < VG_REGIONS; i++) {
		default_text(&config->defaults[i][VG_READ], r, sizeof(r));
		default_text(&config->defaults[i][VG_WRITE], w, sizeof(w));
		printf("%-11s %-10s read %-12s write %s\n", i ? "" : "defaults",
		       region_words[i], r, w);
	}
}

static void print_devices(const struct vg_store *store)
{
	char slot[VG_SLOT_LEN], name[64];
	struct vg_device dev;
	__u32 index = 0;

	printf("\n%-12s  %-9s  %9s %9s %9s | %7s %7s %7s %9s  %s\n", "device",
	       "ids", "allowed", "blocked", "would-bl.", "events", "folded",
	       "limited", "ring-full", "name");
	while (vg_devices_next(store, &index, &dev)) {
		struct vg_totals t = {};

		vg_totals_add(&t, &dev);
		vg_slot_format(dev.slot, slot);
		if (!vg_pci_device_name(dev.vendor, dev.device, name,
					sizeof(name)))
			name[0] = '\0';
		printf("%-12s  %04x:%04x  %9llu %9llu %9llu | %7llu %7llu "
		       "%7llu %9llu  %s\n",
		       slot, dev.vendor, dev.device, t.verdicts[VG_ALLOW],
		       t.verdicts[VG_BLOCK], t.verdicts[VG_WOULD_BLOCK],
		       t.reports[VG_REPORT_SENT], t.reports[VG_REPORT_FOLDED],
		       t.reports[VG_REPORT_LIMITED],
		       t.reports[VG_REPORT_RING_FULL], name);
	}
}

static void json_defaults(const struct vg_config *config, struct vg_json *json)
{
	char text[16];
	int i;

	vg_json_object(json, "defaults");
	for (i = 0; i < VG_REGIONS; i++) {
		vg_json_object(json, region_words[i]);
		default_text(&config->defaults[i][VG_READ], text, sizeof(text));
		vg_json_string(json, "read", text);
		default_text(&config->defaults[i][VG_WRITE], text,
			     sizeof(text));
		vg_json_string(json, "write", text);
		vg_json_object_end(json);
	}
	vg_json_object_end(json);
}

static void json_devices(const struct vg_store *store, struct vg_json *json)
{
	char slot[VG_SLOT_LEN];
	struct vg_device dev;
	__u32 index = 0;

	vg_json_array(json, "devices");
	while (vg_devices_next(store, &index, &dev)) {
		struct vg_totals t = {};

		vg_totals_add(&t, &dev);
		vg_slot_format(dev.slot, slot);
		vg_json_object(json, NULL);
		vg_json_string(json, "device", slot);
		vg_json_format(json, "vendor_id", "%04x", dev.vendor);
		vg_json_format(json, "device_id", "%04x", dev.device);
		vg_totals_json(&t, json);
		vg_json_object_end(json);
	}
	vg_json_array_end(json);
}

static void json_records(const struct vg_daemon_counts *counts,
			 struct vg_json *json)
{
	vg_json_object(json, "records");
	vg_json_u64(json, "events", counts->events);
	vg_json_u64(json, "audit", counts->audit);
	vg_json_u64(json, "journal", counts->journal);
	vg_json_u64(json, "summarised", counts->summarised);
	vg_json_u64(json, "queued", counts->queued);
	vg_json_u64(json, "held", counts->held);
	vg_json_u64(json, "lost", counts->lost);
	vg_json_object_end(json);
}

static enum vg_exit print_json(const struct vg_store *store,
			       const struct vg_config *config,
			       const struct vg_daemon_counts *counts)
{
	const char *trouble;
	struct vg_json json;

	vg_json_start(&json, stdout, true);
	vg_json_document(&json, NULL, VG_JSON_STATUS);
	vg_json_string(&json, "policy", config->name);
	vg_json_u64(&json, "generation", config->generation);
	vg_json_u64(&json, "loaded_at", config->loaded_at);
	vg_json_string(&json, "mode", mode_word(config));
	vg_json_bool(&json, "learning", config->learn);
	vg_json_string(&json, "door", vg_door_word(config->door));
	vg_json_bool(&json, "attached", vg_store_attached(store));
	trouble = vg_store_trouble(config);
	if (trouble)
		vg_json_string(&json, "trouble", trouble);
	json_lock(&json);
	vg_json_bool(&json, "daemon", vg_daemon_runs(store));
	vg_json_u64(&json, "allowlist", vg_allowlist_count(store));
	if (counts)
		json_records(counts, &json);
	json_defaults(config, &json);
	json_devices(store, &json);
	vg_json_object_end(&json);
	return vg_json_end(&json) ? VG_EXIT_FAILURE : VG_EXIT_OK;
}

int vg_cmd_status(int argc, char **argv)
{
	bool json = argc == 2 && !strcmp(argv[1], "--json");
	const struct vg_daemon_counts *counts;
	struct vg_daemon_counts of_daemon;
	struct vg_event_log *log;
	struct vg_config config;
	struct vg_store store;
	enum vg_exit ret;

	if (argc > 1 && !json)
		return vg_usage("status");
	ret = vg_store_open(&store);
	if (!ret) {
		vg_store_read_config(&store, &config);
		/* NULL where no daemon ever ran. */
		log = vg_event_log_open(false);
		vg_event_log_counts(log, &of_daemon);
		counts = log ? &of_daemon : NULL;
		if (json) {
			ret = print_json(&store, &config, counts);
		} else {
			print_head(&store, &config, counts);
			print_devices(&store);
		}
		vg_event_log_close(log);
	}
	vg_store_close(&store);
	return ret;
}
