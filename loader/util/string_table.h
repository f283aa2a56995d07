/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers for strings: each different one gets the next. */
#ifndef VFIOGUARD_UTIL_STRING_TABLE_H
#define VFIOGUARD_UTIL_STRING_TABLE_H

#include <stddef.h>

#include <linux/types.h>

struct vg_string_table {
	const char **strings; /* by number; not owned */
	size_t nr;
	__u32 *slots; /* hash table of numbers plus 1 */
	size_t room; /* of slots, a power of two */
};

/**
 * vg_string_number() - the number of a string
 * @table: all zeros to start with
 * @string: must stay as long as the table
 *
 * Return: from 0, in the order they are first met; -1 when memory ran out.
 */
long vg_string_number(struct vg_string_table *table, const char *string);

/* The number of a string that may be there, -1 if it is not. */
long vg_string_find(const struct vg_string_table *table, const char *string,
		    size_t len);

void vg_string_table_free(struct vg_string_table *table);

#endif
