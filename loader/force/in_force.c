// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "force/in_force.h"
#include "force/store.h"

/*
 * The value of a map of ops: what the kernel keeps for itself comes first, and
 * then, on a cache line of its own, the ops with the numbers of the programs in
 * place of their addresses.
 */
#define OPS_OFFSET 64

int vg_prog_maps_read(int prog, struct vg_prog_maps *maps)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	info.nr_map_ids = VG_PROG_MAPS;
	info.map_ids = (unsigned long)maps->ids;
	if (bpf_prog_get_info_by_fd(prog, &info, &len))
		return -errno;
	if (info.nr_map_ids > VG_PROG_MAPS)
		return -E2BIG;
	maps->nr = info.nr_map_ids;
	return 0;
}

int vg_ops_program(int ops)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info), zero = 0;
	char *value;
	__u64 id = 0;
	int fd = -1;

	if (bpf_map_get_info_by_fd(ops, &info, &len))
		return -errno;
	value = calloc(1, info.value_size);
	if (!value)
		return -ENOMEM;
	if (info.type != BPF_MAP_TYPE_STRUCT_OPS ||
	    info.value_size < OPS_OFFSET + sizeof(id))
		errno = EPROTO;
	else if (!bpf_map_lookup_elem(ops, &zero, value)) {
		memcpy(&id, value + OPS_OFFSET, sizeof(id));
		fd = bpf_prog_get_fd_by_id(id);
	}
	free(value);
	return fd < 0 ? -errno : fd;
}

int vg_behind_door(const struct vg_prog_maps *door)
{
	__u32 zero = 0, id = 0, i;
	int array, fd = -ENOLINK;

	for (i = 0; i < door->nr && fd == -ENOLINK; i++) {
		struct bpf_map_info info = {};
		__u32 len = sizeof(info);

		array = bpf_map_get_fd_by_id(door->ids[i]);
		if (array < 0)
			return -errno;
		if (!bpf_map_get_info_by_fd(array, &info, &len) &&
		    info.type == BPF_MAP_TYPE_PROG_ARRAY &&
		    !bpf_map_lookup_elem(array, &zero, &id)) {
			fd = bpf_prog_get_fd_by_id(id);
			fd = fd < 0 ? -errno : fd;
		}
		close(array);
	}
	return fd;
}

/* Of a stock kernel: the link holds the door, and the policy is behind it. */
static int stock_program(__u32 id)
{
	struct vg_prog_maps door;
	int prog = bpf_prog_get_fd_by_id(id), ret;

	if (prog < 0)
		return -errno;
	ret = vg_prog_maps_read(prog, &door);
	close(prog);
	return ret ? ret : vg_behind_door(&door);
}

static int hook_program(__u32 id)
{
	int ops, prog;

	if (!id)
		return -ENOLINK;
	ops = bpf_map_get_fd_by_id(id);
	if (ops < 0)
		return -errno;
	prog = vg_ops_program(ops);
	close(ops);
	return prog;
}

int vg_in_force_read(int link, struct vg_prog_maps *maps)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	int prog, ret;

	if (bpf_link_get_info_by_fd(link, &info, &len))
		return -errno;
	if (info.type == BPF_LINK_TYPE_TRACING)
		prog = stock_program(info.prog_id);
	else if (info.type == BPF_LINK_TYPE_STRUCT_OPS)
		prog = hook_program(info.struct_ops.map_id);
	else
		prog = -EPROTO;
	if (prog < 0)
		return prog;
	ret = vg_prog_maps_read(prog, maps);
	close(prog);
	return ret;
}

bool vg_prog_maps_have(const struct vg_prog_maps *maps, int map)
{
	__u32 id = vg_store_map_id(map), i;

	for (i = 0; i < maps->nr; i++)
		if (id && maps->ids[i] == id)
			return true;
	return false;
}
