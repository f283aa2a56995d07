/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps; their layouts are in vfioguard.h. */
#ifndef VFIOGUARD_MAPS_H
#define VFIOGUARD_MAPS_H

/*
 * Which devices may do what, edited by users while guests run.  Not
 * preallocated: most hosts have a handful.  Full: an update fails with E2BIG
 * in user space, what is in it goes on.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct vg_device_id);
	__type(value, __u32); /* enum vg_flags */
} allowlist SEC(".maps");

/* Mode and defaults.  Next to the rules, so that they can't disagree. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vg_config);
} config SEC(".maps");

/* Open addressing by PCI address; survives reloads. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, VG_MAX_DEVICES);
	__type(key, __u32);
	__type(value, struct vg_device);
} devices SEC(".maps");

/*
 * 1 MiB: room for 9,000 events, more than the first hits of a guest that walks
 * through all of config space.  Full: see VG_REPORT_RING_FULL.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/* CLOCK_BOOTTIME, ns, when the daemon last drained the events. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} heartbeat SEC(".maps");

/* The loader sets it to the generation's lowest bit: which plans are ours. */
const volatile __u32 plan_parity = 0;

#endif
