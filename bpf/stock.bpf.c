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

/* A blocked access of @n bytes by pread64() or pwrite64(): looks done if it can. */
static __always_inline int look_done(__u32 n, __u32 write, __u32 data)
{
	if (write)
		return n;
	if (!fills_reads || (n != 1 && n != 2 && n != 4))
		return -EPERM;
	/* As vfio answers where there is no memory.  Nobody waits for a page here. */
	return fill(caller_buffer(), &data, n) ? -EFAULT : n;
}

/*
 * A way whose offset or count can't be known.  Reads harm nothing as long as no
 * rule is about them.
 */
static __noinline int refuse_way(struct pci_dev *pdev, __u32 write)
{
	if (!write && !blocks_reads)
		return 0;
	return report_way(pdev, write) ? -EPERM : 0;
}

/*
 * What has come to the config region, or may have, of @pdev, with the map at @map or
 * what find_map() says instead.  1: it is to be judged.
 */
static __always_inline int meet(struct pci_dev *pdev, __u64 map, __u32 write,
				enum way way)
{
	switch (map) {
	case TARGET_OTHER:
		return 0;
	case TARGET_CLOSED:
		/* As vfio answers; it may be bound the moment after. */
		return -EINVAL;
	case TARGET_STRANGE:
		return observes || (!write && !blocks_reads) ? 0 : -EPERM;
	}
	if (way == WAY_NOT_TAKEN)
		return -EOPNOTSUPP;
	return way == WAY_PLAIN ? 1 : refuse_way(pdev, write);
}

/* Whether it is within config space: 1, 0 if not, or -EPERM if that is not known. */
static __always_inline int within_config(struct pci_dev *pdev, __u64 from,
					 __u64 count)
{
	__u32 size = STANDARD_BYTES;

	/* Each function has as many bytes. */
	if (from >= size || count > size - from) {
		size = config_size(pdev);
		if (size < STANDARD_BYTES || size > CONFIG_BYTES)
			return -EPERM;
	}
	return count && from < size && count <= size - from;
}

/*
 * A read of the header, of which the policy says nothing: most accesses of a guest are.
 * No device has anything else there, so it is not looked which it is.
 */
static __always_inline bool is_idle_read(__u64 from, __u64 count, __u32 write)
{
	return !write && !is_asked(REGION_HEADER) && from < HEADER_BYTES &&
	       count <= HEADER_BYTES - from;
}

/* Judge an access piece by piece.  Returns as judge_file(). */
static __always_inline int judge_pieces(struct pci_dev *pdev, __u64 map,
					__u32 from, __u32 count, __u32 write,
					bool can_do)
{
	struct room *room = take_room();
	struct cut *c;
	int ret = 0;

	if (!room)
		return observes ? 0 : -EPERM;
	c = &room->cut;
	c->pdev = pdev;
	c->map = map;
	c->from = from;
	c->end = from + count;
	c->write = write;
	/* Also what can't be judged is blocked; not by who only looks on. */
	if (blocks(c) && !observes) {
		ret = -EPERM;
		/* A read of several pieces is not filled: not all are the same. */
		if (can_do && (write || c->size == count))
			ret = look_done(count, write, c->piece.data);
	}
	give_room(room);
	return ret;
}

/* Returns 0 to let it through, the count if it looks done, or a negative errno. */
static __always_inline int judge_file(struct file *file, int mask, bool can_do)
{
	__u32 write = !!(mask & MAY_WRITE);
	__u64 map, pos, from, count;
	struct pci_dev *pdev = NULL;
	enum way way;
	int ret;

	if (!can_do && take_pass(file, write))
		return 0;
	way = find_way(file, write, &pos, &count);
	if (way == WAY_ELSEWHERE)
		return 0;
	from = pos & ((1ULL << REGION_SHIFT) - 1);
	if (way == WAY_PLAIN && is_idle_read(from, count, write))
		return 0;
	map = find_map(file, &pdev);
	ret = meet(pdev, map, write, way);
	if (ret != 1)
		return ret;
	ret = within_config(pdev, from, count);
	/* What is not, is refused by vfio, with an error of its own. */
	if (ret != 1)
		return observes ? 0 : ret;
	ret = judge_at_a_glance(pdev, map, from, count, write);
	if (ret < 0)
		ret = judge_pieces(pdev, map, from, count, write, can_do);
	else if ((ret & 3) == TELL_BLOCK)
		ret = can_do ? look_done(count, write, 0) : -EPERM;
	else
		ret = 0;
	if (!ret && can_do)
		leave_pass(pass_seal(file, pos, count, write));
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
