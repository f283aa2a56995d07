/* SPDX-License-Identifier: GPL-2.0-only */
/* What the maps can't hold, so that a policy that asks for it is refused. */
#ifndef VFIOGUARD_LINT_LIMITS_H
#define VFIOGUARD_LINT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

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

#endif
