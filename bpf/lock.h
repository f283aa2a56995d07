/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs of the lock (bpf/lock.bpf.c) and the loader agree on.
 * Included by both sides, as vfioguard.h is.
 */
#ifndef VFIOGUARD_LOCK_H
#define VFIOGUARD_LOCK_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Changes when one of these structures does. */
#define VG_LOCK_SCHEMA 1

/* Goes up only. */
enum vg_lock_phase {
	VG_LOCK_OPEN, /* nothing is refused */
	VG_LOCK_CLOSING, /* no new way to weaken it, old ones are looked for */
	VG_LOCK_SEALED, /* until the next boot */
};

/* What somebody tried, or did. */
enum vg_lock_op {
	VG_LOCK_MAP_WRITE, /* update or delete entries, also in batches */
	VG_LOCK_MAP_FREEZE,
	VG_LOCK_MAP_MMAP, /* the consumer's page of a ring buffer */
	VG_LOCK_MAP_INNER, /* a map of maps that could hold one of ours */
	VG_LOCK_LINK_OPEN, /* whoever has the link can detach it */
	VG_LOCK_LINK_WRITE, /* detach or update another of our links */
	VG_LOCK_PROG_MAPS, /* a program that uses one of our maps */
	VG_LOCK_PROG_EXTEND, /* one that could replace a function of ours */
	VG_LOCK_PROG_SKIP, /* one that can make the kernel pass us by */
	VG_LOCK_PROG_ITERATE, /* one that can write what it iterates over */
	VG_LOCK_UNLINK,
	VG_LOCK_RENAME,
	VG_LOCK_SETATTR,
	VG_LOCK_UMOUNT,
	VG_LOCK_MOUNT, /* over the pins, or the pins elsewhere */
	VG_LOCK_PTRACE, /* the daemon */
	VG_LOCK_SYSCTL, /* switch off what calls our programs */
	VG_LOCK_ROLE, /* be the daemon while there is one */
	VG_LOCK_REFUSED, /* those above are refused, the others happen */
	VG_LOCK_KILL = VG_LOCK_REFUSED, /* the daemon got a signal */
	VG_LOCK_DAEMON, /* a process became the daemon */
	VG_LOCK_LOCKED,
	VG_LOCK_SUMMARY, /* attempts that got no event of their own */
	VG_LOCK_OPS,
};

#define VG_LOCK_NAME_LEN 32

/* Event of ring buffer "lock_attempts". */
struct vg_attempt {
	__u64 time; /* CLOCK_BOOTTIME, ns */
	__u64 unreported; /* attempts since the last event that got none */
	__u32 op; /* enum vg_lock_op */
	__u32 number; /* of the object, of the signal, else 0 */
	__u32 pid; /* thread */
	__u32 tgid; /* process */
	__u32 uid;
	__u32 loginuid;
	__u32 sessionid;
	char comm[16];
	char object[VG_LOCK_NAME_LEN]; /* name of a map, pin, function... */
	__u8 pad[4];
};

_Static_assert(sizeof(struct vg_attempt) == 96, "vg_attempt is shared ABI");

/* Key of map "lock_objects": what is protected, by the kernel's numbers. */
enum vg_lock_kind {
	VG_LOCK_KIND_MAP,
	VG_LOCK_KIND_PROG,
	VG_LOCK_KIND_LINK, /* may be opened, but not detached */
	VG_LOCK_KIND_SECRET, /* a link that nobody may open */
};

struct vg_lock_object {
	__u32 kind;
	__u32 id;
};

/* Value of it. */
struct vg_lock_about {
	char name[16];
	__u32 map_type; /* of a map: enum bpf_map_type */
};

/*
 * Key of map "lock_shapes": of those of our maps that programs may write.  A
 * map of maps takes any map of the shape it was made for.
 */
struct vg_lock_shape {
	__u32 map_type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries; /* of arrays; 0 of others, where it doesn't matter */
};

/* Links that nobody may open: the policy's, and the one that guards sysctls. */
#define VG_LOCK_SECRETS 2

/* The one entry of map "lock_state"; only the programs write it. */
struct vg_lock_state {
	__u32 schema; /* VG_LOCK_SCHEMA */
	__u32 phase; /* enum vg_lock_phase */
	__u64 sealed_at; /* CLOCK_BOOTTIME, ns */
	/* pointers of the kernel, to compare with */
	__u64 sb; /* super block of the bpffs */
	__u64 dir; /* inode of the folder of the pins */
	__u64 mount; /* the bpffs in the host's name space */
	__u64 mount_ns;
	__u64 map_fops; /* how files of maps and links are known */
	__u64 link_fops;
	__u64 links[VG_LOCK_SECRETS];
	__u32 link_ids[VG_LOCK_SECRETS];
	/* processes, by number and the time they were started at */
	__u32 locker;
	__u32 daemon;
	__u64 locker_start;
	__u64 daemon_start;
	/* attempts */
	__u64 refused;
	__u64 unreported;
	__u64 last; /* CLOCK_BOOTTIME, ns */
	__u64 tokens; /* of the rate limit, in ns */
	__u64 refilled_at;
};

/* An event more every so many ns, and at most so many at once. */
#define VG_LOCK_EVENT_NS 6000000000ULL
#define VG_LOCK_BURST 64

enum vg_lock_cmd {
	VG_LOCK_CMD_STATE, /* only tell */
	VG_LOCK_CMD_SETUP, /* learn what to protect, go to CLOSING */
	VG_LOCK_CMD_VET, /* whether a program that is there already is harmful */
	VG_LOCK_CMD_VET_MAP, /* the same of a map */
	VG_LOCK_CMD_SEAL, /* go to SEALED if no other process has a link */
	VG_LOCK_CMD_GIVE_UP, /* back from CLOSING to OPEN */
	VG_LOCK_CMD_BEAT, /* be the daemon, say that it lives */
	VG_LOCK_CMD_TRY, /* whether it could go to SEALED */
};

/* Context of program "lock_ctl". */
struct vg_lock_ask {
	/* in; descriptors of the caller */
	__u32 cmd; /* enum vg_lock_cmd */
	__u32 links[VG_LOCK_SECRETS];
	__u32 map; /* SETUP: any; VET_MAP */
	__u32 dir; /* SETUP: the folder of the pins */
	__u32 prog; /* VET */
	/* out */
	__s32 result; /* 0 or a negative errno */
	__u32 phase; /* enum vg_lock_phase */
	__u32 attached; /* the policy's link holds a policy */
	__u32 op; /* VET and VET_MAP: enum vg_lock_op, VG_LOCK_OPS: none */
	__u32 link_refs; /* SEAL: beyond the pins */
	__u32 writers; /* SEAL: who may write to the events' ring buffer */
	__u32 daemon; /* process, 0: none */
	__u32 pad;
	__u64 sealed_at;
	__u64 refused;
	__u64 unreported;
};

_Static_assert(sizeof(struct vg_lock_ask) == 80, "vg_lock_ask is shared ABI");

#endif
