// SPDX-License-Identifier: GPL-2.0-only
/* Expectations against whoever answers. */
#include <errno.h>
#include <stdio.h>

#include "policy/expect.h"
#include "util/printable.h"

/* What decided, in words: "default.policy:12 (block w 8086:10d3 0x80)" */
static void expect_reason(const struct vg_policy *policy,
			  const struct vg_answer *answer, enum vg_access access,
			  char why[VG_EXPECT_WHY])
{
	const struct vg_pos *pos;
	char text[VG_RULE_TEXT], file[VG_FILE_LEN];

	if (answer->rule) {
		vg_rule_show(answer->rule, text);
		pos = &answer->rule->pos;
	} else {
		vg_default_format(answer->region, access,
				  &policy->defaults[answer->region][access],
				  text, sizeof(text));
		pos = &policy->default_pos[answer->region][access];
	}
	if (pos->file)
		snprintf(why, VG_EXPECT_WHY, "%s:%u (%s)",
			 vg_shorten(pos->file, file, sizeof(file)), pos->line,
			 text);
	else
		snprintf(why, VG_EXPECT_WHY, "the built-in default (%s)", text);
}

int vg_judge_policy(const void *policy, const struct vg_query *query,
		    struct vg_answer *answer, char why[VG_EXPECT_WHY])
{
	vg_policy_eval(policy, query, answer);
	expect_reason(policy, answer, query->access, why);
	return 0;
}

int vg_expects_run(const struct vg_expects *expects,
		   const struct vg_judge *judge, struct vg_findings *findings)
{
	static const char *const report[] = { "silent", "audit" };
	int failed = 0;
	size_t i;

	for (i = 0; i < expects->nr; i++) {
		const struct vg_expect *expect = &expects->list[i];
		struct vg_answer answer;
		char why[VG_EXPECT_WHY];
		bool audit_wrong;
		int ret;

		ret = judge->judge(judge->context, &expect->query, &answer,
				   why);
		if (ret)
			return ret;
		audit_wrong = expect->audit >= 0 &&
			      expect->audit != (int)answer.audit;
		if (answer.verdict == expect->verdict && !audit_wrong)
			continue;
		failed++;
		if (!vg_finding_add(
			    findings, VG_ERROR, &expect->pos, NULL,
			    "expected %s%s%s, got %s%s%s by %s",
			    expect->verdict == VG_BLOCK ? "block" : "allow",
			    audit_wrong ? " " : "",
			    audit_wrong ? report[expect->audit] : "",
			    answer.verdict == VG_BLOCK ? "block" : "allow",
			    audit_wrong ? " " : "",
			    audit_wrong ? report[answer.audit] : "", why))
			return -ENOMEM;
	}
	return failed;
}
