// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock-try-skip.bpf.c - make the kernel ask no LSM about bpf(2): a positive
 * answer is no error to it, and ends the question
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("fmod_ret/security_bpf")
int skip(void *ctx)
{
	(void)ctx;
	return 1;
}

char _license[] SEC("license") = "GPL";
