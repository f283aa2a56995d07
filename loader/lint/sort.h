/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sorting of many rules: keys of 96 bits, in linear time.
 */
#ifndef VFIOGUARD_LINT_SORT_H
#define VFIOGUARD_LINT_SORT_H

#include <stddef.h>

#include <linux/types.h>

struct vg_sort_entry {
	__u64 group; /* the more significant part of the key */
	__u64 place; /* upper half: the rest of the key; lower: an index */
};

/**
 * vg_sort() - sort by group, then by the upper half of place
 * @entries: @nr of them; what was equal keeps its order
 * @spare: room for as many
 *
 * Return: where the sorted entries are: @entries or @spare.
 */
struct vg_sort_entry *vg_sort(struct vg_sort_entry *entries,
			      struct vg_sort_entry *spare, size_t nr);

#endif
