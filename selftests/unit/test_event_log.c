// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of the last events: order, what is lost when it wraps, files of
 * other versions, and a reader while the daemon writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "events/event_log.h"

/* One is kept free for the record that is being written. */
#define READABLE (VG_EVENT_LOG_SIZE - 1)

static char path[] = "/tmp/vfioguard-events-XXXXXX";

/* A record each part of which tells its number. */
static void add(struct vg_event_log *log, __u64 number)
{
	struct vg_record r;

	memset(&r, number & 0xff, sizeof(r));
	r.event.time = number;
	r.realtime = number;
	vg_event_log_add(log, &r);
}

static void check(const struct vg_record *r, __u64 number)
{
	const unsigned char *byte = (const unsigned char *)r->cgroup;
	size_t i;

	assert_int_equal(r->event.time, number);
	assert_int_equal(r->realtime, number);
	for (i = 0; i < sizeof(r->cgroup); i++)
		if (byte[i] != (number & 0xff))
			fail_msg("record %llu is half of another", number);
}

static struct vg_event_log *open_new(void)
{
	struct vg_event_log *log;

	unlink(path);
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	return log;
}

static void in_order(void **state)
{
	struct vg_event_log *log = open_new();
	struct vg_record r;
	__u64 i, next = 0, lost = 0;

	(void)state;
	assert_false(vg_event_log_next(log, &next, &r, &lost));
	for (i = 0; i < 10; i++)
		add(log, i);
	for (i = 0; i < 10; i++) {
		assert_true(vg_event_log_next(log, &next, &r, &lost));
		check(&r, i);
	}
	assert_false(vg_event_log_next(log, &next, &r, &lost));
	/* and goes on where it was */
	add(log, 10);
	assert_true(vg_event_log_next(log, &next, &r, &lost));
	check(&r, 10);
	assert_int_equal(lost, 0);
	vg_event_log_close(log);
}

/* A new reader gets what there is; what went before it is not its loss. */
static void wraps(void **state)
{
	struct vg_event_log *log = open_new();
	__u64 i, next = 0, lost = 0, total = 3 * VG_EVENT_LOG_SIZE + 7;
	struct vg_record r;

	(void)state;
	for (i = 0; i < total; i++)
		add(log, i);
	for (i = total - READABLE; i < total; i++) {
		assert_true(vg_event_log_next(log, &next, &r, &lost));
		check(&r, i);
	}
	assert_false(vg_event_log_next(log, &next, &r, &lost));
	assert_int_equal(lost, 0);
	vg_event_log_close(log);
}

/* Exactly full is where an off-by-one would show. */
static void just_full(void **state)
{
	__u64 counts[] = { READABLE, VG_EVENT_LOG_SIZE, VG_EVENT_LOG_SIZE + 1 };
	struct vg_record r;
	size_t k;

	(void)state;
	for (k = 0; k < 3; k++) {
		struct vg_event_log *log = open_new();
		__u64 i, next = 0, lost = 0, n = 0;

		for (i = 0; i < counts[k]; i++)
			add(log, i);
		while (vg_event_log_next(log, &next, &r, &lost)) {
			check(&r, counts[k] - READABLE + n);
			n++;
		}
		assert_int_equal(n, READABLE);
		vg_event_log_close(log);
	}
}

static void counts_lost(void **state)
{
	struct vg_event_log *log = open_new();
	__u64 i, next = 0, lost = 0, n = 0;
	struct vg_record r;

	(void)state;
	for (i = 0; i < 5; i++)
		add(log, i);
	while (vg_event_log_next(log, &next, &r, &lost))
		n++;
	for (i = 5; i < 5 + 2 * VG_EVENT_LOG_SIZE; i++)
		add(log, i);
	while (vg_event_log_next(log, &next, &r, &lost))
		n++;
	/* each is read or counted */
	assert_int_equal(n, 5 + READABLE);
	assert_int_equal(n + lost, 5 + 2 * VG_EVENT_LOG_SIZE);
	vg_event_log_close(log);
}

static void survives_the_daemon(void **state)
{
	struct vg_event_log *log = open_new();
	__u64 next = 0, lost = 0;
	struct vg_record r;
	struct stat st;

	(void)state;
	add(log, 0);
	vg_event_log_close(log);
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	add(log, 1);
	vg_event_log_close(log);

	log = vg_event_log_open_at(path, false);
	assert_non_null(log);
	assert_true(vg_event_log_next(log, &next, &r, &lost));
	check(&r, 0);
	assert_true(vg_event_log_next(log, &next, &r, &lost));
	check(&r, 1);
	vg_event_log_close(log);

	/* of the size it says, for root only */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, sizeof(struct vg_event_log));
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void no_file(void **state)
{
	(void)state;
	unlink(path);
	errno = 0;
	assert_null(vg_event_log_open_at(path, false));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(access(path, F_OK), -1);
	errno = 0;
	assert_null(vg_event_log_open_at("/nonexistent/events", true));
	assert_int_equal(errno, ENOENT);
}

/* A reader refuses it; the daemon starts anew, beside whoever still reads. */
static void other_version(void **state)
{
	struct vg_event_log *old, *log;
	__u64 next = 0, lost = 0;
	struct vg_record r;
	FILE *f;

	(void)state;
	/* of another size */
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("something else", f);
	fclose(f);
	errno = 0;
	assert_null(vg_event_log_open_at(path, false));
	assert_int_equal(errno, EPROTO);
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	assert_false(vg_event_log_next(log, &next, &r, &lost));
	vg_event_log_close(log);

	/* of the same size */
	old = open_new();
	add(old, 0);
	old->schema++;
	errno = 0;
	assert_null(vg_event_log_open_at(path, false));
	assert_int_equal(errno, EPROTO);
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	assert_int_equal(log->schema, VG_SCHEMA);
	assert_false(vg_event_log_next(log, &next, &r, &lost));
	vg_event_log_close(log);
	vg_event_log_close(old);
}

