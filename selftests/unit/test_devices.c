// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the counters add up to, and the allow list as it is shown.  The maps are
 * played by this file: linked with --wrap=bpf_map_lookup_elem and
 * --wrap=bpf_map_get_next_key.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "maps/devices.h"
#include "json_valid.h"

#define ALLOWLIST 101
#define DEVICES 102

static const struct vg_store store = {
	.allowlist = ALLOWLIST,
	.devices = DEVICES,
};

static const struct {
	struct vg_device_id id;
	__u32 flags;
} list[] = {
	{ { 0x8086, 0x10d3 }, VG_F_ALLOW_WRITE },
	{ { 0x8086, VG_ANY_DEVICE }, VG_F_BLOCK_READ },
	{ { 0x1002, VG_ANY_DEVICE }, VG_F_ALLOW_READ },
};

#define NR_LIST (sizeof(list) / sizeof(list[0]))

static size_t list_shown = NR_LIST;

int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value);
int __wrap_bpf_map_get_next_key(int fd, const void *key, void *next);

int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	struct vg_device *dev = value;
	__u32 index;
	size_t i;

	if (fd == ALLOWLIST) {
		for (i = 0; i < NR_LIST; i++) {
			if (memcmp(key, &list[i].id, sizeof(list[i].id)))
				continue;
			memcpy(value, &list[i].flags, sizeof(list[i].flags));
			return 0;
		}
		return -ENOENT;
	}
	assert_int_equal(fd, DEVICES);
	memcpy(&index, key, sizeof(index));
	assert_in_range(index, 0, VG_MAX_DEVICES - 1);
	memset(dev, 0, sizeof(*dev));
	/* the first, one in between, and the last */
	if (index == 0 || index == 7 || index == VG_MAX_DEVICES - 1)
		dev->slot = VG_SLOT_USED | index;
	return 0;
}

int __wrap_bpf_map_get_next_key(int fd, const void *key, void *next)
{
	size_t i = 0;

	assert_int_equal(fd, ALLOWLIST);
	if (key)
		while (memcmp(key, &list[i++].id, sizeof(list[0].id)))
			assert_in_range(i, 0, NR_LIST - 1);
	if (i == list_shown)
		return -ENOENT;
	memcpy(next, &list[i].id, sizeof(list[i].id));
	return 0;
}

static void flags_in_words(void **state)
{
	static const struct {
		__u32 flags;
		const char *words;
	} flags[] = {
		{ 0x01, "allow r" },
		{ 0x02, "allow w" },
		{ 0x03, "allow rw" },
		{ 0x05, "allow r audit" },
		{ 0x07, "allow rw audit" },
		{ 0x10, "block r" },
		{ 0x20, "block w" },
		{ 0x30, "block rw" },
		{ 0x60, "block w silent" },
		{ 0x21, "allow r, block w" },
		{ 0x12, "allow w, block r" },
		{ 0x65, "allow r audit, block w silent" },
		/* audit is about what is allowed, silent about what is not */
		{ 0x24, "block w" },
		{ 0x41, "allow r" },
		/* names no direction */
		{ 0x00, "no effect (0x0)" },
		{ 0x04, "no effect (0x4)" },
		{ 0x40, "no effect (0x40)" },
		/* wrong ones block what they name, see enum vg_flags */
		{ 0x22, "block w, invalid (0x22)" },
		{ 0x33, "block rw, invalid (0x33)" },
		{ 0x23, "allow r, block w, invalid (0x23)" },
		{ 0x0a, "block w, invalid (0xa)" },
		{ 0x83, "block rw, invalid (0x83)" },
		{ 0x80, "invalid (0x80)" },
		{ 0xffffffff, "block rw silent, invalid (0xffffffff)" },
	};
	char buf[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		vg_flags_format(flags[i].flags, buf, sizeof(buf));
		assert_string_equal(buf, flags[i].words);
		/* What it says of an entry is what vg_flags_effect() leaves. */
		assert_false(vg_flags_effect(flags[i].flags) & ~VG_F_ALL);
		assert_false(vg_flags_effect(flags[i].flags) & 0x03 &
			     vg_flags_effect(flags[i].flags) >> 4);
	}
}

/* Every value fits in what the callers have, and is cut in what is smaller. */
static void flags_are_cut(void **state)
{
	char whole[128], buf[64];
	__u32 flags;
	size_t len;

	(void)state;
	for (flags = 0; flags < 0x200; flags++) {
		vg_flags_format(flags | 0xfffffe00, whole, sizeof(whole));
		assert_in_range(strlen(whole), 1, sizeof(buf) - 1);
		vg_flags_format(flags, whole, sizeof(whole));
		assert_in_range(strlen(whole), 1, sizeof(buf) - 1);
		for (len = 1; len <= 48; len++) {
			memset(buf, 'x', sizeof(buf));
			vg_flags_format(flags, buf, len);
			assert_true(strlen(buf) < len);
			assert_memory_equal(buf, whole, strlen(buf));
			assert_int_equal(buf[len], 'x');
		}
	}
}

