// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "maps/ask.h"

static __u32 place_of(const struct vg_query *query)
{
	switch (query->where) {
	case VG_WHERE_HEADER:
		return VG_PLACE_HEADER;
	case VG_WHERE_VENDOR:
		return VG_PLACE_VENDOR;
	case VG_WHERE_UNASSIGNED:
		return VG_PLACE_UNASSIGNED;
	default:
		return VG_PLACE_CAPS;
	}
}

static __u32 cap_place_of(const struct vg_query *query)
{
	if (query->where != VG_WHERE_CAPS && query->where != VG_WHERE_VENDOR)
		return 0;
	return (query->ext ? VG_PLACE_ECAP : VG_PLACE_CAP) + query->cap;
}

/* The numbers of those of a path's cgroups that rules name, deepest first. */
static void find_owners(const struct vg_store *store, const char *path,
			__u32 owners[VG_MAX_OWNERS])
{
	struct vg_owner owner = {};
	unsigned int n = 0;
	char *slash;
	__u32 number;

	if (!path)
		return;
	/* A longer one can't be in the map, but those above it can. */
	strncpy(owner.path, path, sizeof(owner.path) - 1);
	if (strlen(path) >= sizeof(owner.path) &&
	    path[sizeof(owner.path) - 1] != '/') {
		slash = strrchr(owner.path, '/');
		memset(slash, 0, owner.path + sizeof(owner.path) - slash);
	}
	while (n < VG_MAX_OWNERS) {
		if (!owner.path[0])
			owner.path[0] = '/';
		if (!bpf_map_lookup_elem(store->owners, &owner, &number) &&
		    number)
			owners[n++] = number;
		slash = strrchr(owner.path, '/');
		if (!slash || !owner.path[1])
			break;
		memset(slash, 0, owner.path + sizeof(owner.path) - slash);
	}
}

int vg_ask_run(const struct vg_store *store, const struct vg_query *query,
	       struct vg_ask *ask)
{
	memset(ask, 0, sizeof(*ask));
	ask->slot = query->slot;
	ask->vendor = query->vendor;
	ask->device = query->device;
	ask->subvendor = query->subvendor;
	ask->subdevice = query->subdevice;
	ask->class = query->class;
	ask->offset = query->offset;
	ask->size = query->size;
	ask->access = query->access;
	ask->data = query->has_value ? query->value : 0;
	ask->has_data = query->has_value;
	ask->place = place_of(query);
	ask->cap_place = cap_place_of(query);
	find_owners(store, query->owner, ask->owners);
	return vg_store_ask(store, ask);
}
