// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of equal specificity that overlap.
 *
 * Such rules have the same scope, the same kind of place and ranges of the same
 * width.  Packed into one number that is the group of a rule; sorted by group
 * and first byte, ranges of one width overlap only with neighbours: when two of
 * them overlap, so does each pair in between, and when the two say different
 * things, some adjacent pair does.  So one look at each neighbour finds every
 * quarrel, in time near-linear in the number of rules.
 */
#include <stdlib.h>
#include <string.h>

#include "lint/lint.h"

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

bool vg_rule_same_effect(const struct vg_rule *one, const struct vg_rule *two,
			 unsigned int access)
{
	if (one->verdict != two->verdict || one->audit != two->audit ||
	    strcmp(one->key, two->key))
		return false;
	if (access & 1U << VG_WRITE &&
	    (one->has_write_mask != two->has_write_mask ||
	     one->write_mask != two->write_mask ||
	     (one->has_write_mask && one->where.first != two->where.first)))
		return false;
	return !(access & 1U << VG_READ) ||
	       (one->read == two->read && one->read_value == two->read_value);
}

static bool same_bytes(const struct vg_rule *one, const struct vg_rule *two)
{
	return one->where.kind != VG_WHERE_RANGE ||
	       one->where.first == two->where.first;
}

void vg_lint_pair(struct vg_lint *lint, const struct vg_rule *one,
		  const struct vg_rule *two, unsigned int access)
{
	/* Rules are in the order of the text: blame the later. */
	const struct vg_rule *early = one < two ? one : two;
	const struct vg_rule *late = one < two ? two : one;
	struct vg_finding *finding;
	enum vg_lint_kind kind;
	char text[256];

	if (!vg_rule_same_effect(one, two, access))
		kind = VG_LINT_CONTRADICTION;
	else if (one->access == two->access && same_bytes(one, two))
		kind = VG_LINT_DUPLICATE;
	else
		kind = VG_LINT_OVERLAP;
	if (!vg_lint_wants(lint, kind))
		return;

	vg_rule_format(early, text, sizeof(text));
	if (kind == VG_LINT_CONTRADICTION)
		finding = vg_lint_add(
			lint, kind, late, 0,
			"remove one, or make one more specific: a narrower "
			"range, or a device instead of a vendor",
			"this rule contradicts '%s' at %s:%u, and neither is "
			"more specific",
			text, early->pos.file, early->pos.line);
	else if (kind == VG_LINT_DUPLICATE)
		finding = vg_lint_add(lint, kind, late, 0, "remove one of them",
				      "this rule stands at %s:%u already",
				      early->pos.file, early->pos.line);
	else
		finding = vg_lint_add(lint, kind, late, 0,
				      "make one rule of the two",
				      "this rule overlaps '%s' at %s:%u, which "
				      "says the same",
				      text, early->pos.file, early->pos.line);
	if (finding)
		finding->other = early->pos;
}

/* Rules without a value: compare each with the one before, by direction. */
static void lint_group(struct vg_lint *lint,
		       const struct vg_sort_entry *entries, size_t nr)
{
	const struct vg_rule *last[VG_ACCESSES] = { NULL };
	unsigned int access;
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct vg_rule *rule =
			&lint->policy->rules[(__u32)entries[i].place];
		const struct vg_rule *judged = NULL;

		for (access = 0; access < VG_ACCESSES; access++) {
			const struct vg_rule *other = last[access];

			if (!(rule->access & 1U << access))
				continue;
			last[access] = rule;
			if (!other || other == judged ||
			    (rule->where.kind == VG_WHERE_RANGE &&
			     other->where.last < rule->where.first))
				continue;
			vg_lint_pair(lint, other, rule,
				     other->access & rule->access);
			judged = other;
		}
	}
}

static void lint_value_group(struct vg_lint *lint,
			     const struct vg_sort_entry *entries, size_t nr)
{
	const struct vg_rule **rules = calloc(nr, sizeof(struct vg_rule *));
	size_t i;

	if (!rules) {
		lint->no_memory = true;
		return;
	}
	for (i = 0; i < nr; i++)
		rules[i] = &lint->policy->rules[(__u32)entries[i].place];
	vg_lint_values(lint, rules, nr);
	free(rules);
}

static void lint_sorted(struct vg_lint *lint,
			const struct vg_sort_entry *entries, size_t nr)
{
	size_t start, end;

	for (start = 0; start < nr; start = end) {
		for (end = start + 1; end < nr; end++)
			if (entries[end].group != entries[start].group)
				break;
		if (end == start + 1)
			continue;
		if (entries[start].group & 1)
			lint_value_group(lint, entries + start, end - start);
		else
			lint_group(lint, entries + start, end - start);
	}
}

void vg_lint_conflicts(struct vg_lint *lint)
{
	const struct vg_policy *policy = lint->policy;
	size_t i, nr = policy->nr_rules;
	struct vg_sort_entry *entries, *spare, *sorted;
	__u32 *owners;

	if (!nr)
		return;
	owners = number_owners(lint);
	entries = calloc(nr, sizeof(*entries));
	spare = calloc(nr, sizeof(*spare));
	if (!entries || !spare)
		lint->no_memory = true;
	if (!lint->no_memory) {
		for (i = 0; i < nr; i++) {
			const struct vg_rule *rule = &policy->rules[i];
			__u64 first = rule->where.kind == VG_WHERE_RANGE ?
					      rule->where.first :
					      0;

			entries[i].group =
				rule_group(rule, owners ? owners[i] : 0);
			entries[i].place = first << 32 | i;
		}
		sorted = vg_sort(entries, spare, nr);
		lint_sorted(lint, sorted, nr);
		vg_lint_covered(lint, sorted, nr);
		vg_lint_limits(lint, sorted, nr);
	}
	free(entries);
	free(spare);
	free(owners);
}
