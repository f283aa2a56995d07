// SPDX-License-Identifier: GPL-2.0-only
/*
 * A radix sort from the least digit to the most, which passes over the bits that
 * all keys have in common; those are most of them.  It reads each entry a few
 * times in order, where a comparing sort jumps about.
 */
#include <stdbool.h>

#include "lint/sort.h"

#define DIGIT_BITS 11
#define RADIX (1U << DIGIT_BITS)
/* Fewer are sorted faster by insertion than by clearing counters. */
#define FEW 64

/* The bits in which any two of the keys differ. */
static struct vg_sort_entry differences(const struct vg_sort_entry *entries,
					size_t nr)
{
	struct vg_sort_entry bits = { 0 };
	size_t i;

	for (i = 1; i < nr; i++) {
		bits.group |= entries[i].group ^ entries[0].group;
		bits.place |= entries[i].place ^ entries[0].place;
	}
	return bits;
}

static unsigned int digit(const struct vg_sort_entry *entry, bool group,
			  unsigned int shift)
{
	return (group ? entry->group : entry->place) >> shift & (RADIX - 1);
}

/* Counts of the digits, made the place of the first entry with each. */
static void counts_to_places(unsigned int *start)
{
	unsigned int i, sum = 0;

	for (i = 0; i < RADIX; i++) {
		unsigned int count = start[i];

		start[i] = sum;
		sum += count;
	}
}

/*
 * Sort by the digit at @shift of the group or of the place, keeping the order of
 * equals.  Inline, so that the word is not chosen anew for each entry.
 */
static inline __attribute__((always_inline)) void
sort_digit(const struct vg_sort_entry *from, struct vg_sort_entry *to,
	   size_t nr, bool group, unsigned int shift)
{
	unsigned int start[RADIX] = { 0 };
	size_t i;

	for (i = 0; i < nr; i++)
		start[digit(&from[i], group, shift)]++;
	counts_to_places(start);
	for (i = 0; i < nr; i++)
		to[start[digit(&from[i], group, shift)]++] = from[i];
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

/* The bits above a digit that starts at @shift. */
static __u64 above(__u64 bits, unsigned int shift)
{
	return shift + DIGIT_BITS < 64 ? bits & ~0ULL << (shift + DIGIT_BITS) :
					 0;
}

struct vg_sort_entry *vg_sort(struct vg_sort_entry *entries,
			      struct vg_sort_entry *spare, size_t nr)
{
	struct vg_sort_entry bits, *swap;
	unsigned int shift;

	if (nr < FEW) {
		sort_few(entries, nr);
		return entries;
	}
	bits = differences(entries, nr);
	/* The lower half is no part of the key. */
	bits.place &= ~0ULL << 32;
	while (bits.place) {
		shift = __builtin_ctzll(bits.place);
		sort_digit(entries, spare, nr, false, shift);
		bits.place = above(bits.place, shift);
		swap = entries;
		entries = spare;
		spare = swap;
	}
	while (bits.group) {
		shift = __builtin_ctzll(bits.group);
		sort_digit(entries, spare, nr, true, shift);
		bits.group = above(bits.group, shift);
		swap = entries;
		entries = spare;
		spare = swap;
	}
	return entries;
}
