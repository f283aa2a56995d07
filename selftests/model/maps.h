/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-ins for the maps of the BPF program: arrays and hash tables. */
#ifndef MODEL_MAPS_H
#define MODEL_MAPS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

struct model_map {
	const char *name;
	bool array;
	size_t key;
	size_t value;
	size_t room; /* elements it may have; an LRU map's is not held to */
	bool lru;
	size_t nr;
	size_t slots; /* of the table, a power of two; of an array its room */
	char **table; /* key, padded to 8 bytes, and value; NULL: free */
};

/*
 * A map as the program declares it is a structure of pointers that nobody
 * follows: the first one is made to point to the stand-in.
 */
#define MODEL_MAP(map) (*(struct model_map **)(map))

#define MODEL_MAP_INIT(map, is_array, is_lru)                \
	(MODEL_MAP(&map) = model_map_new(                    \
		 #map, is_array, is_lru, sizeof(*(map).key), \
		 sizeof(*(map).value), sizeof(*(map).max_entries) / 4))

struct model_map *model_map_new(const char *name, bool array, bool lru,
				size_t key, size_t value, size_t room);

/* As the helpers of these names; an element of an array is always there. */
void *model_map_lookup(struct model_map *map, const void *key);
long model_map_update(struct model_map *map, const void *key, const void *value,
		      __u64 flags);

void model_map_clear(struct model_map *map);

/* Calls @each for each element; of an array only for those that were touched. */
void model_map_walk(struct model_map *map,
		    void (*each)(const void *key, void *value, void *context),
		    void *context);

#endif
