// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard devices: what was given to vfio, and what it may do */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "devices.h"
#include "event.h"
#include "log.h"
#include "pci_ids.h"

#define SYSFS "/sys/bus/pci/devices"

/* A function bound to any driver of vfio has this folder. */
static bool given_to_vfio(const char *bdf)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SYSFS "/%s/vfio-dev", bdf);
	return !access(path, F_OK);
}

static unsigned int read_hex(const char *bdf, const char *attribute)
{
	unsigned int value = 0;
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), SYSFS "/%s/%s", bdf, attribute);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "%x", &value) != 1)
			value = 0;
		fclose(f);
	}
	return value;
}

static bool find_counters(const struct vg_store *store, const char *bdf,
			  struct vg_totals *totals)
{
	struct vg_device dev;
	__u32 slot, index = 0;

	if (vg_slot_parse(bdf, &slot))
		return false;
	while (vg_devices_next(store, &index, &dev)) {
		if (dev.slot != slot)
			continue;
		vg_totals_add(totals, &dev);
		return true;
	}
	return false;
}

/* In words: the allow-list entry, or that the defaults hold. */
static void effective(const struct vg_store *store, __u16 vendor, __u16 device,
		      char *buf, size_t len)
{
	char flags[64];
	__u32 value;

	switch (vg_allowlist_find(store, vendor, device, &value)) {
	case VG_REASON_DEVICE:
		vg_flags_format(value, flags, sizeof(flags));
		snprintf(buf, len, "%s (%04x:%04x)", flags, vendor, device);
		break;
	case VG_REASON_VENDOR:
		vg_flags_format(value, flags, sizeof(flags));
		snprintf(buf, len, "%s (%04x:*)", flags, vendor);
		break;
	default:
		snprintf(buf, len, "defaults");
	}
}

static void show(const struct vg_store *store, const char *bdf,
		 struct vg_json *json)
{
	__u16 vendor = read_hex(bdf, "vendor");
	__u16 device = read_hex(bdf, "device");
	struct vg_totals totals = {};
	char rule[96], name[64];

	effective(store, vendor, device, rule, sizeof(rule));
	find_counters(store, bdf, &totals);
	if (!vg_pci_device_name(vendor, device, name, sizeof(name)))
		name[0] = '\0';

	if (!json) {
		printf("%-12s  %04x:%04x  %-26s %9llu %9llu  %s\n", bdf, vendor,
		       device, rule, totals.verdicts[VG_BLOCK], totals.accesses,
		       name);
		return;
	}
	vg_json_object(json, NULL);
	vg_json_string(json, "device", bdf);
	vg_json_format(json, "vendor_id", "%04x", vendor);
	vg_json_format(json, "device_id", "%04x", device);
	vg_json_string(json, "name", name);
	vg_json_string(json, "rule", rule);
	vg_totals_json(&totals, json);
	vg_json_object_end(json);
}

static int only_vfio(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && given_to_vfio(entry->d_name);
}

int vg_cmd_devices(int argc, char **argv)
{
	bool as_json = argc == 2 && !strcmp(argv[1], "--json");
	struct dirent **list = NULL;
	struct vg_store store;
	struct vg_json json;
	enum vg_exit ret;
	int i, n;

	if (argc > 1 && !as_json)
		return vg_usage("devices");
	ret = vg_store_open(&store);
	if (ret)
		goto out;

	n = scandir(SYSFS, &list, only_vfio, alphasort);
	if (n < 0) {
		vg_error("can't read %s: %s", SYSFS, strerror(errno));
		ret = VG_EXIT_FAILURE;
		goto out;
	}
	if (as_json) {
		vg_json_start(&json, stdout, true);
		vg_json_array(&json, NULL);
	} else if (n > 0) {
		printf("%-12s  %-9s  %-26s %9s %9s  %s\n", "device", "ids",
		       "rule", "blocked", "accesses", "name");
	} else {
		vg_info("no device is given to vfio");
	}
	for (i = 0; i < n; i++) {
		show(&store, list[i]->d_name, as_json ? &json : NULL);
		free(list[i]);
	}
	free(list);
	if (as_json) {
		vg_json_array_end(&json);
		if (vg_json_end(&json))
			ret = VG_EXIT_FAILURE;
	}
out:
	vg_store_close(&store);
	return ret;
}
