// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target for the policy language: any bytes are parsed, linted, asked
 * about some accesses, and written back.  What was written back must read as
 * the same policy; a policy the lint passes must give each access one answer.
 *
 *	clang -fsanitize=fuzzer,address,undefined ...
 *	fuzz_policy selftests/fuzz/corpus/policy
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lint/lint.h"
#include "util/pci_ids.h"
#include "policy/policy.h"

/* An error stands in the text, or just behind its last byte. */
static void check_findings(const struct vg_findings *findings, size_t len)
{
	size_t i;

	for (i = 0; i < findings->nr; i++) {
		const struct vg_pos *pos = &findings->list[i].pos;

		if (!pos->line || !pos->column || pos->line > len + 1 ||
		    pos->column > 4096 + 1)
			abort();
	}
}

/* Of two rules that match, neither may win by where it stands. */
static void check_order(struct vg_policy *policy, const struct vg_query *query,
			const struct vg_answer *answer)
{
	struct vg_answer backwards;
	struct vg_rule keep;
	size_t i, nr = policy->nr_rules;

	for (i = 0; i < nr / 2; i++) {
		keep = policy->rules[i];
		policy->rules[i] = policy->rules[nr - 1 - i];
		policy->rules[nr - 1 - i] = keep;
	}
	vg_policy_eval(policy, query, &backwards);
	if (backwards.verdict != answer->verdict ||
	    backwards.audit != answer->audit ||
	    backwards.write_mask != answer->write_mask)
		abort();
	for (i = 0; i < nr / 2; i++) {
		keep = policy->rules[i];
		policy->rules[i] = policy->rules[nr - 1 - i];
		policy->rules[nr - 1 - i] = keep;
	}
}

/* Accesses made from the text's last bytes and aimed at one of the rules. */
static void check_eval(struct vg_policy *policy, const uint8_t *data,
		       size_t size)
{
	struct vg_query query = { .owner = "/a/b" };
	struct vg_answer answer;
	unsigned int i;

	for (i = 0; i + 8 <= size && i < 64; i += 8) {
		const uint8_t *at = data + size - 8 - i;

		query.size = 1U << at[0] % 3;
		query.offset = (at[1] << 8 | at[2]) & 0xfff & -query.size;
		query.access = at[0] >> 4 & 1;
		query.where = VG_WHERE_HEADER + at[3] % 4;
		query.has_value = query.access;
		memcpy(&query.value, at + 4, sizeof(query.value));
		query.cap = at[3] >> 2;
		query.ext = at[0] >> 7;
		if (policy->nr_rules) {
			const struct vg_rule *rule =
				&policy->rules[at[4] % policy->nr_rules];

			query.vendor = rule->scope.vendor;
			query.device = rule->scope.device;
			query.class = rule->scope.class;
			query.slot = rule->scope.slot;
			if (at[0] & 0x20)
				query.offset = rule->where.first & -query.size;
			if (at[0] & 0x40)
				query.value = rule->value;
		}
		vg_policy_eval(policy, &query, &answer);
		if (answer.verdict != VG_ALLOW && answer.verdict != VG_BLOCK)
			abort();
		check_order(policy, &query, &answer);
	}
}

static char *policy_text(const struct vg_policy *policy, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out || vg_policy_format(policy, out))
		abort();
	fclose(out);
	return text;
}

static void check_reads_back(const struct vg_policy *policy)
{
	struct vg_findings findings = { .list = NULL };
	struct vg_policy again;
	size_t len, again_len;
	char *text, *again_text;

	text = policy_text(policy, &len);
	if (vg_policy_parse("again", text, len, &again, &findings))
		abort();
	again_text = policy_text(&again, &again_len);
	if (len != again_len || memcmp(text, again_text, len))
		abort();
	free(text);
	free(again_text);
	vg_findings_free(&findings);
	vg_policy_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vg_findings findings = { .list = NULL };
	struct vg_policy policy;

	vg_pci_ids_off();
	if (!vg_policy_parse("fuzz", (const char *)data, size, &policy,
			     &findings)) {
		if (!vg_policy_lint(&policy, &findings))
			check_eval(&policy, data, size);
		check_reads_back(&policy);
	} else if (!findings.errors) {
		abort();
	}
	check_findings(&findings, size);
	vg_findings_free(&findings);
	vg_policy_free(&policy);
	return 0;
}
