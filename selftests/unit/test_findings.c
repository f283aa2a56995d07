// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings and messages: a bound on how many are kept, and no name of others that
 * makes a line of its own.
 */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/internal.h"
#include "util/log.h"
#include "util/printable.h"
#include "capture.h"

static struct capture said;

static char *printed(const struct vg_findings *findings)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	vg_findings_print(findings, out);
	fclose(out);
	return text;
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	while ((text = strstr(text, word))) {
		text++;
		n++;
	}
	return n;
}

/* Warnings that come first take no room from errors. */
static void bounded(void **state)
{
	struct vg_findings findings = {};
	struct vg_pos pos = { .file = "/nonexistent", .line = 1, .column = 1 };
	char *text;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_non_null(vg_finding_add(&findings, VG_WARNING, &pos,
					       NULL, "warning %d", i));
	for (i = 0; i < 300; i++)
		vg_finding_add(&findings, VG_ERROR, &pos, "a hint", "error %d",
			       i)
			->other = pos;
	assert_int_equal(findings.nr, 2 * VG_FINDINGS_KEPT);
	assert_int_equal(findings.errors, 300);
	assert_int_equal(vg_findings_count(&findings, VG_WARNING), 1000);
	text = printed(&findings);
	assert_int_equal(count(text, ": error: "), VG_FINDINGS_KEPT);
	assert_non_null(strstr(text, "\n100 more errors are not shown"));
	assert_non_null(strstr(text, "\n800 more warnings are not shown"));
	free(text);
	vg_findings_free(&findings);
}

/* Garbage is counted, not kept. */
static void garbage(void **state)
{
	const size_t len = 1 << 20;
	struct vg_findings findings = {};
	struct vg_policy policy;
	char *text = malloc(len);
	size_t i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < len; i++)
		text[i] = i % 8 ? 'x' : '\n';
	assert_int_equal(vg_policy_parse("garbage", text, len, &policy,
					 &findings),
			 -EINVAL);
	assert_int_equal(findings.nr, VG_FINDINGS_KEPT);
	assert_int_equal(findings.errors, len / 8);
	vg_findings_free(&findings);
	vg_policy_free(&policy);
	free(text);
}

static void too_many_rules(void **state)
{
	static const char line[] = "block w *\n";
	const size_t len = (VG_POLICY_RULES + 2) * (sizeof(line) - 1);
	struct vg_findings findings = {};
	struct vg_policy policy;
	char *text = malloc(len + 1);
	size_t i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < len; i += sizeof(line) - 1)
		memcpy(text + i, line, sizeof(line));
	assert_int_equal(vg_policy_parse("many", text, len, &policy, &findings),
			 -EINVAL);
	assert_int_equal(policy.nr_rules, VG_POLICY_RULES);
	assert_int_equal(findings.errors, 2);
	assert_int_equal(findings.list[0].pos.line, VG_POLICY_RULES + 1);
	assert_non_null(strstr(findings.list[0].what, "131072 rules at most"));
	vg_findings_free(&findings);
	vg_policy_free(&policy);
	free(text);
}

#define FORGED "a\nvfioguard: error: forged\x1b[2J\x9b\x7f"
#define ESCAPED "a\\x0avfioguard: error: forged\\x1b[2J\\x9b\\x7f"

static void names(void **state)
{
	struct vg_findings findings = {};
	struct vg_pos pos = { .file = FORGED, .line = 1, .column = 1 };
	char *text;

	(void)state;
	vg_finding_add(&findings, VG_ERROR, &pos, FORGED, "%s", FORGED)->other =
		pos;
	text = printed(&findings);
	assert_int_equal(count(text, "\n"), 3);
	assert_int_equal(count(text, ESCAPED), 4);
	free(text);
	vg_findings_free(&findings);

	capture_start(&said);
	vg_error("can't read %s: %s", FORGED, "no");
	capture_end(&said);
	assert_string_equal(said.text,
			    "vfioguard: error: can't read " ESCAPED ": no\n");
}

static void cut(void **state)
{
	char out[8];

	(void)state;
	assert_string_equal(vg_printable("abc", out, sizeof(out)), "abc");
	assert_string_equal(vg_printable("abc\n", out, sizeof(out)),
			    "abc\\x0a");
	/* An escape that does not fit is left out whole. */
	assert_string_equal(vg_printable("abcd\n", out, sizeof(out)), "abcd");
	assert_string_equal(vg_printable("abcdefghij", out, sizeof(out)),
			    "abcdefg");
	assert_string_equal(vg_printable("abc", out, 1), "");
}

/* Both ends stay, whole, and nothing is said but that something is left out. */
static void shortened(void **state)
{
	static const struct {
		const char *in;
		const char *out; /* of 16 bytes */
	} cases[] = {
		{ "", "" },
		{ "123456789012345", "123456789012345" },
		{ "1234567890123456", "123456...123456" },
		{ "abcdefghijklmnopqrstuvwxyz", "abcdef...uvwxyz" },
		{ "abc\\x2defghijk\\x2dxyz", "abc...xyz" },
		{ "abcd\\x2dfghijk\\x2dyz", "abcd...\\x2dyz" },
		{ "ab\\x2dfghijklmnopq", "ab\\x2d...lmnopq" },
		{ "abcde\xc3\xa4ghijklmnopqrst\xc3\xa4vwxyz", "abcde...vwxyz" },
		{ "abcd\xf0\x9f\x98\x80ghijkl\xf0\x9f\x98\x80yz",
		  "abcd...\xf0\x9f\x98\x80yz" },
	};
	char junk[200], out[64];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(out, 'X', sizeof(out));
		assert_string_equal(vg_shorten(cases[i].in, out, 16),
				    cases[i].out);
		assert_int_equal(out[16], 'X');
	}
	memset(junk, 0x80, sizeof(junk) - 1);
	junk[sizeof(junk) - 1] = '\0';
	for (len = 1; len < sizeof(out); len++) {
		memset(out, 'X', sizeof(out));
		vg_shorten(junk, out, len);
		assert_in_range(strlen(out), len > 8 ? len - 9 : 0, len - 1);
		assert_int_equal(out[len], 'X');
	}
}

/* However long a word is, what is said of it is said to its end. */
static void long_words(void **state)
{
	struct vg_findings findings = {};
	struct vg_policy policy;
	char text[3000];
	size_t i, n;

	(void)state;
	n = sprintf(text, "block w slot=");
	memset(text + n, 'a', 2000);
	n += 2000;
	n += sprintf(text + n, "\nblock w 8086:10d3 0x40 value=0x1 value=0x2 ");
	memset(text + n, 'b', 900);
	n += 900;
	assert_int_equal(vg_policy_parse("long", text, n, &policy, &findings),
			 -EINVAL);
	assert_int_equal(findings.nr, 2);
	for (i = 0; i < findings.nr; i++) {
		const char *what = findings.list[i].what;

		assert_in_range(strlen(what), 5, 640);
		assert_true(isalpha(what[strlen(what) - 1]));
		assert_true(strlen(what) < 600 || strstr(what, "..."));
	}
	vg_findings_free(&findings);
	vg_policy_free(&policy);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounded),
		cmocka_unit_test(garbage),
		cmocka_unit_test(too_many_rules),
		cmocka_unit_test(names),
		cmocka_unit_test(cut),
		cmocka_unit_test(shortened),
		cmocka_unit_test(long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
