// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a policy to map entries: the bytes that bpftool shows, and that what the
 * maps can't hold is refused with its place instead of left out.
 */
#include <stdlib.h>
#include <time.h>

#include "compile/compile.h"
#include "policy_helper.h"
#include "capture.h"

static const struct vg_hook hook = {
	.header = 1u << 0,
	.cap = 1u << 1,
	.ext_cap = 1u << 2,
	.vendor = 1u << 3,
	.unassigned = 1u << 4,
	.all = 0x3f,
};

/* Entries of the maps that hold rules. */
static const struct vg_device_id *list_key(const struct vg_compiled *c,
					   size_t i)
{
	return (const struct vg_device_id *)c->allowlist.keys + i;
}

static __u32 list_flags(const struct vg_compiled *c, size_t i)
{
	return ((const __u32 *)c->allowlist.values)[i];
}

static const struct vg_rule_key *rule_key(const struct vg_compiled *c, size_t i)
{
	return (const struct vg_rule_key *)c->rules.keys + i;
}

static const struct vg_map_rule *rule(const struct vg_compiled *c, size_t i)
{
	return (const struct vg_map_rule *)c->rules.values + i;
}

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
	assert_int_equal(c.out.allowlist.nr, 1);
	flags = list_flags(&c.out, 0);
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
	assert_int_equal(sizeof(*list_key(&c.out, 0)), 4);
	compile_ok(&c, "allow w 8086:10d3");
	assert_int_equal(c.out.allowlist.nr, 1);
	assert_memory_equal(c.out.allowlist.keys, exact, 4);
	compiled_free(&c);

	compile_ok(&c, "allow w 8086:*");
	assert_int_equal(c.out.allowlist.nr, 1);
	assert_memory_equal(c.out.allowlist.keys, any, 4);
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
	assert_int_equal(c.out.allowlist.nr, 4);
	for (i = 0; i < 4; i++) {
		for (k = 0; k < 4; k++)
			if (!memcmp(list_key(&c.out, k), &want[i].id, 4))
				break;
		assert_in_range(k, 0, 3);
		assert_int_equal(list_flags(&c.out, k), want[i].flags);
	}
	compiled_free(&c);
}

/* The only rule entry of a text. */
static void one_rule(struct compiled *c, const char *text)
{
	compile_ok(c, text);
	if (c->out.allowlist.nr || c->out.rules.nr != 1)
		fail_msg("%s: %zu + %zu entries", text, c->out.allowlist.nr,
			 c->out.rules.nr);
	assert_int_equal(c->out.scopes.nr, 1);
}

/* Which devices, as the program looks for them. */
static void scopes(void **state)
{
	static const struct {
		const char *text;
		__u8 kind;
		__u64 id;
	} rules[] = {
		{ "block w *", VG_SCOPE_ANY, 0 },
		{ "block w class=02", VG_SCOPE_CLASS, 0x1020000 },
		{ "block w class=0302", VG_SCOPE_CLASS, 0x2030200 },
		{ "block w class=010802", VG_SCOPE_CLASS, 0x3010802 },
		{ "allow w 8086:* key=nic", VG_SCOPE_VENDOR, 0x8086 },
		{ "allow w 8086:10d3 key=n", VG_SCOPE_DEVICE, 0x808610d3 },
		{ "allow w subsys=1028:1234", VG_SCOPE_SUBSYS, 0x10281234 },
		{ "allow w owner=/a", VG_SCOPE_OWNER, 1 },
		{ "allow w slot=0001:02:03.4", VG_SCOPE_SLOT, 0x1021c },
		{ "allow w slot=10001:02:03.4", VG_SCOPE_SLOT, 0x10001021c },
	};
	struct compiled c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct vg_scope_key *key;

		one_rule(&c, rules[i].text);
		key = c.out.scopes.keys;
		if (key->kind != rules[i].kind || key->id != rules[i].id ||
		    rule_key(&c.out, 0)->scope != rules[i].kind ||
		    rule_key(&c.out, 0)->id != rules[i].id)
			fail_msg("%s: %u, %#llx", rules[i].text, key->kind,
				 key->id);
		assert_int_equal(c.out.scope_kinds, 1u << rules[i].kind);
		compiled_free(&c);
	}
}

