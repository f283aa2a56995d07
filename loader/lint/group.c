// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules in groups, for the lints that compare rules: a group has the same scope,
 * the same kind of place and ranges of the same width, packed into one number.
 */
#include <stdlib.h>
#include <string.h>

#include "lint/internal.h"

static __u64 scope_id(const struct vg_scope *scope, __u32 number)
{
	switch (scope->kind) {
	case VG_SCOPE_ANY:
		return 0;
	case VG_SCOPE_CLASS:
		/* Two bits of the mask tell 03 from 0300 and 030000. */
		return scope->class | (scope->class_mask & 0x000001) << 24 |
		       (scope->class_mask & 0x000100) << 17;
	case VG_SCOPE_OWNER:
	case VG_SCOPE_SLOT:
		return number;
	default:
		return (__u32)scope->vendor << 16 | scope->device;
	}
}

static __u64 rule_group(const struct vg_rule *rule, __u32 number)
{
	const struct vg_where *where = &rule->where;
	__u64 detail = 0;

	if (where->kind == VG_WHERE_CAP)
		detail = where->cap | (__u32)where->ext << 16;
	else if (where->kind == VG_WHERE_RANGE)
		detail = where->last - where->first;
	return (__u64)rule->scope.kind << 53 |
	       scope_id(&rule->scope, number) << VG_SORT_PLACE_BITS |
	       (__u64)where->kind << 18 | detail << 1 | rule->has_value;
}

/* What has more than the 32 bits that a group has room for. */
static bool is_numbered(const struct vg_scope *scope)
{
	return scope->kind == VG_SCOPE_OWNER || scope->kind == VG_SCOPE_SLOT;
}

/* FNV-1a */
static __u32 scope_hash(const struct vg_scope *scope)
{
	const char *owner = scope->owner;
	__u32 hash = 2166136261U;

	if (scope->kind == VG_SCOPE_SLOT)
		return scope->slot * 0x9e3779b97f4a7c15ULL >> 32;
	while (*owner)
		hash = (hash ^ (unsigned char)*owner++) * 16777619U;
	return hash;
}

static bool is_same(const struct vg_scope *a, const struct vg_scope *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == VG_SCOPE_SLOT)
		return a->slot == b->slot;
	return a->owner == b->owner || !strcmp(a->owner, b->owner);
}

/*
 * A number for each rule's owner or slot, the same for the same; NULL when no
 * rule has one.  Found by hashing: the number is the place in the table.
 */
static __u32 *number_scopes(struct vg_lint *lint)
{
	const struct vg_policy *policy = lint->policy;
	const struct vg_scope **table;
	size_t i, nr = 0, places = 64;
	__u32 *numbers;

	for (i = 0; i < policy->nr_rules; i++)
		nr += is_numbered(&policy->rules[i].scope);
	if (!nr)
		return NULL;
	while (places < 2 * nr)
		places *= 2;
	table = calloc(places, sizeof(*table));
	numbers = calloc(policy->nr_rules, sizeof(*numbers));
	if (!table || !numbers)
		lint->no_memory = true;
	for (i = 0; i < policy->nr_rules && !lint->no_memory; i++) {
		const struct vg_scope *scope = &policy->rules[i].scope;
		size_t place;

		if (!is_numbered(scope))
			continue;
		place = scope_hash(scope) & (places - 1);
		while (table[place] && !is_same(table[place], scope))
			place = (place + 1) & (places - 1);
		table[place] = scope;
		numbers[i] = place;
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
	__u32 *numbers;

	numbers = number_scopes(lint);
	entries = calloc(nr, sizeof(*entries));
	*spare = calloc(nr, sizeof(**spare));
	if (!entries || !*spare || lint->no_memory) {
		lint->no_memory = true;
		free(numbers);
		free(entries);
		return NULL;
	}
	for (i = 0; i < nr; i++) {
		const struct vg_rule *rule = &policy->rules[i];
		__u64 first = rule->where.kind == VG_WHERE_RANGE ?
				      rule->where.first :
				      0;

		entries[i].group = rule_group(rule, numbers ? numbers[i] : 0);
		entries[i].place = first << 32 | i;
	}
	free(numbers);
	sorted = vg_sort(entries, *spare, nr);
	/* In one of the two arrays; the other is the spare one. */
	if (sorted == *spare)
		*spare = entries;
	return sorted;
}
