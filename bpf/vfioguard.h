/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF program and the loader agree on: the layout of every map and of
 * the ring-buffer event.  Included by both sides, so only fixed-width types,
 * explicit padding, and a size assertion on each structure.
 *
 * Everything here is also what an administrator sees in `bpftool map dump`, so
 * the names are meant to be read by people.
 */
#ifndef VFIOGUARD_H
#define VFIOGUARD_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Changes when a map or the event changes shape; the loader refuses others. */
#define VG_SCHEMA 3

/* "Any device of the vendor" in struct vg_device_id; no real device has it. */
#define VG_ANY_DEVICE 0xffff

/* Kinds of region a default can be set for. */
enum vg_region {
	VG_REGION_UNASSIGNED, /* in no capability that vfio exposes */
	VG_REGION_VENDOR, /* VNDR, VSEC and DVSEC bodies: written raw by vfio */
	VG_REGION_OTHER, /* header and ordinary capabilities */
	VG_REGIONS,
};

enum vg_access {
	VG_READ,
	VG_WRITE,
	VG_ACCESSES,
};

/* What became of an access. */
enum vg_verdict {
	VG_ALLOW,
	VG_BLOCK,
	VG_WOULD_BLOCK, /* monitor mode: let through, would have been blocked */
	VG_VERDICTS,
};

enum vg_mode {
	VG_MODE_ENFORCE,
	VG_MODE_MONITOR,
};

/* What decided. */
enum vg_reason {
	VG_REASON_DEFAULT, /* the default of the region and direction */
	VG_REASON_DEVICE, /* allow-list entry of vendor:device */
	VG_REASON_VENDOR, /* allow-list entry of vendor:any */
	VG_REASON_NATIVE, /* the kernel's own filter, policy had no rule */
	VG_REASON_RULE, /* an entry of map "rules" */
	VG_REASON_WAY, /* stock kernels: the way it came by can't be judged */
	VG_REASONS,
};

/* What became of the report of an access.  Each access counts as one of them. */
enum vg_report {
	VG_REPORT_SILENT, /* the rule asks for no audit */
	VG_REPORT_SENT, /* event in the ring buffer */
	VG_REPORT_FOLDED, /* same device, register, direction, verdict, owner */
	VG_REPORT_LIMITED, /* over the device's rate */
	VG_REPORT_RING_FULL, /* nobody drains the ring buffer */
	VG_REPORTS,
};

/* Key of map "allowlist", in host byte order: 8086:10d3 is 86 80 d3 10. */
struct vg_device_id {
	__u16 vendor;
	__u16 device; /* VG_ANY_DEVICE: every device of the vendor */
};

/*
 * Value of map "allowlist": what the device may do in unassigned space and in
 * vendor capabilities, whatever the defaults say.  A direction with neither
 * bit is left to the vendor's entry and then to the default; an entry with a
 * bit that is not named here, or with allow and block for the same direction,
 * allows nothing and blocks what it names (fails closed).
 */
enum vg_flags {
	VG_F_ALLOW_READ = 0x01,
	VG_F_ALLOW_WRITE = 0x02,
	VG_F_AUDIT = 0x04, /* report each register once, even when allowed */
	VG_F_BLOCK_READ = 0x10,
	VG_F_BLOCK_WRITE = 0x20,
	VG_F_SILENT = 0x40, /* do not report what this entry blocks */
};

#define VG_F_ALL 0x77

/*
 * Which devices a rule is for, least specific first.  Key of map "scopes" and
 * part of the key of map "rules"; the comment says what .id holds.
 */
enum vg_scope_kind {
	VG_SCOPE_ANY, /* *: 0 */
	VG_SCOPE_CLASS, /* class=03, 0302, 010802: VG_CLASS_ID() */
	VG_SCOPE_VENDOR, /* 8086:*: vendor */
	VG_SCOPE_DEVICE, /* 8086:10d3: vendor << 16 | device */
	VG_SCOPE_SUBSYS, /* subsys=1028:1234: the same of the subsystem */
	VG_SCOPE_OWNER, /* owner=/machine.slice/...: value of map "owners" */
	VG_SCOPE_SLOT, /* slot=0000:01:00.0: VG_SLOT() */
};

