// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of equal specificity that overlap.
 *
 * Such rules are of one group (group.c); sorted by group and first byte, ranges of one width overlap only with neighbours: when two of
 * them overlap, so does each pair in between, and when the two say different
 * things, some adjacent pair does.  So one look at each neighbour finds every
 * quarrel, in time near-linear in the number of rules.
 */
#include <stdlib.h>
#include <string.h>

#include "lint/internal.h"

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

void vg_lint_conflicts(struct vg_lint *lint,
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
