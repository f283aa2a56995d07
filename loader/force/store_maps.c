// SPDX-License-Identifier: GPL-2.0-only
/* The table of what is pinned, which pins and recovery go by as well. */
#include <bpf/bpf.h>

#include "force/store.h"

#define MAP(name, key, value, stays, judges) \
	{ #name, offsetof(struct vg_store, name), key, value, stays, judges }

const struct vg_store_map vg_store_maps[] = {
	MAP(config, sizeof(__u32), sizeof(struct vg_config), false, true),
	MAP(allowlist, sizeof(struct vg_device_id), sizeof(__u32), false, true),
	MAP(scope_kinds, sizeof(__u32), sizeof(__u32), false, true),
	MAP(scopes, sizeof(struct vg_scope_key), sizeof(__u64), false, true),
	MAP(rules, sizeof(struct vg_rule_key), sizeof(struct vg_map_rule),
	    false, true),
	MAP(owners, sizeof(struct vg_owner), sizeof(__u32), false, true),
	MAP(keys, sizeof(__u32), VG_KEY_LEN, false, false),
	MAP(files, sizeof(__u32), VG_FILE_LEN, false, false),
	MAP(devices, sizeof(__u32), sizeof(struct vg_device), true, true),
	MAP(events, 0, 0, true, true),
	MAP(heartbeat, sizeof(__u32), sizeof(__u64), true, false),
	MAP(learned, sizeof(struct vg_learn_key), sizeof(struct vg_learned),
	    true, false),
	MAP(learned_owners, sizeof(__u64), sizeof(struct vg_owner), true,
	    false),
	MAP(learn_lost, sizeof(__u32), sizeof(__u64), true, false),
	{},
};

int *vg_store_map_fd(struct vg_store *store, const struct vg_store_map *map)
{
	return (int *)((char *)store + map->fd);
}

__u32 vg_store_map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_map_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}
