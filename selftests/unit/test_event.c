// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events as text, JSON and audit record, above all when names are hostile:
 * comm and cgroup are chosen by whoever owns the guest.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "events/event.h"
#include "util/slot.h"
#include "json_valid.h"

/* 2026-01-02 03:04:05 UTC */
#define WHEN 1767323045ULL

static const struct vg_record sample = {
	.event = {
		.cgroup = 7001,
		.unreported = 3,
		.generation = 2,
		.slot = VG_SLOT(0, 1, 0),
		.vendor = 0x8086,
		.device = 0x10d3,
		.offset = 0x80,
		.size = 2,
		.access = VG_WRITE,
		.verdict = VG_BLOCK,
		.reason = VG_REASON_DEFAULT,
		.region = 4,
		.data = 0xf00d,
		.pid = 4243,
		.tgid = 4242,
		.uid = 107,
		.loginuid = 1000,
		.sessionid = 5,
		.comm = "qemu-system-x86",
	},
	.realtime = WHEN * 1000000000ULL,
	.cgroup = "/machine.slice/vm1.scope",
};

static const char *text(const struct vg_record *record)
{
	static char buf[1024];

	vg_record_text(record, buf, sizeof(buf));
	return buf;
}

static const char *audit(const struct vg_record *record)
{
	static char buf[1024];
	int n;

	n = vg_record_audit(record, buf, sizeof(buf));
	assert_int_equal(n, strlen(buf));
	return buf;
}

/* To be freed. */
static char *json(const struct vg_record *record)
{
	struct vg_json writer;
	char *out = NULL;
	size_t len;
	FILE *f;

	f = open_memstream(&out, &len);
	assert_non_null(f);
	vg_json_start(&writer, f, false);
	vg_record_json(record, &writer, NULL);
	assert_int_equal(vg_json_end(&writer), 0);
	fclose(f);
	return out;
}

static void as_text(void **state)
{
	struct vg_record r = sample;

	(void)state;
	assert_string_equal(
		text(&r),
		"2026-01-02T03:04:05Z blocked write of f00d at 0x080 (2 bytes, "
		"unassigned) of 0000:01:00.0 [8086:10d3] by default; "
		"qemu-system-x86[4242] uid 107 /machine.slice/vm1.scope, "
		"3 more not reported");

	r.event.access = VG_READ;
	r.event.verdict = VG_WOULD_BLOCK;
	r.event.reason = VG_REASON_VENDOR;
	r.event.unreported = 0;
	assert_string_equal(
		text(&r),
		"2026-01-02T03:04:05Z would-block read at 0x080 (2 bytes, "
		"unassigned) of 0000:01:00.0 [8086:10d3] by allowlist-vendor; "
		"qemu-system-x86[4242] uid 107 /machine.slice/vm1.scope");
}

static void data_has_its_width(void **state)
{
	struct vg_record r = sample;

	(void)state;
	r.event.data = 0xd;
	r.event.size = 4;
	assert_non_null(strstr(text(&r), " of 0000000d at "));
	r.event.size = 1;
	assert_non_null(strstr(text(&r), " of 0d at "));
}

/* From a newer program or a damaged file. */
static void unknown_numbers(void **state)
{
	struct vg_record r = sample;
	char *out;

	(void)state;
	r.event.verdict = VG_VERDICTS;
	r.event.reason = VG_REASONS;
	r.event.region = 6;
	assert_non_null(strstr(text(&r), " unknown write "));
	assert_non_null(strstr(text(&r), "2 bytes, unknown)"));
	assert_non_null(strstr(text(&r), " by unknown;"));
	r.event.region = 255;
	r.event.size = 255;
	text(&r);
	out = json(&r);
	assert_true(json_parses(out));
	free(out);
	audit(&r);
}

