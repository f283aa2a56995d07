// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules that can never decide, because rules of the same device with a more
 * specific place cover all of theirs.
 *
 * Works on the list that the search for conflicts has sorted by device, kind of
 * place and width of range, so that what can cover a rule stands behind it, or
 * before it if both are ranges.
 */
#include <string.h>

#include "lint/internal.h"

#define CONFIG_BYTES 4096
#define HEADER_BYTES 0x40
#define WORDS (CONFIG_BYTES / 64)

/* What the rules of one device and direction decide. */
struct cover {
	__u64 bytes[WORDS]; /* ranges, one bit a byte */
	bool kinds[VG_WHERE_RANGE]; /* places of these kinds */
};

/* Bits @from to @to of a word, both included. */
static __u64 word_bits(unsigned int from, unsigned int to)
{
	return ~0ULL << from & ~0ULL >> (63 - to);
}

/* Bits of the bytes @first to @last that are in word @i. */
static __u64 range_bits(unsigned int i, unsigned int first, unsigned int last)
{
	return word_bits(i == first / 64 ? first % 64 : 0,
			 i == last / 64 ? last % 64 : 63);
}

static bool bytes_covered(const struct cover *cover, unsigned int first,
			  unsigned int last)
{
	unsigned int i;

	for (i = first / 64; i <= last / 64; i++) {
		__u64 bits = range_bits(i, first, last);

		if ((cover->bytes[i] & bits) != bits)
			return false;
	}
	return true;
}

static void cover_bytes(struct cover *cover, unsigned int first,
			unsigned int last)
{
	unsigned int i;

	for (i = first / 64; i <= last / 64; i++)
		cover->bytes[i] |= range_bits(i, first, last);
}

/* Is all of a kind of place decided by more specific ones? */
static bool kind_covered(const struct cover *cover, enum vg_where_kind kind)
{
	bool header = bytes_covered(cover, 0, HEADER_BYTES - 1);
	bool rest = bytes_covered(cover, HEADER_BYTES, CONFIG_BYTES - 1);
	bool guarded = rest || (cover->kinds[VG_WHERE_VENDOR] &&
				cover->kinds[VG_WHERE_UNASSIGNED]);

	switch (kind) {
	case VG_WHERE_ANY:
		return (header || cover->kinds[VG_WHERE_HEADER]) &&
		       (rest || ((guarded || cover->kinds[VG_WHERE_GUARDED]) &&
				 cover->kinds[VG_WHERE_CAPS]));
	case VG_WHERE_GUARDED:
		return guarded;
	case VG_WHERE_HEADER:
		return header;
	default:
		return rest;
	}
}

static bool covered(const struct cover cover[VG_ACCESSES],
		    const struct vg_rule *rule)
{
	const struct vg_where *where = &rule->where;
	int access;

	for (access = 0; access < VG_ACCESSES; access++) {
		if (!(rule->access & 1U << access))
			continue;
		if (where->kind == VG_WHERE_RANGE ?
			    !bytes_covered(&cover[access], where->first,
					   where->last) :
			    !kind_covered(&cover[access], where->kind))
			return false;
	}
	return true;
}

static void add(struct cover cover[VG_ACCESSES], const struct vg_rule *rule)
{
	const struct vg_where *where = &rule->where;
	int access;

	/* A rule with a value leaves the other values to others. */
	if (rule->has_value)
		return;
	for (access = 0; access < VG_ACCESSES; access++) {
		if (!(rule->access & 1U << access))
			continue;
		if (where->kind == VG_WHERE_RANGE)
			cover_bytes(&cover[access], where->first, where->last);
		else
			cover[access].kinds[where->kind] = true;
	}
}

static const struct vg_rule *rule_of(const struct vg_lint *lint,
				     const struct vg_sort_entry *entry)
{
	return &lint->policy->rules[(__u32)entry->place];
}

static void judge(struct vg_lint *lint, const struct cover cover[VG_ACCESSES],
		  const struct vg_rule *rule)
{
	if (vg_lint_wants(lint, VG_LINT_NEVER) && covered(cover, rule))
		vg_lint_add(lint, VG_LINT_NEVER, rule, rule->where_column,
			    "remove it, or the narrower rules for the same "
			    "device",
			    "this rule never decides: narrower rules for the "
			    "same device cover all of its place");
}

/* The ranges of one device, the narrower first; those of a width together. */
static void lint_ranges(struct vg_lint *lint, struct cover cover[VG_ACCESSES],
			const struct vg_sort_entry *entries, size_t nr)
{
	size_t start, end, i;

	for (start = 0; start < nr; start = end) {
		for (end = start; end < nr; end++)
			/* The lowest bit is whether there is a value. */
			if (entries[end].group >> 1 !=
			    entries[start].group >> 1)
				break;
		for (i = start; i < end; i++)
			judge(lint, cover, rule_of(lint, &entries[i]));
		for (i = start; i < end; i++)
			add(cover, rule_of(lint, &entries[i]));
	}
}

static void lint_device(struct vg_lint *lint,
			const struct vg_sort_entry *entries, size_t nr)
{
	struct cover cover[VG_ACCESSES];
	size_t ranges = nr, i;

	memset(cover, 0, sizeof(cover));
	while (ranges && rule_of(lint, &entries[ranges - 1])->where.kind ==
				 VG_WHERE_RANGE)
		ranges--;
	lint_ranges(lint, cover, entries + ranges, nr - ranges);
	for (i = 0; i < ranges; i++)
		add(cover, rule_of(lint, &entries[i]));
	for (i = 0; i < ranges; i++)
		judge(lint, cover, rule_of(lint, &entries[i]));
}

void vg_lint_covered(struct vg_lint *lint, const struct vg_sort_entry *entries,
		     size_t nr)
{
	size_t start, end;

	for (start = 0; start < nr; start = end) {
		for (end = start + 1; end < nr; end++)
			if (vg_sort_device(&entries[end]) !=
			    vg_sort_device(&entries[start]))
				break;
		if (end > start + 1)
			lint_device(lint, entries + start, end - start);
	}
}
