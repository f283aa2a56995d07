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
	struct vg_event_cursor at = {};
	__u64 i;

	(void)state;
	assert_false(vg_event_log_next(log, &at, &r));
	for (i = 0; i < 10; i++)
		add(log, i);
	for (i = 0; i < 10; i++) {
		assert_true(vg_event_log_next(log, &at, &r));
		check(&r, i);
	}
	assert_false(vg_event_log_next(log, &at, &r));
	/* and goes on where it was */
	add(log, 10);
	assert_true(vg_event_log_next(log, &at, &r));
	check(&r, 10);
	assert_int_equal(at.lost, 0);
	vg_event_log_close(log);
}

/* A new reader gets what there is; what went before it is not its loss. */
static void wraps(void **state)
{
	struct vg_event_log *log = open_new();
	struct vg_event_cursor at = {};
	__u64 i, total = 3 * VG_EVENT_LOG_SIZE + 7;
	struct vg_record r;

	(void)state;
	for (i = 0; i < total; i++)
		add(log, i);
	for (i = total - VG_EVENT_LOG_SIZE; i < total; i++) {
		assert_true(vg_event_log_next(log, &at, &r));
		check(&r, i);
	}
	assert_false(vg_event_log_next(log, &at, &r));
	assert_int_equal(at.lost, 0);
	vg_event_log_close(log);
}

/* Exactly full is where an off-by-one would show. */
static void just_full(void **state)
{
	__u64 counts[] = { VG_EVENT_LOG_SIZE, VG_EVENT_LOG_SIZE + 1 };
	struct vg_record r;
	size_t k;

	(void)state;
	for (k = 0; k < 2; k++) {
		struct vg_event_log *log = open_new();
		struct vg_event_cursor at = {};
		__u64 i, n = 0;

		for (i = 0; i < counts[k]; i++)
			add(log, i);
		while (vg_event_log_next(log, &at, &r)) {
			check(&r, counts[k] - VG_EVENT_LOG_SIZE + n);
			n++;
		}
		assert_int_equal(n, VG_EVENT_LOG_SIZE);
		vg_event_log_close(log);
	}
}

static void counts_lost(void **state)
{
	struct vg_event_log *log = open_new();
	struct vg_event_cursor at = {};
	__u64 i, n = 0;
	struct vg_record r;

	(void)state;
	for (i = 0; i < 5; i++)
		add(log, i);
	while (vg_event_log_next(log, &at, &r))
		n++;
	for (i = 5; i < 5 + 2 * VG_EVENT_LOG_SIZE; i++)
		add(log, i);
	while (vg_event_log_next(log, &at, &r))
		n++;
	/* each is read or counted */
	assert_int_equal(n, 5 + VG_EVENT_LOG_SIZE);
	assert_int_equal(n + at.lost, 5 + 2 * VG_EVENT_LOG_SIZE);
	vg_event_log_close(log);
}

static void survives_the_daemon(void **state)
{
	struct vg_event_log *log = open_new();
	struct vg_event_cursor at = {};
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
	assert_true(vg_event_log_next(log, &at, &r));
	check(&r, 0);
	assert_true(vg_event_log_next(log, &at, &r));
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
	struct vg_event_cursor at = {};
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
	assert_false(vg_event_log_next(log, &at, &r));
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
	assert_false(vg_event_log_next(log, &at, &r));
	vg_event_log_close(log);
	vg_event_log_close(old);
}

/* A follower of a file that shrinks would die of SIGBUS. */
static void reader_survives_replacement(void **state)
{
	struct vg_event_log *reader = open_new(), *log;
	struct vg_event_cursor at = {};
	struct vg_record r;

	(void)state;
	add(reader, 0);
	/* as if what is mapped had another version's size */
	assert_int_equal(truncate(path, sizeof(*reader) + 4096), 0);
	log = vg_event_log_open_at(path, true);
	assert_non_null(log);
	assert_true(vg_event_log_next(reader, &at, &r));
	check(&r, 0);
	vg_event_log_close(log);
	vg_event_log_close(reader);
}

static void add_of(struct vg_event_log *log, __u64 slot, __u64 time)
{
	struct vg_record r = { .event = { .slot = slot, .time = time } };

	vg_event_log_add(log, &r);
}

