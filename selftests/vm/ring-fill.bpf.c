// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring-fill.bpf.c - write events into the policy's own ring buffer
 *
 * For tests that need more events than accesses can make in reasonable time.
 * ring-fill.c runs it; "events" is the pinned map of the policy in force.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "../../bpf/vfioguard.h"
#include "ring-fill.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

SEC("syscall")
int ring_fill(struct ring_fill *run)
{
	__u64 now = bpf_ktime_get_boot_ns();
	__u32 n = run->number, i;
	struct vg_event e = {
		.time = now,
		.generation = 1,
		.vendor = 0x8086,
		.device = 0x10d3,
		.size = 4,
		.access = VG_WRITE,
		.verdict = VG_BLOCK,
		.region = 4,
		.cap = 255,
		.tgid = bpf_get_current_pid_tgid() >> 32,
		.pid = bpf_get_current_pid_tgid(),
		.comm = "ring-fill",
	};

	run->sent = 0;
	bpf_for(i, 0, RING_FILL_BATCH) {
		if (n >= run->end)
			break;
		e.slot = VG_SLOT(0, 0x20, 0) + n % run->devices;
		e.offset = n / run->devices * 4 & 0xffc;
		e.data = n++;
		/* Full: the reader has to catch up first. */
		if (bpf_ringbuf_output(&events, &e, sizeof(e), 0))
			break;
		run->sent++;
	}
	return 0;
}

char _license[] SEC("license") = "GPL";
