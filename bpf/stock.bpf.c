// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy for accesses to PCI config space by the holder of a vfio device: the
 * front end for stock kernels.
 *
 * Stands behind the doors (door.bpf.c) on security_file_permission(), which every
 * read and write passes.  vfs_read() and vfs_write() end with whatever is not 0,
 * so a positive value is what pread64() and pwrite64() return: the count, with
 * nothing done.  Other ways end only with an error; so does all that only the LSM
 * door sees.
 *
 * What is decided, counted and reported is in core/, but:
 *
 *	- the data of a write is in a buffer that can change after any look, so rules
 *	  about values and bits block (DATA_HIDDEN);
 *	- an access of several pieces is blocked as a whole.
 */
#include "vmlinux_types.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "vfioguard.h"
#include "stock_types.h"

#define VG_STOCK
#include "core/core.h"
#include "stock_way.h"
#include "stock_target.h"
#include "stock_piece.h"
#include "stock_room.h"
#include "stock_pass.h"
#include "stock_report.h"

/* include/linux/fs.h */
#define MAY_WRITE 2

char _license[] SEC("license") = "GPL";

/* Whether the caller's buffer may be written to: blocked reads get a value. */
const volatile bool fills_reads = false;
/* Whether the policy blocks any read. */
const volatile bool blocks_reads = false;
/* Nothing is refused, whatever comes. */
const volatile bool observes = false;

/* Of a piece, whose sizes are told by name: the verifier wants to know them. */
static __always_inline long fill(__u64 buffer, const __u32 *data, __u32 n)
{
	__u32 size = n == 1 ? 1 : n == 2 ? 2 : 4;

	/* Or the compiler makes one number of the three again. */
	asm volatile("" : "+r"(size));
	if (size == 1)
		return bpf_probe_write_user((void *)buffer, data, 1);
	asm volatile("" : "+r"(size));
	if (size == 2)
		return bpf_probe_write_user((void *)buffer, data, 2);
	return bpf_probe_write_user((void *)buffer, data, 4);
}

/* A blocked access by pread64() or pwrite64(): looks done if it can. */
static __always_inline int look_done(const struct cut *c)
{
	__u32 n = c->end - c->from, data = c->piece.data;

	if (c->write)
		return n;
	/* Of several pieces not all are to be this. */
	if (!fills_reads || c->size != n || (n != 1 && n != 2 && n != 4))
		return -EPERM;
	return fill(c->buffer, &data, n) ? -EPERM : n;
}

/*
 * A way whose offset or count can't be known.  Reads harm nothing as long as no
 * rule is about them.
 */
static __noinline int refuse_way(const struct target *t, __u32 write)
{
	if (!write && !blocks_reads)
		return 0;
	return report_way(t, write) ? -EPERM : 0;
}

/* What has come to the config region, or may have. */
static __noinline int judge_access(struct file *file, struct cut *c,
				   enum way way)
{
	switch (find_target(file, &c->target)) {
	case TARGET_PCI:
		break;
	case TARGET_OTHER:
		return 0;
	case TARGET_CLOSED:
		/* As vfio answers; it may be bound the moment after. */
		return -EINVAL;
	default:
		return observes || (!c->write && !blocks_reads) ? 0 : -EPERM;
	}
	if (way == WAY_NOT_TAKEN)
		return -EOPNOTSUPP;
	if (way != WAY_PLAIN)
		return refuse_way(&c->target, c->write);
	if (c->target.size > CONFIG_BYTES)
		return observes ? 0 : -EPERM;
	/* Nothing comes of these: the errors are vfio's to give. */
	if (!c->end || c->from >= c->target.size ||
	    c->end > c->target.size - c->from)
		return 0;
	return 1;
}

/* Returns 0 to let it through, the count if it looks done, or a negative errno. */
static __always_inline int judge_file(struct file *file, int mask, bool can_do)
{
	__u32 write = !!(mask & MAY_WRITE);
	__u64 pos, count, seal = 0;
	struct room *room;
	struct cut *c;
	enum way way;
	int ret;

	way = find_way(file, write, &pos, &count);
	if (way == WAY_ELSEWHERE)
		return 0;
	if (way == WAY_PLAIN) {
		seal = pass_seal(file, pos, count, write);
		if (!can_do && take_pass(seal))
			return 0;
	}
	room = take_room();
	if (!room)
		return observes ? 0 : -EPERM;
	c = &room->cut;
	c->from = pos & ((1ULL << REGION_SHIFT) - 1);
	c->end = count;
	c->buffer = caller_buffer();
	c->write = write;
	ret = judge_access(file, c, way);
	if (ret == 1) {
		c->end += c->from;
		find_plans(c);
		ret = 0;
		if (blocks(c))
			ret = can_do ? look_done(c) : -EPERM;
		else if (can_do)
			leave_pass(seal);
	}
	give_room(room);
	return ret;
}

SEC("fmod_ret/security_file_permission")
int BPF_PROG(stock_trace, struct file *file, int mask, int ret)
{
	return judge_file(file, mask, true);
}

SEC("lsm/file_permission")
int BPF_PROG(stock_lsm, struct file *file, int mask, int ret)
{
	/* By names, so that the verifier sees that there is no other. */
	switch (judge_file(file, mask, false)) {
	case 0:
		return 0;
	case -EINVAL:
		return -EINVAL;
	case -EOPNOTSUPP:
		return -EOPNOTSUPP;
	default:
		return -EPERM;
	}
}

SEC("syscall")
int ask(struct vg_ask *ask)
{
	return answer_ask(ask);
}
