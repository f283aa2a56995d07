// SPDX-License-Identifier: GPL-2.0-only
/* What the loader's code asks the kernel for, from the program beside it. */
#include <errno.h>
#include <string.h>

#include "kernel/native.h"
#include "loader.h"
#include "force/store.h"
#include "program.h"

enum vg_native model_native;
const struct vg_compiled *model_compiled;

enum {
	FD_ALLOWLIST = 1000,
	FD_OWNERS,
	FD_KEYS,
	FD_FILES
};

void model_store(struct vg_store *store)
{
	*store = (struct vg_store)VG_STORE_CLOSED;
	store->allowlist = FD_ALLOWLIST;
	store->owners = FD_OWNERS;
	store->keys = FD_KEYS;
	store->files = FD_FILES;
}

static int string(const struct vg_entries *entries, __u32 index, size_t len,
		  void *value)
{
	if (index >= entries->nr)
		return -ENOENT;
	memcpy(value, (char *)entries->values + index * len, len);
	return 0;
}

/* The system call, not the helper. */
int bpf_map_lookup_elem(int fd, const void *key, void *value);
int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	struct model_map *map;
	const void *found;

	if (fd == FD_KEYS)
		return string(&model_compiled->key_names, *(const __u32 *)key,
			      VG_KEY_LEN, value);
	if (fd == FD_FILES)
		return string(&model_compiled->files, *(const __u32 *)key,
			      VG_FILE_LEN, value);
	map = model_program_map(fd == FD_OWNERS ? "owners" : "allowlist");
	found = model_map_lookup(map, key);
	if (!found)
		return -ENOENT;
	memcpy(value, found, map->value);
	return 0;
}

int vg_store_ask(const struct vg_store *store, struct vg_ask *ask)
{
	return model_program_ask(ask);
}

bool vg_store_attached(const struct vg_store *store)
{
	return true;
}

enum vg_native vg_native_says(const struct vg_query *query)
{
	return model_native;
}
