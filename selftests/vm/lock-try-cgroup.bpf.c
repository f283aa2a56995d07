// SPDX-License-Identifier: GPL-2.0-only
/* lock-try-cgroup.bpf.c - an LSM program of a cgroup, which refuses nothing */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("lsm_cgroup/bpf")
int bystander(void *ctx)
{
	(void)ctx;
	return 1;
}

char _license[] SEC("license") = "GPL";
