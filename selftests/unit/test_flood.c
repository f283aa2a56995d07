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
#define START (1000 * SECOND)

static __u32 device(void)
{
	static __u32 devfn;

	return VG_SLOT(0, 1, devfn++);
}

static bool event(__u32 slot, __u16 offset, __u64 unreported, __u64 now)
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
static void exhaust(__u32 slot, __u64 now)
{
	int i;

	for (i = 0; i < VG_FLOOD_BURST; i++)
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
	__u32 a = device(), b = device();

	(void)state;
	exhaust(a, START);
	assert_false(event(a, 0x44, 0, START));
	/* Another device has its own. */
	exhaust(b, START);
	assert_false(event(b, 0x44, 0, START));
	assert_int_equal(summaries(START, true), 2);
	assert_int_equal(summaries(START, true), 0);
}

/* One more every ten seconds, and no more than the burst after a long pause. */
static void refill(void **state)
{
	__u32 a = device();
	__u64 now = START;
	int i;

	(void)state;
	exhaust(a, now);
	for (i = 0; i < 3; i++) {
		now += VG_FLOOD_SECONDS * SECOND;
		assert_true(event(a, 0x40, 0, now));
		assert_false(event(a, 0x40, 0, now + SECOND));
		assert_int_equal(summaries(now + SECOND, true), 1);
	}
	now += 100000 * SECOND;
	exhaust(a, now);
	assert_false(event(a, 0x40, 0, now));
	assert_int_equal(summaries(now, true), 1);
}

/* What was not used is kept. */
static void refill_adds(void **state)
{
	__u32 a = device();
	__u64 later = START + VG_FLOOD_SECONDS * SECOND;
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_true(event(a, 0x40, 0, START));
	for (i = 10; i < VG_FLOOD_BURST + 1; i++)
		assert_true(event(a, 0x40, 0, later));
	assert_false(event(a, 0x40, 0, later));
	assert_int_equal(summaries(later, true), 1);
}

/* Looking often must not keep the limit from recovering. */
static void refill_under_load(void **state)
{
	__u32 a = device();
	int i, passed = 0;

	(void)state;
	exhaust(a, START);
	for (i = 0; i < 600; i++) {
		passed += event(a, 0x40, 0, START + i * SECOND);
		summaries(START + i * SECOND, true);
	}
	assert_int_equal(passed, 599 / VG_FLOOD_SECONDS);
}

static void summary(void **state)
{
	__u32 a = device();
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
	__u32 a = device();

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

/* A flood that never ends is told of every minute. */
static void longest(void **state)
{
	__u32 a = device();
	int i, n = 0;

	(void)state;
	exhaust(a, START);
	for (i = 0; i < 3600; i++) {
		event(a, 0x40, 0, START + i * SECOND);
		n += summaries(START + i * SECOND, false);
	}
	assert_in_range(n, 50, 60);
	assert_int_equal(summaries(START + 4000 * SECOND, false), 1);
}

/* What is left of a flood goes to the open summary, also with a token. */
static void open_summary(void **state)
{
	__u32 a = device();

	(void)state;
	exhaust(a, START);
	assert_false(event(a, 0x40, 0, START));
	assert_false(event(a, 0x40, 0, START + 50 * SECOND));
	assert_int_equal(summaries(START + 52 * SECOND, false), 1);
	assert_true(event(a, 0x40, 0, START + 52 * SECOND));
}

/* Every event either passes or is in exactly one summary. */
static void nothing_is_lost(void **state)
{
	__u64 now = START, passed = 0, told = 0, made = 0, carried = 0, i;
	__u32 slots[8], seed = 1;
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
	assert_in_range(passed, 1, (__u64)VG_MAX_DEVICES * VG_FLOOD_BURST);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst),
		cmocka_unit_test(refill),
		cmocka_unit_test(refill_adds),
		cmocka_unit_test(refill_under_load),
		cmocka_unit_test(summary),
		cmocka_unit_test(quiet),
		cmocka_unit_test(longest),
		cmocka_unit_test(open_summary),
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(more_devices_than_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
