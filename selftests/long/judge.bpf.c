// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies that are as simple as can be, for tests of what is around them:
 * "open" allows every access to unassigned space and counts the values that are
 * written, "shut" blocks every one.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "judge.h"

char _license[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)
struct pci_dev;

struct vfio_pci_config_access {
	__u32 data;
	__u8 write;
};

struct vfio_pci_config_ops {
	int (*access)(struct pci_dev *pdev,
		      struct vfio_pci_config_access *access);
	__u32 regions;
	char name[16];
};
#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, JUDGE_VALUES);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

#define ALLOW 1
#define BLOCK 2
#define AUDIT 0x100
#define UNASSIGNED 4

SEC("struct_ops/judge_open")
int BPF_PROG(judge_open, struct pci_dev *pdev,
	     struct vfio_pci_config_access *access)
{
	__u32 value = access->data;
	__u64 one = 1, *count;

	if (!access->write)
		return ALLOW;
	count = bpf_map_lookup_elem(&seen, &value);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&seen, &value, &one, BPF_NOEXIST);
	return ALLOW;
}

SEC("struct_ops/judge_shut")
int BPF_PROG(judge_shut, struct pci_dev *pdev,
	     struct vfio_pci_config_access *access)
{
	return BLOCK | AUDIT;
}

SEC(".struct_ops.link")
struct vfio_pci_config_ops open = {
	.access = (void *)judge_open,
	.regions = 1 << UNASSIGNED,
	.name = "open",
};

SEC(".struct_ops.link")
struct vfio_pci_config_ops shut = {
	.access = (void *)judge_shut,
	.regions = 1 << UNASSIGNED,
	.name = "shut",
};

/* The same, for an update that changes nothing. */
SEC(".struct_ops.link")
struct vfio_pci_config_ops again = {
	.access = (void *)judge_shut,
	.regions = 1 << UNASSIGNED,
	.name = "again",
};
