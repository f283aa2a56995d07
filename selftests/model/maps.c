// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "maps.h"

#define FIRST_SLOTS 256

struct model_map *model_map_new(const char *name, bool array, bool lru,
				size_t key, size_t value, size_t room)
{
	struct model_map *map = calloc(1, sizeof(*map));

	if (map) {
		map->name = name;
		map->array = array;
		map->lru = lru;
		map->key = key;
		map->value = value;
		map->room = room;
		map->slots = array ? room : FIRST_SLOTS;
		map->table = calloc(map->slots, sizeof(*map->table));
	}
	if (!map || !map->table)
		err(2, "map %s", name);
	return map;
}

static size_t padded(const struct model_map *map)
{
	return (map->key + 7) & ~(size_t)7;
}

/* FNV-1a */
static size_t hash(const struct model_map *map, const void *key)
{
	const unsigned char *at = key;
	__u64 sum = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < map->key; i++)
		sum = (sum ^ at[i]) * 0x100000001b3ULL;
	return (sum ^ sum >> 32) & (map->slots - 1);
}

/* The slot of a key: where it is, or where it would go. */
static char **find(struct model_map *map, const void *key)
{
	size_t at = hash(map, key);

	while (map->table[at] && memcmp(map->table[at], key, map->key))
		at = (at + 1) & (map->slots - 1);
	return &map->table[at];
}

static char *new_element(const struct model_map *map, const void *key)
{
	char *element = calloc(1, padded(map) + map->value);

	if (!element)
		err(2, "map %s", map->name);
	memcpy(element, key, map->key);
	return element;
}

static void grow(struct model_map *map)
{
	char **old = map->table;
	size_t slots = map->slots, i;

	map->slots *= 2;
	map->table = calloc(map->slots, sizeof(*map->table));
	if (!map->table)
		err(2, "map %s", map->name);
	for (i = 0; i < slots; i++)
		if (old[i])
			*find(map, old[i]) = old[i];
	free(old);
}

void *model_map_lookup(struct model_map *map, const void *key)
{
	char *element;

	if (map->array) {
		__u32 index = *(const __u32 *)key;

		if (index >= map->room)
			return NULL;
		if (!map->table[index])
			map->table[index] = new_element(map, key);
		return map->table[index] + padded(map);
	}
	element = *find(map, key);
	return element ? element + padded(map) : NULL;
}

long model_map_update(struct model_map *map, const void *key, const void *value,
		      __u64 flags)
{
	char *found = model_map_lookup(map, key), **slot;

	if (found) {
		if (flags == BPF_NOEXIST)
			return -EEXIST;
		memcpy(found, value, map->value);
		return 0;
	}
	if (map->array || (map->nr >= map->room && !map->lru))
		return -E2BIG;
	if (map->nr * 2 >= map->slots)
		grow(map);
	slot = find(map, key);
	*slot = new_element(map, key);
	memcpy(*slot + padded(map), value, map->value);
	map->nr++;
	return 0;
}

void model_map_clear(struct model_map *map)
{
	size_t i;

	for (i = 0; i < map->slots; i++) {
		free(map->table[i]);
		map->table[i] = NULL;
	}
	map->nr = 0;
}

void model_map_walk(struct model_map *map,
		    void (*each)(const void *key, void *value, void *context),
		    void *context)
{
	size_t i;

	for (i = 0; i < map->slots; i++)
		if (map->table[i])
			each(map->table[i], map->table[i] + padded(map),
			     context);
}
