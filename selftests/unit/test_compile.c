// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a policy to map entries: the bytes that bpftool shows, and that what the
 * maps can't hold is refused with its place instead of left out.
 */
#include <stdlib.h>
#include <time.h>

#include "../../loader/compile.h"
#include "policy_helper.h"
#include "capture.h"

static const struct vg_hook hook = {
	.vendor = 1u << 3,
	.unassigned = 1u << 4,
	.all = 0x3f,
};

struct compiled {
	struct text_policy text;
	struct vg_compiled out;
	struct capture said;
	enum vg_exit ret;
};

/* What loading does: parse and lint, which must find no error, and compile. */
static void compile(struct compiled *c, const char *text)
{
	text_lint(&c->text, text);
	assert_int_equal(c->text.lint, 0);
	capture_start(&c->said);
	c->ret = vg_compile(&c->text.policy, &hook, &c->out);
	capture_end(&c->said);
}

static void compile_ok(struct compiled *c, const char *text)
{
	compile(c, text);
	assert_string_equal(c->said.text, "");
	assert_int_equal(c->ret, VG_EXIT_OK);
}

static void compiled_free(struct compiled *c)
{
	vg_compiled_free(&c->out);
	text_free(&c->text);
}

/* The flags of a text with rules of a single device. */
static __u32 flags_of(const char *text)
{
	struct compiled c;
	__u32 flags;

	compile_ok(&c, text);
	assert_int_equal(c.out.nr_entries, 1);
	flags = c.out.flags[0];
	compiled_free(&c);
	return flags;
}

/* Users type these bytes into bpftool. */
static void key_bytes(void **state)
{
	static const unsigned char exact[] = { 0x86, 0x80, 0xd3, 0x10 };
	static const unsigned char any[] = { 0x86, 0x80, 0xff, 0xff };
	struct compiled c;

	(void)state;
	assert_int_equal(sizeof(*c.out.keys), 4);
	compile_ok(&c, "allow w 8086:10d3");
	assert_int_equal(c.out.nr_entries, 1);
	assert_memory_equal(c.out.keys, exact, 4);
	compiled_free(&c);

	compile_ok(&c, "allow w 8086:*");
	assert_int_equal(c.out.nr_entries, 1);
	assert_memory_equal(c.out.keys, any, 4);
	compiled_free(&c);
}

