// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policy parser: what each construct means, defaults for what is left out,
 * positions, files and directories.  Mistakes are test_policy_mistakes.c's.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_helper.h"

#define R (1U << VG_READ)
#define W (1U << VG_WRITE)

static void empty_file(void **state)
{
	static const struct vg_default open = { VG_ALLOW, 0 };
	struct text_policy t;
	int region, access;

	(void)state;
	text_parse(&t, "");
	assert_int_equal(t.err, 0);
	assert_int_equal(t.policy.mode, VG_MODE_ENFORCE);
	assert_int_equal(t.policy.rate, 10);
	assert_int_equal(t.policy.burst, 100);
	for (region = 0; region < VG_REGIONS; region++) {
		for (access = 0; access < VG_ACCESSES; access++) {
			const struct vg_default *def =
				&t.policy.defaults[region][access];

			assert_null(t.policy.default_pos[region][access].file);
			if (region == VG_REGION_UNASSIGNED &&
			    access == VG_WRITE)
				continue;
			assert_memory_equal(def, &open, sizeof(open));
		}
	}
	assert_int_equal(
		t.policy.defaults[VG_REGION_UNASSIGNED][VG_WRITE].verdict,
		VG_BLOCK);
	assert_int_equal(
		t.policy.defaults[VG_REGION_UNASSIGNED][VG_WRITE].audit, 1);
	text_free(&t);
}

static void settings(void **state)
{
	struct text_policy t;

	(void)state;
	text_parse(&t, "mode monitor # for a week\n"
		       "rate 5 burst 7\n"
		       "default block rw vendor silent\n"
		       "default allow r unassigned audit\n");
	assert_int_equal(t.err, 0);
	assert_int_equal(t.policy.mode, VG_MODE_MONITOR);
	assert_int_equal(t.policy.mode_pos.line, 1);
	assert_int_equal(t.policy.rate, 5);
	assert_int_equal(t.policy.burst, 7);
	assert_int_equal(t.policy.defaults[VG_REGION_VENDOR][VG_READ].verdict,
			 VG_BLOCK);
	assert_int_equal(t.policy.defaults[VG_REGION_VENDOR][VG_WRITE].verdict,
			 VG_BLOCK);
	assert_int_equal(t.policy.defaults[VG_REGION_VENDOR][VG_WRITE].audit,
			 0);
	assert_int_equal(
		t.policy.defaults[VG_REGION_UNASSIGNED][VG_READ].verdict,
		VG_ALLOW);
	assert_int_equal(t.policy.defaults[VG_REGION_UNASSIGNED][VG_READ].audit,
			 1);
	assert_int_equal(t.policy.default_pos[VG_REGION_VENDOR][VG_WRITE].line,
			 3);
	text_free(&t);
}

/* A burst that isn't given keeps the proportion of the built-in ones. */
static void rate_without_burst(void **state)
{
	struct text_policy t;

	(void)state;
	text_parse(&t, "rate 3\n");
	assert_int_equal(t.policy.rate, 3);
	assert_int_equal(t.policy.burst, 30);
	text_free(&t);
	text_parse(&t, "rate 1000000\n");
	assert_int_equal(t.policy.burst, 1000000);
	text_free(&t);
	text_parse(&t, "rate 0\n");
	assert_int_equal(t.err, 0);
	assert_int_equal(t.policy.rate, 0);
	text_free(&t);
}

static void rule_defaults(void **state)
{
	struct text_policy t;
	const struct vg_rule *rule;

	(void)state;
	rule = text_rule(&t, "allow 8086:10d3");
	assert_int_equal(rule->verdict, VG_ALLOW);
	assert_int_equal(rule->access, R | W);
	assert_false(rule->audit);
	assert_int_equal(rule->scope.kind, VG_SCOPE_DEVICE);
	assert_int_equal(rule->scope.vendor, 0x8086);
	assert_int_equal(rule->scope.device, 0x10d3);
	assert_int_equal(rule->where.kind, VG_WHERE_GUARDED);
	assert_false(rule->has_value);
	assert_false(rule->has_write_mask);
	assert_int_equal(rule->read, VG_READ_ZERO);
	assert_string_equal(rule->key, "");
	text_free(&t);

	rule = text_rule(&t, "block *");
	assert_int_equal(rule->verdict, VG_BLOCK);
	assert_true(rule->audit);
	assert_int_equal(rule->scope.kind, VG_SCOPE_ANY);
	text_free(&t);
}

