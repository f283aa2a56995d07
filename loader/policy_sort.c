// SPDX-License-Identifier: GPL-2.0-only
/*
 * A radix sort from the least byte to the most, which skips the bytes that all
 * keys have in common; those are most of them.  It reads each entry a few times
 * in order, where a comparing sort jumps about.
 */
#include <stdbool.h>

#include "policy_sort.h"

#define RADIX 256
/* Fewer are sorted faster by insertion than by clearing counters. */
#define FEW 32

static unsigned int digit(const struct vg_sort_entry *entry, unsigned int byte)
{
	__u64 word = byte < 8 ? entry->place : entry->group;

	return word >> byte % 8 * 8 & (RADIX - 1);
}

/* Sort by one byte, keeping the order of equals.  False: nothing was moved. */
static bool sort_byte(const struct vg_sort_entry *from,
		      struct vg_sort_entry *to, size_t nr, unsigned int byte)
{
	size_t start[RADIX] = { 0 };
	size_t i, sum = 0;

	for (i = 0; i < nr; i++)
		start[digit(&from[i], byte)]++;
	if (start[digit(&from[0], byte)] == nr)
		return false;
	for (i = 0; i < RADIX; i++) {
		size_t count = start[i];

		start[i] = sum;
		sum += count;
	}
	for (i = 0; i < nr; i++)
		to[start[digit(&from[i], byte)]++] = from[i];
	return true;
}

static bool entry_before(const struct vg_sort_entry *a,
			 const struct vg_sort_entry *b)
{
	if (a->group != b->group)
		return a->group < b->group;
	return a->place >> 32 < b->place >> 32;
}

static void sort_few(struct vg_sort_entry *entries, size_t nr)
{
	size_t i, j;

	for (i = 1; i < nr; i++) {
		struct vg_sort_entry entry = entries[i];

		for (j = i; j && entry_before(&entry, &entries[j - 1]); j--)
			entries[j] = entries[j - 1];
		entries[j] = entry;
	}
}

struct vg_sort_entry *vg_sort(struct vg_sort_entry *entries,
			      struct vg_sort_entry *spare, size_t nr)
{
	unsigned int byte;

	if (nr < FEW) {
		sort_few(entries, nr);
		return entries;
	}
	for (byte = 4; byte < 16; byte++) {
		struct vg_sort_entry *swap = entries;

		if (!sort_byte(entries, spare, nr, byte))
			continue;
		entries = spare;
		spare = swap;
	}
	return entries;
}