/* The times of a device's records, in order and without a gap up to @last. */
static __u64 kept(const struct vg_event_log *log, __u64 slot, __u64 last)
{
	struct vg_event_cursor at = {};
	__u64 n = 0, time = 0, number = 0;
	struct vg_record r;

	while (vg_event_log_next(log, &at, &r)) {
		/* of all devices together they are in order */
		assert_true(at.next > number);
		number = at.next;
		if (r.event.slot != slot)
			continue;
		assert_true(!n || r.event.time == time + 1);
		time = r.event.time;
		n++;
	}
	assert_int_equal(at.lost, 0);
	assert_true(!n || time == last);
	return n;
}

/* One device makes events without end: it pushes out its own. */
static void each_device_has_a_share(void **state)
{
	struct vg_event_log *log = open_new();
	__u64 i, oldest = 0;

	(void)state;
	for (i = 1; i <= 10; i++)
		add_of(log, 1, i);
	for (i = 1; i <= 3 * VG_EVENT_LOG_SIZE; i++)
		add_of(log, 2, i);
	assert_int_equal(kept(log, 1, 10), 10);
	assert_int_equal(kept(log, 2, 3 * VG_EVENT_LOG_SIZE),
			 VG_EVENT_LOG_SIZE - 10);
	/* Others take from it what they need, */
	for (i = 11; i <= 100; i++)
		add_of(log, 1, i);
	assert_int_equal(kept(log, 1, 100), 100);
	assert_int_equal(kept(log, 2, 3 * VG_EVENT_LOG_SIZE),
			 VG_EVENT_LOG_SIZE - 100);
	/* a new daemon goes on like that, */
	vg_event_log_close(log);
	log = vg_event_log_open_at(path, true);
	for (i = 1; i <= VG_EVENT_LOG_SIZE; i++)
		add_of(log, 3, i);
	assert_int_equal(kept(log, 1, 100), 100);
	assert_in_range(kept(log, 2, 3 * VG_EVENT_LOG_SIZE),
			(VG_EVENT_LOG_SIZE - 100) / 2 - 1,
			(VG_EVENT_LOG_SIZE - 100) / 2);
	/*
	 * and also after one that was killed when it had taken a place, or
	 * before it counted.
	 */
	for (i = 1; i < VG_EVENT_LOG_SIZE; i++)
		if (log->records[i].event.slot == 3 &&
		    (log->records[oldest].event.slot != 3 ||
		     log->numbers[i] < log->numbers[oldest]))
			oldest = i;
	log->numbers[oldest] = 0;
	log->written -= 1;
	for (i = VG_EVENT_LOG_SIZE + 1; i <= 2 * VG_EVENT_LOG_SIZE; i++)
		add_of(log, 3, i);
	assert_int_equal(kept(log, 1, 100), 100);
	assert_in_range(kept(log, 3, 2 * VG_EVENT_LOG_SIZE),
			(VG_EVENT_LOG_SIZE - 100) / 2 - 1,
			(VG_EVENT_LOG_SIZE - 100) / 2 + 1);
	vg_event_log_close(log);
}

/* As many devices as records, and more: the last of each of the newest. */
static void more_devices_than_records(void **state)
{
	struct vg_event_log *log = open_new();
	__u64 i;

	(void)state;
	for (i = 1; i <= VG_EVENT_LOG_SIZE + 100; i++)
		add_of(log, i, 1);
	for (i = 1; i <= VG_EVENT_LOG_SIZE + 100; i += 50)
		assert_int_equal(kept(log, i, 1), i > 100);
	vg_event_log_close(log);
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
	struct vg_event_cursor at = {};

	(void)state;
	assert_non_null(log);
	assert_int_equal(vg_event_log_resume(log), 0);
	add(log, 0);
	vg_event_log_count(log, &one);
	vg_event_log_counts(log, &counts);
	assert_int_equal(counts.events, 1);
	assert_true(vg_event_log_next(log, &at, &r));
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
	struct vg_event_cursor at = { .next = 2, .began = 2 };
	__u64 n = 0, last = 0;
	struct vg_record r;
	pthread_t thread;

	(void)state;
	reader = vg_event_log_open_at(path, false);
	assert_non_null(reader);
	assert_int_equal(pthread_create(&thread, NULL, writer, log), 0);
	while (last < RACE - 1) {
		if (!vg_event_log_next(reader, &at, &r))
			continue;
		assert_true(r.event.time > last);
		last = r.event.time;
		check(&r, last);
		n++;
	}
	pthread_join(thread, NULL);
	assert_int_equal(n + at.lost, RACE - 1);
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
		cmocka_unit_test(each_device_has_a_share),
		cmocka_unit_test(more_devices_than_records),
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
