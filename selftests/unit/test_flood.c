// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limit of records a device: how many at once, how it recovers, what a
 * summary says and when it comes.  Every case takes devices of its own, since
 * the limit remembers them for the life of the process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/flood.h"

#define SECOND 1000000000ULL
#define HOUR (3600 * SECOND)
#define PAUSE (HOUR / VG_FLOOD_HOURLY)
/* Each event has its own; the last one is for the summary. */
#define SINGLE (VG_FLOOD_BURST - 1)
#define ALL_BURST (VG_FLOOD_BURST * VG_FLOOD_DEVICES)
#define ALL_HOURLY (VG_FLOOD_HOURLY * VG_FLOOD_DEVICES)

/* Of the test that runs.  Between two there is time for all to recover. */
static __u64 start = 1000 * SECOND;
#define START start

static int later(void **state)
{
	(void)state;
	start += 10000 * HOUR;
	return 0;
}

static __u64 device(void)
{
	static __u32 n;

	return VG_SLOT(0x10000, 0, n++);
}

static bool event(__u64 slot, __u16 offset, __u64 unreported, __u64 now)
{
	struct vg_event e = {
		.slot = slot,
		.vendor = 0x8086,
		.device = 0x10d3,
		.offset = offset,
		.unreported = unreported,
	};

	return vg_flood_pass(&e, now);
}

/* Uses up what the device may record at once. */
static void exhaust(__u64 slot, __u64 now)
{
	int i;

	for (i = 0; i < SINGLE; i++)
		assert_true(event(slot, 0x40, 0, now));
}

static int summaries(__u64 now, bool all)
{
	struct vg_flood flood;
	int n = 0;

	while (vg_flood_next(now, all, &flood))
		n++;
	return n;
}

static void burst(void **state)
{
	__u64 a = device(), b = device();

	(void)state;
	exhaust(a, START);
	assert_false(event(a, 0x44, 0, START));
	/* Another device has its own. */
	exhaust(b, START);
	assert_false(event(b, 0x44, 0, START));
	assert_int_equal(summaries(START, true), 2);
	assert_int_equal(summaries(START, true), 0);
}

/* One more every five minutes, and no more than the burst after a long pause. */
static void refill(void **state)
{
	__u64 a = device();
	__u64 now = START;
	int i;

	(void)state;
	exhaust(a, now);
	/* The last of the burst. */
	assert_false(event(a, 0x40, 0, now));
	assert_int_equal(summaries(now + 2 * SECOND, false), 1);
	for (i = 0; i < 3; i++) {
		/* It may make one, and that is kept for a summary. */
		now += PAUSE;
		assert_false(event(a, 0x40, 0, now));
		assert_int_equal(summaries(now + 2 * SECOND, false), 1);
		assert_false(event(a, 0x40, 0, now + 3 * SECOND));
		assert_int_equal(summaries(now + PAUSE - 1, false), 0);
	}
	assert_int_equal(summaries(now + PAUSE, false), 1);
	/* What it may make and does not is for events of their own. */
	now += 3 * PAUSE;
	assert_true(event(a, 0x40, 0, now));
	assert_false(event(a, 0x40, 0, now));
	assert_int_equal(summaries(now, true), 1);
	now += 100 * HOUR;
	exhaust(a, now);
	assert_false(event(a, 0x40, 0, now));
	assert_int_equal(summaries(now, true), 1);
}

/* What was not used is kept. */
static void refill_adds(void **state)
{
	__u64 a = device();
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_true(event(a, 0x40, 0, START));
	for (i = 10; i < SINGLE + 1; i++)
		assert_true(event(a, 0x40, 0, START + PAUSE));
	assert_false(event(a, 0x40, 0, START + PAUSE));
	assert_int_equal(summaries(START + PAUSE, true), 1);
}

