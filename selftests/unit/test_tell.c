// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an event to audit or to stderr: what audit refuses, an audit system that
 * is off or hangs, a full queue, the end.  libaudit is played by this file.
 */
#include <libaudit.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/audit_sink.h"
#include "daemon/tell.h"
#include "json_valid.h"

static char path[] = "/tmp/vfioguard-tell-XXXXXX";
static struct vg_event_log *event_log;
static FILE *out; /* what goes to stderr */

/* How the audit system behaves, and what it got. */
static int audit_enabled;
static bool refuses;
static bool hangs;
static int nr_got;
static int last_type;
static int last_result;
static char last_text[1024];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

int __wrap_audit_open(void);
int __wrap_audit_is_enabled(int fd);
int __wrap_audit_log_user_message(int fd, int type, const char *message,
				  const char *hostname, const char *addr,
				  const char *tty, int result);

int __wrap_audit_open(void)
{
	return 1000;
}

int __wrap_audit_is_enabled(int fd)
{
	(void)fd;
	return audit_enabled;
}

int __wrap_audit_log_user_message(int fd, int type, const char *message,
				  const char *hostname, const char *addr,
				  const char *tty, int result)
{
	assert_int_equal(fd, 1000);
	/* Else libaudit looks names up. */
	assert_null(hostname);
	assert_null(addr);
	assert_string_equal(tty, "");
	pthread_mutex_lock(&lock);
	while (hangs)
		pthread_cond_wait(&changed, &lock);
	if (!refuses) {
		nr_got++;
		last_type = type;
		last_result = result;
		snprintf(last_text, sizeof(last_text), "%s", message);
	}
	pthread_mutex_unlock(&lock);
	return refuses ? 0 : 5;
}

