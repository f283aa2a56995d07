/* SPDX-License-Identifier: GPL-2.0-only */
/* What the maps can't hold, so that a policy that asks for it is refused. */
#ifndef VFIOGUARD_LINT_LIMITS_H
#define VFIOGUARD_LINT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"
#include "util/string_table.h"

#define VG_LIMIT_LEN 128

/**
 * vg_owner_refused() - can a rule be for this cgroup?
 * @owners: every owner of the policy
 * @path: one of them
 * @why: says why not
 *
 * Return: true if not: its path is too long or too deep for the program to
 * follow, or too many of the cgroups on the way have rules.
 */
bool vg_owner_refused(const struct vg_string_table *owners, const char *path,
		      char why[VG_LIMIT_LEN]);

#define VG_TOO_MANY                                                         \
	"the rules up to this one have more than %u registers, counted in " \
	"dwords, for each device and direction"

/**
 * vg_rule_too_many() - the first rule that map "rules" has no room for
 *
 * A rule is an entry there for each direction and dword, so a few thousand rules
 * for all of config space would take all of a host's memory.
 *
 * Return: NULL if all of them fit.
 */
const struct vg_rule *vg_rule_too_many(const struct vg_policy *policy);

#endif