static void flag_values(void **state)
{
	static const struct {
		const char *text;
		__u32 flags;
	} rules[] = {
		{ "allow r 8086:10d3", 0x01 },
		{ "allow w 8086:10d3", 0x02 },
		{ "allow rw 8086:10d3", 0x03 },
		{ "allow 8086:10d3", 0x03 },
		{ "allow w 8086:10d3 silent", 0x02 },
		{ "allow r 8086:10d3 audit", 0x05 },
		{ "allow w 8086:10d3 audit", 0x06 },
		{ "allow rw 8086:10d3 audit", 0x07 },
		{ "block r 8086:10d3", 0x10 },
		{ "block w 8086:10d3", 0x20 },
		{ "block rw 8086:10d3", 0x30 },
		{ "block w 8086:10d3 audit", 0x20 },
		{ "block r 8086:10d3 silent", 0x50 },
		{ "block w 8086:10d3 silent", 0x60 },
		{ "block rw 8086:10d3 silent", 0x70 },
		{ "block w 8086:* silent", 0x60 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (flags_of(rules[i].text) != rules[i].flags)
			fail_msg("%s: 0x%02x instead of 0x%02x", rules[i].text,
				 flags_of(rules[i].text), rules[i].flags);
}

static void merged(void **state)
{
	static const struct {
		const char *text;
		__u32 flags;
	} rules[] = {
		{ "allow r 8086:10d3\nblock w 8086:10d3", 0x21 },
		{ "block w 8086:10d3\nallow r 8086:10d3", 0x21 },
		{ "block r 8086:10d3\nallow w 8086:10d3", 0x12 },
		{ "allow r 8086:10d3\nallow w 8086:10d3", 0x03 },
		{ "allow r 8086:10d3 audit\nblock w 8086:10d3", 0x25 },
		{ "allow r 8086:10d3\nblock w 8086:10d3 silent", 0x61 },
		{ "allow r 8086:10d3 audit\nblock w 8086:10d3 silent", 0x65 },
		{ "allow r 8086:10d3 audit\nallow w 8086:10d3 audit", 0x07 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (flags_of(rules[i].text) != rules[i].flags)
			fail_msg("%s: 0x%02x instead of 0x%02x", rules[i].text,
				 flags_of(rules[i].text), rules[i].flags);
}

/* Devices and vendors stay apart, whatever their order. */
static void several(void **state)
{
	static const struct {
		struct vg_device_id id;
		__u32 flags;
	} want[] = {
		{ { 0x1002, 0x0001 }, 0x02 },
		{ { 0x8086, 0x10d3 }, 0x21 },
		{ { 0x8086, 0x10d4 }, 0x01 },
		{ { 0x8086, VG_ANY_DEVICE }, 0x60 },
	};
	struct compiled c;
	size_t i, k;

	(void)state;
	compile_ok(&c, "block w 8086:10d3\n"
		       "block w 8086:* silent\n"
		       "allow w 1002:0001\n"
		       "allow r 8086:10d4\n"
		       "allow r 8086:10d3\n");
	assert_int_equal(c.out.nr_entries, 4);
	for (i = 0; i < 4; i++) {
		for (k = 0; k < 4; k++)
			if (!memcmp(&c.out.keys[k], &want[i].id, 4))
				break;
		assert_in_range(k, 0, 3);
		assert_int_equal(c.out.flags[k], want[i].flags);
	}
	compiled_free(&c);
}

static void refused(void **state)
{
	static const struct {
		const char *text;
		const char *said;
	} rules[] = {
		{ "block w *", "t:1:1: this rule can't be loaded: rules are "
			       "for vendor:device" },
		{ "\n  block w class=02", "t:2:3: this rule" },
		{ "allow w subsys=1028:1234", "rules are for vendor:device" },
		{ "allow w slot=01:00.0", "rules are for vendor:device" },
		{ "allow w owner=/a", "rules are for vendor:device" },
		{ "allow w 8086:10d3 0x80", "leave the place out" },
		{ "allow w 8086:10d3 any", "leave the place out" },
		{ "allow w 8086:10d3 unassigned", "leave the place out" },
		{ "allow w 8086:10d3 vendor", "leave the place out" },
		{ "allow w 8086:10d3 cap=vndr", "leave the place out" },
		{ "block r 8086:10d3 read=ones", "a blocked read returns 0" },
		{ "allow w 8086:10d3 key=nic", "no key=" },
		{ "block r 8086:10d3\nblock w 8086:10d3 silent",
		  "t:2:1: this rule can't be loaded: rules of one device and "
		  "verdict share" },
		{ "allow w 8086:10d3 audit\nallow r 8086:10d3",
		  "t:2:1: this rule can't be loaded: rules of one device" },
	};
	struct compiled c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		compile(&c, rules[i].text);
		if (c.ret != VG_EXIT_POLICY ||
		    !strstr(c.said.text, rules[i].said))
			fail_msg("%s: %d, %s", rules[i].text, c.ret,
				 c.said.text);
		/* nothing is left that somebody could load */
		assert_null(c.out.keys);
		assert_null(c.out.flags);
		assert_int_equal(c.out.nr_entries, 0);
		compiled_free(&c);
	}
}

/* Values need a place, so they are refused for that; here without one. */
static void refuses_values(void **state)
{
	struct compiled c;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		text_lint(&c.text, "allow w 8086:10d3");
		c.text.policy.rules[0].has_value = i == 0;
		c.text.policy.rules[0].has_write_mask = i == 1;
		capture_start(&c.said);
		c.ret = vg_compile(&c.text.policy, &hook, &c.out);
		capture_end(&c.said);
		assert_int_equal(c.ret, VG_EXIT_POLICY);
		assert_non_null(strstr(c.said.text, "t:1:1: "));
		assert_non_null(strstr(c.said.text, "value written"));
		compiled_free(&c);
	}
}

/* A person mends them all at once. */
static void names_each(void **state)
{
	struct compiled c;

	(void)state;
	compile(&c, "block w *\nallow w 8086:10d3\nallow w 1002:0001 0x80\n");
	assert_int_equal(c.ret, VG_EXIT_POLICY);
	assert_non_null(strstr(c.said.text, "t:1:1: "));
	assert_null(strstr(c.said.text, "t:2:"));
	assert_non_null(strstr(c.said.text, "t:3:1: "));
	compiled_free(&c);
}

static void config(void **state)
{
	static const struct vg_default open = { VG_ALLOW, 0 };
	static const struct vg_default closed = { VG_BLOCK, 1 };
	time_t now = time(NULL);
	struct compiled c;

	(void)state;
	compile_ok(&c, "");
	assert_int_equal(c.out.nr_entries, 0);
	assert_int_equal(c.out.config.schema, VG_SCHEMA);
	assert_int_equal(c.out.config.mode, VG_MODE_ENFORCE);
	assert_int_equal(c.out.config.generation, 0);
	assert_in_range(c.out.config.loaded_at, now, now + 2);
	assert_int_equal(c.out.config.rate, 10);
	assert_int_equal(c.out.config.burst, 100);
	assert_string_equal(c.out.config.name, "t");
	assert_memory_equal(
		&c.out.config.defaults[VG_REGION_UNASSIGNED][VG_WRITE], &closed,
		sizeof(closed));
	assert_memory_equal(
		&c.out.config.defaults[VG_REGION_UNASSIGNED][VG_READ], &open,
		sizeof(open));
	assert_memory_equal(&c.out.config.defaults[VG_REGION_VENDOR][VG_WRITE],
			    &open, sizeof(open));
	compiled_free(&c);

	compile_ok(&c, "mode monitor\n"
		       "rate 7 burst 9\n"
		       "default allow rw unassigned\n"
		       "default block w vendor audit\n"
		       "default block r other\n");
	assert_int_equal(c.out.config.mode, VG_MODE_MONITOR);
	assert_int_equal(c.out.config.rate, 7);
	assert_int_equal(c.out.config.burst, 9);
	assert_memory_equal(
		&c.out.config.defaults[VG_REGION_UNASSIGNED][VG_WRITE], &open,
		sizeof(open));
	assert_memory_equal(&c.out.config.defaults[VG_REGION_VENDOR][VG_WRITE],
			    &closed, sizeof(closed));
	assert_int_equal(
		c.out.config.defaults[VG_REGION_OTHER][VG_READ].verdict,
		VG_BLOCK);
	assert_int_equal(
		c.out.config.defaults[VG_REGION_OTHER][VG_WRITE].verdict,
		VG_ALLOW);
	compiled_free(&c);
}

/* A longer file name is cut, with its end. */
static void long_name(void **state)
{
	struct vg_findings findings = {};
	struct vg_policy policy;
	struct vg_compiled out;
	char name[200];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(vg_policy_parse(name, "", 0, &policy, &findings), 0);
	assert_int_equal(vg_compile(&policy, &hook, &out), VG_EXIT_OK);
	assert_int_equal(strlen(out.config.name), sizeof(out.config.name) - 1);
	vg_compiled_free(&out);
	vg_policy_free(&policy);
	vg_findings_free(&findings);
}

static __u64 source_of(const char *text)
{
	struct compiled c;
	__u64 source;

	compile_ok(&c, text);
	source = c.out.config.source;
	compiled_free(&c);
	assert_int_not_equal(source, 0);
	return source;
}

/* Tells a daemon whether the file is what is loaded. */
static void source(void **state)
{
	__u64 one = source_of("allow w 8086:10d3");

	(void)state;
	assert_int_equal(source_of("# why\n  allow  w 8086:10D3  # yes\n"),
			 one);
	assert_int_not_equal(source_of("allow r 8086:10d3"), one);
	assert_int_not_equal(source_of("allow w 8086:10d4"), one);
	assert_int_not_equal(source_of("mode monitor\nallow w 8086:10d3"), one);
	assert_int_not_equal(source_of("rate 11 burst 100\nallow w 8086:10d3"),
			     one);
	assert_int_not_equal(source_of(""), one);
}

/* Accesses to the rest are not even asked about unless the policy cares. */
static void regions(void **state)
{
	static const struct {
		const char *text;
		__u32 regions;
	} policies[] = {
		{ "", 0x18 },
		{ "default block rw unassigned\ndefault block rw vendor",
		  0x18 },
		{ "default allow rw other", 0x18 },
		{ "allow w 8086:10d3", 0x18 },
		{ "default block w other", 0x3f },
		{ "default block r other silent", 0x3f },
		{ "default allow w other audit", 0x3f },
		{ "default allow r other audit", 0x3f },
	};
	struct compiled c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		compile_ok(&c, policies[i].text);
		if (c.out.regions != policies[i].regions)
			fail_msg("%s: 0x%x", policies[i].text, c.out.regions);
		compiled_free(&c);
	}
}

/* The shipped policies are the first a newcomer loads. */
static void shipped(void **state)
{
	static const char *const files[] = {
		"policies/default.policy",
		"policies/monitor.policy",
		"policies/strict.policy",
	};
	struct vg_findings findings = {};
	struct vg_policy policy;
	struct vg_compiled out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(vg_policy_read(files[i], &policy, &findings),
				 0);
		assert_int_equal(vg_compile(&policy, &hook, &out), VG_EXIT_OK);
		vg_compiled_free(&out);
		vg_policy_free(&policy);
	}
	vg_findings_free(&findings);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_bytes),  cmocka_unit_test(flag_values),
		cmocka_unit_test(merged),     cmocka_unit_test(several),
		cmocka_unit_test(refused),    cmocka_unit_test(refuses_values),
		cmocka_unit_test(names_each), cmocka_unit_test(config),
		cmocka_unit_test(long_name),  cmocka_unit_test(source),
		cmocka_unit_test(regions),    cmocka_unit_test(shipped),
	};

	if (argc > 1 && chdir(argv[1])) {
		perror(argv[1]);
		return 1;
	}
	return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