static void summary(void **state)
{
	__u64 a = device();
	struct vg_flood f;

	(void)state;
	exhaust(a, START);
	assert_false(event(a, 0x200, 3, START + 1));
	assert_false(event(a, 0x044, 0, START + 2));
	assert_false(event(a, 0xffc, 1000000, START + 3));
	assert_false(event(a, 0x100, 0, START + 4));
	assert_true(vg_flood_next(START + 5, true, &f));
	assert_int_equal(f.slot, a);
	assert_int_equal(f.vendor, 0x8086);
	assert_int_equal(f.device, 0x10d3);
	assert_int_equal(f.events, 4);
	assert_int_equal(f.unreported, 1000003);
	assert_int_equal(f.first, 0x044);
	assert_int_equal(f.last, 0xffc);
	assert_int_equal(f.began, START + 1);
	assert_int_equal(f.ended, START + 4);
	assert_false(vg_flood_next(START + 5, true, &f));
	/* The next one starts anew. */
	assert_false(event(a, 0x300, 1, START + 6));
	assert_true(vg_flood_next(START + 6, true, &f));
	assert_int_equal(f.events, 1);
	assert_int_equal(f.unreported, 1);
	assert_int_equal(f.first, 0x300);
	assert_int_equal(f.last, 0x300);
	assert_int_equal(f.began, START + 6);
}

static void quiet(void **state)
{
	__u64 a = device();

	(void)state;
	exhaust(a, START);
	assert_false(event(a, 0x40, 0, START));
	assert_int_equal(summaries(START + 2 * SECOND - 1, false), 0);
	/* Still going on: the two seconds start again. */
	assert_false(event(a, 0x40, 0, START + SECOND));
	assert_int_equal(summaries(START + 3 * SECOND - 1, false), 0);
	assert_int_equal(summaries(START + 3 * SECOND, false), 1);
	assert_int_equal(summaries(START + 60 * SECOND, false), 0);
}

/* A flood that never ends is told of after a minute, then as often as it may. */
static void longest(void **state)
{
	__u64 a = device();
	int i, n = 0, first = 0;

	(void)state;
	exhaust(a, START);
	for (i = 0; i < 3600; i++) {
		assert_false(event(a, 0x40, 0, START + i * SECOND));
		n += summaries(START + i * SECOND, false);
		if (n && !first)
			first = i;
	}
	assert_int_equal(first, 60);
	assert_in_range(n, VG_FLOOD_HOURLY, VG_FLOOD_HOURLY + 1);
	assert_int_equal(summaries(START + 2 * HOUR, false), 1);
}

/* What is left of a flood goes to the open summary, also if it may make more. */
static void open_summary(void **state)
{
	__u64 a = device();

	(void)state;
	exhaust(a, START);
	assert_false(event(a, 0x40, 0, START));
	assert_false(event(a, 0x40, 0, START + 3 * PAUSE));
	assert_int_equal(summaries(START + 3 * PAUSE + 2 * SECOND, false), 1);
	assert_true(event(a, 0x40, 0, START + 3 * PAUSE + 2 * SECOND));
}

/* A few a second of what gets no record, however many there are. */
static void looks(void **state)
{
	struct vg_event e = { .slot = device() }, other = { .slot = device() };
	int i, n = 0;

	(void)state;
	for (i = 0; i < 10000; i++)
		n += vg_flood_look(&e, START + i * SECOND / 1000);
	assert_int_equal(n, 10 * VG_FLOOD_LOOKS);
	assert_true(vg_flood_look(&other, START + 9 * SECOND));
}

/*
 * Patterns that might get more out of it: without a pause, in pairs so far apart
 * that the summary comes between them, at the very pause, bursts after a rest.
 */
static __u64 gap(int pattern, __u64 n)
{
	switch (pattern) {
	case 0:
		return SECOND / 10;
	case 1:
		return n % 2 ? 3 * SECOND : 0;
	case 2:
		return PAUSE;
	case 3:
		return n % 2 ? PAUSE : 0;
	case 4:
		return n % 2 ? PAUSE - 2 * SECOND : 2 * SECOND;
	case 5:
		return n % 200 ? SECOND / 4 : 2 * HOUR;
	default:
		return (n * 2654435761U >> 8) % (20 * SECOND);
	}
}

/* In any hour, and in any day, of any device. */
static void bound_for_a_device(void **state)
{
	static __u64 times[100000];
	__u64 now, end, n, made, i, oldest;
	int pattern;

	(void)state;
	for (pattern = 0; pattern < 7; pattern++) {
		__u64 a = device();

		later(NULL);
		end = START + 30 * HOUR;
		n = made = oldest = 0;
		for (now = START; now < end; now += gap(pattern, n++)) {
			struct vg_flood f;
			bool pass;

			/* The daemon looks once a second; here more often. */
			while (vg_flood_next(now, false, &f))
				times[made++] = now;
			pass = event(a, n % 1024 * 4, 0, now);
			if (pass)
				times[made++] = now;
			assert_in_range(made, 0, 99999);
		}
		for (i = 0; i < made; i++) {
			while (times[i] - times[oldest] >= HOUR)
				oldest++;
			assert_in_range(i - oldest + 1, 1,
					VG_FLOOD_BURST + VG_FLOOD_HOURLY);
		}
		assert_in_range(made, VG_FLOOD_BURST,
				VG_FLOOD_BURST + 30 * VG_FLOOD_HOURLY);
		summaries(now, true);
	}
}