/* A class of 1 to 3 bytes: class=0302 is VG_CLASS_ID(2, 0x030200). */
#define VG_CLASS_ID(bytes, class) ((__u64)(bytes) << 24 | (class))

/*
 * Key of map "scopes": devices that map "rules" says something about.  The
 * value, __u64, says where: bit n stands for a rule about one of the bytes
 * n * 128 to n * 128 + 127, and VG_HAS_* for the others.  Rules that lie in
 * no bit are not looked for.  A kind that has no bit in the one entry of map
 * "scope_kinds" (1 << VG_SCOPE_*) is not looked for either.
 */
struct vg_scope_key {
	__u8 kind; /* enum vg_scope_kind */
	__u8 pad[7];
	__u64 id;
};

#define VG_BLOCK_BYTES 128
#define VG_HAS_REGIONS (1ULL << 32) /* unassigned, vendor, both, or any */
#define VG_HAS_OTHER (1ULL << 33) /* header, cap, or any */
#define VG_HAS_CAPS (1ULL << 34) /* cap= and ecap= */

/* Places of map "rules" that are no register. */
enum vg_place {
	VG_PLACE_ANY = 0x1000,
	VG_PLACE_GUARDED, /* unassigned and vendor together */
	VG_PLACE_HEADER,
	VG_PLACE_CAPS, /* any ordinary capability */
	VG_PLACE_VENDOR,
	VG_PLACE_UNASSIGNED,
	VG_PLACE_CAP = 0x10000, /* plus the capability id */
	VG_PLACE_ECAP = 0x20000, /* plus the extended capability id */
};

/* Key of map "rules". */
struct vg_rule_key {
	__u8 scope; /* enum vg_scope_kind */
	__u8 access; /* enum vg_access */
	__u16 index; /* 0, 1, 2...: first match decides, first gap ends */
	__u32 place; /* offset of a dword, or enum vg_place */
	__u64 id; /* see enum vg_scope_kind */
};

/* Rules for one place and one device, at most. */
#define VG_MAX_INDEX 64

/*
 * Entries of map "rules", at most: some 60 MB of the kernel's memory, and what
 * making them takes of the loader's.
 */
#define VG_MAX_ENTRIES (1 << 19)

enum vg_rule_flags {
	VG_RULE_AUDIT = 0x01, /* report it */
	VG_RULE_VALUE = 0x02, /* only writes of .value under .value_mask */
	VG_RULE_PART = 0x04, /* bits of its mask are in another dword */
	VG_RULE_WMASK = 0x08, /* an allowed write keeps .write_mask only */
};

#define VG_RULE_ALL 0x0f

/* What a blocked read returns. */
enum vg_read_kind {
	VG_READ_ZERO,
	VG_READ_ONES,
	VG_READ_LAST, /* what the owner last wrote there, 0 before */
	VG_READ_CONST, /* .read_value */
	VG_READ_KINDS,
};

/*
 * Value of map "rules".  Values and masks are those of the dword: the byte at
 * the lowest offset is the lowest.  Anything a program doesn't know blocks.
 */
struct vg_map_rule {
	__u8 verdict; /* VG_ALLOW or VG_BLOCK */
	__u8 flags; /* enum vg_rule_flags */
	__u8 bytes; /* of the dword: bit 0 the lowest; 0x0f all */
	__u8 read; /* enum vg_read_kind */
	__u32 value;
	__u32 value_mask;
	__u32 write_mask;
	__u32 read_value;
	__u32 line; /* where the rule is written, 0: nowhere */
	__u16 file; /* entry of map "files" */
	__u16 key; /* entry of map "keys", 0: none */
};

/* Key of map "owners": a cgroup path as in /proc/PID/cgroup, behind "0::". */
struct vg_owner {
	char path[256]; /* the rest is zeros */
};

/* Cgroups below the root that are followed: /a/b/c is 3 deep. */
#define VG_MAX_LEVELS 16

/* Owner rules that can hold for one process: a cgroup and those above it. */
#define VG_MAX_OWNERS 4

/* Entry of map "keys"; entry 0 is empty. */
#define VG_KEY_LEN 32

/* Entry of map "files". */
#define VG_FILE_LEN 128