static void scopes(void **state)
{
	static const struct {
		const char *text;
		enum vg_scope_kind kind;
		__u64 id; /* vendor and device, class, or slot */
		__u32 class_mask;
	} cases[] = {
		{ "allow *", VG_SCOPE_ANY, 0, 0 },
		{ "allow 8086:10D3", VG_SCOPE_DEVICE, 0x808610d3, 0 },
		{ "allow 8086:*", VG_SCOPE_VENDOR, 0x8086ffff, 0 },
		{ "allow subsys=1028:1234", VG_SCOPE_SUBSYS, 0x10281234, 0 },
		{ "allow class=03", VG_SCOPE_CLASS, 0x030000, 0xff0000 },
		{ "allow class=0302", VG_SCOPE_CLASS, 0x030200, 0xffff00 },
		{ "allow class=010802", VG_SCOPE_CLASS, 0x010802, 0xffffff },
		{ "allow slot=01:00.0", VG_SCOPE_SLOT, 0x00000100, 0 },
		{ "allow slot=0001:02:1f.7", VG_SCOPE_SLOT, 0x000102ff, 0 },
		{ "allow slot=ffff:ff:00.1", VG_SCOPE_SLOT, 0xffffff01, 0 },
		/* as VMD has them */
		{ "allow slot=10000:01:00.0", VG_SCOPE_SLOT, 0x100000100, 0 },
		{ "allow slot=ffffffff:ff:1f.7", VG_SCOPE_SLOT, 0xffffffffffff,
		  0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vg_scope *scope;
		struct text_policy t;
		__u64 id;

		scope = &text_rule(&t, cases[i].text)->scope;
		assert_int_equal(scope->kind, cases[i].kind);
		id = (__u32)scope->vendor << 16 | scope->device;
		if (scope->kind == VG_SCOPE_CLASS)
			id = scope->class;
		else if (scope->kind == VG_SCOPE_SLOT)
			id = scope->slot;
		assert_int_equal(id, cases[i].id);
		assert_int_equal(scope->class_mask, cases[i].class_mask);
		text_free(&t);
	}
}

/* Rules of one guest share a string; each guest has its own. */
static void owners(void **state)
{
	struct text_policy t;

	(void)state;
	text_parse(&t, "allow owner=/machine.slice/vm\\x2d1.scope 0x80\n"
		       "allow owner=/machine.slice/vm\\x2d1.scope 0x84\n"
		       "allow owner=/machine.slice 0x80\n"
		       "allow owner=/ 0x80\n");
	assert_int_equal(t.err, 0);
	assert_string_equal(t.policy.rules[0].scope.owner,
			    "/machine.slice/vm\\x2d1.scope");
	assert_ptr_equal(t.policy.rules[0].scope.owner,
			 t.policy.rules[1].scope.owner);
	assert_string_equal(t.policy.rules[2].scope.owner, "/machine.slice");
	assert_string_equal(t.policy.rules[3].scope.owner, "/");
	text_free(&t);
}

static void places(void **state)
{
	static const struct {
		const char *text;
		enum vg_where_kind kind;
		unsigned int first, last, cap;
		bool ext;
	} cases[] = {
		{ "any", VG_WHERE_ANY, 0, 0, 0, false },
		{ "header", VG_WHERE_HEADER, 0, 0, 0, false },
		{ "cap", VG_WHERE_CAPS, 0, 0, 0, false },
		{ "vendor", VG_WHERE_VENDOR, 0, 0, 0, false },
		{ "unassigned", VG_WHERE_UNASSIGNED, 0, 0, 0, false },
		{ "cap=msix", VG_WHERE_CAP, 0, 0, 0x11, false },
		{ "cap=aer", VG_WHERE_CAP, 0, 0, 0x01, true },
		{ "cap=vndr", VG_WHERE_CAP, 0, 0, 0x09, false },
		{ "cap=dvsec", VG_WHERE_CAP, 0, 0, 0x23, true },
		{ "cap=0x11", VG_WHERE_CAP, 0, 0, 0x11, false },
		{ "ecap=0x023", VG_WHERE_CAP, 0, 0, 0x23, true },
		{ "ecap=dvsec", VG_WHERE_CAP, 0, 0, 0x23, true },
		/* A bare offset: the register people mean. */
		{ "0x7c", VG_WHERE_RANGE, 0x7c, 0x7f, 0, false },
		{ "0X7C", VG_WHERE_RANGE, 0x7c, 0x7f, 0, false },
		{ "0x7d", VG_WHERE_RANGE, 0x7d, 0x7d, 0, false },
		{ "0x7e", VG_WHERE_RANGE, 0x7e, 0x7e, 0, false },
		{ "0", VG_WHERE_RANGE, 0, 3, 0, false },
		{ "0xffc", VG_WHERE_RANGE, 0xffc, 0xfff, 0, false },
		/* A range: exactly its bytes. */
		{ "0x7c-0x7c", VG_WHERE_RANGE, 0x7c, 0x7c, 0, false },
		{ "0x7c-0x7f", VG_WHERE_RANGE, 0x7c, 0x7f, 0, false },
		{ "0x7d-0x82", VG_WHERE_RANGE, 0x7d, 0x82, 0, false },
		{ "0-0xfff", VG_WHERE_RANGE, 0, 0xfff, 0, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vg_where *where;
		struct text_policy t;
		char line[64];

		snprintf(line, sizeof(line), "block w * %s", cases[i].text);
		where = &text_rule(&t, line)->where;
		assert_int_equal(where->kind, cases[i].kind);
		assert_int_equal(where->first, cases[i].first);
		assert_int_equal(where->last, cases[i].last);
		assert_int_equal(where->cap, cases[i].cap);
		assert_int_equal(where->ext, cases[i].ext);
		text_free(&t);
	}
}

static void option_value(void **state)
{
	struct text_policy t;
	const struct vg_rule *rule;

	(void)state;
	rule = text_rule(&t, "block w 1002:* 0x7c value=0x39d5e86b");
	assert_true(rule->has_value);
	assert_int_equal(rule->value, 0x39d5e86b);
	assert_int_equal(rule->value_mask, 0xffffffff);
	assert_int_equal(rule->value_column, 21);
	text_free(&t);

	/* Only writes carry a value, so that is what the rule is for. */
	rule = text_rule(&t, "block 1002:* 0x7c value=0x1/0xf");
	assert_int_equal(rule->access, W);
	assert_int_equal(rule->value_mask, 0xf);
	text_free(&t);

	/* The mask of a narrow register has its width. */
	rule = text_rule(&t, "allow w * 0x40-0x41 value=0");
	assert_int_equal(rule->value_mask, 0xffff);
	text_free(&t);
	rule = text_rule(&t, "allow w * 0x41 value=0");
	assert_int_equal(rule->value_mask, 0xff);
	text_free(&t);
}

static void option_others(void **state)
{
	struct text_policy t;
	const struct vg_rule *rule;

	(void)state;
	rule = text_rule(&t, "allow rw * 0x80 wmask=0xF0 audit key=a-b_c.d:1");
	assert_true(rule->has_write_mask);
	assert_int_equal(rule->write_mask, 0xf0);
	assert_true(rule->audit);
	assert_string_equal(rule->key, "a-b_c.d:1");
	text_free(&t);

	rule = text_rule(&t, "block * 0x80 silent read=ones");
	assert_false(rule->audit);
	assert_int_equal(rule->read, VG_READ_ONES);
	text_free(&t);
	rule = text_rule(&t, "block r * any read=last");
	assert_int_equal(rule->read, VG_READ_LAST);
	text_free(&t);
	rule = text_rule(&t, "block r * 0x80 read=0x1234");
	assert_int_equal(rule->read, VG_READ_CONST);
	assert_int_equal(rule->read_value, 0x1234);
	text_free(&t);
	rule = text_rule(&t, "block r * unassigned read=0");
	assert_int_equal(rule->read, VG_READ_ZERO);
	text_free(&t);

	/* The longest key there is room for. */
	rule = text_rule(&t, "block * key=0123456789012345678901234567890");
	assert_string_equal(rule->key, "0123456789012345678901234567890");
	text_free(&t);
}

static void positions(void **state)
{
	struct text_policy t;
	const struct vg_rule *rule;

	(void)state;
	rule = text_rule(&t, "# one\r\n\r\n \t allow rw\t8086:10d3  0x80 #x");
	assert_string_equal(rule->pos.file, "t");
	assert_int_equal(rule->pos.line, 3);
	assert_int_equal(rule->pos.column, 4);
	assert_int_equal(rule->scope_column, 13);
	assert_int_equal(rule->where_column, 24);
	assert_int_equal(rule->value_column, 0);
	text_free(&t);

	/* A comment may start within a word. */
	rule = text_rule(&t, "allow rw 8086:10d3#comment");
	assert_int_equal(rule->scope.device, 0x10d3);
	text_free(&t);
}

static void every_error(void **state)
{
	struct text_policy t;

	(void)state;
	text_parse(&t, "alow *\nallow *\nblok *\nmode x\n");
	assert_int_equal(t.err, -EINVAL);
	assert_int_equal(t.findings.errors, 3);
	assert_int_equal(t.findings.list[1].pos.line, 3);
	assert_int_equal(t.policy.nr_rules, 1);
	text_free(&t);
}

/* Memory is no file: an include must not reach out. */
static void no_include_from_memory(void **state)
{
	struct text_policy t;

	(void)state;
	text_parse(&t, "include /dev/zero\n");
	assert_finding(&t, VG_ERROR, 1, 9, "only in files");
	text_free(&t);
}

/* Rules move as the list grows; what they say must not change. */
static void many_rules(void **state)
{
	struct text_policy t;
	char *text = NULL;
	size_t len, i;
	FILE *out;

	(void)state;
	out = open_memstream(&text, &len);
	assert_non_null(out);
	for (i = 0; i < 3000; i++)
		fprintf(out, "allow w %04zx:0001 0x%zx\n", i + 1, 0x40 + i % 4);
	fclose(out);
	text_parse(&t, text);
	assert_int_equal(t.err, 0);
	assert_int_equal(t.policy.nr_rules, 3000);
	for (i = 0; i < 3000; i++) {
		assert_int_equal(t.policy.rules[i].scope.vendor, i + 1);
		assert_int_equal(t.policy.rules[i].pos.line, i + 1);
	}
	text_free(&t);
	free(text);
}

static void write_file(const char *name, const char *text)
{
	FILE *out = fopen(name, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static int enter_directory(void **state)
{
	char *dir = strdup("/tmp/vfioguard-test-XXXXXX");

	if (!dir || !mkdtemp(dir) || chdir(dir))
		return -1;
	*state = dir;
	return 0;
}

static int leave_directory(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	free(*state);
	return chdir("/") || system(command);
}

static void read_policy(struct text_policy *t, const char *path)
{
	memset(t, 0, sizeof(*t));
	t->err = vg_policy_read(path, &t->policy, &t->findings);
}

/* Numbers count as numbers; other files are left alone. */
static void directory_order(void **state)
{
	struct text_policy t;

	(void)state;
	assert_int_equal(mkdir("order", 0700), 0);
	write_file("order/10-b.policy", "allow 0002:0000\n");
	write_file("order/9-a.policy", "allow 0001:0000\n");
	write_file("order/100-c.policy", "allow 0003:0000\n");
	write_file("order/site.policy", "allow 0004:0000\n");
	write_file("order/notes.txt", "not a policy\n");
	write_file("order/.hidden.policy", "nor this\n");
	read_policy(&t, "order");
	assert_int_equal(t.err, 0);
	assert_int_equal(t.policy.nr_rules, 4);
	assert_int_equal(t.policy.rules[0].scope.vendor, 1);
	assert_int_equal(t.policy.rules[1].scope.vendor, 2);
	assert_int_equal(t.policy.rules[2].scope.vendor, 3);
	assert_int_equal(t.policy.rules[3].scope.vendor, 4);
	assert_string_equal(t.policy.rules[1].pos.file, "order/10-b.policy");
	text_free(&t);
}

/* Relative to the including file, wherever the program runs. */
static void include_relative(void **state)
{
	struct text_policy t;

	(void)state;
	assert_int_equal(mkdir("inc", 0700), 0);
	assert_int_equal(mkdir("inc/lib", 0700), 0);
	write_file("inc/main.policy",
		   "allow 0001:0000\ninclude lib/a.policy\nallow 0004:0000\n");
	write_file("inc/lib/a.policy", "allow 0002:0000\ninclude b.policy\n");
	write_file("inc/lib/b.policy", "allow 0003:0000\n");
	read_policy(&t, "inc/main.policy");
	assert_int_equal(t.err, 0);
	assert_int_equal(t.policy.nr_rules, 4);
	assert_int_equal(t.policy.rules[2].scope.vendor, 3);
	assert_string_equal(t.policy.rules[2].pos.file, "inc/lib/b.policy");
	assert_int_equal(t.policy.rules[3].pos.line, 3);
	assert_string_equal(t.policy.rules[3].pos.file, "inc/main.policy");
	text_free(&t);
}

static void include_twice(void **state)
{
	struct text_policy t;

	(void)state;
	write_file("common.policy", "allow 0001:0000\n");
	write_file("twice.policy",
		   "include common.policy\ninclude ./common.policy\n");
	read_policy(&t, "twice.policy");
	assert_int_equal(t.err, 0);
	assert_int_equal(t.policy.nr_rules, 1);
	assert_finding(&t, VG_WARNING, 2, 9, "was read before");
	assert_int_equal(t.findings.list[0].other.line, 1);
	text_free(&t);
}

static void include_deep(void **state)
{
	struct text_policy t;
	char name[32], text[64];
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "deep%d.policy", i);
		snprintf(text, sizeof(text), "include deep%d.policy\n", i + 1);
		write_file(name, i < 19 ? text : "");
	}
	read_policy(&t, "deep0.policy");
	assert_int_equal(t.err, -EINVAL);
	assert_finding(&t, VG_ERROR, 1, 9, "nested too deep");
	text_free(&t);
	/* Sixteen is deep enough for anybody, and still works. */
	read_policy(&t, "deep3.policy");
	assert_int_equal(t.err, 0);
	text_free(&t);
}

static void unreadable(void **state)
{
	struct text_policy t;

	(void)state;
	read_policy(&t, "missing.policy");
	assert_int_equal(t.err, -EINVAL);
	assert_finding(&t, VG_ERROR, 0, 0, "No such file");
	assert_string_equal(t.findings.list[0].pos.file, "missing.policy");
	text_free(&t);
	/* Never ends, and opening some devices does something. */
	read_policy(&t, "/dev/zero");
	assert_int_equal(t.err, -EINVAL);
	assert_finding(&t, VG_ERROR, 0, 0, "not a regular file");
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_file),
		cmocka_unit_test(settings),
		cmocka_unit_test(rate_without_burst),
		cmocka_unit_test(rule_defaults),
		cmocka_unit_test(scopes),
		cmocka_unit_test(owners),
		cmocka_unit_test(places),
		cmocka_unit_test(option_value),
		cmocka_unit_test(option_others),
		cmocka_unit_test(positions),
		cmocka_unit_test(every_error),
		cmocka_unit_test(no_include_from_memory),
		cmocka_unit_test(many_rules),
		cmocka_unit_test(directory_order),
		cmocka_unit_test(include_relative),
		cmocka_unit_test(include_twice),
		cmocka_unit_test(include_deep),
		cmocka_unit_test(unreadable),
	};

	return cmocka_run_group_tests_name("policy_parse", tests,
					   enter_directory, leave_directory);
}
