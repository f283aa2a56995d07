// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <string.h>

#include "maps/rule_source.h"

void vg_rule_source(const struct vg_store *store, __u32 line, __u16 file,
		    __u16 key, struct vg_rule_source *source)
{
	__u32 index = file;

	memset(source, 0, sizeof(*source));
	if (!line)
		return;
	source->line = line;
	bpf_map_lookup_elem(store->files, &index, source->file);
	source->file[sizeof(source->file) - 1] = '\0';
	index = key;
	if (key)
		bpf_map_lookup_elem(store->keys, &index, source->key);
	source->key[sizeof(source->key) - 1] = '\0';
}
