/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where an access is taken apart.  The kernel gives all functions of a program 512
 * bytes of stack, and what decides needs most of them.  One room for each task that
 * is at it, not for each processor: the task may be preempted, and go on elsewhere.
 */
#ifndef VFIOGUARD_STOCK_ROOM_H
#define VFIOGUARD_STOCK_ROOM_H

#define ROOMS 1024
/* Tasks with neighbouring ids have rooms of their own as long as these last. */
#define ROOM_TRIES 16

struct room {
	struct cut cut;
	__u32 taken;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ROOMS);
	__type(key, __u32);
	__type(value, struct room);
} rooms SEC(".maps");

/* NULL if there is none: who gets none is refused. */
static __always_inline struct room *take_room(void)
{
	__u32 first = bpf_get_current_pid_tgid(), at;
	struct room *room;
	int i;

	LOOP(i, 0, ROOM_TRIES) {
		at = (first + i) % ROOMS;
		room = bpf_map_lookup_elem(&rooms, &at);
		if (room && !__sync_val_compare_and_swap(&room->taken, 0, 1))
			return room;
	}
	return NULL;
}

static __always_inline void give_room(struct room *room)
{
	/* With a barrier: all of it was read before another writes. */
	__sync_lock_test_and_set(&room->taken, 0);
}

#endif
