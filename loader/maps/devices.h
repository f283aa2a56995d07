/* SPDX-License-Identifier: GPL-2.0-only */
/* What the policy counted for each device. */
#ifndef VFIOGUARD_MAPS_DEVICES_H
#define VFIOGUARD_MAPS_DEVICES_H

#include <stdbool.h>

#include "force/store.h"
#include "util/json_writer.h"

/* Sums of one device, or of all. */
struct vg_totals {
	__u64 accesses;
	__u64 verdicts[VG_VERDICTS];
	__u64 reports[VG_REPORTS];
};

/**
 * vg_devices_next() - the next device in use of map "devices"
 * @index: 0 to start with; moved past the device
 * @dev: its entry, but with a .slot as VG_SLOT() has it
 *
 * Return: false when there is none left.
 */
bool vg_devices_next(const struct vg_store *store, __u32 *index,
		     struct vg_device *dev);

/* Add the counters of @dev to @totals. */
void vg_totals_add(struct vg_totals *totals, const struct vg_device *dev);

/* The members of an object: accesses, allowed, blocked, ... */
void vg_totals_json(const struct vg_totals *totals, struct vg_json *json);

/* The allow list's flags for a device and what they come from. */
enum vg_reason vg_allowlist_find(const struct vg_store *store, __u16 vendor,
				 __u16 device, __u32 *flags);

/* Entries of the allow list. */
size_t vg_allowlist_count(const struct vg_store *store);

/*
 * What the program makes of an entry's flags: bits of enum vg_flags, and none that
 * contradict each other.
 */
__u32 vg_flags_effect(__u32 flags);

/* "allow rw audit", "block w silent", ...: what the flags of an entry do. */
void vg_flags_format(__u32 flags, char *buf, size_t len);

#endif
