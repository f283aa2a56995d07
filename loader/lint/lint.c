// SPDX-License-Identifier: GPL-2.0-only
/* All lints, in the order they look at a policy. */
#include <errno.h>
#include <stdlib.h>

#include "lint/internal.h"
#include "lint/lint.h"

static void (*const lints[])(struct vg_lint *lint) = {
	vg_lint_rules,
	vg_lint_defaults,
};

/* These compare rules, so they share one sorted list. */
static void (*const group_lints[])(struct vg_lint *lint,
				   const struct vg_sort_entry *entries,
				   size_t nr) = {
	vg_lint_conflicts,
	vg_lint_covered,
	vg_lint_limits,
};

#define NR(array) (sizeof(array) / sizeof(array[0]))

int vg_policy_lint(const struct vg_policy *policy, struct vg_findings *findings)
{
	struct vg_lint lint = { .policy = policy, .findings = findings };
	struct vg_sort_entry *entries = NULL, *spare = NULL;
	size_t errors = findings->errors, i;

	for (i = 0; i < NR(lints) && !lint.no_memory; i++)
		lints[i](&lint);
	if (policy->nr_rules && !lint.no_memory)
		entries = vg_lint_groups(&lint, &spare);
	for (i = 0; i < NR(group_lints) && entries; i++)
		group_lints[i](&lint, entries, policy->nr_rules);
	free(entries);
	free(spare);
	if (lint.no_memory)
		return -ENOMEM;
	return findings->errors > errors ? -EINVAL : 0;
}
