// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock-try-extend.bpf.c - take the place of the function that finds out which
 * rules are about a device; lock-try.c says of which program
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

/* Only the name matters. */
struct subject {
	__u64 first;
};

SEC("freplace/resolve")
int extend(struct subject *s __arg_nonnull)
{
	s->first = 0;
	return 0;
}

char _license[] SEC("license") = "GPL";
