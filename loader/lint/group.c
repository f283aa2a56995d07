// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules in groups, for the lints that compare rules: a group has the same scope,
 * the same kind of place and ranges of the same width, packed into one number.
 */
#include <stdlib.h>
#include <string.h>

#include "lint/internal.h"

static __u64 scope_id(const struct vg_scope *scope, __u32 owner)
{
	switch (scope->kind) {
	case VG_SCOPE_ANY:
		return 0;
	case VG_SCOPE_CLASS:
		/* Two bits of the mask tell 03 from 0300 and 030000. */
		return scope->class | (scope->class_mask & 0x000001) << 24 |
		       (scope->class_mask & 0x000100) << 17;
	case VG_SCOPE_OWNER:
		return owner;
	case VG_SCOPE_SLOT:
		return scope->slot;
	default:
		return (__u32)scope->vendor << 16 | scope->device;
	}
}

static __u64 rule_group(const struct vg_rule *rule, __u32 owner)
{
	const struct vg_where *where = &rule->where;
	__u64 detail = 0;

	if (where->kind == VG_WHERE_CAP)
		detail = where->cap | (__u32)where->ext << 16;
	else if (where->kind == VG_WHERE_RANGE)
		detail = where->last - where->first;
	return (__u64)rule->scope.kind << 53 |
	       scope_id(&rule->scope, owner) << VG_SORT_PLACE_BITS |
	       (__u64)where->kind << 18 | detail << 1 | rule->has_value;
}

/* FNV-1a */
static __u32 owner_hash(const char *owner)
{
	__u32 hash = 2166136261U;

	while (*owner)
		hash = (hash ^ (unsigned char)*owner++) * 16777619U;
	return hash;
}

/*
 * A number for each rule's owner, the same for the same path; NULL when no rule
 * has one.  Found by hashing: the number is the place in the table.
 */
static __u32 *number_owners(struct vg_lint *lint)
{
	const struct vg_policy *policy = lint->policy;
	size_t i, nr = 0, slots = 64;
	const char **table;
	__u32 *numbers;

	for (i = 0; i < policy->nr_rules; i++)
		nr += policy->rules[i].scope.kind == VG_SCOPE_OWNER;
	if (!nr)
		return NULL;
	while (slots < 2 * nr)
		slots *= 2;
	table = calloc(slots, sizeof(*table));
	numbers = calloc(policy->nr_rules, sizeof(*numbers));
	if (!table || !numbers)
		lint->no_memory = true;
	for (i = 0; i < policy->nr_rules && !lint->no_memory; i++) {
		const char *owner = policy->rules[i].scope.owner;
		size_t slot;

		if (!owner)
			continue;
		slot = owner_hash(owner) & (slots - 1);
		while (table[slot] && table[slot] != owner &&
		       strcmp(table[slot], owner))
			slot = (slot + 1) & (slots - 1);
		table[slot] = owner;
		numbers[i] = slot;
	}
	free(table);
	return numbers;
}

struct vg_sort_entry *vg_lint_groups(struct vg_lint *lint,
				     struct vg_sort_entry **spare)
{
	const struct vg_policy *policy = lint->policy;
	size_t i, nr = policy->nr_rules;
	struct vg_sort_entry *entries, *sorted;
	__u32 *owners;

	owners = number_owners(lint);
	entries = calloc(nr, sizeof(*entries));
	*spare = calloc(nr, sizeof(**spare));
	if (!entries || !*spare || lint->no_memory) {
		lint->no_memory = true;
		free(owners);
		free(entries);
		return NULL;
	}
	for (i = 0; i < nr; i++) {
		const struct vg_rule *rule = &policy->rules[i];
		__u64 first = rule->where.kind == VG_WHERE_RANGE ?
				      rule->where.first :
				      0;

		entries[i].group = rule_group(rule, owners ? owners[i] : 0);
		entries[i].place = first << 32 | i;
	}
	free(owners);
	sorted = vg_sort(entries, *spare, nr);
	/* In one of the two arrays; the other is the spare one. */
	if (sorted == *spare)
		*spare = entries;
	return sorted;
}
