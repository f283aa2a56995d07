// SPDX-License-Identifier: GPL-2.0-only
/*
 * What doctor says: our own messages taken apart, remedies that a shell takes as they
 * stand, what can't be done to a locked policy, and other programs' output.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/internal.h"
#include "util/log.h"

static struct vg_diagnoses found;
static struct vg_host host = { .out = &found };

static const struct vg_diagnosis *last(void)
{
	assert_true(found.nr > 0);
	return &found.list[found.nr - 1];
}

static int clean(void **state)
{
	(void)state;
	vg_diagnoses_free(&found);
	host.locked = false;
	return 0;
}

static void messages(void **state)
{
	(void)state;
	vg_diagnose_message(&host, "a", VG_HEALTH_FAULT,
			    "nothing is there; run: mount x y");
	assert_string_equal(last()->text, "nothing is there");
	assert_string_equal(last()->remedy, "mount x y");
	vg_diagnose_message(&host, "b", VG_HEALTH_WARNING, "no more is known");
	assert_string_equal(last()->text, "no more is known");
	assert_null(last()->remedy);
	vg_diagnose_message(&host, "c", VG_HEALTH_OK, "run: x");
	assert_string_equal(last()->text, "");
	assert_string_equal(last()->remedy, "x");
	assert_int_equal(found.nr, 3);
	assert_int_equal(found.count[VG_HEALTH_OK], 1);
	assert_int_equal(found.count[VG_HEALTH_WARNING], 1);
	assert_int_equal(found.count[VG_HEALTH_FAULT], 1);
}

static void many(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		vg_diagnose(&host, "many", VG_HEALTH_OK, "", "%d", i);
	assert_int_equal(found.nr, 1000);
	assert_string_equal(last()->text, "999");
	assert_null(last()->remedy);
}

/* What a shell makes of it. */
static void quoted(void **state)
{
	static const char *const names[] = {
		"/etc/vfioguard/policy.d",
		"a b",
		"it's",
		"''",
		"$(reboot)",
		"`reboot`",
		"a;b",
		"*",
		"\\",
		"\"",
		"~root",
		"!x",
		"-n",
		"",
	};
	char buf[VG_QUOTED_LEN], command[VG_QUOTED_LEN + 32], got[64];
	size_t i, n;
	FILE *f;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(command, sizeof(command), "printf %%s %s",
			 vg_quoted(names[i], buf));
		f = popen(command, "r");
		assert_non_null(f);
		n = fread(got, 1, sizeof(got) - 1, f);
		got[n] = '\0';
		assert_int_equal(pclose(f), 0);
		assert_string_equal(got, names[i]);
	}
	assert_string_equal(vg_quoted(names[0], buf), names[0]);
}

/* However long, it ends in quotes and in its place. */
static void long_names(void **state)
{
	char name[2 * VG_QUOTED_LEN], buf[VG_QUOTED_LEN];
	size_t i;

	(void)state;
	memset(name, '\'', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	/* A quote becomes four bytes: each way they can lie at the end. */
	for (i = 0; i < 4; i++) {
		vg_quoted(name, buf);
		assert_true(strlen(buf) < VG_QUOTED_LEN);
		assert_int_equal(buf[strlen(buf) - 1], '\'');
		name[i] = 'a';
	}
}

static void locked(void **state)
{
	static const char *const changes[] = { "vfioguard load /x",
					       "vfioguard unload; x",
					       "vfioguard deny 8086:*",
					       "vfioguard learn stop" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		host.locked = false;
		vg_diagnose(&host, "x", VG_HEALTH_OK, changes[i], "x");
		assert_string_equal(last()->remedy, changes[i]);
		host.locked = true;
		vg_diagnose(&host, "x", VG_HEALTH_OK, changes[i], "x");
		assert_string_equal(last()->remedy, "reboot");
	}
	vg_diagnose(&host, "x", VG_HEALTH_OK, "vfioguard check /x", "x");
	assert_string_equal(last()->remedy, "vfioguard check /x");
}

static void tools(void **state)
{
	static const char *const two[] = { "sh", "-c", "echo one; echo two >&2",
					   NULL };
	static const char *const fails[] = { "sh", "-c", "echo x; exit 3",
					     NULL };
	static const char *const none[] = { "vfioguard-no-such-tool", NULL };
	static const char *const endless[] = { "yes", NULL };
	char *out;
	size_t len;

	(void)state;
	assert_int_equal(vg_tool(two, 100, &out, &len), 0);
	assert_int_equal(len, 4);
	assert_string_equal(out, "one\n");
	free(out);
	assert_int_equal(vg_tool(fails, 100, &out, &len), -EIO);
	assert_null(out);
	assert_int_equal(vg_tool(none, 100, &out, &len), -ENOENT);
	assert_null(out);
	assert_int_equal(vg_tool(endless, 1000, &out, &len), 0);
	assert_int_equal(len, 1000);
	free(out);
	assert_true(vg_tool_exists("sh"));
	assert_false(vg_tool_exists("vfioguard-no-such-tool"));
}

/* The most severe of what is said, the last of these; and nothing is shown. */
static void kept(void **state)
{
	char text[64];

	(void)state;
	vg_log_keep(text, sizeof(text));
	assert_true(vg_log_kept());
	assert_string_equal(text, "");
	vg_info("no");
	assert_string_equal(text, "");
	vg_warn("one %d", 1);
	assert_string_equal(text, "one 1");
	vg_error("two");
	vg_warn("three");
	assert_string_equal(text, "two");
	vg_error("four");
	assert_string_equal(text, "four");
	vg_error("%0*d", 100, 7);
	assert_int_equal(strlen(text), sizeof(text) - 1);
	vg_log_keep(NULL, 0);
	assert_false(vg_log_kept());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(messages, clean),
		cmocka_unit_test_teardown(many, clean),
		cmocka_unit_test(quoted),
		cmocka_unit_test(long_names),
		cmocka_unit_test_teardown(locked, clean),
		cmocka_unit_test(tools),
		cmocka_unit_test(kept),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