static void hang(bool on)
{
	pthread_mutex_lock(&lock);
	hangs = on;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static struct vg_record record(__u16 offset)
{
	return (struct vg_record){
		.event = { .vendor = 0x8086,
			   .device = 0x10d3,
			   .size = 4,
			   .slot = VG_SLOT(0, 1, 0),
			   .access = VG_WRITE,
			   .verdict = VG_BLOCK,
			   .offset = offset },
	};
}

static void add(int n)
{
	struct vg_record r;
	int i;

	for (i = 0; i < n; i++) {
		r = record(i & 0xffc);
		vg_audit_event(&r);
	}
}

static struct vg_daemon_counts counts(void)
{
	struct vg_daemon_counts c;

	vg_event_log_counts(event_log, &c);
	assert_int_equal(c.events, c.audit + c.journal + c.summarised +
					   c.queued + c.held + c.lost);
	return c;
}

/* The thread has delivered all. */
static void drained(void)
{
	int i;

	for (i = 0; counts().queued; i++) {
		assert_in_range(i, 0, 10000);
		usleep(1000);
	}
}

/* Lines on stderr with WORD; each that is JSON is valid. */
static int lines(const char *word)
{
	char line[4096];
	int n = 0;

	rewind(out);
	while (fgets(line, sizeof(line), out)) {
		if (line[0] == '{')
			assert_true(json_valid(line));
		n += !!strstr(line, word);
	}
	return n;
}

/*
 * The sink is made once a process, so each case is one: it starts it, and its
 * assertions end it.
 */
static void in_child(void (*run)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		unlink(path);
		event_log = vg_event_log_open_at(path, true);
		out = tmpfile();
		dup2(fileno(out), STDERR_FILENO);
		audit_enabled = 1;
		run();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* cmocka's own jump to the next test, which is the parent's. */
#define must(what)                                                          \
	do {                                                                \
		if (!(what)) {                                              \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #what); \
			fflush(stdout);                                     \
			_exit(1);                                           \
		}                                                           \
	} while (0)

static void deliver_all(void)
{
	must(vg_audit_start(true, event_log));
	add(3);
	drained();
	must(nr_got == 3);
	must(last_type == AUDIT_USER_DEVICE && !last_result);
	must(strstr(last_text, "op=blocked-write device=\"0000:01:00.0\" "));
	must(counts().audit == 3 && counts().journal == 0);
	vg_audit_message(AUDIT_USER_MAC_STATUS, true, 0, "op=%s", "x");
	vg_audit_stop(5);
	must(nr_got == 4 && last_result && !strcmp(last_text, "op=x"));
	/* A record that is of no event is counted as none. */
	must(counts().events == 3 && counts().audit == 3);
	must(lines("not_in_audit") == 0);
}

static void refused_ones(void)
{
	must(vg_audit_start(true, event_log));
	refuses = true;
	add(2);
	vg_audit_message(AUDIT_USER_MAC_STATUS, true, 0, "op=x");
	drained();
	vg_audit_stop(5);
	must(counts().audit == 0 && counts().journal == 2);
	must(lines("\"not_in_audit\":\"audit refused the record\"") == 3);
	must(lines("\"event\":{") == 2);
	must(lines("\"message\":\"op=x\"") == 1);
}

/* Asked before each record: the kernel takes and forgets them meanwhile. */
static void switched_off(void)
{
	must(vg_audit_start(true, event_log));
	add(1);
	drained();
	audit_enabled = 0;
	add(2);
	drained();
	audit_enabled = 1;
	add(1);
	drained();
	vg_audit_stop(5);
	must(nr_got == 2);
	must(counts().audit == 2 && counts().journal == 2);
	must(lines("\"not_in_audit\":\"auditing is off\"") == 2);
	must(lines("auditing was switched off; events go to stderr") == 1);
	/* At the start, and again. */
	must(lines("auditing is on; events go to the audit log") == 2);
}

static void off_from_the_start(void)
{
	audit_enabled = 0;
	must(!vg_audit_start(true, event_log));
	add(1);
	vg_audit_stop(5);
	must(counts().journal == 1 && nr_got == 0);
}

static void not_wanted(void)
{
	must(!vg_audit_start(false, event_log));
	add(1);
	vg_audit_stop(5);
	must(counts().journal == 1 && nr_got == 0);
}

/* The caller is never held up; what has no room goes to stderr. */
static void hung(void)
{
	struct timespec a, b;

	must(vg_audit_start(true, event_log));
	hang(true);
	clock_gettime(CLOCK_MONOTONIC, &a);
	add(4096);
	must(counts().queued == 4096 && counts().journal == 0);
	add(10);
	clock_gettime(CLOCK_MONOTONIC, &b);
	/* Generous to slow machines; audit would hang for ever. */
	must(b.tv_sec - a.tv_sec < 30);
	must(counts().queued == 4096 && counts().journal == 10);
	must(lines("\"not_in_audit\":\"audit is too slow\"") == 10);
	must(nr_got == 0);
	hang(false);
	drained();
	must(nr_got == 4096);
	must(counts().audit == 4096 && counts().journal == 10);
	vg_audit_stop(5);
}

/* The end does not wait for ever, and nothing goes with it. */
static void hung_at_the_end(void)
{
	must(vg_audit_start(true, event_log));
	hang(true);
	add(5);
	vg_audit_stop(1);
	must(counts().queued == 0 && counts().journal == 5);
	must(lines("\"not_in_audit\":\"the daemon stopped\"") == 5);
	must(lines("audit held up the daemon's end") == 1);
	/* The log may be gone when the thread comes back. */
	vg_event_log_close(event_log);
	hang(false);
	usleep(100000);
	must(nr_got == 1);
}

/* A summary stands for its events until it is delivered. */
static void summary(void)
{
	struct vg_daemon_counts held = { .events = 7, .held = 7 };
	struct vg_flood flood = {
		.slot = VG_SLOT(0, 1, 0),
		.vendor = 0x8086,
		.device = 0x10d3,
		.events = 7,
		.unreported = 93,
		.first = 0x40,
		.last = 0xffc,
		.began = 1000000000,
		.ended = 4999999999,
	};

	must(vg_audit_start(true, event_log));
	vg_event_log_count(event_log, &held);
	must(counts().held == 7);
	hang(true);
	vg_tell_flood(&flood);
	must(counts().held == 0 && counts().queued == 7);
	hang(false);
	drained();
	must(counts().summarised == 7 && counts().audit == 0);
	must(last_type == AUDIT_ANOM_MAX_MAC && !last_result);
	must(!strcmp(
		last_text,
		"op=summary device=\"0000:01:00.0\" ids=8086:10d3 events=7 "
		"accesses=100 first=0x40 last=0xffc seconds=4 "
		"key=\"vfioguard\""));
	vg_audit_stop(5);
}

static void texts(void)
{
	struct vg_config config = { .generation = 3, .name = "x" };

	must(vg_audit_start(true, NULL));
	vg_tell_policy("load-policy", "/a b", &config, true);
	vg_audit_stop(5);
	must(last_type == AUDIT_USER_MAC_POLICY_LOAD && last_result);
	must(!strcmp(last_text, "op=load-policy policy=2F612062 generation=3 "
				"enforcing=1 key=\"vfioguard\""));
}

static void change_texts(void)
{
	struct vg_list_change change = {
		.id = { 0x8086, VG_ANY_DEVICE },
		.was = true,
		.old_flags = 3,
	};

	must(vg_audit_start(true, NULL));
	vg_tell_list_change(&change);
	vg_audit_stop(5);
	must(last_type == AUDIT_USER_MAC_CONFIG_CHANGE && last_result);
	must(!strcmp(last_text, "op=allowlist-remove ids=8086:* entry=0x0 "
				"old-entry=0x3 key=\"vfioguard\""));
}

static void mode_texts(void)
{
	must(vg_audit_start(true, NULL));
	vg_tell_mode(VG_MODE_ENFORCE, VG_MODE_MONITOR);
	vg_audit_stop(5);
	must(last_type == AUDIT_USER_MAC_STATUS && last_result);
	must(!strcmp(last_text, "op=change-mode enforcing=0 old_enforcing=1 "
				"key=\"vfioguard\""));
}

/* What a path can be must leave room for the rest. */
static void long_policy_path(void)
{
	struct vg_config config = { .generation = 3 };
	char name[4096];

	memset(name, ' ', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	must(vg_audit_start(true, NULL));
	vg_tell_policy("load-policy", name, &config, false);
	vg_audit_stop(5);
	must(!last_result);
	must(strstr(last_text, " generation=3 enforcing=1 key=\"vfioguard\""));
}

/* What a killed daemon had in its memory. */
static void killed(void)
{
	struct vg_daemon_counts more = { .events = 9,
					 .audit = 2,
					 .journal = 1,
					 .summarised = 1,
					 .queued = 3,
					 .held = 2 };

	vg_event_log_count(event_log, &more);
	must(vg_event_log_resume(event_log) == 5);
	must(counts().lost == 5 && counts().queued == 0 && counts().held == 0);
	must(counts().events == 9 && counts().audit == 2);
	must(vg_event_log_resume(event_log) == 0);
	must(counts().lost == 5);
	/* In the middle of counting: one is ahead, and the mark was left. */
	event_log->counting |= 1;
	event_log->counts.audit++;
	must(vg_event_log_resume(event_log) == 0);
	must(!(event_log->counting & 1));
	must(counts().events == 10);
}

#define CASE(name)                            \
	static void name##_case(void **state) \
	{                                     \
		(void)state;                  \
		in_child(name);               \
	}

CASE(deliver_all)
CASE(refused_ones)
CASE(switched_off)
CASE(off_from_the_start)
CASE(not_wanted)
CASE(hung)
CASE(hung_at_the_end)
CASE(summary)
CASE(texts)
CASE(change_texts)
CASE(mode_texts)
CASE(long_policy_path)
CASE(killed)

static int make_file(void **state)
{
	(void)state;
	return mkstemp(path) < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(deliver_all_case),
		cmocka_unit_test(refused_ones_case),
		cmocka_unit_test(switched_off_case),
		cmocka_unit_test(off_from_the_start_case),
		cmocka_unit_test(not_wanted_case),
		cmocka_unit_test(hung_case),
		cmocka_unit_test(hung_at_the_end_case),
		cmocka_unit_test(summary_case),
		cmocka_unit_test(texts_case),
		cmocka_unit_test(change_texts_case),
		cmocka_unit_test(mode_texts_case),
		cmocka_unit_test(long_policy_path_case),
		cmocka_unit_test(killed_case),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
