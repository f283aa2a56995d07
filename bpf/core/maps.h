/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps; their layouts are in vfioguard.h.
 *
 * What users write and programs only read is closed to all programs
 * (BPF_F_RDONLY_PROG): those of others can't write it either.
 */
#ifndef VFIOGUARD_MAPS_H
#define VFIOGUARD_MAPS_H

/*
 * Which devices may do what, edited by users while guests run.  Not
 * preallocated: most hosts have a handful.  Full: an update fails with E2BIG
 * in user space, what is in it goes on.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__uint(max_entries, 65536);
	__type(key, struct vg_device_id);
	__type(value, __u32); /* enum vg_flags */
} allowlist SEC(".maps");

/* Mode and defaults.  Next to the rules, so that they can't disagree. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vg_config);
} config SEC(".maps");

/* Which kinds of scope "scopes" has keys of: bits 1 << VG_SCOPE_*. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} scope_kinds SEC(".maps");

/* Which devices "rules" has something about, and where. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__uint(max_entries, 4096); /* more if the policy needs it */
	__type(key, struct vg_scope_key);
	__type(value, __u64);
} scopes SEC(".maps");

/* Rules that "allowlist" has no room for: registers, values, slots... */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__uint(max_entries, 4096); /* more if the policy needs it */
	__type(key, struct vg_rule_key);
	__type(value, struct vg_map_rule);
} rules SEC(".maps");

/* Number of a cgroup that a rule names, from 1. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__uint(max_entries, 1024); /* more if the policy needs it */
	__type(key, struct vg_owner);
	__type(value, __u32);
} owners SEC(".maps");

/* Keys (key=) of the rules; 0 is empty.  Not read by the program. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__uint(max_entries, 1); /* as many as the policy has */
	__type(key, __u32);
	__type(value, char[VG_KEY_LEN]);
} keys SEC(".maps");

/* Files the rules are written in.  Not read by the program. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__uint(max_entries, 1); /* as many as the policy has */
	__type(key, __u32);
	__type(value, char[VG_FILE_LEN]);
} files SEC(".maps");

/* Every kind of access there was while learning. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, VG_MAX_LEARNED);
	__type(key, struct vg_learn_key);
	__type(value, struct vg_learned);
} learned SEC(".maps");

/* Paths of the cgroups in it, by their ids. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, VG_MAX_LEARNED_OWNERS);
	__type(key, __u64);
	__type(value, struct vg_owner);
} learned_owners SEC(".maps");

/* Accesses that found no room in "learned". */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} learn_lost SEC(".maps");

/* Open addressing by PCI address; survives reloads. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, VG_MAX_DEVICES);
	__type(key, __u32);
	__type(value, struct vg_device);
} devices SEC(".maps");

/* What plans take from "config". */
struct settings {
	__u32 schema;
	__u32 mode;
	union {
		struct vg_default defaults[VG_REGIONS][VG_ACCESSES];
		__u64 words[2]; /* to compare them; the rest is zeros */
	};
};

/* What the plans of the entry of that place in "devices" were made from. */
struct made_from {
	__u64 word; /* these plans */
	__u64 slot; /* of vg_device.slot; the others are of the function */
	struct settings set;
	__u16 subvendor;
	__u16 subdevice;
	__u32 class;
	__u32 sealed; /* 1: and nobody could edit that any more */
	__u32 pad;
};

/* Of this program alone: what a policy before it was made from is no matter. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, VG_MAX_DEVICES);
	__type(key, __u32);
	__type(value, struct made_from);
} made_from SEC(".maps");

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

/* Of struct vg_config; constants, so that what is off costs nothing. */
const volatile bool learning = false;
const volatile bool uses_last = false;

/*
 * The kernel is locked down so that no program may read its memory by address,
 * as the names of cgroups must be.
 */
const volatile bool locked_down = false;

#endif