static void terminal_is_safe(void **state)
{
	struct vg_record r = sample;
	const char *p;

	(void)state;
	strcpy(r.event.comm, "\033[2J\r\n\x7f\x9b");
	strcpy(r.cgroup, "/a\nb\tc\xc2\x9b"
			 "31m");
	for (p = text(&r); *p; p++)
		assert_in_range((unsigned char)*p, 0x20, 0x7e);
	assert_non_null(strstr(text(&r), "\\x1b[2J\\x0d\\x0a\\x7f\\x9b[4242]"));
	assert_non_null(strstr(text(&r), "/a\\x0ab\\x09c\\xc2\\x9b"
					 "31m"));
}

static void text_is_cut(void **state)
{
	char whole[1024], buf[64];
	size_t len;

	(void)state;
	vg_record_text(&sample, whole, sizeof(whole));
	for (len = 1; len <= sizeof(buf); len++) {
		memset(buf, 'x', sizeof(buf));
		vg_record_text(&sample, buf, len);
		assert_int_equal(strlen(buf), len - 1);
		assert_memory_equal(buf, whole, len - 1);
		if (len < sizeof(buf))
			assert_int_equal(buf[len], 'x');
	}
}

static void as_json(void **state)
{
	struct vg_record r = sample;
	char *out = json(&r);

	(void)state;
	assert_string_equal(
		out,
		"{\"schema\":\"event\",\"version\":\"1.0\","
		"\"time\":\"2026-01-02T03:04:05Z\","
		"\"device\":\"0000:01:00.0\",\"vendor_id\":\"8086\","
		"\"device_id\":\"10d3\",\"access\":\"write\",\"offset\":128,"
		"\"size\":2,\"data\":61453,\"region\":\"unassigned\","
		"\"capability\":0,\"verdict\":\"blocked\","
		"\"rule\":\"default\",\"generation\":2,\"unreported\":3,"
		"\"pid\":4242,\"tid\":4243,\"uid\":107,"
		"\"comm\":\"qemu-system-x86\",\"cgroup_id\":7001,"
		"\"cgroup\":\"/machine.slice/vm1.scope\"}\n");
	free(out);

	r.event.access = VG_READ;
	out = json(&r);
	assert_true(json_valid(out));
	assert_null(strstr(out, "\"data\""));
	free(out);
}

/* Each byte a name may hold, one at a time and with others around it. */
static void json_is_valid(void **state)
{
	struct vg_record r = sample;
	unsigned int c;
	char *out;

	(void)state;
	for (c = 1; c < 256; c++) {
		snprintf(r.event.comm, sizeof(r.event.comm), "a%cb", c);
		snprintf(r.cgroup, sizeof(r.cgroup), "/%c%c", c, c);
		out = json(&r);
		if (!json_valid(out))
			print_error("byte 0x%02x: %s", c, out);
		assert_true(json_valid(out));
		free(out);
	}
}

