/* SPDX-License-Identifier: GPL-2.0-only */
/* What is right by the grammar of policies and still not meant. */
#ifndef VFIOGUARD_LINT_H
#define VFIOGUARD_LINT_H

#include "policy/policy.h"

/**
 * vg_policy_lint() - look for what parses but is not meant
 *
 * Adds contradictions (errors that name both lines) and warnings to @findings.
 * Takes time near-linear in the number of rules.  Names and ids come from
 * pci_ids.h; vg_pci_ids_off() switches those warnings off.
 * Return: 0, -EINVAL when it found an error, or -ENOMEM.
 */
int vg_policy_lint(const struct vg_policy *policy,
		   struct vg_findings *findings);

/**
 * vg_rule_window() - what window to a device's internal registers a rule opens
 *
 * Return: a text that names the device and its registers, NULL: none is known.
 */
const char *vg_rule_window(const struct vg_rule *rule);

/**
 * vg_rule_mirror() - where a rule opens a copy of a device's header
 *
 * vfio does not let a guest write base addresses, and looks at what it writes to
 * command; a copy in unassigned space it does not know.
 * Return: as vg_rule_window().
 */
const char *vg_rule_mirror(const struct vg_rule *rule);

#endif
