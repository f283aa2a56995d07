// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock-try-iter.bpf.c - write the entries of a map by iterating over it: allow
 * every device of the list everything.  bpftool iter pin attaches it.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)
struct bpf_iter_meta;
struct bpf_map;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};
#pragma clang attribute pop

SEC("iter/bpf_map_elem")
int iterate(struct bpf_iter__bpf_map_elem *ctx)
{
	__u32 *value = ctx->value;

	if (value)
		*value = 3;
	return 0;
}

char _license[] SEC("license") = "GPL";
