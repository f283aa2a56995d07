/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps of the lock; their layouts are in lock.h.  The loader freezes them
 * all, so that from then on user space can only read them.
 */
#ifndef VFIOGUARD_LOCK_MAPS_H
#define VFIOGUARD_LOCK_MAPS_H

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vg_lock_state);
} lock_state SEC(".maps");

/* Some fifty: our maps, programs and links.  No program may write them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__uint(max_entries, 256);
	__type(key, struct vg_lock_object);
	__type(value, struct vg_lock_about);
} lock_objects SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__uint(max_entries, 64);
	__type(key, struct vg_lock_shape);
	__type(value, __u32);
} lock_shapes SEC(".maps");

/* One attempt of a process is told, its repeats are counted. */
struct lock_try {
	__u32 tgid;
	__u32 op;
	__u32 number;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 512);
	__type(key, struct lock_try);
	__type(value, __u64); /* CLOCK_BOOTTIME, ns, when it was told */
} lock_tries SEC(".maps");

/*
 * 64 KiB, some 500 events.  The rate limit fills it in an hour at the soonest;
 * full, attempts are refused and counted as ever.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} lock_attempts SEC(".maps");

/* The policy's own: the loader puts it in. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} heartbeat SEC(".maps");

/* Only to count who may write to it; the loader puts it in. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

#endif
