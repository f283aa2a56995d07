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
#define VG_SCHEMA 1

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
	char name[64]; /* the policy file, for people */
	__u8 pad[4];
};

_Static_assert(sizeof(struct vg_config) == 128, "vg_config is shared ABI");

#define VG_SEEN_WORDS (4096 / 4 * VG_ACCESSES * VG_VERDICTS / 64)

/*
 * Value of map "devices": one PCI function that was accessed under the policy.
 * Kept across reloads and restarts of the daemon; counters only go up.
 */
struct vg_device {
	__u64 pdev; /* the kernel's, tells whether this is still the one */
	__u64 plans[2]; /* of the program, by generation; see bpf/plan.h */
	__u32 used; /* with slot one word, claimed at once */
	__u32 slot; /* VG_SLOT() */
	__u16 vendor;
	__u16 device;
	__u32 owner; /* process (tgid) that the folding belongs to */
	__u64 tokens; /* of the rate limit, in 1/1024 of an event */
	__u64 refilled_at; /* CLOCK_BOOTTIME, ns */
	__u64 unreported; /* accesses folded, limited or lost since last event */
	__u64 counts[VG_ACCESSES][VG_VERDICTS][VG_REPORTS];
	__u64 seen[VG_SEEN_WORDS]; /* one bit a dword, direction and verdict */
};

/*
 * PCI address in one word: domain, bus, device and function.  Domains above
 * 0xffff (VMD makes some) lose their upper bits.
 */
#define VG_SLOT(domain, bus, devfn) \
	(((__u32)(domain) << 16) | ((__u32)(bus) << 8) | (__u32)(devfn))
/* A power of two; hosts with more functions than this share the last. */
#define VG_MAX_DEVICES 1024

#define VG_COMM_LEN 16

/* One ring-buffer event. */
struct vg_event {
	__u64 time; /* CLOCK_BOOTTIME, ns */
	__u64 cgroup; /* cgroup v2 id of the task */
	__u64 unreported; /* accesses of this device not reported before */
	__u64 generation; /* of the policy that decided */
	__u32 slot;
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
	__u16 pad;
	__u32 data; /* of a write, host byte order; 0 of a read */
	__u32 pid; /* thread */
	__u32 tgid; /* process */
	__u32 uid;
	__u32 loginuid; /* audit login uid, 4294967295 when unset */
	__u32 sessionid; /* audit session, 4294967295 when unset */
	char comm[VG_COMM_LEN];
};

_Static_assert(sizeof(struct vg_event) == 96, "vg_event is shared ABI");

#endif