/* A follower of a file that shrinks would die of SIGBUS. */
static void reader_survives_replacement(void **state)
{
	struct vg_event_log *reader = open_new(), *log;
	__u64 next = 0, lost = 0;
	struct vg_record r;

	(void)state;
	add(reader, 0);
	/* as if what is mapped had another version's size */
	assert_int_equal(truncate(path, sizeof(*reader) + 4096), 0);
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	assert_true(vg_event_log_next(reader, &next, &r, &lost));
	check(&r, 0);
	vg_event_log_close(log);
	vg_event_log_close(reader);
}

/* A page that is only promised kills whoever touches it when there is no room. */
static void blocks_are_reserved(void **state)
{
	struct vg_event_log *log;
	struct stat st;

	(void)state;
	log = open_new();
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_blocks * 512, sizeof(*log), 2 * sizeof(*log));
	vg_event_log_close(log);

	/* One with holes: a reader leaves it alone, the daemon fills it. */
	unlink(path);
	close(open(path, O_RDWR | O_CREAT, 0600));
	assert_int_equal(truncate(path, sizeof(*log)), 0);
	errno = 0;
	assert_null(vg_event_log_open_at(path, false));
	assert_int_equal(errno, EPROTO);
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_blocks * 512, sizeof(*log), 2 * sizeof(*log));
	vg_event_log_close(log);
}

/* The limit of a file's size is as good as a full file system. */
static void limit_size(rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void no_room(void **state)
{
	struct vg_event_log *log;
	struct stat st;
	int old;

	(void)state;
	/* Nothing there, and another version's. */
	for (old = 0; old < 2; old++) {
		unlink(path);
		if (old) {
			close(open(path, O_RDWR | O_CREAT, 0600));
			assert_int_equal(truncate(path, 100), 0);
		}
		limit_size(sizeof(*log) / 2);
		log = vg_event_log_open_at(path, true);
		limit_size(RLIM_INFINITY);
		assert_null(log);
		/* no memory is kept, and a reader learns why there is none */
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, 0);
		assert_int_equal(st.st_blocks, 0);
		errno = 0;
		assert_null(vg_event_log_open_at(path, false));
		assert_int_equal(errno, ENOSPC);
	}
	/* The next daemon finds room. */
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	add(log, 0);
	vg_event_log_close(log);
}

/* What stands in its place is no reason to wait or to write elsewhere. */
static void no_regular_file(void **state)
{
	static const char other[] = "/tmp/vfioguard-events-other";
	struct vg_event_log *log;
	struct stat st;

	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(vg_event_log_open_at(path, false));
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	vg_event_log_close(log);

	unlink(path);
	close(open(other, O_RDWR | O_CREAT, 0600));
	assert_int_equal(symlink(other, path), 0);
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	vg_event_log_close(log);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_size, 0);
	unlink(other);

	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_null(vg_event_log_open_at(path, true));
	assert_int_equal(rmdir(path), 0);
}

/* Without a file the counts go on. */
static void in_memory(void **state)
{
	static const struct vg_daemon_counts one = { .events = 1, .held = 1 };
	struct vg_event_log *log = vg_event_log_in_memory();
	struct vg_daemon_counts counts;
	struct vg_record r;
	__u64 next = 0, lost = 0;

	(void)state;
	assert_non_null(log);
	assert_int_equal(vg_event_log_resume(log), 0);
	add(log, 0);
	vg_event_log_count(log, &one);
	vg_event_log_counts(log, &counts);
	assert_int_equal(counts.events, 1);
	assert_true(vg_event_log_next(log, &next, &r, &lost));
	check(&r, 0);
	vg_event_log_close(log);
}

#define RACE 400000

static void *writer(void *log)
{
	__u64 i;

	for (i = 0; i < RACE; i++) {
		add(log, i);
		/* so that the reader gets its turns on one CPU too */
		if (i % 8192 == 8191)
			usleep(100);
	}
	return NULL;
}

/* No record is torn, none comes twice, and each is read or counted as lost. */
static void read_while_written(void **state)
{
	struct vg_event_log *log = open_new(), *reader;
	__u64 next = 1, lost = 0, n = 0, last = 0;
	struct vg_record r;
	pthread_t thread;

	(void)state;
	reader = vg_event_log_open_at(path, false);
	assert_non_null(reader);
	assert_int_equal(pthread_create(&thread, NULL, writer, log), 0);
	while (last < RACE - 1) {
		if (!vg_event_log_next(reader, &next, &r, &lost))
			continue;
		assert_true(r.event.time > last);
		last = r.event.time;
		check(&r, last);
		n++;
	}
	pthread_join(thread, NULL);
	assert_int_equal(n + lost, RACE - 1);
	vg_event_log_close(reader);
	vg_event_log_close(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(wraps),
		cmocka_unit_test(just_full),
		cmocka_unit_test(counts_lost),
		cmocka_unit_test(survives_the_daemon),
		cmocka_unit_test(no_file),
		cmocka_unit_test(other_version),
		cmocka_unit_test(reader_survives_replacement),
		cmocka_unit_test(blocks_are_reserved),
		cmocka_unit_test(no_room),
		cmocka_unit_test(no_regular_file),
		cmocka_unit_test(in_memory),
		cmocka_unit_test(read_while_written),
	};
	int fd = mkstemp(path), failed;

	if (fd < 0) {
		perror(path);
		return 1;
	}
	close(fd);
	failed = cmocka_run_group_tests_name("event_log", tests, NULL, NULL);
	unlink(path);
	return failed;
}
