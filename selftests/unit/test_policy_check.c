// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfioguard check from the outside: summary, exit status, --json, --test; and
 * the shipped policies, each against its expectations.
 *
 * The tree's top directory is the first argument; by default the current one.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/commands.h"
#include "json_valid.h"
#include "util/exit_codes.h"
#include "policy/expect.h"
#include "policy_helper.h"

#define ARGS_MAX 8
#define OUTPUT_MAX 16384

static char work[] = "/tmp/vfioguard-check-XXXXXX";

struct run {
	int code;
	char out[OUTPUT_MAX];
	char err[OUTPUT_MAX];
};

static void write_file(const char *name, const char *text)
{
	FILE *out = fopen(name, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void read_file(const char *name, char *text)
{
	FILE *in = fopen(name, "r");

	assert_non_null(in);
	text[fread(text, 1, OUTPUT_MAX - 1, in)] = '\0';
	fclose(in);
}

/* Send a stream to a file; returns a descriptor to restore it from. */
static int redirect(FILE *stream, const char *name)
{
	int keep, fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	fflush(stream);
	keep = dup(fileno(stream));
	dup2(fd, fileno(stream));
	close(fd);
	return keep;
}

static void restore(FILE *stream, int keep)
{
	fflush(stream);
	dup2(keep, fileno(stream));
	close(keep);
}

/* Run "check" with the arguments up to NULL. */
static void check(struct run *run, ...)
{
	char *argv[ARGS_MAX + 1] = { "check" };
	int argc = 1, out, err;
	va_list args;

	va_start(args, run);
	while (argc < ARGS_MAX && (argv[argc] = va_arg(args, char *)))
		argc++;
	va_end(args);
	argv[argc] = NULL;
	out = redirect(stdout, "stdout");
	err = redirect(stderr, "stderr");
	run->code = vg_cmd_check(argc, argv);
	restore(stdout, out);
	restore(stderr, err);
	read_file("stdout", run->out);
	read_file("stderr", run->err);
	json_keep(run->out);
}

static void summary(void **state)
{
	struct run run;

	(void)state;
	write_file("a.policy", "allow w 8086:10d3\n");
	check(&run, "--no-ids", "a.policy", NULL);
	assert_int_equal(run.code, VG_EXIT_OK);
	assert_string_equal(run.out,
			    "a.policy: 1 rule, 0 errors, 0 warnings\n");
	assert_string_equal(run.err, "");

	write_file("b.policy", "block w * 0x80\nblock w * 0x80\nblock r * any\n"
			       "allow r * vendor\n");
	check(&run, "--no-ids", "a.policy", "b.policy", NULL);
	assert_int_equal(run.code, VG_EXIT_OK);
	assert_string_equal(run.out,
			    "a.policy: 1 rule, 0 errors, 0 warnings\n"
			    "b.policy: 4 rules, 0 errors, 1 warning\n");
	assert_string_equal(
		run.err,
		"b.policy:2:1: warning: this rule stands at b.policy:1 "
		"already\n"
		"    block w * 0x80\n"
		"    ^\n"
		"  the other: b.policy:1:1\n"
		"  hint: remove one of them\n");
}

static void refused(void **state)
{
	struct run run;

	(void)state;
	write_file("bad.policy", "allow rw 8086\n");
	check(&run, "--no-ids", "bad.policy", "a.policy", NULL);
	assert_int_equal(run.code, VG_EXIT_POLICY);
	assert_non_null(strstr(run.out, "bad.policy: 0 rules, 1 error, "));
	assert_non_null(strstr(run.err, "bad.policy:1:10: error: "));
	check(&run, "nowhere.policy", NULL);
	assert_int_equal(run.code, VG_EXIT_POLICY);
	assert_non_null(strstr(run.err, "nowhere.policy: error: No such file"));
	write_file("two.policy", "allow w * 0x80\nblock w * 0x80\n");
	check(&run, "two.policy", NULL);
	assert_int_equal(run.code, VG_EXIT_POLICY);
}

static void usage(void **state)
{
	struct run run;

	(void)state;
	check(&run, NULL);
	assert_int_equal(run.code, VG_EXIT_USAGE);
	check(&run, "--nonsense", "a.policy", NULL);
	assert_int_equal(run.code, VG_EXIT_USAGE);
	check(&run, "--test", NULL);
	assert_int_equal(run.code, VG_EXIT_USAGE);
	check(&run, "--test", "x", "a.policy", "b.policy", NULL);
	assert_int_equal(run.code, VG_EXIT_USAGE);
	check(&run, "--help", NULL);
	assert_int_equal(run.code, VG_EXIT_OK);
	assert_non_null(strstr(run.out, "Usage: vfioguard check"));
}

static void json(void **state)
{
	struct run run;

	(void)state;
	write_file("c.policy", "allow w * 0x80\nblock w * 0x80\n");
	check(&run, "--json", "--no-ids", "c.policy", NULL);
	assert_int_equal(run.code, VG_EXIT_POLICY);
	assert_string_equal(run.err, "");
	assert_non_null(strstr(run.out, "\"policy\": \"c.policy\""));
	assert_non_null(strstr(run.out, "\"valid\": false"));
	assert_non_null(strstr(run.out, "\"errors\": 1"));
	assert_non_null(strstr(run.out, "\"severity\": \"error\""));
	assert_non_null(strstr(run.out, "\"line\": 2"));
	assert_non_null(strstr(run.out, "\"other\": {"));
	assert_int_equal(run.out[0], '{');
	assert_string_equal(run.out + strlen(run.out) - 2, "}\n");
}

static void expectations(void **state)
{
	struct run run;

	(void)state;
	write_file("e.policy", "default block w unassigned\n"
			       "block w 1002:* 0x7c value=0x39d5e86b\n"
			       "allow w owner=/vm/a\n"
			       "block w slot=01:00.0 cap=msix\n"
			       "allow w class=02\n"
			       "block r subsys=1028:1234 0x90 silent\n");
	write_file("good.expect",
		   "# comment\n"
		   "expect block 1002:67df w 0x7c value 0x39d5e86b audit\n"
		   "expect allow 8086:10d3 w 0x80.b owner /vm/a/b\n"
		   "expect block 8086:10d3 w 0x80.w owner /vm/ab\n"
		   "expect block * w 0xa0 cap=msix slot 0000:01:00.0\n"
		   "expect allow * w 0xa0 cap=msix slot 0000:02:00.0\n"
		   "expect allow * w 0x80 class 020000\n"
		   "expect block * r 0x90 subsys 1028:1234 silent\n"
		   "expect allow * w 0x04 header\n"
		   "expect allow * w 0x60 vendor\n");
	check(&run, "--no-ids", "--test", "good.expect", "e.policy", NULL);
	if (run.code)
		print_error("%s", run.err);
	assert_int_equal(run.code, VG_EXIT_OK);
	assert_non_null(strstr(run.out, "9 expectations, 0 not met"));

	write_file("bad.expect", "expect allow * w 0x80\n"
				 "expect allow 1002:67df w 0x7c value "
				 "0x39d5e86b\n"
				 "expect block * r 0x90 subsys 1028:1234 "
				 "audit\n"
				 "expect block * r 0x80\n");
	check(&run, "--no-ids", "--test", "bad.expect", "e.policy", NULL);
	assert_int_equal(run.code, VG_EXIT_POLICY);
	assert_non_null(strstr(run.out, "4 expectations, 4 not met"));
	assert_non_null(strstr(
		run.err, "bad.expect:1:1: error: expected allow, got block by "
			 "e.policy:1 (default block w unassigned)\n"));
	assert_non_null(strstr(
		run.err, "bad.expect:2:1: error: expected allow, got block by "
			 "e.policy:2 (block w 1002:* 0x7c value=0x39d5e86b)"));
	assert_non_null(strstr(run.err,
			       "expected block audit, got block silent by "
			       "e.policy:6"));
	assert_non_null(strstr(run.err,
			       "expected block, got allow by the built-in "
			       "default (default allow r unassigned)"));
}

static void wrong_expectations(void **state)
{
	static const struct {
		const char *text;
		unsigned int column;
		const char *what;
	} cases[] = {
		{ "expct block * w 0x80", 1, "not 'expect'" },
		{ "expect deny * w 0x80", 8, "not allow or block" },
		{ "expect block", 13, "device is missing" },
		{ "expect block class=02 w 0x80", 14, "one device" },
		{ "expect block * rw 0x80", 16, "not r or w" },
		{ "expect block * w 0x1000", 18, "too big" },
		{ "expect block * w 0x81.w", 18, "not aligned" },
		{ "expect block * w 0x80.q", 22, "not a width" },
		{ "expect block * w 0x80 header", 23, "does not lie" },
		{ "expect block * w 0x20 vendor", 23, "does not lie" },
		{ "expect block * w 0x80 any", 23, "not a detail" },
		{ "expect block * w 0x80 value", 28, "missing" },
		{ "expect block * w 0x80.b value 0x100", 31, "too big" },
		{ "expect block * r 0x80 value 0x1", 23, "no value" },
		{ "expect block * w 0x80 slot 1", 28, "not a PCI address" },
		{ "expect block * w 0x80 owner vm", 29, "no absolute path" },
		{ "expect block * w 0x80 whenever", 23, "not a detail" },
		{ "expect block * w 0x80 value 0x1 value 0x2", 33,
		  "one value" },
		{ "expect block * w 0x80 vendor cap", 30, "one kind of" },
		{ "expect block * w 0x80 cap=msi ecap=aer", 31, "one kind of" },
		{ "expect block * w 0x80 unassigned unassigned", 34,
		  "one kind of" },
		{ "expect block * w 0x80 slot 01:00.0 slot 02:00.0", 36,
		  "one slot" },
		{ "expect block * w 0x80 owner /a owner /a", 32, "one owner" },
		{ "expect block * w 0x80 class 02 class 03", 32, "one class" },
		{ "expect block * w 0x80 subsys 1028:0001 subsys 1028:0002", 40,
		  "one subsystem" },
		{ "expect block * w 0x80 audit silent", 29, "reported or" },
		{ "expect block * w 0x140 cap=msix", 24, "does not lie" },
		{ "expect block * w 0xfc cap=aer", 23, "does not lie" },
		{ "expect block * w 0x100 ecap=dvsec cap=msix", 35,
		  "one kind of" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vg_findings findings = { .list = NULL };
		struct vg_expects expects;

		write_file("x.expect", cases[i].text);
		assert_true(vg_expects_read("x.expect", &expects, &findings) <
			    0);
		if (findings.nr != 1 ||
		    findings.list[0].pos.column != cases[i].column ||
		    !strstr(findings.list[0].what, cases[i].what))
			vg_findings_print(&findings, stderr);
		assert_int_equal(findings.nr, 1);
		assert_int_equal(findings.list[0].pos.column, cases[i].column);
		assert_non_null(strstr(findings.list[0].what, cases[i].what));
		assert_non_null(findings.list[0].hint);
		vg_findings_free(&findings);
		vg_expects_free(&expects);
	}
}

static char *top;

/* Each policy that is shipped is clean and does what its tests expect. */
static void shipped(void **state)
{
	static const char *const names[] = { "default", "monitor", "strict" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char policy[4200], expect[4200];
		struct run run;

		snprintf(policy, sizeof(policy), "%s/policies/%s.policy", top,
			 names[i]);
		snprintf(expect, sizeof(expect), "%s/policies/tests/%s.expect",
			 top, names[i]);
		check(&run, "--no-ids", "--test", expect, policy, NULL);
		if (run.err[0])
			print_error("%s", run.err);
		assert_int_equal(run.code, VG_EXIT_OK);
		assert_string_equal(run.err, "");
		assert_non_null(strstr(run.out, ", 0 not met"));
		assert_null(strstr(run.out, " 0 expectations"));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(summary),
		cmocka_unit_test(refused),
		cmocka_unit_test(usage),
		cmocka_unit_test(json),
		cmocka_unit_test(expectations),
		cmocka_unit_test(wrong_expectations),
		cmocka_unit_test(shipped),
	};
	char command[64];
	int failed;

	top = realpath(argc > 1 ? argv[1] : ".", NULL);
	if (!top || !mkdtemp(work) || chdir(work)) {
		perror(work);
		return 1;
	}
	failed = cmocka_run_group_tests_name("policy_check", tests, NULL, NULL);
	free(top);
	snprintf(command, sizeof(command), "rm -rf '%s'", work);
	return chdir("/") || system(command) || failed;
}