/* Each counter of a device adds to exactly three sums. */
static void sums_hold(void **state)
{
	struct vg_totals t = {};
	struct vg_device dev;
	__u64 n = 1, sum = 0, by_verdict = 0, by_report = 0;
	int a, v, r, round;

	(void)state;
	for (round = 0; round < 3; round++) {
		memset(&dev, 0xff, sizeof(dev));
		for (a = 0; a < VG_ACCESSES; a++)
			for (v = 0; v < VG_VERDICTS; v++)
				for (r = 0; r < VG_REPORTS; r++) {
					dev.counts[a][v][r] = n;
					sum += n;
					n = n * 3 + 1;
					n %= 1ULL << 40;
				}
		vg_totals_add(&t, &dev);
	}
	for (v = 0; v < VG_VERDICTS; v++)
		by_verdict += t.verdicts[v];
	for (r = 0; r < VG_REPORTS; r++)
		by_report += t.reports[r];
	assert_int_equal(t.accesses, sum);
	assert_int_equal(by_verdict, sum);
	assert_int_equal(by_report, sum);
}

/* One bit in one counter, and where it is to be seen. */
static void sums_are_apart(void **state)
{
	int a, v, r;

	(void)state;
	for (a = 0; a < VG_ACCESSES; a++)
		for (v = 0; v < VG_VERDICTS; v++)
			for (r = 0; r < VG_REPORTS; r++) {
				struct vg_device dev = {};
				struct vg_totals t = {}, want = {};

				dev.counts[a][v][r] = 5;
				want.accesses = 5;
				want.verdicts[v] = 5;
				want.reports[r] = 5;
				vg_totals_add(&t, &dev);
				assert_memory_equal(&t, &want, sizeof(t));
			}
}

static void sums_as_json(void **state)
{
	struct vg_totals t = {
		.accesses = 60,
		.verdicts = { [VG_ALLOW] = 10,
			      [VG_BLOCK] = 20,
			      [VG_WOULD_BLOCK] = 30 },
		.reports = { [VG_REPORT_SILENT] = 1,
			     [VG_REPORT_SENT] = 2,
			     [VG_REPORT_FOLDED] = 3,
			     [VG_REPORT_LIMITED] = 4,
			     [VG_REPORT_RING_FULL] = 50 },
	};
	struct vg_json json;
	char *out = NULL;
	size_t len;
	FILE *f;

	(void)state;
	f = open_memstream(&out, &len);
	assert_non_null(f);
	vg_json_start(&json, f, false);
	vg_json_object(&json, NULL);
	vg_totals_json(&t, &json);
	vg_json_object_end(&json);
	assert_int_equal(vg_json_end(&json), 0);
	fclose(f);
	assert_true(json_valid(out));
	assert_string_equal(out, "{\"accesses\":60,\"allowed\":10,"
				 "\"blocked\":20,\"would_block\":30,"
				 "\"silent\":1,\"events\":2,\"folded\":3,"
				 "\"rate_limited\":4,\"ring_full\":50}\n");
	free(out);
}

static void all_devices(void **state)
{
	static const __u32 slots[] = { 0, 7, VG_MAX_DEVICES - 1 };
	struct vg_device dev;
	__u32 index = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_true(vg_devices_next(&store, &index, &dev));
		assert_int_equal(dev.slot, slots[i]);
	}
	assert_false(vg_devices_next(&store, &index, &dev));
	assert_false(vg_devices_next(&store, &index, &dev));
}

/* The device before its vendor, as the policy program does. */
static void device_before_vendor(void **state)
{
	__u32 flags = 0x5a;

	(void)state;
	assert_int_equal(vg_allowlist_find(&store, 0x8086, 0x10d3, &flags),
			 VG_REASON_DEVICE);
	assert_int_equal(flags, VG_F_ALLOW_WRITE);
	assert_int_equal(vg_allowlist_find(&store, 0x8086, 0x10d4, &flags),
			 VG_REASON_VENDOR);
	assert_int_equal(flags, VG_F_BLOCK_READ);
	assert_int_equal(vg_allowlist_find(&store, 0x10de, 0x10d3, &flags),
			 VG_REASON_DEFAULT);
	assert_int_equal(flags, 0);
}

static void entries(void **state)
{
	(void)state;
	for (list_shown = 0; list_shown <= NR_LIST; list_shown++)
		assert_int_equal(vg_allowlist_count(&store), list_shown);
	list_shown = NR_LIST;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_in_words),
		cmocka_unit_test(flags_are_cut),
		cmocka_unit_test(sums_hold),
		cmocka_unit_test(sums_are_apart),
		cmocka_unit_test(sums_as_json),
		cmocka_unit_test(all_devices),
		cmocka_unit_test(device_before_vendor),
		cmocka_unit_test(entries),
	};

	return cmocka_run_group_tests_name("devices", tests, NULL, NULL);
}
