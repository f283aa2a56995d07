// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lint's sort: every byte of the key counts, equals keep their order, and
 * short lists go the same way as long ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lint/sort.h"

#define LONGEST 5000

static unsigned int seed = 1;

static unsigned int number(void)
{
	seed = seed * 1103515245 + 12345;
	return seed >> 16 & 0x7fff;
}

/* In order, and what is equal as it came, told by the index. */
static bool in_order(const struct vg_sort_entry *a,
		     const struct vg_sort_entry *b)
{
	if (a->group != b->group)
		return a->group < b->group;
	return a->place < b->place;
}

/* Sort @nr keys that differ only in @byte of the 12, and in how many ways. */
static void sort_one(size_t nr, unsigned int byte, unsigned int ways)
{
	struct vg_sort_entry *list = calloc(nr, 2 * sizeof(*list));
	struct vg_sort_entry *sorted;
	unsigned char *seen = calloc(nr, 1);
	size_t i;

	assert_non_null(list);
	assert_non_null(seen);
	for (i = 0; i < nr; i++) {
		__u64 digit = number() % ways;

		list[i].group = 0x0102030405060708ULL;
		list[i].place = i;
		if (byte < 4)
			list[i].place |= digit << (32 + 8 * byte);
		else
			list[i].group ^= digit << 8 * (byte - 4);
	}
	sorted = vg_sort(list, list + nr, nr);
	for (i = 0; i < nr; i++) {
		seen[(__u32)sorted[i].place]++;
		if (i)
			assert_true(in_order(&sorted[i - 1], &sorted[i]));
	}
	for (i = 0; i < nr; i++)
		assert_int_equal(seen[i], 1);
	free(list);
	free(seen);
}

static void each_byte(void **state)
{
	static const size_t lengths[] = { 1, 2, 31, 32, 33, LONGEST };
	unsigned int byte;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (byte = 0; byte < 12; byte++) {
			sort_one(lengths[i], byte, 256);
			sort_one(lengths[i], byte, 2);
			sort_one(lengths[i], byte, 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte),
	};

	return cmocka_run_group_tests_name("policy_sort", tests, NULL, NULL);
}
