// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and freeing a policy, and its built-in settings.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

#define RATE_DEFAULT 10
#define BURST_DEFAULT 100
#define RULES_FIRST 64

void vg_policy_init(struct vg_policy *policy)
{
	/* All other defaults: VG_ALLOW without audit, which is 0. */
	memset(policy, 0, sizeof(*policy));
	policy->mode = VG_MODE_ENFORCE;
	policy->rate = RATE_DEFAULT;
	policy->burst = BURST_DEFAULT;
	policy->defaults[VG_REGION_UNASSIGNED][VG_WRITE].verdict = VG_BLOCK;
	policy->defaults[VG_REGION_UNASSIGNED][VG_WRITE].audit = 1;
}

struct vg_rule *vg_policy_new_rule(struct vg_policy *policy)
{
	struct vg_rule *rule;

	if (policy->nr_rules == policy->room) {
		size_t room = policy->room ? policy->room * 2 : RULES_FIRST;

		rule = reallocarray(policy->rules, room, sizeof(*rule));
		if (!rule)
			return NULL;
		policy->rules = rule;
		policy->room = room;
	}
	rule = &policy->rules[policy->nr_rules];
	memset(rule, 0, sizeof(*rule));
	return rule;
}

static void free_strings(char **list, size_t nr)
{
	while (nr)
		free(list[--nr]);
	free(list);
}

void vg_policy_free(struct vg_policy *policy)
{
	free(policy->name);
	free(policy->rules);
	free_strings(policy->files, policy->nr_files);
	free_strings(policy->strings, policy->nr_strings);
	memset(policy, 0, sizeof(*policy));
}