/* Bytes of a record in the log, at most, and what a default auditd keeps. */
#define RECORD_BYTES 1400
#define LOG_BYTES (4ULL * 8 * 1024 * 1024)

/* A day of hostile devices; returns the records they made. */
static __u64 hostile_day(int devices, __u64 *of_quiet)
{
	__u64 slots[200], quiet = device(), now, made = 0;
	struct vg_flood f;
	int i;

	for (i = 0; i < devices; i++)
		slots[i] = device();
	*of_quiet = 0;
	for (now = START; now < START + 24 * HOUR; now += SECOND) {
		for (i = 0; i < devices; i++)
			made += event(slots[i], now / SECOND % 1024 * 4, 0,
				      now);
		/* It is refused something once an hour. */
		if (!(now / SECOND % 3600))
			*of_quiet += event(quiet, 0x40, 0, now);
		while (vg_flood_next(now, false, &f))
			made++;
	}
	summaries(now, true);
	return made;
}

static void bound_for_all(void **state)
{
	static const int numbers[] = { 1, VG_FLOOD_DEVICES, 100, 200 };
	__u64 made, of_quiet;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		later(NULL);
		made = hostile_day(numbers[i], &of_quiet);
		assert_in_range(made, 1, ALL_BURST + 24 * ALL_HOURLY);
		/* Half of the log is for others. */
		assert_true(made * RECORD_BYTES < LOG_BYTES / 2);
		assert_int_equal(of_quiet, 24);
	}
}

/* Every event either passes or is in exactly one summary. */
static void nothing_is_lost(void **state)
{
	__u64 now = START, passed = 0, told = 0, made = 0, carried = 0, i;
	__u32 seed = 1;
	__u64 slots[8];
	struct vg_flood f;

	(void)state;
	for (i = 0; i < 8; i++)
		slots[i] = device();
	for (i = 0; i < 200000; i++) {
		__u64 unreported;

		seed = seed * 1103515245 + 12345;
		now += (seed >> 16) % 1000 * SECOND / 3000;
		unreported = seed >> 28;
		made++;
		if (event(slots[(seed >> 8) % 8], seed & 0xffc, unreported,
			  now))
			passed++;
		else
			carried += unreported;
		while (vg_flood_next(now, false, &f)) {
			told += f.events;
			carried -= f.unreported;
		}
	}
	while (vg_flood_next(now, true, &f)) {
		told += f.events;
		carried -= f.unreported;
	}
	assert_int_equal(passed + told, made);
	assert_int_equal(carried, 0);
	assert_in_range(passed, 1, made - 1);
}

/* Last: it uses up all places. */
static void more_devices_than_places(void **state)
{
	__u64 passed = 0, told = 0, made = 0;
	struct vg_flood f;
	__u32 i, j;

	(void)state;
	for (i = 0; i < 2 * VG_MAX_DEVICES; i++) {
		for (j = 0; j < VG_FLOOD_BURST + 2; j++) {
			made++;
			passed += event(VG_SLOT(1 + i / 256, i % 256, 0), 0x40,
					0, START);
		}
	}
	while (vg_flood_next(START, true, &f))
		told += f.events;
	assert_int_equal(passed + told, made);
	/* The limit holds for those that share a place, too. */
	assert_in_range(passed, 1, ALL_BURST);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(burst, later),
		cmocka_unit_test_setup(refill, later),
		cmocka_unit_test_setup(refill_adds, later),
		cmocka_unit_test_setup(summary, later),
		cmocka_unit_test_setup(quiet, later),
		cmocka_unit_test_setup(longest, later),
		cmocka_unit_test_setup(open_summary, later),
		cmocka_unit_test_setup(looks, later),
		cmocka_unit_test_setup(bound_for_a_device, later),
		cmocka_unit_test_setup(bound_for_all, later),
		cmocka_unit_test_setup(nothing_is_lost, later),
		cmocka_unit_test_setup(more_devices_than_places, later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
