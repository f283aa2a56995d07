/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which system call an access to a vfio file comes by, and with which offset.
 *
 * security_file_permission() is given neither offset nor count: they are in the
 * caller's registers.  But the registers that can be had are those of the last
 * system call of the *task*, and io_uring has requests done by task work, when
 * the task returns from any other call, or by workers with copies of old ones.  So
 * they are believed of a task that never used io_uring and is no worker; of
 * others only if the function of that very system call has called vfs_write() or
 * vfs_read(), by the kernel's stack.
 */
#ifndef VFIOGUARD_STOCK_WAY_H
#define VFIOGUARD_STOCK_WAY_H

/* include/linux/sched.h; 0x4000 is not given out before 6.4 */
#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000
#define PF_KTHREAD 0x00200000

/* arch/x86/entry/syscalls/syscall_64.tbl */
#define NR_READ 0
#define NR_WRITE 1
#define NR_PREAD64 17
#define NR_PWRITE64 18
#define NR_READV 19
#define NR_WRITEV 20
#define NR_PREADV 295
#define NR_PWRITEV 296
#define NR_PREADV2 327
#define NR_PWRITEV2 328

/* include/uapi/linux/fs.h: the one flag that a file without iterators takes */
#define RWF_HIPRI 1

#define EPERM 1
#define EFAULT 14
#define EINVAL 22
#define EOPNOTSUPP 95

/* VFIO_PCI_OFFSET_SHIFT and VFIO_PCI_CONFIG_REGION_INDEX */
#define REGION_SHIFT 40
#define CONFIG_REGION 7

enum way {
	WAY_ELSEWHERE, /* not to the config region: none of our business */
	WAY_PLAIN, /* pread64() or pwrite64(): offset and count are known */
	WAY_KNOWN, /* to the config region, with a count that is not known */
	WAY_UNKNOWN, /* perhaps to the config region */
	WAY_NOT_TAKEN, /* by flags that vfio does not take: EOPNOTSUPP */
};

/* Typeless: of vfio, and of the kernel's system calls. */
extern const void __x64_sys_pread64 __ksym;
extern const void __x64_sys_pwrite64 __ksym;
extern const void ksys_pread64 __ksym __weak;
extern const void ksys_pwrite64 __ksym __weak;
extern const void vfs_read __ksym;
extern const void vfs_write __ksym;

/* Bytes of these functions, of kallsyms; set by the loader. */
const volatile __u32 size_of_sys[2] = {}; /* pread64, pwrite64 */
const volatile __u32 size_of_ksys[2] = {};
const volatile __u32 size_of_vfs[2] = {};

/*
 * Frames looked at.  The programs, the trampolines and the hook's own functions
 * come first, how many depends on the kernel.
 */
#define FRAMES 24

/* Without a branch: the verifier would follow each, in each round. */
static __always_inline __u32 within(__u64 address, const void *function,
				    __u32 size)
{
	__u64 at = address - (__u64)function;
	__u32 in = (at < size) & !!function;

	/* Or the compiler makes a branch of it. */
	asm volatile("" : "+r"(in));
	return in;
}

/*
 * Whether vfs_read() or vfs_write() was called by the function of the system call
 * itself.  Any other caller of those has registers of its own.
 */
static __noinline bool called_directly(struct task_struct *task, __u32 write)
{
	const void *sys = write ? &__x64_sys_pwrite64 : &__x64_sys_pread64;
	const void *ksys = write ? &ksys_pwrite64 : &ksys_pread64;
	const void *vfs = write ? &vfs_write : &vfs_read;
	__u64 frames[FRAMES] = {};
	__u32 vfs_size, sys_size, ksys_size, found = 0, i;

	write &= 1;
	vfs_size = size_of_vfs[write];
	sys_size = size_of_sys[write];
	ksys_size = size_of_ksys[write];
	if (bpf_get_task_stack(task, frames, sizeof(frames), 0) < 0)
		return false;
	for (i = 0; i < FRAMES - 2; i++) {
		__u32 direct, through;

		direct = within(frames[i + 1], sys, sys_size);
		through = within(frames[i + 1], ksys, ksys_size) &
			  within(frames[i + 2], sys, sys_size);
		found |= within(frames[i], vfs, vfs_size) & (direct | through);
		asm volatile("" : "+r"(found));
	}
	return found;
}

static __always_inline struct pt_regs *caller_registers(void)
{
	return (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
}

static __always_inline __u64 caller_buffer(void)
{
	return caller_registers()->si;
}

/* Whether the registers are those of the access. */
static __always_inline bool has_own_registers(struct task_struct *task)
{
	struct task_struct___stock *t = (void *)task;

	if (t->flags & (PF_IO_WORKER | PF_USER_WORKER | PF_KTHREAD))
		return false;
	return !bpf_core_field_exists(t->io_uring) || !t->io_uring;
}

/* The offset of a call that names one, or of the file. */
static __always_inline enum way by_offset(__u64 pos, enum way way)
{
	return pos >> REGION_SHIFT == CONFIG_REGION ? way : WAY_ELSEWHERE;
}

/* Out of line for the stack, as find_target(). */
static __noinline enum way find_way(struct file *file, __u32 write, __u64 *pos,
				    __u64 *count)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	__u64 nr = regs->orig_ax;

	*pos = regs->r10;
	*count = regs->dx;
	if (nr == (write ? NR_PWRITE64 : NR_PREAD64)) {
		if (has_own_registers(task) || called_directly(task, write))
			return by_offset(*pos, WAY_PLAIN);
		return WAY_UNKNOWN;
	}
	/* 32-bit calls have numbers of their own, and other registers. */
	if (!has_own_registers(task))
		return WAY_UNKNOWN;
	switch (nr) {
	case NR_READ:
	case NR_WRITE:
	case NR_READV:
	case NR_WRITEV:
		return by_offset(file->f_pos, WAY_KNOWN);
	case NR_PREADV2:
	case NR_PWRITEV2:
		/* C libraries try their luck, and go on after this error. */
		if (regs->r9 & ~(__u64)RWF_HIPRI)
			return by_offset(*pos, WAY_NOT_TAKEN);
		if (*pos == (__u64)-1)
			*pos = file->f_pos;
		return by_offset(*pos, WAY_KNOWN);
	case NR_PREADV:
	case NR_PWRITEV:
		return by_offset(*pos, WAY_KNOWN);
	default:
		return WAY_UNKNOWN;
	}
}

#endif
