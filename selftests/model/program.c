// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program's own sources, compiled for this machine, and what the patched
 * vfio-pci-core does around them.
 */
#include <err.h>
#include <string.h>

#include "program.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

void *bpf_rdonly_cast(void *object, __u32 id);

/* Its constants are set by the loader. */
#define const
#include "bpf/vfioguard.bpf.c"
#undef const

void *bpf_rdonly_cast(void *object, __u32 id)
{
	return object;
}

#define REGION_BIT(name) (1U << MODEL_VFIO_PCI_CONFIG_##name)

const struct vg_hook model_hook = {
	.header = REGION_BIT(HEADER),
	.cap = REGION_BIT(CAP),
	.ext_cap = REGION_BIT(EXT_CAP),
	.vendor = REGION_BIT(VENDOR),
	.unassigned = REGION_BIT(UNASSIGNED),
	.all = 0x3f,
};

static struct model_map *maps[24];
static unsigned int nr_maps;

static void add(struct model_map *map)
{
	maps[nr_maps++] = map;
}

void model_program_init(void)
{
	add(MODEL_MAP_INIT(allowlist, false, false));
	add(MODEL_MAP_INIT(config, true, false));
	add(MODEL_MAP_INIT(scope_kinds, true, false));
	add(MODEL_MAP_INIT(scopes, false, false));
	add(MODEL_MAP_INIT(rules, false, false));
	add(MODEL_MAP_INIT(owners, false, false));
	add(MODEL_MAP_INIT(learned, false, false));
	add(MODEL_MAP_INIT(learned_owners, false, false));
	add(MODEL_MAP_INIT(learn_lost, true, false));
	add(MODEL_MAP_INIT(devices, true, false));
	add(MODEL_MAP_INIT(made_from, true, false));
	add(MODEL_MAP_INIT(heartbeat, true, false));
	add(MODEL_MAP_INIT(last_written, false, true));
	add(MODEL_MAP_INIT(owner_cache, false, true));
	add(MODEL_MAP_INIT(owner_path, true, false));
}

struct model_map *model_program_map(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_maps; i++)
		if (!strcmp(maps[i]->name, name))
			return maps[i];
	errx(2, "the program has no map %s", name);
}

static void fill(const char *name, const struct vg_entries *entries)
{
	struct model_map *map = model_program_map(name);
	size_t i;

	model_map_clear(map);
	map->room = entries->nr > map->room ? entries->nr : map->room;
	for (i = 0; i < entries->nr; i++)
		model_map_update(map, (char *)entries->keys + i * map->key,
				 (char *)entries->values + i * map->value,
				 BPF_ANY);
}

struct vg_config *model_program_config(void)
{
	__u32 zero = 0;

	return model_map_lookup(MODEL_MAP(&config), &zero);
}

void model_program_load(const struct vg_compiled *compiled, bool learn)
{
	struct vg_config *c = model_program_config();
	__u64 generation = c->generation + 1;
	__u32 zero = 0;

	*c = compiled->config;
	c->generation = generation;
	fill("allowlist", &compiled->allowlist);
	fill("scopes", &compiled->scopes);
	fill("rules", &compiled->rules);
	fill("owners", &compiled->owners);
	*(__u32 *)model_map_lookup(MODEL_MAP(&scope_kinds), &zero) =
		compiled->scope_kinds;
	/* These do not go over from one policy to the next. */
	model_map_clear(MODEL_MAP(&last_written));
	model_map_clear(MODEL_MAP(&owner_cache));
	model_map_clear(MODEL_MAP(&made_from));
	if (learn) {
		c->learn = 1;
		c->mode = VG_MODE_MONITOR;
		c->regions = model_hook.all;
	}
	plan_parity = generation & 1;
	uses_last = c->uses_last;
	learning = learn;
}

void model_program_edit(const struct vg_compiled *compiled)
{
	fill("allowlist", &compiled->allowlist);
}

static __u32 region_of(const struct vg_query *query)
{
	switch (query->where) {
	case VG_WHERE_HEADER:
		return MODEL_VFIO_PCI_CONFIG_HEADER;
	case VG_WHERE_VENDOR:
		return MODEL_VFIO_PCI_CONFIG_VENDOR;
	case VG_WHERE_UNASSIGNED:
		return MODEL_VFIO_PCI_CONFIG_UNASSIGNED;
	default:
		return query->ext ? MODEL_VFIO_PCI_CONFIG_EXT_CAP :
				    MODEL_VFIO_PCI_CONFIG_CAP;
	}
}

/* As vfio_pci_filter_access() of the patched module. */
void model_program_access(struct model_access *access)
{
	const struct vg_query *query = access->query;
	struct vfio_pci_config_access a = {
		.data = query->access == VG_WRITE ? query->value : 0,
		.offset = query->offset,
		.cap_id =
			query->where == VG_WHERE_UNASSIGNED ? 0xff : query->cap,
		.size = query->size,
		.region = region_of(query),
		.write = query->access,
		.native = access->native,
	};
	__u32 told = MODEL_VFIO_PCI_CONFIG_DEFAULT;

	access->asked = model_program_config()->regions & 1U << a.region;
	if (access->asked)
		told = vfio_config_access(access->device->pdev, &a);
	access->audit = told & MODEL_VFIO_PCI_CONFIG_AUDIT;
	access->data = a.data;
	access->keep = a.keep;
	switch (told & ~MODEL_VFIO_PCI_CONFIG_AUDIT) {
	case MODEL_VFIO_PCI_CONFIG_DEFAULT:
		access->passes = access->native != MODEL_VFIO_PCI_CONFIG_BLOCK;
		break;
	case MODEL_VFIO_PCI_CONFIG_ALLOW:
		access->passes = true;
		break;
	default:
		access->passes = false;
	}
}

int model_program_ask(struct vg_ask *question)
{
	return ask(question);
}

/* Entries of map "devices" stay where they are. */
const struct vg_device *model_program_device(const struct model_device *device)
{
	static const struct vg_device *found[MODEL_DEVICES];
	const struct vg_device **at = &found[device - model_devices];
	struct model_map *map = MODEL_MAP(&devices);
	__u32 i;

	for (i = 0; !*at && i < map->room; i++) {
		struct vg_device *entry;

		if (!map->table[i])
			continue;
		entry = model_map_lookup(map, &i);
		if (entry->slot == (device->slot | VG_SLOT_USED))
			*at = entry;
	}
	return *at;
}

void model_program_take_paths(bool taken)
{
	struct owner_path *path;
	__u32 i;

	for (i = 0; i < OWNER_PATHS; i++) {
		path = model_map_lookup(MODEL_MAP(&owner_path), &i);
		path->taken = taken;
	}
}
