// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "util/string_table.h"

static size_t hash(const char *string, size_t len)
{
	__u64 hash = 0xcbf29ce484222325ULL;

	while (len--)
		hash = (hash ^ (unsigned char)*string++) * 0x100000001b3ULL;
	return hash ^ hash >> 32;
}

/* The slot a string is in, or the free one it belongs in. */
static __u32 *find_slot(const struct vg_string_table *table, const char *string,
			size_t len)
{
	size_t i = hash(string, len);

	for (;; i++) {
		__u32 *slot = &table->slots[i & (table->room - 1)];
		const char *other;

		if (!*slot)
			return slot;
		other = table->strings[*slot - 1];
		if (!strncmp(other, string, len) && !other[len])
			return slot;
	}
}

/* Twice the room, at most half of it used. */
static int grow(struct vg_string_table *table)
{
	size_t room = table->room ? table->room * 2 : 64, i;
	const char **strings;

	strings = realloc(table->strings, room / 2 * sizeof(*strings));
	if (!strings)
		return -1;
	table->strings = strings;
	free(table->slots);
	table->slots = calloc(room, sizeof(*table->slots));
	if (!table->slots)
		return -1;
	table->room = room;
	for (i = 0; i < table->nr; i++)
		*find_slot(table, strings[i], strlen(strings[i])) = i + 1;
	return 0;
}

long vg_string_number(struct vg_string_table *table, const char *string)
{
	__u32 *slot;

	if (table->nr * 2 >= table->room && grow(table))
		return -1;
	slot = find_slot(table, string, strlen(string));
	if (!*slot) {
		table->strings[table->nr++] = string;
		*slot = table->nr;
	}
	return *slot - 1;
}

long vg_string_find(const struct vg_string_table *table, const char *string,
		    size_t len)
{
	return table->room ? (long)*find_slot(table, string, len) - 1 : -1;
}

void vg_string_table_free(struct vg_string_table *table)
{
	free(table->strings);
	free(table->slots);
	memset(table, 0, sizeof(*table));
}