/* Which bytes. */
static void places(void **state)
{
	static const struct {
		const char *text;
		__u32 place;
		__u8 bytes;
		__u64 has;
	} rules[] = {
		{ "block w * any", 0x1000, 0xf, VG_HAS_REGIONS | VG_HAS_OTHER },
		{ "block w *", 0x1001, 0xf, VG_HAS_REGIONS },
		{ "block w * header", 0x1002, 0xf, VG_HAS_OTHER },
		{ "block w * cap", 0x1003, 0xf, VG_HAS_OTHER },
		{ "block w * vendor", 0x1004, 0xf, VG_HAS_REGIONS },
		{ "block w * unassigned", 0x1005, 0xf, VG_HAS_REGIONS },
		{ "block w * cap=msix", 0x10011, 0xf, VG_HAS_CAPS },
		{ "block w * ecap=aer", 0x20001, 0xf, VG_HAS_CAPS },
		{ "block w * 0x80", 0x80, 0xf, 1 << 1 },
		{ "block w * 0x81", 0x80, 0x2, 1 << 1 },
		{ "block w * 0x42-0x43", 0x40, 0xc, 1 << 0 },
		{ "block w * 0xffc", 0xffc, 0xf, 1u << 31 },
	};
	struct compiled c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		one_rule(&c, rules[i].text);
		if (rule_key(&c.out, 0)->place != rules[i].place ||
		    rule(&c.out, 0)->bytes != rules[i].bytes ||
		    *(__u64 *)c.out.scopes.values != rules[i].has)
			fail_msg("%s: %#x, %#x, %#llx", rules[i].text,
				 rule_key(&c.out, 0)->place,
				 rule(&c.out, 0)->bytes,
				 *(__u64 *)c.out.scopes.values);
		assert_int_equal(rule_key(&c.out, 0)->access, VG_WRITE);
		assert_int_equal(rule(&c.out, 0)->verdict, VG_BLOCK);
		assert_int_equal(rule(&c.out, 0)->flags, VG_RULE_AUDIT);
		assert_int_equal(rule(&c.out, 0)->line, 1);
		compiled_free(&c);
	}
}

/* A range is one entry a dword and direction. */
static void ranges(void **state)
{
	struct compiled c;

	(void)state;
	compile_ok(&c, "allow rw 8086:10d3 0x7e-0x89");
	assert_int_equal(c.out.rules.nr, 8);
	assert_int_equal(c.out.scopes.nr, 1);
	assert_int_equal(*(__u64 *)c.out.scopes.values, 3);
	assert_int_equal(rule_key(&c.out, 0)->access, VG_READ);
	assert_int_equal(rule_key(&c.out, 0)->place, 0x7c);
	assert_int_equal(rule(&c.out, 0)->bytes, 0xc);
	assert_int_equal(rule_key(&c.out, 6)->access, VG_WRITE);
	assert_int_equal(rule_key(&c.out, 6)->place, 0x84);
	assert_int_equal(rule(&c.out, 6)->bytes, 0xf);
	assert_int_equal(rule(&c.out, 7)->bytes, 0x3);
	compiled_free(&c);
}

/* Values and masks are of the dword, whatever the register's place in it. */
static void values(void **state)
{
	struct compiled c;

	(void)state;
	one_rule(&c, "block w 1002:* 0x7c value=0x39d5e86b");
	assert_int_equal(rule(&c.out, 0)->flags, VG_RULE_AUDIT | VG_RULE_VALUE);
	assert_int_equal(rule(&c.out, 0)->value, 0x39d5e86b);
	assert_int_equal(rule(&c.out, 0)->value_mask, 0xffffffff);
	compiled_free(&c);

	one_rule(&c, "block w 1002:* 0x82-0x83 value=0x1200/0xff00 silent");
	assert_int_equal(rule(&c.out, 0)->flags, VG_RULE_VALUE);
	assert_int_equal(rule(&c.out, 0)->value, 0x12000000);
	assert_int_equal(rule(&c.out, 0)->value_mask, 0xff000000);
	compiled_free(&c);

	one_rule(&c, "allow w 1002:0001 0x81 wmask=0x0f");
	assert_int_equal(rule(&c.out, 0)->flags, VG_RULE_WMASK);
	assert_int_equal(rule(&c.out, 0)->write_mask, 0x0f00);
	compiled_free(&c);

	one_rule(&c, "block r 1002:0001 0x82-0x83 read=0xbeef");
	assert_int_equal(rule(&c.out, 0)->read, VG_READ_CONST);
	assert_int_equal(rule(&c.out, 0)->read_value, 0xbeef0000);
	compiled_free(&c);

	/* Two dwords: no access shows all of it. */
	compile_ok(&c, "block w 1002:0001 0x82-0x85 value=0x11223344");
	assert_int_equal(c.out.rules.nr, 2);
	assert_int_equal(rule(&c.out, 0)->value, 0x33440000);
	assert_int_equal(rule(&c.out, 0)->value_mask, 0xffff0000);
	assert_int_equal(rule(&c.out, 0)->bytes, 0xc);
	assert_int_equal(rule(&c.out, 0)->flags,
			 VG_RULE_AUDIT | VG_RULE_VALUE | VG_RULE_PART);
	assert_int_equal(rule(&c.out, 1)->value, 0x1122);
	assert_int_equal(rule(&c.out, 1)->value_mask, 0xffff);
	assert_int_equal(rule(&c.out, 1)->bytes, 0x3);
	compiled_free(&c);

	/* The mask is in one of them: an access can show all of it. */
	compile_ok(&c, "allow w 1002:0001 0x46-0x49 value=0x34/0xff");
	assert_int_equal(c.out.rules.nr, 2);
	assert_int_equal(rule(&c.out, 0)->value_mask, 0xff0000);
	assert_int_equal(rule(&c.out, 0)->flags, VG_RULE_VALUE);
	assert_int_equal(rule(&c.out, 1)->value_mask, 0);
	assert_int_equal(rule(&c.out, 1)->flags, VG_RULE_VALUE | VG_RULE_PART);
	compiled_free(&c);
}

