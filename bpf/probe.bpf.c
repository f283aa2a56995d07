// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a stock kernel makes of programs on security_file_permission(), tried on a
 * file that nobody else has: see loader/kernel/stock.c.
 */
#include "vmlinux_types.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define EPERM 1
/* include/linux/fs.h */
#define MAY_WRITE 2

#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)

struct inode {
	unsigned long i_ino;
};

struct file {
	struct inode *f_inode;
};

#pragma clang attribute pop

char _license[] SEC("license") = "GPL";

/* Whose file, set by the loader: one process, and a number no other has there. */
const volatile __u32 probe_tgid = 0;
const volatile __u64 probe_ino = 0;

static __always_inline bool is_ours(const struct file *file)
{
	return bpf_get_current_pid_tgid() >> 32 == probe_tgid &&
	       file->f_inode->i_ino == probe_ino;
}

/* A write of it should return 3 and do nothing. */
SEC("fmod_ret/security_file_permission")
int BPF_PROG(probe_trace, struct file *file, int mask, int ret)
{
	return mask & MAY_WRITE && is_ours(file) ? 3 : 0;
}

/* A read of it should be refused. */
SEC("lsm/file_permission")
int BPF_PROG(probe_lsm, struct file *file, int mask, int ret)
{
	if (ret)
		return ret;
	return !(mask & MAY_WRITE) && is_ours(file) ? -EPERM : 0;
}

/* kernel/sched/core.c; not there if the model can't be chosen at boot. */
extern const void preempt_dynamic_mode __ksym __weak;

struct probe_preemption {
	__s32 mode; /* of the kernel's enum */
	__u32 known;
};

/* Which model of preemption is in force now. */
SEC("syscall")
int probe_preempt(struct probe_preemption *answer)
{
	__s32 mode;

	if (!&preempt_dynamic_mode ||
	    bpf_probe_read_kernel(&mode, sizeof(mode), &preempt_dynamic_mode))
		return 0;
	answer->mode = mode;
	answer->known = 1;
	return 0;
}