static void validator_works(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"{\"a\":1,}",
		"[1 2]",
		"\"\n\"",
		"\"a",
		"{a:1}",
		"01",
		"\"\xff\"",
		"\"\xc0\x80\"",
		"\"\\x\"",
		"{} x",
		"\"\xed\xa0\x80\"",
	};
	size_t i;

	(void)state;
	assert_true(
		json_valid("{\"a\": [1, true, null, \"\\u00e9\xc3\xa9\"]}"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(json_valid(bad[i]));
}

/* ausearch and auparse go by this order; libaudit adds exe= ... res= to it. */
static void as_audit(void **state)
{
	struct vg_record r = sample;

	(void)state;
	assert_string_equal(
		audit(&r),
		"op=blocked-write device=\"0000:01:00.0\" ids=8086:10d3 "
		"offset=0x80 width=2 val=0xf00d region=unassigned "
		"rule=default unreported=3 opid=4242 oauid=1000 oses=5 "
		"ouser=107 ocomm=\"qemu-system-x86\" cgid=7001 "
		"cgroup=\"/machine.slice/vm1.scope\" key=\"vfioguard\"");

	r.event.loginuid = r.event.sessionid = UINT32_MAX;
	assert_non_null(
		strstr(audit(&r), " oauid=4294967295 oses=4294967295 "));
}

/* auparse takes a value without quotes for hex. */
static void audit_encodes(void **state)
{
	static const struct {
		const char *name, *encoded;
	} names[] = {
		{ "qemu", "\"qemu\"" },
		{ "a b", "612062" },
		{ "a\"b", "612262" },
		{ "a\nb", "610A62" },
		{ "a\x01"
		  "b",
		  "610162" },
		{ "a\x7f", "617F" },
		{ "\xc3\xa9", "C3A9" },
		{ "x res=success", "78207265733D73756363657373" },
	};
	struct vg_record r = sample;
	char want[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		strcpy(r.event.comm, names[i].name);
		strcpy(r.cgroup, names[i].name);
		snprintf(want, sizeof(want),
			 " ocomm=%s cgid=", names[i].encoded);
		assert_non_null(strstr(audit(&r), want));
		snprintf(want, sizeof(want),
			 " cgroup=%s key=", names[i].encoded);
		assert_non_null(strstr(audit(&r), want));
	}
}

/* Whatever the names hold, the record is one line of printable fields. */
static void audit_is_one_line(void **state)
{
	struct vg_record r = sample;
	unsigned int c;
	const char *p;

	(void)state;
	for (c = 1; c < 256; c++) {
		snprintf(r.event.comm, sizeof(r.event.comm), "a%c op=1", c);
		snprintf(r.cgroup, sizeof(r.cgroup), "/%c res=1", c);
		for (p = audit(&r); *p; p++)
			assert_in_range((unsigned char)*p, 0x20, 0x7e);
		/* none of theirs is a field of its own */
		assert_null(strstr(audit(&r), " res="));
		assert_null(strstr(audit(&r), " op="));
	}
}

/* The longest there is fits in what the header promises. */
static void audit_fits(void **state)
{
	struct vg_record r = sample;
	char buf[1024], text[VG_RECORD_TEXT_LEN];
	int n;

	(void)state;
	memset(&r.event, 0xff, sizeof(r.event));
	memset(r.event.comm, '\n', VG_COMM_LEN - 1);
	r.event.comm[VG_COMM_LEN - 1] = '\0';
	memset(r.cgroup, '\n', VG_CGROUP_LEN - 1);
	r.vm[0] = r.rule.file[0] = '\0';
	n = vg_record_audit(&r, buf, sizeof(buf));
	assert_in_range(n, 500, 1023);
	assert_int_equal(vg_record_audit(&r, buf, n + 1), n);
	assert_int_equal(vg_record_audit(&r, buf, n), -E2BIG);
	assert_int_equal(vg_record_audit(&r, buf, 1), -E2BIG);
	/* What else is known never keeps that out of the audit log. */
	memset(r.vm, '\n', sizeof(r.vm) - 1);
	memset(r.uuid, 'a', sizeof(r.uuid) - 1);
	memset(r.rule.file, '\n', sizeof(r.rule.file) - 1);
	assert_in_range(vg_record_audit(&r, buf, sizeof(buf)), n, 1023);
	/* Without a byte that has to be encoded it is half as long. */
	memset(r.cgroup, 'a', VG_CGROUP_LEN - 1);
	vg_record_audit(&r, buf, sizeof(buf));
	assert_non_null(strstr(buf, " vm=0A"));
	assert_non_null(strstr(buf, " uuid=aa"));
	/* and so does its line for people */
	memset(r.cgroup, '\n', VG_CGROUP_LEN - 1);
	r.vm[0] = '\0';
	vg_record_text(&r, text, sizeof(text));
	assert_in_range(strlen(text), 1500, sizeof(text) - 2);
}

static void filled_in(void **state)
{
	struct vg_event event = sample.event;
	struct vg_record r;
	struct timespec now;

	(void)state;
	clock_gettime(CLOCK_BOOTTIME, &now);
	event.time = now.tv_sec * 1000000000ULL + now.tv_nsec;
	event.tgid = getpid();
	memset(event.comm, 'c', sizeof(event.comm));
	memset(&r, 0xff, sizeof(r));
	vg_record_fill(&r, &event, false);
	clock_gettime(CLOCK_REALTIME, &now);
	/* just now */
	assert_in_range(now.tv_sec - r.realtime / 1000000000ULL, 0, 2);
	/* a name without an end gets one */
	assert_int_equal(strlen(r.event.comm), VG_COMM_LEN - 1);
	/* nobody was asked */
	assert_string_equal(r.cgroup, "");
	assert_string_equal(r.vm, "");
	assert_string_equal(r.uuid, "");
	assert_string_equal(r.rule.file, "");
}

static void slots(void **state)
{
	static const struct {
		__u64 slot;
		const char *text;
	} slots[] = {
		{ VG_SLOT(0, 0, 0), "0000:00:00.0" },
		{ VG_SLOT(0, 1, 0), "0000:01:00.0" },
		{ VG_SLOT(0, 0xff, 0xff), "0000:ff:1f.7" },
		{ VG_SLOT(0xffff, 0x10, 0x0a), "ffff:10:01.2" },
		/* VMD's domains have five digits; sysfs shows them all */
		{ VG_SLOT(0x10000, 1, 0), "10000:01:00.0" },
		{ VG_SLOT(0xffffffff, 0xff, 0xff), "ffffffff:ff:1f.7" },
	};
	char buf[VG_SLOT_LEN];
	__u64 slot;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		vg_slot_format(slots[i].slot, buf);
		assert_string_equal(buf, slots[i].text);
		assert_int_equal(vg_slot_parse(buf, &slot), 0);
		assert_int_equal(slot, slots[i].slot);
	}
	assert_int_equal(vg_slot_parse("01:02.3", &slot), 0);
	assert_int_equal(slot, VG_SLOT(0, 1, 2 << 3 | 3));
	assert_int_equal(vg_slot_parse("0000:AB:1F.7", &slot), 0);
	assert_int_equal(slot, VG_SLOT(0, 0xab, 0xff));
	assert_int_equal(vg_slot_parse("10001:02:00.0", &slot), 0);
	assert_int_equal(slot >> 16, 0x10001);
	assert_int_equal(slot, VG_SLOT(0x10001, 2, 0));
}