/* A default: verdict (VG_ALLOW or VG_BLOCK) and whether to report. */
struct vg_default {
	__u8 verdict;
	__u8 audit;
};

/* Value of map "config" (one entry). */
struct vg_config {
	__u32 schema; /* VG_SCHEMA */
	__u32 mode; /* enum vg_mode */
	__u64 generation; /* number of this policy since the first load */
	__u64 loaded_at; /* CLOCK_REALTIME, seconds */
	__u64 source; /* hash of the policy as written, comments left out */
	__u64 program; /* hash of the BPF program */
	__u32 rate; /* events a second and device, after first hits */
	__u32 burst; /* events at once and device, after first hits */
	struct vg_default defaults[VG_REGIONS][VG_ACCESSES];
	char name[VG_FILE_LEN]; /* the policy file, for people */
	__u8 learn; /* 1: every access is recorded in map "learned" */
	__u8 mode_before; /* learning: the mode to go back to */
	__u8 uses_last; /* 1: a rule reads back what was written */
	__u8 door; /* how it is in force: enum vg_door of the loader */
	__u32 regions; /* the kernel calls the program for */
	__u32 regions_before; /* learning: those to go back to */
	__u8 blocks_reads; /* 1: a rule or default blocks reads */
	__u8 pad[7];
};

_Static_assert(sizeof(struct vg_config) == 208, "vg_config is shared ABI");

/*
 * Key of map "learned": one kind of access.  Kept across reloads and restarts
 * of the daemon, until the policy is unloaded or `vfioguard learn clear`.
 */
struct vg_learn_key {
	__u64 cgroup; /* cgroup v2 id of the process */
	__u64 slot; /* VG_SLOT() */
	__u16 vendor;
	__u16 device;
	__u16 offset; /* bytes */
	__u8 size; /* 1, 2 or 4 */
	__u8 access; /* enum vg_access */
};

_Static_assert(sizeof(struct vg_learn_key) == 24, "vg_learn_key is shared ABI");

#define VG_LEARN_VALUES 8

/* Value of map "learned". */
struct vg_learned {
	__u64 count;
	__u64 first; /* CLOCK_BOOTTIME, ns */
	__u64 last;
	__u64 blocked; /* how many the policy blocked, or would block */
	__u16 cap; /* capability id, as in struct vg_event */
	__u8 region; /* enum vfio_pci_config_region of the kernel */
	__u8 pad;
	/*
	 * The lower half counts places of .values that were taken, and more if
	 * there were more values; bit 16 + i says that values[i] is there.
	 */
	__u32 taken;
	__u32 values[VG_LEARN_VALUES]; /* that were written, some twice */
	__u32 tgid; /* of the first access */
	char comm[16];
	__u8 pad2[4];
};

_Static_assert(sizeof(struct vg_learned) == 96, "vg_learned is shared ABI");

/* Room of map "learned"; what finds none is counted in map "learn_lost". */
#define VG_MAX_LEARNED 262144

/*
 * Room of map "learned_owners": the paths of the cgroups in "learned", which
 * may be gone when somebody looks.  Without room an owner has no path, only its
 * number.
 */
#define VG_MAX_LEARNED_OWNERS 4096

#define VG_SEEN_OWNERS 4
#define VG_SEEN_WORDS (4096 / 4 * VG_ACCESSES * VG_VERDICTS / 64)

/*
 * Value of map "devices": one PCI function that was accessed under the policy.
 * Kept across reloads and restarts of the daemon; counters only go up.
 */
struct vg_device {
	__u64 pdev; /* the kernel's, tells whether this is still the one */
	__u64 plans[2]; /* of the program, by generation; see bpf/core/plan.h */
	__u64 ruled[2]; /* the same: where there are rules */
	__u64 entries[2]; /* the same: flags of the two allow-list entries */
	__u64 slot; /* VG_SLOT() and VG_SLOT_USED; 0: the entry is free */
	__u16 vendor;
	__u16 device;
	__u32 next_owner; /* which of .owners makes room for another */
	__u64 tokens; /* of the rate limit, in 1/1024 of an event */
	__u64 refilled_at; /* CLOCK_BOOTTIME, ns */
	__u64 unreported; /* accesses folded, limited or lost since last event */
	__u64 counts[VG_ACCESSES][VG_VERDICTS][VG_REPORTS];
	__u32 owners[VG_SEEN_OWNERS]; /* processes (tgid) the folding knows */
	/* one bit a dword, direction and verdict: told of, each owner's */
	__u64 seen[VG_SEEN_OWNERS][VG_SEEN_WORDS];
	__u64 known[VG_SEEN_WORDS]; /* the same: told of, whoever's it was */
};

