// SPDX-License-Identifier: GPL-2.0-only
/*
 * Edits of the loaded allow list: each is told once, with what was before.  The
 * map is played by this file.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/list_watch.h"

#define FD 77
#define MAX 3000

static struct vg_device_id ids[MAX];
static __u32 flags[MAX];
static __u32 nr;
static int fd = FD; /* of the map as it is open now */
static int error; /* of the next look-up */

static struct vg_list_change told[MAX];
static size_t nr_told;

int __wrap_bpf_map_lookup_batch(int map, void *in, void *out, void *keys,
				void *values, __u32 *count,
				const struct bpf_map_batch_opts *opts);

/* Like a hash map's: -ENOENT with the last ones, in any order. */
int __wrap_bpf_map_lookup_batch(int map, void *in, void *out, void *keys,
				void *values, __u32 *count,
				const struct bpf_map_batch_opts *opts)
{
	__u32 at = 0, n;

	(void)opts;
	assert_int_equal(map, fd);
	if (error) {
		*count = 0;
		return error;
	}
	if (in)
		memcpy(&at, in, sizeof(at));
	n = nr - at < *count ? nr - at : *count;
	memcpy(keys, &ids[at], n * sizeof(ids[0]));
	memcpy(values, &flags[at], n * sizeof(flags[0]));
	*count = n;
	at += n;
	memcpy(out, &at, sizeof(at));
	return at == nr ? -ENOENT : 0;
}

static void tell(const struct vg_list_change *change)
{
	assert_in_range(nr_told, 0, MAX - 1);
	told[nr_told++] = *change;
}

static size_t look(void)
{
	nr_told = 0;
	vg_list_changes(fd, tell);
	return nr_told;
}

static void set(__u32 i, __u16 vendor, __u16 device, __u32 f)
{
	ids[i] = (struct vg_device_id){ vendor, device };
	flags[i] = f;
}

static void was_told(size_t i, __u16 vendor, __u16 device, int old, int now)
{
	const struct vg_list_change *c = &told[i];

	assert_int_equal(c->id.vendor, vendor);
	assert_int_equal(c->id.device, device);
	assert_int_equal(c->was, old >= 0);
	assert_int_equal(c->is, now >= 0);
	assert_int_equal(c->old_flags, old >= 0 ? old : 0);
	assert_int_equal(c->flags, now >= 0 ? now : 0);
}

static int start(void **state)
{
	(void)state;
	error = 0;
	nr = 2;
	set(0, 0x8086, 0x10d3, 3);
	set(1, 0x1002, VG_ANY_DEVICE, 1);
	vg_list_start(FD);
	return 0;
}

static void nothing(void **state)
{
	(void)state;
	assert_int_equal(look(), 0);
	assert_int_equal(look(), 0);
	/* In another order it is the same list. */
	set(1, 0x8086, 0x10d3, 3);
	set(0, 0x1002, VG_ANY_DEVICE, 1);
	assert_int_equal(look(), 0);
}

static void each_edit_once(void **state)
{
	(void)state;
	set(nr++, 0x10de, 0x2000, 2);
	assert_int_equal(look(), 1);
	was_told(0, 0x10de, 0x2000, -1, 2);
	assert_int_equal(look(), 0);
	flags[0] = 0x20;
	assert_int_equal(look(), 1);
	was_told(0, 0x8086, 0x10d3, 3, 0x20);
	assert_int_equal(look(), 0);
	nr--;
	assert_int_equal(look(), 1);
	was_told(0, 0x10de, 0x2000, 2, -1);
	assert_int_equal(look(), 0);
}

static void all_at_once(void **state)
{
	(void)state;
	/* One goes, one changes, one each comes before, between and behind. */
	nr = 4;
	set(0, 0x8086, 0x10d3, 2);
	set(1, 0x0001, 0x0001, 1);
	set(2, 0x8086, 0x0001, 2);
	set(3, 0xffff, VG_ANY_DEVICE, 3);
	assert_int_equal(look(), 5);
	was_told(0, 0x0001, 0x0001, -1, 1);
	was_told(1, 0x1002, VG_ANY_DEVICE, 1, -1);
	was_told(2, 0x8086, 0x0001, -1, 2);
	was_told(3, 0x8086, 0x10d3, 3, 2);
	was_told(4, 0xffff, VG_ANY_DEVICE, -1, 3);
}

/* An entry may have flags of 0 and is one all the same. */
static void flags_of_zero(void **state)
{
	(void)state;
	set(nr++, 0x10de, 0x2000, 0);
	assert_int_equal(look(), 1);
	was_told(0, 0x10de, 0x2000, -1, 0);
	flags[2] = 1;
	assert_int_equal(look(), 1);
	was_told(0, 0x10de, 0x2000, 0, 1);
	flags[2] = 0;
	assert_int_equal(look(), 1);
	was_told(0, 0x10de, 0x2000, 1, 0);
	nr--;
	assert_int_equal(look(), 1);
	was_told(0, 0x10de, 0x2000, 0, -1);
}

static void emptied(void **state)
{
	(void)state;
	nr = 0;
	assert_int_equal(look(), 2);
	was_told(0, 0x1002, VG_ANY_DEVICE, 1, -1);
	was_told(1, 0x8086, 0x10d3, 3, -1);
	assert_int_equal(look(), 0);
	nr = 2;
	assert_int_equal(look(), 2);
}

/* More than one call of the kernel gives. */
static void many(void **state)
{
	__u32 i;

	(void)state;
	for (i = 2; i < MAX; i++)
		set(i, 0x1af4, i, 1);
	nr = MAX;
	assert_int_equal(look(), MAX - 2);
	assert_int_equal(look(), 0);
	nr = 1024;
	assert_int_equal(look(), MAX - 1024);
	nr = 2048;
	assert_int_equal(look(), 1024);
}

/* A reload is told as one thing, not as its entries. */
static void started_anew(void **state)
{
	(void)state;
	set(0, 0x10de, 0x2000, 2);
	vg_list_start(FD);
	assert_int_equal(look(), 0);
}

/* The daemon opens the map anew every second: the old number may be anything. */
static void opened_anew(void **state)
{
	(void)state;
	fd = FD + 1;
	flags[0] = 2;
	assert_int_equal(look(), 1);
	fd = FD;
	assert_int_equal(look(), 0);
}

/* Unreadable for a while: what changed meanwhile is told later. */
static void unreadable(void **state)
{
	(void)state;
	error = -ENOMEM;
	flags[0] = 2;
	assert_int_equal(look(), 0);
	error = 0;
	assert_int_equal(look(), 1);
	was_told(0, 0x8086, 0x10d3, 3, 2);
	/* From the start: then nothing is known to compare with. */
	error = -ENOMEM;
	vg_list_start(FD);
	error = 0;
	assert_int_equal(look(), 0);
	flags[0] = 3;
	assert_int_equal(look(), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing, start),
		cmocka_unit_test_setup(each_edit_once, start),
		cmocka_unit_test_setup(all_at_once, start),
		cmocka_unit_test_setup(flags_of_zero, start),
		cmocka_unit_test_setup(emptied, start),
		cmocka_unit_test_setup(many, start),
		cmocka_unit_test_setup(started_anew, start),
		cmocka_unit_test_setup(opened_anew, start),
		cmocka_unit_test_setup(unreadable, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
