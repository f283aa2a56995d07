/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the policy language share: a policy from a string, and
 * questions about what was found in it.
 */
#ifndef VFIOGUARD_POLICY_HELPER_H
#define VFIOGUARD_POLICY_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lint/lint.h"
#include "util/pci_ids.h"
#include "policy/policy.h"

struct text_policy {
	struct vg_policy policy;
	struct vg_findings findings;
	int err; /* of the parser */
	int lint; /* of the lint, 0 when it did not run */
};

static inline void text_parse(struct text_policy *t, const char *text)
{
	memset(t, 0, sizeof(*t));
	t->err = vg_policy_parse("t", text, strlen(text), &t->policy,
				 &t->findings);
}

/* Parse, which must work, and lint without pci.ids. */
static inline void text_lint(struct text_policy *t, const char *text)
{
	vg_pci_ids_off();
	text_parse(t, text);
	if (t->err)
		vg_findings_print(&t->findings, stderr);
	assert_int_equal(t->err, 0);
	t->lint = vg_policy_lint(&t->policy, &t->findings);
	vg_findings_sort(&t->findings);
}

static inline void text_free(struct text_policy *t)
{
	vg_findings_free(&t->findings);
	vg_policy_free(&t->policy);
}

/* The only rule of a text that must be right. */
static inline const struct vg_rule *text_rule(struct text_policy *t,
					      const char *text)
{
	text_parse(t, text);
	if (t->err)
		vg_findings_print(&t->findings, stderr);
	assert_int_equal(t->err, 0);
	assert_int_equal(t->policy.nr_rules, 1);
	return &t->policy.rules[0];
}

/* Is there exactly one finding, of this severity and place, with this text? */
static inline void assert_finding(const struct text_policy *t,
				  enum vg_severity severity, unsigned int line,
				  unsigned int column, const char *fragment)
{
	const struct vg_finding *finding = t->findings.list;

	if (t->findings.nr != 1 || !strstr(finding->what, fragment))
		vg_findings_print(&t->findings, stderr);
	assert_int_equal(t->findings.nr, 1);
	assert_int_equal(finding->severity, severity);
	assert_int_equal(finding->pos.line, line);
	assert_int_equal(finding->pos.column, column);
	assert_non_null(strstr(finding->what, fragment));
}

static inline void assert_no_finding(const struct text_policy *t)
{
	if (t->findings.nr)
		vg_findings_print(&t->findings, stderr);
	assert_int_equal(t->findings.nr, 0);
}

#endif
