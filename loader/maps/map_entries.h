/* SPDX-License-Identifier: GPL-2.0-only */
/* All entries of a hash map at once, and how two lists of entries differ. */
#ifndef VFIOGUARD_MAPS_MAP_ENTRIES_H
#define VFIOGUARD_MAPS_MAP_ENTRIES_H

#include "compile/compile.h"

/**
 * vg_map_read() - every entry of a hash map
 * @fd: of the map
 * @key: bytes of a key
 * @value: bytes of a value
 * @entries: to be freed with vg_entries_free()
 *
 * Users edit the map meanwhile: an entry that comes or goes may be missed.
 * Return: 0 or a negative errno.
 */
int vg_map_read(int fd, size_t key, size_t value, struct vg_entries *entries);

/* Called with the values of a key, NULL where a list has none. */
typedef void (*vg_entry_differs)(void *context, const void *key,
				 const void *one, const void *two);

/**
 * vg_entries_compare() - what differs between two lists
 * @key: bytes of a key; each key is once in a list
 * @value: bytes of a value
 * @differs: called for each key that has not the same value in both
 *
 * Return: 0 or -ENOMEM.
 */
int vg_entries_compare(const struct vg_entries *one,
		       const struct vg_entries *two, size_t key, size_t value,
		       vg_entry_differs differs, void *context);

#endif
