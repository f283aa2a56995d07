// SPDX-License-Identifier: GPL-2.0-only
/*
 * The doors of a stock kernel: where its accesses to vfio files are met.
 *
 * These programs stay attached; the policy behind them is an entry of an array,
 * so that another takes its place at once and no access is judged by neither.
 * Every read and write on the host comes by, so a door only looks whose file it
 * is.
 *
 * A tracing program is not called while another task is preempted in it on the
 * same processor; an LSM program always is, but it can only refuse.  So the LSM
 * door is what protects, and the one in front of it makes what is blocked look
 * done.
 */
#include "vmlinux_types.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "stock_types.h"

#define EPERM 1

char _license[] SEC("license") = "GPL";

extern const void vfio_device_fops __ksym;

/* The policy in force.  Empty, it lets nobody touch a vfio file. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} door_trace SEC(".maps"), door_lsm SEC(".maps");

SEC("fmod_ret/security_file_permission")
int BPF_PROG(door_at_trace, struct file *file, int mask, int ret)
{
	if ((const void *)file->f_op != &vfio_device_fops)
		return 0;
	bpf_tail_call(ctx, &door_trace, 0);
	return -EPERM;
}

SEC("lsm/file_permission")
int BPF_PROG(door_at_lsm, struct file *file, int mask, int ret)
{
	if ((const void *)file->f_op != &vfio_device_fops)
		return ret;
	bpf_tail_call(ctx, &door_lsm, 0);
	return -EPERM;
}

/* Without a policy: takes its place when it goes, for whoever holds a link. */
SEC("fmod_ret/security_file_permission")
int BPF_PROG(nobody_at_trace, struct file *file, int mask, int ret)
{
	return 0;
}

SEC("lsm/file_permission")
int BPF_PROG(nobody_at_lsm, struct file *file, int mask, int ret)
{
	return ret;
}

/* Called when a device is bound to vfio; held, the module can't be unloaded. */
SEC("fentry/vfio_pci_core_register_device")
int BPF_PROG(door_at_module)
{
	return 0;
}