/* The narrowest comes first, then values, of these block before allow. */
static void order(void **state)
{
	static const __u32 lines[] = { 5, 2, 3, 4, 1 };
	struct compiled c;
	size_t i;

	(void)state;
	compile_ok(&c, "allow w 8086:10d3 0x80-0x83\n"
		       "allow w 8086:10d3 0x80-0x81\n"
		       "block w 8086:10d3 0x80 value=0x1/0xff\n"
		       "allow w 8086:10d3 0x80-0x83 value=0x2/0xff\n"
		       "allow w 8086:10d3 0x80-0x81 value=0x3/0xff\n");
	assert_int_equal(c.out.rules.nr, 5);
	for (i = 0; i < 5; i++) {
		assert_int_equal(rule_key(&c.out, i)->index, i);
		assert_int_equal(rule(&c.out, i)->line, lines[i]);
	}
	compiled_free(&c);
}

static void strings(void **state)
{
	struct compiled c;

	(void)state;
	compile_ok(&c, "allow w 8086:10d3 key=one\n"
		       "allow w 8086:10d4 key=two\n"
		       "allow w owner=/machine.slice/a key=one\n"
		       "allow w owner=/machine.slice\n");
	assert_int_equal(c.out.key_names.nr, 3);
	assert_string_equal((char *)c.out.key_names.values, "");
	assert_string_equal((char *)c.out.key_names.values + VG_KEY_LEN, "one");
	assert_int_equal(c.out.files.nr, 1);
	assert_string_equal(c.out.files.values, "t");
	assert_int_equal(c.out.owners.nr, 2);
	assert_string_equal(((struct vg_owner *)c.out.owners.keys)->path,
			    "/machine.slice/a");
	assert_int_equal(((__u32 *)c.out.owners.values)[0], 1);
	compiled_free(&c);
}

/* What an entry of the allow list has no room for is a rule beside it. */
static void beside_the_list(void **state)
{
	struct compiled c;

	(void)state;
	compile_ok(&c, "block r 8086:10d3\nblock w 8086:10d3 silent");
	assert_int_equal(c.out.allowlist.nr, 1);
	assert_int_equal(list_flags(&c.out, 0), VG_F_BLOCK_READ);
	assert_int_equal(c.out.rules.nr, 1);
	assert_int_equal(rule_key(&c.out, 0)->place, VG_PLACE_GUARDED);
	assert_int_equal(rule_key(&c.out, 0)->access, VG_WRITE);
	assert_int_equal(rule(&c.out, 0)->flags, 0);
	compiled_free(&c);
}

/* What the lint would refuse first: the compiler does not rely on it. */
static void compile_unlinted(struct compiled *c, const char *text)
{
	text_parse(&c->text, text);
	assert_int_equal(c->text.err, 0);
	capture_start(&c->said);
	c->ret = vg_compile(&c->text.policy, &hook, &c->out);
	capture_end(&c->said);
}

static char *repeat(const char *what, unsigned int times)
{
	char *text = malloc(strlen(what) * times + times * 16 + 1), *at = text;
	unsigned int i;

	assert_non_null(text);
	for (i = 0; i < times; i++)
		at += sprintf(at, what, i);
	return text;
}

