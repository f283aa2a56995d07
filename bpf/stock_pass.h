/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passes: what the first door lets through, the second need not judge again, nor
 * count twice.
 *
 * A pass is good for one access of one task with the same file, offset, count and
 * direction, within a tick or the next; that is no longer than a plan is good
 * for.  It is sealed with a secret, so what another task or another access has
 * left there is no pass.  Where it is missing the access is judged again.
 *
 * Offset and count are those of the caller's registers, which the first door has
 * found to be of the access.  The second need not: a pass that was left over, and fits
 * what registers another access finds there, would be one only if the first door
 * were left out of that one.  It is while another task is preempted in it, so never
 * if this task has been on the processor all the time: how often it was not is
 * sealed, too.
 */
#ifndef VFIOGUARD_STOCK_PASS_H
#define VFIOGUARD_STOCK_PASS_H

#define PASSES 1024
#define PASS_TICK 0xffffULL

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PASSES);
	__type(key, __u32);
	__type(value, __u64);
} passes SEC(".maps");

/* Whether there is a second door. */
const volatile bool two_doors = false;
const volatile __u64 pass_secret = 0;

static __always_inline __u64 mix(__u64 sum, __u64 value)
{
	sum = (sum ^ value) * 0x9e3779b97f4a7c15ULL;
	return sum ^ sum >> 29;
}

static __always_inline __u64 pass_seal(const struct file *file, __u64 pos,
				       __u64 count, __u32 write)
{
	struct task_struct___stock *t = (void *)bpf_get_current_task_btf();
	__u64 sum, data = 0;

	if (!two_doors)
		return 0;
	/* As a number: from 7.1 on what a pointer to void leads to is memory. */
	READ_MODULE_FIELD(data, file, private_data);
	sum = mix(pass_secret, bpf_get_current_pid_tgid());
	sum = mix(sum, t->nvcsw + t->nivcsw);
	/* The open file, or its device. */
	sum = mix(sum, data);
	sum = mix(sum, pos);
	sum = mix(sum, count << 1 | write);
	return sum & ~PASS_TICK;
}

static __always_inline __u64 *pass_place(void)
{
	__u32 place = (__u32)bpf_get_current_pid_tgid() % PASSES;

	return bpf_map_lookup_elem(&passes, &place);
}

static __always_inline void leave_pass(__u64 seal)
{
	__u64 *pass;

	if (!two_doors)
		return;
	pass = pass_place();
	if (pass)
		*(volatile __u64 *)pass = seal | (bpf_jiffies64() & PASS_TICK);
}

/* Whether there is one; it is gone then. */
static __always_inline bool take_pass(const struct file *file, __u32 write)
{
	struct pt_regs *regs = caller_registers();
	__u64 *pass, found, seal;

	if (!two_doors || regs->r10 >> REGION_SHIFT != CONFIG_REGION)
		return false;
	pass = pass_place();
	if (!pass)
		return false;
	seal = pass_seal(file, regs->r10, regs->dx, write);
	found = __sync_lock_test_and_set(pass, 0);
	return (found & ~PASS_TICK) == seal &&
	       ((bpf_jiffies64() - found) & PASS_TICK) <= 1;
}

#endif
