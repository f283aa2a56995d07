// SPDX-License-Identifier: GPL-2.0-only
/*
 * The daemon's configuration file: every key, every mistake with its place, and
 * the file that is shipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/config.h"
#include "capture.h"

static char path[] = "/tmp/vfioguard-config-XXXXXX";
static struct capture said;

static enum vg_exit parse_bytes(const char *text, size_t len,
				struct vg_settings *settings)
{
	FILE *f = fopen(path, "w");
	enum vg_exit ret;

	assert_non_null(f);
	fwrite(text, 1, len, f);
	fclose(f);
	vg_config_defaults(settings);
	capture_start(&said);
	ret = vg_config_read(path, false, settings);
	capture_end(&said);
	return ret;
}

static enum vg_exit parse(const char *text, struct vg_settings *settings)
{
	return parse_bytes(text, strlen(text), settings);
}

static void good(const char *text, struct vg_settings *settings)
{
	assert_int_equal(parse(text, settings), VG_EXIT_OK);
	assert_string_equal(said.text, "");
}

static void defaults(void **state)
{
	struct vg_settings s;

	(void)state;
	good("", &s);
	assert_string_equal(s.policy, "/etc/vfioguard/policy.d");
	assert_int_equal(s.audit, VG_AUDIT_YES);
	assert_string_equal(s.metrics, "");
	assert_int_equal(s.metrics_interval, 15);
	good("\n \t \n# audit = no\n   # policy = x\n\r\n", &s);
	assert_int_equal(s.audit, VG_AUDIT_YES);
}

static void every_key(void **state)
{
	struct vg_settings s;

	(void)state;
	good("policy = /a/b c.policy\n"
	     "audit=require # or do not start\n"
	     "\tmetrics\t=\t/var/lib/x.prom\t\r\n"
	     "metrics_interval =3600",
	     &s);
	assert_string_equal(s.policy, "/a/b c.policy");
	assert_int_equal(s.audit, VG_AUDIT_REQUIRE);
	assert_string_equal(s.metrics, "/var/lib/x.prom");
	assert_int_equal(s.metrics_interval, 3600);
	good("audit = no\nmetrics_interval = 1\nmetrics =\n", &s);
	assert_int_equal(s.audit, VG_AUDIT_NO);
	assert_int_equal(s.metrics_interval, 1);
	assert_string_equal(s.metrics, "");
	good("audit = yes\n", &s);
	assert_int_equal(s.audit, VG_AUDIT_YES);
}

static void mistakes(void **state)
{
	static const struct {
		const char *text;
		const char *place;
		const char *says;
	} bad[] = {
		{ "nonsense\n", ":1:1: error:", "sets nothing" },
		{ "\n\n  nonsense\n", ":3:3: error:", "sets nothing" },
		{ "audits = yes\n", ":1:1: error:", "no key 'audits'" },
		{ "= yes\n", ":1:1: error:", "no key ''" },
		{ "Audit = yes\n", ":1:1: error:", "no key 'Audit'" },
		{ "audit = maybe\n", ":1:9: error:", "'maybe' is no value" },
		{ "audit =\n", ":1:8: error:", "'' is no value" },
		{ "audit = yes no\n", ":1:9: error:", "'yes no' is no" },
		{ "audit = yes\n audit = yes\n", ":2:2: error:", "set twice" },
		{ "audit = no\n\naudit = yes\n", ":3:1: error:", "set twice" },
		{ "policy = a.policy\n", ":1:10: error:", "starts with /" },
		{ "policy =\n", ":1:9: error:", "starts with /" },
		{ "metrics = x.prom\n", ":1:11: error:", "starts with /" },
		{ "metrics_interval = 0\n", ":1:20: error:", "1 to 3600" },
		{ "metrics_interval = 3601\n", ":1:20: error:", "1 to 3600" },
		{ "metrics_interval = -1\n", ":1:20: error:", "1 to 3600" },
		{ "metrics_interval = 1s\n", ":1:20: error:", "1 to 3600" },
		{ "metrics_interval = 1.5\n", ":1:20: error:", "1 to 3600" },
		{ "metrics_interval =\n", ":1:19: error:", "1 to 3600" },
		/* These are 1 in 32 and in 64 bits. */
		{ "metrics_interval = 4294967297\n",
		  ":1:20: error:", "1 to 3600" },
		{ "metrics_interval = 18446744073709551617\n",
		  ":1:20: error:", "1 to 3600" },
		{ "metrics_interval = -18446744073709551615\n",
		  ":1:20: error:", "1 to 3600" },
		{ "metrics_interval = +1\n", ":1:20: error:", "1 to 3600" },
		{ "audit = no\rlock = yes\n", ":1:11: error:", "byte 0x0d" },
		{ "lock\xc2\xa0= yes\n", ":1:5: error:", "byte 0xc2" },
		{ "policy = /a\x1b[2J\n", ":1:12: error:", "byte 0x1b" },
		{ "metrics_interval = 99999999999999999999999\n",
		  ":1:20: error:", "1 to 3600" },
	};
	struct vg_settings s;
	char place[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i].text, &s), VG_EXIT_USAGE);
		snprintf(place, sizeof(place), "%s%s", path, bad[i].place);
		if (strncmp(said.text, place, strlen(place)) ||
		    !strstr(said.text, bad[i].says))
			fail_msg("\"%s\": expected %s ... %s, got %s",
				 bad[i].text, place, bad[i].says, said.text);
	}
}

