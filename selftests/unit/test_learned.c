// SPDX-License-Identifier: GPL-2.0-only
/*
 * How what was learnt is read and cleared.  The maps are played by this file:
 * linked with --wrap for the calls below.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answer/learned.h"

#define LEARNED 101
#define OWNERS 102
#define LOST 103
#define MAX 3000

static const struct vg_store store = {
	.learned = LEARNED,
	.learned_owners = OWNERS,
	.learn_lost = LOST,
};

static struct vg_learn_key keys[MAX];
static struct vg_learned values[MAX];
static size_t nr;
static __u64 owner_ids[4];
static struct vg_owner owners[4];
static size_t nr_owners;
static __u64 lost;
static int error; /* of the next look-up */
static size_t deleted[2];

int __wrap_bpf_map_lookup_batch(int fd, void *in, void *out, void *k, void *v,
				__u32 *count,
				const struct bpf_map_batch_opts *opts);
int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value);
int __wrap_bpf_map_delete_elem(int fd, const void *key);
int __wrap_bpf_map_update_elem(int fd, const void *key, const void *value,
			       __u64 flags);

/* Like a hash map's: -ENOENT with the last ones. */
int __wrap_bpf_map_lookup_batch(int fd, void *in, void *out, void *k, void *v,
				__u32 *count,
				const struct bpf_map_batch_opts *opts)
{
	bool entries = fd == LEARNED;
	size_t all = entries ? nr : nr_owners;
	__u32 at = 0, n;

	(void)opts;
	assert_true(entries || fd == OWNERS);
	if (error) {
		*count = 0;
		return error;
	}
	if (in)
		memcpy(&at, in, sizeof(at));
	n = all - at < *count ? all - at : *count;
	if (entries) {
		memcpy(k, &keys[at], n * sizeof(keys[0]));
		memcpy(v, &values[at], n * sizeof(values[0]));
	} else {
		memcpy(k, &owner_ids[at], n * sizeof(owner_ids[0]));
		memcpy(v, &owners[at], n * sizeof(owners[0]));
	}
	*count = n;
	at += n;
	memcpy(out, &at, sizeof(at));
	return at == all ? -ENOENT : 0;
}

int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	(void)key;
	assert_int_equal(fd, LOST);
	memcpy(value, &lost, sizeof(lost));
	return 0;
}

/* Another may have been faster with the first. */
int __wrap_bpf_map_delete_elem(int fd, const void *key)
{
	(void)key;
	assert_true(fd == LEARNED || fd == OWNERS);
	return deleted[fd == OWNERS]++ ? 0 : -ENOENT;
}

int __wrap_bpf_map_update_elem(int fd, const void *key, const void *value,
			       __u64 flags)
{
	(void)key;
	(void)flags;
	assert_int_equal(fd, LOST);
	memcpy(&lost, value, sizeof(lost));
	return 0;
}

static int start(void **state)
{
	(void)state;
	memset(keys, 0, sizeof(keys));
	memset(values, 0, sizeof(values));
	memset(owners, 0, sizeof(owners));
	memset(deleted, 0, sizeof(deleted));
	nr = 0;
	nr_owners = 0;
	lost = 0;
	error = 0;
	return 0;
}

static void add(__u64 slot, __u16 offset, __u8 access, __u8 size, __u64 cgroup)
{
	keys[nr].slot = slot;
	keys[nr].offset = offset;
	keys[nr].access = access;
	keys[nr].size = size;
	keys[nr++].cgroup = cgroup;
}

static void nothing(void **state)
{
	struct vg_learned_list list;

	(void)state;
	lost = 3;
	assert_int_equal(vg_learned_read(&store, &list), 0);
	assert_int_equal(list.nr, 0);
	assert_int_equal(list.lost, 3);
	vg_learned_free(&list);
}

static void in_order(void **state)
{
	struct vg_learned_list list;

	(void)state;
	add(2, 0x10, VG_READ, 4, 7);
	add(1, 0x84, VG_READ, 4, 7);
	add(1, 0x80, VG_WRITE, 4, 9);
	add(1, 0x80, VG_WRITE, 4, 7);
	add(1, 0x80, VG_WRITE, 1, 8);
	add(1, 0x80, VG_READ, 4, 9);
	owner_ids[0] = 9;
	strcpy(owners[0].path, "/nine");
	owner_ids[1] = 7;
	/* As a damaged map might have it. */
	memset(owners[1].path, 'x', sizeof(owners[1].path));
	nr_owners = 2;
	assert_int_equal(vg_learned_read(&store, &list), 0);
	assert_int_equal(list.nr, 6);
	assert_int_equal(list.entries[0].key.access, VG_READ);
	assert_int_equal(list.entries[1].key.size, 1);
	assert_int_equal(list.entries[2].key.cgroup, 7);
	assert_int_equal(list.entries[3].key.cgroup, 9);
	assert_int_equal(list.entries[4].key.offset, 0x84);
	assert_int_equal(list.entries[5].key.slot, 2);
	assert_string_equal(list.entries[0].owner, "/nine");
	assert_string_equal(list.entries[1].owner, "");
	assert_int_equal(strlen(list.entries[2].owner),
			 sizeof(owners[1].path) - 1);
	vg_learned_free(&list);
}

static void many(void **state)
{
	struct vg_learned_list list;
	size_t i;

	(void)state;
	for (i = 0; i < MAX; i++)
		add(1, (MAX - i) % 4096, VG_READ, 1, 7);
	assert_int_equal(vg_learned_read(&store, &list), 0);
	assert_int_equal(list.nr, MAX);
	for (i = 1; i < MAX; i++)
		assert_int_equal(list.entries[i].key.offset,
				 list.entries[i - 1].key.offset + 1);
	vg_learned_free(&list);
}

static void unreadable(void **state)
{
	struct vg_learned_list list;

	(void)state;
	add(1, 0x80, VG_READ, 4, 7);
	error = -EPERM;
	assert_int_equal(vg_learned_read(&store, &list), -EPERM);
	vg_learned_free(&list);
	assert_int_equal(vg_learned_clear(&store), -EPERM);
	assert_int_equal(deleted[0], 0);
}

static void cleared(void **state)
{
	(void)state;
	add(1, 0x80, VG_READ, 4, 7);
	add(1, 0x84, VG_READ, 4, 7);
	nr_owners = 1;
	lost = 5;
	assert_int_equal(vg_learned_clear(&store), 0);
	assert_int_equal(deleted[0], 2);
	assert_int_equal(deleted[1], 1);
	assert_int_equal(lost, 0);
}

/* A place that was taken and not filled yet has no value. */
static void half_written(void **state)
{
	struct vg_learnt learnt = { .value = { .taken = 3 | 5 << 16 } };
	__u32 got[VG_LEARN_VALUES];
	bool more;

	(void)state;
	learnt.value.values[0] = 8;
	learnt.value.values[1] = 99;
	learnt.value.values[2] = 7;
	assert_int_equal(vg_learnt_values(&learnt, got, &more), 2);
	assert_int_equal(got[0], 8);
	assert_int_equal(got[1], 7);
	assert_false(more);
	learnt.value.taken = (VG_LEARN_VALUES + 1) | 0xff << 16;
	assert_int_equal(vg_learnt_values(&learnt, got, &more), 4);
	assert_true(more);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing, start),
		cmocka_unit_test_setup(in_order, start),
		cmocka_unit_test_setup(many, start),
		cmocka_unit_test_setup(unreadable, start),
		cmocka_unit_test_setup(cleared, start),
		cmocka_unit_test_setup(half_written, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
