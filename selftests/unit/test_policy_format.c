// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies back as text: the canonical spelling, and that it reads back as the
 * same policy.
 */
#include <stdlib.h>

#include "policy_helper.h"

/* What is written, and how it comes back; NULL: the same. */
static const struct {
	const char *text;
	const char *canonical;
} rules[] = {
	{ "allow 8086:10D3", "allow rw 8086:10d3" },
	{ "allow rw *", NULL },
	{ "block r 8086:* any", NULL },
	{ "block w class=03 header", NULL },
	{ "block w class=0302 cap", NULL },
	{ "block w class=010802 vendor silent", NULL },
	{ "allow w subsys=1028:1234 unassigned audit", NULL },
	{ "allow w slot=01:00.7", "allow w slot=0000:01:00.7" },
	{ "allow w slot=10001:02:1f.7", "allow w slot=10001:02:1f.7" },
	{ "allow w owner=/machine.slice cap=msix", NULL },
	{ "block rw * cap=0x11", "block rw * cap=msix" },
	{ "block rw * cap=0x7f", NULL },
	{ "block rw * ecap=0x23", "block rw * cap=dvsec" },
	{ "block rw * ecap=0x7ff", NULL },
	{ "block w * 0x7C-0x7F", "block w * 0x7c" },
	{ "block w * 0x7c-0x7c", NULL },
	{ "block w * 0x7d-0x7d", "block w * 0x7d" },
	{ "block w * 0x4", "block w * 0x04" },
	{ "block w * 0x100-0xfff", NULL },
	{ "block w * 0x80 audit", "block w * 0x80" },
	{ "allow w * 0x80 silent", "allow w * 0x80" },
	{ "block 1002:* 0x7c value=0x39D5E86B",
	  "block w 1002:* 0x7c value=0x39d5e86b" },
	{ "block w * 0x40-0x41 value=0/0xffff",
	  "block w * 0x40-0x41 value=0x0" },
	{ "block w * 0x488 value=0x2000000/0x2000000", NULL },
	{ "allow rw * 0x80 wmask=0xf0", NULL },
	{ "block r * any read=0", "block r * any" },
	{ "block r * any read=ones", NULL },
	{ "block r * any read=last", NULL },
	{ "block r * 0x80 read=0x1234 key=a.b", NULL },
};

static void canonical(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *expected =
			rules[i].canonical ? rules[i].canonical : rules[i].text;
		struct text_policy t;
		char text[256];

		assert_int_equal(vg_rule_format(text_rule(&t, rules[i].text),
						text, sizeof(text)),
				 strlen(expected));
		assert_string_equal(text, expected);
		text_free(&t);
	}
}

/* Everything but where it stood. */
static void assert_same_rule(const struct vg_rule *a, const struct vg_rule *b)
{
	struct vg_rule left = *a, right = *b;

	assert_int_equal(!a->scope.owner, !b->scope.owner);
	if (a->scope.owner)
		assert_string_equal(a->scope.owner, b->scope.owner);
	left.scope.owner = right.scope.owner = NULL;
	left.pos = right.pos;
	left.scope_column = right.scope_column;
	left.where_column = right.where_column;
	left.value_column = right.value_column;
	assert_memory_equal(&left, &right, sizeof(left));
}

static void reads_back(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct text_policy t, again;
		char text[256];

		vg_rule_format(text_rule(&t, rules[i].text), text,
			       sizeof(text));
		assert_same_rule(text_rule(&again, text), &t.policy.rules[0]);
		text_free(&again);
		text_free(&t);
	}
}

/* A short buffer gets the start, and the length is still the whole. */
static void short_buffer(void **state)
{
	const struct vg_rule *rule;
	struct text_policy t;
	char text[16];

	(void)state;
	rule = text_rule(&t, "allow rw 8086:10d3 unassigned");
	memset(text, 'x', sizeof(text));
	assert_int_equal(vg_rule_format(rule, text, 9), 29);
	assert_string_equal(text, "allow rw");
	assert_int_equal(text[9], 'x');
	assert_int_equal(vg_rule_format(rule, NULL, 0), 29);
	assert_int_equal(vg_where_format(&rule->where, text, 4), 10);
	assert_string_equal(text, "una");
	assert_int_equal(vg_scope_format(&rule->scope, text, sizeof(text)), 9);
	assert_string_equal(text, "8086:10d3");
	text_free(&t);
	rule = text_rule(&t, "allow rw *");
	assert_int_equal(vg_where_format(&rule->where, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	text_free(&t);
}

static void whole_policy(void **state)
{
	static const char text[] = "mode monitor\n"
				   "rate 7 burst 9\n"
				   "default block r unassigned\n"
				   "default block w unassigned silent\n"
				   "default allow r vendor\n"
				   "default allow w vendor audit\n"
				   "default allow r other\n"
				   "default allow w other\n"
				   "allow rw 8086:10d3\n"
				   "block w 1002:* 0x7c value=0x39d5e86b\n";
	struct text_policy t;
	char *out = NULL;
	size_t len;
	FILE *stream = open_memstream(&out, &len);

	(void)state;
	assert_non_null(stream);
	text_parse(&t, text);
	assert_int_equal(t.err, 0);
	assert_int_equal(vg_policy_format(&t.policy, stream), 0);
	fclose(stream);
	assert_string_equal(out, text);
	free(out);
	text_free(&t);
}

static void findings_show_the_line(void **state)
{
	char path[] = "/tmp/vfioguard-format-XXXXXX";
	struct text_policy t = { .err = 0 };
	char expected[512];
	int fd = mkstemp(path);
	char *out = NULL;
	size_t len;
	FILE *stream = fdopen(fd, "w");

	(void)state;
	assert_non_null(stream);
	fputs("mode enforce\n\tallow rw\t8086:10dg\n", stream);
	fclose(stream);
	t.err = vg_policy_read(path, &t.policy, &t.findings);
	stream = open_memstream(&out, &len);
	assert_non_null(stream);
	vg_findings_print(&t.findings, stream);
	fclose(stream);
	remove(path);
	snprintf(expected, sizeof(expected),
		 "%s:2:16: error: '10dg' is not a device id\n"
		 "    \tallow rw\t8086:10dg\n"
		 "    \t        \t     ^\n"
		 "  hint: ids are four hex digits, as lspci -n shows them\n",
		 path);
	assert_string_equal(out, expected);
	free(out);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical),
		cmocka_unit_test(reads_back),
		cmocka_unit_test(short_buffer),
		cmocka_unit_test(whole_policy),
		cmocka_unit_test(findings_show_the_line),
	};

	return cmocka_run_group_tests_name("policy_format", tests, NULL, NULL);
}