/* All of them at once, not the first alone. */
static void all_mistakes(void **state)
{
	struct vg_settings s;
	const char *at;
	int n = 0;

	(void)state;
	assert_int_equal(parse("x = 1\naudit = 1\npolicy = 1\nx\n", &s),
			 VG_EXIT_USAGE);
	for (at = said.text; (at = strstr(at, ": error: ")); at++)
		n++;
	assert_int_equal(n, 4);
}

/* Whatever is behind one, none of what stands there is left out in silence. */
static void nul_bytes(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *place;
	} bad[] = {
#define TEXT(text) text, sizeof(text) - 1
		{ TEXT("\0lock = yes\n"), ":1:1:" },
		{ TEXT("audit = no\0\nlock = yes\n"), ":1:11:" },
		{ TEXT("audit = no\nlock = yes\0"), ":2:11:" },
		{ TEXT("# a comment\0\nlock = yes\n"), ":1:12:" },
	};
	struct vg_settings s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse_bytes(bad[i].text, bad[i].len, &s),
				 VG_EXIT_USAGE);
		assert_non_null(strstr(said.text, bad[i].place));
		assert_non_null(strstr(said.text, "byte 0x00"));
	}
	/* The last line need not end, and one of Windows may end in its way. */
	good("audit = no\r\nlock = yes", &s);
	assert_true(s.lock);
	assert_int_equal(s.audit, VG_AUDIT_NO);
}

static void no_file(const char *name, const char *says)
{
	struct vg_settings s;

	vg_config_defaults(&s);
	capture_start(&said);
	assert_int_equal(vg_config_read(name, true, &s), VG_EXIT_USAGE);
	capture_end(&said);
	assert_non_null(strstr(said.text, says));
}

/* What can't be read whole is no configuration, and nothing is waited for. */
static void not_files(void **state)
{
	char name[sizeof(path) + 8];

	(void)state;
	no_file("/tmp", "Is a directory");
	no_file("/dev/zero", "not a regular file");
	snprintf(name, sizeof(name), "%s.other", path);
	assert_int_equal(mkfifo(name, 0600), 0);
	no_file(name, "not a regular file");
	unlink(name);
	assert_int_equal(symlink("/nonexistent", name), 0);
	no_file(name, "No such file");
	unlink(name);
	assert_int_equal(truncate(path, 1L << 30), 0);
	no_file(path, "too large");
}

static void long_paths(void **state)
{
	char text[2 * PATH_MAX], longest[PATH_MAX];
	struct vg_settings s;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[PATH_MAX - 1] = '\0';
	snprintf(text, sizeof(text), "policy = %s\n", longest);
	good(text, &s);
	assert_string_equal(s.policy, longest);
	snprintf(text, sizeof(text), "metrics = %sx\n", longest);
	assert_int_equal(parse(text, &s), VG_EXIT_USAGE);
	assert_non_null(strstr(said.text, "shorter path"));
}

static void missing(void **state)
{
	struct vg_settings s;

	(void)state;
	vg_config_defaults(&s);
	capture_start(&said);
	assert_int_equal(vg_config_read("/nonexistent/x", true, &s),
			 VG_EXIT_OK);
	capture_end(&said);
	assert_string_equal(said.text, "");
	capture_start(&said);
	assert_int_equal(vg_config_read("/nonexistent/x", false, &s),
			 VG_EXIT_USAGE);
	capture_end(&said);
	assert_non_null(strstr(said.text, "can't read /nonexistent/x"));
	/* Being optional is no excuse for any other error. */
	capture_start(&said);
	assert_int_equal(vg_config_read("/dev/null/x", true, &s),
			 VG_EXIT_USAGE);
	capture_end(&said);
}

/* The shipped file, and that its comments tell the defaults. */
static void shipped(void **state)
{
	struct vg_settings s, d;
	char text[8192], line[256];
	FILE *f;

	(void)state;
	vg_config_defaults(&s);
	capture_start(&said);
	assert_int_equal(vg_config_read("packaging/vfioguard.conf", false, &s),
			 VG_EXIT_OK);
	capture_end(&said);
	assert_string_equal(said.text, "");

	f = fopen("packaging/vfioguard.conf", "r");
	assert_non_null(f);
	text[0] = '\0';
	while (fgets(line, sizeof(line), f))
		if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z')
			strcat(text, line + 1);
	fclose(f);
	good(text, &s);
	vg_config_defaults(&d);
	assert_string_equal(s.policy, d.policy);
	assert_int_equal(s.audit, d.audit);
	assert_string_equal(s.metrics, d.metrics);
	assert_int_equal(s.metrics_interval, d.metrics_interval);
	/* Every key is there. */
	assert_non_null(strstr(text, "policy = "));
	assert_non_null(strstr(text, "audit = "));
	assert_non_null(strstr(text, "metrics ="));
	assert_non_null(strstr(text, "metrics_interval = "));
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),   cmocka_unit_test(every_key),
		cmocka_unit_test(mistakes),   cmocka_unit_test(all_mistakes),
		cmocka_unit_test(nul_bytes),  cmocka_unit_test(not_files),
		cmocka_unit_test(long_paths), cmocka_unit_test(missing),
		cmocka_unit_test(shipped),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