static void no_slots(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"0000",
		"0000:01",
		"0000:01:00",
		"0000:01:00.",
		"0000:01:00.8",
		"0000:01:20.0",
		"0000:01:00.00",
		"0000:01:00.0x",
		"0000:01:00.0 ",
		" 0000:01:00.0",
		"-1:01:00.0",
		"+1:01:00.0",
		"0x0:01:00.0",
		"0000:001:00.0",
		"0000:01:000.0",
		"0000:g1:00.0",
		"0000::00.0",
		":01:00.0",
		"100:00.0",
		"01:00",
		"01:.0",
		"0000:01:00:0",
		"0000: 1:00.0",
		"123456789:01:00.0",
		"1:0000:01:00.0",
	};
	__u64 slot = 0x5a5a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!vg_slot_parse(bad[i], &slot))
			print_error("'%s' was taken\n", bad[i]);
		assert_int_equal(vg_slot_parse(bad[i], &slot), -EINVAL);
	}
	assert_int_equal(slot, 0x5a5a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_text),
		cmocka_unit_test(data_has_its_width),
		cmocka_unit_test(unknown_numbers),
		cmocka_unit_test(terminal_is_safe),
		cmocka_unit_test(text_is_cut),
		cmocka_unit_test(as_json),
		cmocka_unit_test(json_is_valid),
		cmocka_unit_test(validator_works),
		cmocka_unit_test(as_audit),
		cmocka_unit_test(audit_encodes),
		cmocka_unit_test(audit_is_one_line),
		cmocka_unit_test(audit_fits),
		cmocka_unit_test(filled_in),
		cmocka_unit_test(slots),
		cmocka_unit_test(no_slots),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