static void refused(void **state)
{
	char *rules = repeat("block w 8086:10d3 0x80 value=0x%x\n", 65);
	char *deep = repeat("/c%u", 16);
	char *nested = repeat("/d", 5);
	char line[512];
	struct compiled c;
	int i;

	(void)state;
	compile_unlinted(&c, rules);
	assert_int_equal(c.ret, VG_EXIT_POLICY);
	assert_non_null(strstr(c.said.text, "more than 64 rules"));
	/* nothing is left that somebody could load */
	assert_null(c.out.rules.keys);
	assert_null(c.out.allowlist.keys);
	compiled_free(&c);

	snprintf(line, sizeof(line), "block w *\nallow w owner=%s\n", deep);
	compile_unlinted(&c, line);
	assert_int_equal(c.ret, VG_EXIT_POLICY);
	assert_non_null(strstr(c.said.text, "t:2:1: "));
	assert_non_null(strstr(c.said.text, "15 cgroups deep"));
	compiled_free(&c);

	line[0] = '\0';
	for (i = 1; i <= 5; i++)
		sprintf(line + strlen(line), "allow w owner=%.*s\n", 2 * i,
			nested);
	compile_unlinted(&c, line);
	assert_int_equal(c.ret, VG_EXIT_POLICY);
	assert_non_null(strstr(c.said.text, "t:5:1: "));
	assert_null(strstr(c.said.text, "t:4:1: "));
	assert_non_null(strstr(c.said.text, "at most 4"));
	compiled_free(&c);

	memset(line, 'x', 300);
	memcpy(line, "allow w owner=/", 15);
	line[300] = '\0';
	compile_unlinted(&c, line);
	assert_int_equal(c.ret, VG_EXIT_POLICY);
	assert_non_null(strstr(c.said.text, "255 bytes"));
	compiled_free(&c);
	free(rules);
	free(deep);
	free(nested);
}

static void locked_down(void **state)
{
	struct vg_hook no_reads = hook;
	struct text_policy text;
	struct vg_compiled out;
	struct capture said;

	(void)state;
	no_reads.locked_down = true;
	text_lint(&text, "block w *\nallow w owner=/a\nallow r owner=/b\n");
	capture_start(&said);
	assert_int_equal(vg_compile(&text.policy, &no_reads, &out),
			 VG_EXIT_POLICY);
	capture_end(&said);
	assert_null(strstr(said.text, "t:1:1: "));
	assert_non_null(strstr(said.text, "t:2:1: this rule can't be loaded: "
					  "lockdown"));
	assert_non_null(strstr(said.text, "t:3:1: "));
	assert_null(out.rules.keys);
	text_free(&text);

	text_lint(&text, "block w *\nallow w 8086:10d3\n");
	assert_int_equal(vg_compile(&text.policy, &no_reads, &out), VG_EXIT_OK);
	vg_compiled_free(&out);
	text_free(&text);
}

static void config(void **state)
{
	static const struct vg_default open = { VG_ALLOW, 0 };
	static const struct vg_default closed = { VG_BLOCK, 1 };
	time_t now = time(NULL);
	struct compiled c;

	(void)state;
	compile_ok(&c, "");
	assert_int_equal(c.out.allowlist.nr, 0);
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
		{ "block w 8086:10d3 unassigned", 0x18 },
		{ "allow w 8086:10d3 0x80", 0x18 },
		{ "allow w 8086:10d3 any", 0x18 },
		{ "allow w 8086:10d3 0x80 audit", 0x1a },
		{ "allow w 8086:10d3 0x80 wmask=0x1", 0x1a },
		{ "block w 8086:10d3 0x80", 0x1a },
		{ "block w 8086:10d3 0x100-0x10f", 0x1c },
		{ "block w 8086:10d3 0x3c-0x10f", 0x1f },
		{ "block w 8086:10d3 header", 0x19 },
		{ "block w 8086:10d3 cap", 0x1e },
		{ "block w 8086:10d3 cap=msi", 0x1a },
		{ "block w 8086:10d3 ecap=aer", 0x1c },
		{ "block w 8086:10d3 any", 0x3f },
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
		if (c.out.config.regions != policies[i].regions)
			fail_msg("%s: 0x%x", policies[i].text,
				 c.out.config.regions);
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
		cmocka_unit_test(key_bytes),
		cmocka_unit_test(flag_values),
		cmocka_unit_test(merged),
		cmocka_unit_test(several),
		cmocka_unit_test(scopes),
		cmocka_unit_test(places),
		cmocka_unit_test(ranges),
		cmocka_unit_test(values),
		cmocka_unit_test(order),
		cmocka_unit_test(strings),
		cmocka_unit_test(refused),
		cmocka_unit_test(beside_the_list),
		cmocka_unit_test(locked_down),
		cmocka_unit_test(config),
		cmocka_unit_test(long_name),
		cmocka_unit_test(source),
		cmocka_unit_test(regions),
		cmocka_unit_test(shipped),
	};

	if (argc > 1 && chdir(argv[1])) {
		perror(argv[1]);
		return 1;
	}
	return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
