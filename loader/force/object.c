// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>

#include "force/object.h"

const struct vg_object_kind *vg_object_of_link(int link)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	if (!bpf_link_get_info_by_fd(link, &info, &len) &&
	    info.type == BPF_LINK_TYPE_TRACING)
		return &vg_stock_object;
	return &vg_hook_object;
}

const struct vg_object_kind *vg_object_kind(enum vg_door door)
{
	return door == VG_DOOR_HOOK ? &vg_hook_object : &vg_stock_object;
}

__u64 vg_object_hash(enum vg_door door)
{
	const unsigned char *elf;
	size_t len, i;
	__u64 hash = 0xcbf29ce484222325ULL;

	elf = vg_object_kind(door)->elf(&len);
	for (i = 0; i < len; i++)
		hash = (hash ^ elf[i]) * 0x100000001b3ULL;
	return hash;
}
