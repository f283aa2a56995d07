// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a whole map and comparing two.  The map is played by this file, as the
 * kernel does it: a batch ends at the end of a bucket, and a bucket with more
 * entries than there is room for is -ENOSPC.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "maps/map_entries.h"

#define FD 77
#define MAX 5000

static __u32 nr, bucket = 1;
static int error; /* of the next look-up */

int __wrap_bpf_map_lookup_batch(int fd, void *in, void *out, void *keys,
				void *values, __u32 *count,
				const struct bpf_map_batch_opts *opts);

int __wrap_bpf_map_lookup_batch(int fd, void *in, void *out, void *keys,
				void *values, __u32 *count,
				const struct bpf_map_batch_opts *opts)
{
	__u32 at = 0, n = 0, i;

	(void)opts;
	assert_int_equal(fd, FD);
	if (in)
		memcpy(&at, in, sizeof(at));
	while (n + bucket <= *count && at < nr) {
		for (i = 0; i < bucket && at < nr; i++, at++, n++) {
			((__u32 *)keys)[n] = (at * 2654435761U) ^ 5;
			((__u32 *)values)[n] = at;
		}
	}
	memcpy(out, &at, sizeof(at));
	*count = n;
	if (error)
		return error;
	if (!n && nr)
		return -ENOSPC;
	return at == nr ? -ENOENT : 0;
}

static void reads_all(void **state)
{
	static const __u32 sizes[] = { 0, 1, 1023, 1024, 1025, 2048, MAX };
	static const __u32 buckets[] = { 1, 7, 1500 };
	struct vg_entries entries;
	size_t i, b;
	__u32 n;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (b = 0; b < sizeof(buckets) / sizeof(buckets[0]); b++) {
			nr = sizes[i];
			bucket = buckets[b];
			assert_int_equal(vg_map_read(FD, 4, 4, &entries), 0);
			assert_int_equal(entries.nr, nr);
			for (n = 0; n < nr; n++) {
				assert_int_equal(((__u32 *)entries.values)[n],
						 n);
				assert_int_equal(((__u32 *)entries.keys)[n],
						 (n * 2654435761U) ^ 5);
			}
			vg_entries_free(&entries);
		}
	}
	error = -EPERM;
	assert_int_equal(vg_map_read(FD, 4, 4, &entries), -EPERM);
	assert_null(entries.keys);
	error = 0;
}

struct difference {
	char key;
	int one; /* -1: not there */
	int two;
};

static struct difference found[8];
static size_t nr_found;

static void differs(void *context, const void *key, const void *one,
		    const void *two)
{
	assert_ptr_equal(context, found);
	assert_in_range(nr_found, 0, 7);
	found[nr_found].key = *(const char *)key;
	found[nr_found].one = one ? *(const char *)one : -1;
	found[nr_found++].two = two ? *(const char *)two : -1;
}

static void compare(const char *keys, const char *values, const char *keys2,
		    const char *values2)
{
	const struct vg_entries one = { (void *)keys, (void *)values,
					strlen(keys) };
	const struct vg_entries two = { (void *)keys2, (void *)values2,
					strlen(keys2) };

	nr_found = 0;
	assert_int_equal(vg_entries_compare(&one, &two, 1, 1, differs, found),
			 0);
}

static void compares(void **state)
{
	(void)state;
	compare("", "", "", "");
	assert_int_equal(nr_found, 0);
	/* in any order */
	compare("cab", "312", "bca", "231");
	assert_int_equal(nr_found, 0);
	compare("cab", "312", "bca", "931");
	assert_int_equal(nr_found, 1);
	assert_int_equal(found[0].key, 'b');
	assert_int_equal(found[0].one, '2');
	assert_int_equal(found[0].two, '9');
}

static void compares_rest(void **state)
{
	(void)state;
	compare("cab", "312", "bdc", "253");
	assert_int_equal(nr_found, 2);
	assert_int_equal(found[0].key, 'a');
	assert_int_equal(found[0].one, '1');
	assert_int_equal(found[0].two, -1);
	assert_int_equal(found[1].key, 'd');
	assert_int_equal(found[1].one, -1);
	assert_int_equal(found[1].two, '5');
	compare("xy", "12", "", "");
	assert_int_equal(nr_found, 2);
	compare("", "", "z", "1");
	assert_int_equal(nr_found, 1);
	assert_int_equal(found[0].one, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all),
		cmocka_unit_test(compares),
		cmocka_unit_test(compares_rest),
	};

	return cmocka_run_group_tests_name("map_entries", tests, NULL, NULL);
}