/*
 * PCI address in one word: domain, bus, device and function.  Domains have 32
 * bits: those that VMD makes begin at 0x10000.
 */
#define VG_SLOT(domain, bus, devfn) \
	((__u64)(__u32)(domain) << 16 | (__u32)(bus) << 8 | (__u32)(devfn))
#define VG_SLOT_USED (1ULL << 63) /* in map "devices" */
/* Hosts with more functions than this share entries. */
#define VG_MAX_DEVICES_BITS 10
#define VG_MAX_DEVICES (1 << VG_MAX_DEVICES_BITS)

#define VG_COMM_LEN 16

/* One ring-buffer event. */
struct vg_event {
	__u64 time; /* CLOCK_BOOTTIME, ns */
	__u64 cgroup; /* cgroup v2 id of the task */
	__u64 unreported; /* accesses of this device not reported before */
	__u64 generation; /* of the policy that decided */
	__u64 slot; /* VG_SLOT() */
	__u16 vendor;
	__u16 device;
	__u16 offset; /* into config space, bytes */
	__u8 size; /* 1, 2 or 4 bytes */
	__u8 access; /* enum vg_access */
	__u8 verdict; /* enum vg_verdict */
	__u8 reason; /* enum vg_reason */
	__u8 region; /* enum vfio_pci_config_region of the kernel */
	__u8 native; /* 1: the kernel's own filter would have blocked */
	__u16 cap; /* capability id; 0 in the header, 255 in unassigned space */
	__u16 key; /* of the rule, entry of map "keys"; 0: none */
	__u32 line; /* of the rule, 0: decided by no entry of map "rules" */
	__u16 file; /* of the rule, entry of map "files" */
	__u8 scope; /* of the rule, enum vg_scope_kind */
	__u8 pad;
	__u32 data; /* of a write, host byte order; 0 of a read */
	__u32 pid; /* thread */
	__u32 tgid; /* process */
	__u32 uid;
	__u32 loginuid; /* audit login uid, 4294967295 when unset */
	__u32 sessionid; /* audit session, 4294967295 when unset */
	char comm[VG_COMM_LEN];
};

_Static_assert(sizeof(struct vg_event) == 104, "vg_event is shared ABI");

/*
 * Context of the program "ask": what the loaded maps say about an access, as
 * the program itself decides it, without one taking place.
 */
struct vg_ask {
	/* in */
	__u64 slot; /* VG_SLOT() */
	__u16 vendor;
	__u16 device;
	__u16 subvendor;
	__u16 subdevice;
	__u32 class; /* 24 bits */
	__u32 owners[VG_MAX_OWNERS]; /* values of map "owners", deepest first */
	__u16 offset;
	__u8 size; /* 1, 2 or 4, aligned */
	__u8 access; /* enum vg_access */
	__u32 data; /* of a write */
	__u32 has_data; /* 0: not known, so no rule with a value matches */
	__u32 place; /* VG_PLACE_HEADER, _CAPS, _VENDOR or _UNASSIGNED */
	__u32 cap_place; /* VG_PLACE_CAP or _ECAP plus id, 0: in none */
	/* out */
	__u8 verdict; /* enum vg_verdict, as the mode has it */
	__u8 audit;
	__u8 reason; /* enum vg_reason */
	__u8 scope; /* of a rule, enum vg_scope_kind */
	__u32 write_mask; /* of an allowed write: bits of its data that pass */
	__u32 read_data; /* of a blocked read: what is returned */
	__u32 read_last; /* bits of it that are what was last written */
	__u32 line; /* as in struct vg_map_rule */
	__u16 file;
	__u16 key;
	__u8 by_default; /* 1: the default decided at least one byte */
	__u8 pad[7];
};

_Static_assert(sizeof(struct vg_ask) == 88, "vg_ask is shared ABI");

#endif
