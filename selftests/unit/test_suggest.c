// SPDX-License-Identifier: GPL-2.0-only
/* What is suggested of made entries: the rules, and that they are right. */
#include <stdio.h>
#include <stdlib.h>

#include "policy_helper.h"

#include "answer/suggest.h"
#include "json_valid.h"
#include "pci_sysfs.h"

#define MAX 64
/* As the kernel counts regions. */
#define HEADER 0
#define CAP 1
#define VENDOR 3
#define UNASSIGNED 4

static struct vg_learnt entries[MAX];
static struct vg_learned_list learned;
static struct vg_suggest suggest;
static struct text_policy base, library, result;
static struct pci_sysfs fs;
static char *text;

static int start(void **state)
{
	(void)state;
	memset(entries, 0, sizeof(entries));
	learned = (struct vg_learned_list){ .entries = entries };
	memset(&suggest, 0, sizeof(suggest));
	suggest.learned = &learned;
	memset(&base, 0, sizeof(base));
	memset(&library, 0, sizeof(library));
	memset(&result, 0, sizeof(result));
	pci_sysfs_start(&fs, SLOT);
	vg_sysfs_use(fs.path);
	text = NULL;
	return 0;
}

static int end(void **state)
{
	(void)state;
	vg_suggest_free(&suggest);
	text_free(&base);
	text_free(&library);
	text_free(&result);
	free(text);
	pci_sysfs_end(&fs);
	return 0;
}

static struct vg_learnt *add(__u8 access, __u16 offset, __u8 size, __u8 region)
{
	struct vg_learnt *l = &entries[learned.nr++];

	assert_in_range(learned.nr, 1, MAX);
	l->key = (struct vg_learn_key){
		.cgroup = 77,
		.slot = SLOT,
		.vendor = 0x8086,
		.device = 0x10d3,
		.offset = offset,
		.size = size,
		.access = access,
	};
	l->value.count = 1;
	l->value.region = region;
	strcpy(l->value.comm, "qemu");
	l->owner = "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope";
	return l;
}

static void wrote(struct vg_learnt *l, __u32 value)
{
	__u32 nr = l->value.taken & 0xffff;

	if (nr < VG_LEARN_VALUES) {
		l->value.values[nr] = value;
		l->value.taken |= 1U << (16 + nr);
	}
	l->value.taken++;
}

static void print(const char *name)
{
	size_t len;
	FILE *f;

	assert_int_equal(vg_suggest_make(&suggest), 0);
	f = open_memstream(&text, &len);
	assert_non_null(f);
	vg_suggest_print(&suggest, name, f);
	fclose(f);
}

/* Whether a line of the text is this. */
static bool has_line(const char *line)
{
	size_t len = strlen(line);
	const char *at;

	for (at = text; (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

static void assert_line(const char *line)
{
	if (!has_line(line))
		fprintf(stderr, "no line '%s' in:\n%s", line, text);
	assert_true(has_line(line));
}

static void assert_no(const char *fragment)
{
	if (strstr(text, fragment))
		fprintf(stderr, "'%s' in:\n%s", fragment, text);
	assert_null(strstr(text, fragment));
}

/* A whole policy, which check has nothing to say about. */
static void print_whole(void)
{
	print(NULL);
	text_lint(&result, text);
	assert_int_equal(result.lint, 0);
	assert_no_finding(&result);
}

static enum vg_verdict written(__u16 offset, __u8 size, bool has_value,
			       __u32 value)
{
	const struct vg_query query = {
		.vendor = 0x8086,
		.device = 0x10d3,
		.offset = offset,
		.size = size,
		.access = VG_WRITE,
		.where = VG_WHERE_UNASSIGNED,
		.has_value = has_value,
		.value = value,
	};
	struct vg_answer answer;

	vg_policy_eval(&result.policy, &query, &answer);
	return answer.verdict;
}

static enum vg_verdict verdict(__u8 access, __u16 offset, __u8 size,
			       enum vg_where_kind where)
{
	const struct vg_query query = {
		.vendor = 0x8086,
		.device = 0x10d3,
		.offset = offset,
		.size = size,
		.access = access,
		.where = where,
	};
	struct vg_answer answer;

	vg_policy_eval(&result.policy, &query, &answer);
	return answer.verdict;
}

/* A write whose values were noted passes with each of them. */
static void assert_values(const struct vg_learnt *l)
{
	__u32 values[VG_LEARN_VALUES];
	unsigned int nr, i;
	bool more;

	nr = vg_learnt_values(l, values, &more);
	for (i = 0; i < nr; i++)
		assert_int_equal(written(l->key.offset, l->key.size, true,
					 values[i]),
				 VG_ALLOW);
}

/* Each byte that was not learnt stays shut, in each direction. */
static void assert_exact(void)
{
	size_t i;
	int at, access;

	for (i = 0; i < learned.nr; i++)
		if (entries[i].value.taken)
			assert_values(&entries[i]);
		else
			assert_int_equal(verdict(entries[i].key.access,
						 entries[i].key.offset,
						 entries[i].key.size,
						 vg_learnt_where(&entries[i])),
					 VG_ALLOW);
	for (access = 0; access < VG_ACCESSES; access++) {
		for (at = 0x40; at < 4096; at++) {
			bool learnt = false, valued = false;

			for (i = 0; i < learned.nr; i++) {
				const struct vg_learn_key *k = &entries[i].key;

				if (k->access != access || at < k->offset ||
				    at >= k->offset + k->size)
					continue;
				learnt = true;
				valued |= entries[i].value.taken;
			}
			if (!valued)
				assert_int_equal(verdict(access, at, 1,
							 VG_WHERE_UNASSIGNED),
						 learnt ? VG_ALLOW : VG_BLOCK);
		}
	}
}

static void with_library(const char *policy)
{
	text_parse(&library, policy);
	assert_int_equal(library.err, 0);
	suggest.library = &library.policy;
}

static void nothing(void **state)
{
	(void)state;
	print_whole();
	assert_line("# Nothing was learnt.");
	assert_exact();
}

static void neighbours(void **state)
{
	struct vg_learnt *l;

	(void)state;
	l = add(VG_WRITE, 0x84, 4, UNASSIGNED);
	l->value.count = 5000;
	wrote(l, 0xdeadbeef);
	l = add(VG_WRITE, 0x80, 4, UNASSIGNED);
	l->value.count = 3;
	wrote(l, 1);
	wrote(l, 0xcafef00d);
	wrote(l, 1); /* by another processor at the same time */
	add(VG_READ, 0x80, 4, UNASSIGNED);
	add(VG_READ, 0x84, 2, UNASSIGNED);
	add(VG_READ, 0x86, 2, UNASSIGNED);
	add(VG_WRITE, 0x91, 1, UNASSIGNED);
	add(VG_READ, 0xffc, 4, UNASSIGNED);
	print_whole();
	assert_line("allow r 8086:10d3 0x80-0x87");
	assert_line("# no capability: 3 reads");
	assert_line("# no capability: 3 writes");
	assert_line("#\t0x80, 4 bytes: 3 times, 0x1 0xcafef00d");
	assert_line("# Only what was seen; without value= whatever is written "
		    "passes.");
	assert_line("allow w 8086:10d3 0x80 value=0x1\n"
		    "allow w 8086:10d3 0x80 value=0xcafef00d");
	assert_line("#\t0x84, 4 bytes: 5000 times, 0xdeadbeef");
	assert_line("allow w 8086:10d3 0x84 value=0xdeadbeef");
	assert_line("allow w 8086:10d3 0x91");
	assert_line("allow r 8086:10d3 0xffc");
	assert_line("# 0000:01:00.0 by qemu, vm web, in "
		    "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope");
	assert_exact();
}

/* Where directions or capabilities differ, rules do. */
static void parts(void **state)
{
	(void)state;
	pci_sysfs_cap(&fs, 0x34, 0x40, 0x09);
	fs.config[0x42] = 0x10;
	pci_sysfs_cap(&fs, 0x41, 0xc0,
		      0x10); /* or there are no extended ones */
	fs.config[0xc2] = 0x02;
	pci_sysfs_ext_cap(&fs, 0x100, 0x1e, 0x120); /* L1 substates: hidden */
	pci_sysfs_ext_cap(&fs, 0x120, 0x03, 0); /* shown */
	pci_sysfs_write(&fs, sizeof(fs.config));
	add(VG_READ, 0x4c, 4, VENDOR);
	add(VG_READ, 0x50, 4, UNASSIGNED);
	add(VG_READ, 0x54, 4, UNASSIGNED);
	add(VG_WRITE, 0x54, 4, UNASSIGNED);
	add(VG_READ, 0x10, 4, HEADER);
	add(VG_WRITE, 0x120, 4, CAP);
	add(VG_WRITE, 0x108, 4, UNASSIGNED);
	add(VG_WRITE, 0x110, 4, UNASSIGNED);
	add(VG_WRITE, 0x114, 4, UNASSIGNED);
	add(VG_READ, 0xf8, 4, UNASSIGNED);
	print_whole();
	assert_line("# vndr (Vendor-Specific) at 0x40: 1 read");
	assert_line("allow r 8086:10d3 0x4c");
	assert_line("allow r 8086:10d3 0x50-0x57");
	assert_line("allow w 8086:10d3 0x54");
	assert_line("# hidden capability l1ss (L1 PM Substates) at 0x100: "
		    "1 write");
	assert_line("allow w 8086:10d3 0x110");
	assert_line("allow w 8086:10d3 0x114");
	assert_line("# beyond what vfio shows of exp (PCI Express) at 0xc0: "
		    "1 read");
	/* Allowed as it is. */
	assert_no("0x10\n");
	assert_no("w 8086:10d3 0x120");
}

/*
 * Only what was seen where that is little: bits beside the one that Linux sets in a
 * UHCI's 0xc0 have the host's firmware called.
 */
static void few_values(void **state)
{
	struct vg_learnt *l;
	int i;

	(void)state;
	wrote(add(VG_WRITE, 0xc0, 2, UNASSIGNED), 0x2000);
	wrote(add(VG_WRITE, 0xc4, 1, UNASSIGNED), 0);
	l = add(VG_WRITE, 0x60, 4, UNASSIGNED); /* four, by two owners */
	wrote(l, 1);
	wrote(l, 2);
	l = add(VG_WRITE, 0x60, 4, UNASSIGNED);
	l->key.cgroup++;
	wrote(l, 3);
	wrote(l, 4);
	l = add(VG_WRITE, 0x64, 4, UNASSIGNED); /* five */
	for (i = 0; i < 5; i++)
		wrote(l, 10 + i);
	/* Parts of one register: nobody knows what makes a value. */
	wrote(add(VG_WRITE, 0x70, 4, UNASSIGNED), 7);
	wrote(add(VG_WRITE, 0x72, 2, UNASSIGNED), 8);
	wrote(add(VG_WRITE, 0x80, 4, UNASSIGNED), 7);
	wrote(add(VG_WRITE, 0x80, 1, UNASSIGNED), 8);
	/* One whose values nobody knows, beside one of the same register. */
	wrote(add(VG_WRITE, 0x90, 4, UNASSIGNED), 7);
	add(VG_WRITE, 0x90, 4, UNASSIGNED)->key.cgroup++;
	print_whole();
	assert_line("allow w 8086:10d3 0xc0-0xc1 value=0x2000");
	assert_line("allow w 8086:10d3 0xc4-0xc4 value=0x0");
	assert_line("allow w 8086:10d3 0x60 value=0x4");
	assert_line("allow w 8086:10d3 0x64");
	assert_line("allow w 8086:10d3 0x70");
	assert_line("allow w 8086:10d3 0x80");
	assert_line("allow w 8086:10d3 0x90");
	assert_int_equal(written(0xc0, 2, true, 0x2000), VG_ALLOW);
	assert_int_equal(written(0xc0, 2, true, 0x20bf), VG_BLOCK);
	assert_int_equal(written(0x60, 4, true, 3), VG_ALLOW);
	assert_int_equal(written(0x60, 4, true, 5), VG_BLOCK);
	assert_int_equal(written(0x64, 4, true, 99), VG_ALLOW);
	assert_int_equal(written(0x70, 4, true, 99), VG_ALLOW);
	assert_int_equal(written(0x90, 4, true, 99), VG_ALLOW);
}

/* The library knows better than what was seen by chance. */
static void library_form(void **state)
{
	struct vg_learnt *l;
	int i;

	(void)state;
	with_library("allow w 8086:* 0xc0-0xc1 wmask=0xaf00 key=needed-uhci\n");
	l = add(VG_WRITE, 0xc0, 2, UNASSIGNED);
	for (i = 0; i < 9; i++)
		wrote(l, i << 8);
	print_whole();
	assert_line("# the library has needed-uhci (t:1)");
	assert_line("allow w 8086:10d3 0xc0-0xc1 wmask=0xaf00");
}

static void device_gone(void **state)
{
	(void)state;
	add(VG_WRITE, 0x80, 4, UNASSIGNED)->key.slot = SLOT + 8;
	add(VG_WRITE, 0x90, 4, VENDOR)->key.slot = SLOT + 8;
	print_whole();
	assert_line("# unassigned: 1 write");
	assert_line("# vendor-capability: 1 write");
}

/* The same register of two devices, by two owners, with many values. */
static void together(void **state)
{
	struct vg_learnt *l;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		l = add(VG_WRITE, 0x80, 4, UNASSIGNED);
		l->key.cgroup = 77 + i;
		wrote(l, 5);
		wrote(l, 6 + i);
	}
	l = add(VG_WRITE, 0x80, 4, UNASSIGNED);
	l->key.slot = SLOT + 8;
	l->owner = "";
	for (i = 0; i < 9; i++)
		wrote(l, 100 + i);
	print_whole();
	assert_line("allow w 8086:10d3 0x80");
	assert_line("#\t0x80, 4 bytes: 3 times, 0x5 0x6 0x7 0x64 0x65 0x66 "
		    "0x67 0x68 and other values");
	assert_line("# 0000:01:01.0 by qemu, in cgroup 77");
	assert_exact();
}

/* Whoever names a process or a cgroup can't write a rule with it. */
static void hostile_names(void **state)
{
	struct vg_learnt *l = add(VG_WRITE, 0x80, 4, UNASSIGNED);

	(void)state;
	strcpy(l->value.comm, "x\nallow rw *");
	l->owner = "/a\nallow rw * any\n#";
	print_whole();
	assert_int_equal(result.policy.nr_rules, 1);
	assert_exact();
}

static void dangerous(void **state)
{
	(void)state;
	with_library("block w 8086:* 0x80 key=hang-x\n"
		     "block w 8086:10d3 0x90 value=0x1 key=dangerous-y\n"
		     "block w 8086:10d3 0xa0 silent key=silent-z\n"
		     "allow w 8086:10d3 0xb0 key=needed-n\n"
		     "block w 8086:10d4 0xc0 key=hang-other\n");
	add(VG_WRITE, 0x7c, 4, UNASSIGNED);
	add(VG_WRITE, 0x80, 4, UNASSIGNED);
	add(VG_READ, 0x80, 4, UNASSIGNED);
	/* A harmless value, but a rule would open the other too. */
	wrote(add(VG_WRITE, 0x90, 4, UNASSIGNED), 2);
	add(VG_WRITE, 0xa0, 4, UNASSIGNED);
	add(VG_WRITE, 0xb0, 4, UNASSIGNED);
	add(VG_WRITE, 0xc0, 4, UNASSIGNED);
	print_whole();
	assert_line("allow w 8086:10d3 0x7c");
	assert_line("# WARNING: hang-x (t:1)");
	assert_line("#allow w 8086:10d3 0x80");
	assert_line("allow r 8086:10d3 0x80");
	assert_line("# WARNING: dangerous-y (t:2)");
	assert_line("#allow w 8086:10d3 0x90");
	assert_line("# nothing misses it: silent-z (t:3)");
	assert_line("block w 8086:10d3 0xa0 silent");
	assert_line("# the library has needed-n (t:4)");
	assert_line("allow w 8086:10d3 0xb0");
	assert_line("allow w 8086:10d3 0xc0");
	assert_int_equal(verdict(VG_WRITE, 0x80, 4, VG_WHERE_UNASSIGNED),
			 VG_BLOCK);
	assert_no("without the device library");
}

static void window(void **state)
{
	struct vg_learnt *l;

	(void)state;
	with_library("allow w 14e4:1648 0x78 value=0x0 key=needed-tg3\n");
	l = add(VG_WRITE, 0x78, 4, UNASSIGNED);
	l->key.vendor = 0x14e4;
	l->key.device = 0x1648;
	wrote(l, 0);
	l = add(VG_WRITE, 0x74, 4, UNASSIGNED);
	l->key.vendor = 0x14e4;
	l->key.device = 0x1648;
	print_whole();
	assert_non_null(strstr(text, "# WARNING: opens a window to all"));
	assert_non_null(strstr(text, "; the library has needed-tg3 (t:1)\n"));
	assert_line("#allow w 14e4:1648 0x78");
	assert_line("allow w 14e4:1648 0x74");
}

/* A copy of the header is not a register as any other. */
static void mirror(void **state)
{
	struct vg_learnt *l;

	(void)state;
	with_library("block w 10de:* 0x488 key=dangerous-x\n");
	l = add(VG_WRITE, 0x404, 2, UNASSIGNED);
	l->key.vendor = 0x11ab;
	l->key.device = 0x4354;
	l = add(VG_WRITE, 0x480, 4, UNASSIGNED);
	l->key.vendor = 0x11ab;
	l->key.device = 0x4354;
	print_whole();
	assert_non_null(strstr(text, "# WARNING: opens command and base "));
	assert_line("#allow w 11ab:4354 0x404-0x405");
	assert_line("allow w 11ab:4354 0x480");
}

/* With a policy only what it lacks; both together are right. */
static void difference(void **state)
{
	static const char policy[] = "mode enforce\n"
				     "default block rw unassigned audit\n"
				     "default allow rw vendor\n"
				     "allow w 8086:10d3 0x80\n"
				     "block r 8086:* 0x90\n"
				     "block w 8086:10d3 0xa0\n"
				     "block w slot=0000:01:00.0 0xb0\n"
				     "block w 8086:* 0xc0 key=hang-c\n"
				     "block w 8086:10d3 0xd0 silent "
				     "key=silent-d\n"
				     "allow w 8086:10d3 0xe0 value=0x1\n";
	char both[4096];

	(void)state;
	text_parse(&base, policy);
	assert_int_equal(base.err, 0);
	suggest.base = &base.policy;
	add(VG_WRITE, 0x80, 4, UNASSIGNED);
	add(VG_READ, 0x44, 4, VENDOR);
	add(VG_READ, 0x90, 4, UNASSIGNED);
	add(VG_WRITE, 0xa0, 4, UNASSIGNED);
	add(VG_WRITE, 0xb0, 4, UNASSIGNED);
	add(VG_WRITE, 0xc0, 4, UNASSIGNED);
	add(VG_WRITE, 0xd0, 4, UNASSIGNED);
	wrote(add(VG_WRITE, 0xe0, 4, UNASSIGNED), 1);
	add(VG_WRITE, 0xf0, 4, UNASSIGNED);
	print("t");
	assert_line("# These rules are missing in t:");
	assert_line("allow r 8086:10d3 0x90");
	assert_line("allow w 8086:10d3 0xf0");
	assert_line("# Left out: t:6 blocks it; change that rule");
	assert_line("#allow w 8086:10d3 0xa0");
	assert_line("# Left out: t:7 blocks it; change that rule");
	assert_line("# WARNING: hang-c (t:8)");
	assert_line("#allow w 8086:10d3 0xc0");
	assert_no("8086:10d3 0x80");
	assert_no("8086:10d3 0x44");
	assert_no("8086:10d3 0xd0");
	assert_no("8086:10d3 0xe0");

	snprintf(both, sizeof(both), "%s%s", policy, text);
	text_lint(&result, both);
	assert_int_equal(result.lint, 0);
	assert_no_finding(&result);
	assert_int_equal(verdict(VG_READ, 0x90, 4, VG_WHERE_UNASSIGNED),
			 VG_ALLOW);
	assert_int_equal(verdict(VG_WRITE, 0xf0, 4, VG_WHERE_UNASSIGNED),
			 VG_ALLOW);
}

static void complete(void **state)
{
	(void)state;
	text_parse(&base, "default allow rw unassigned\n");
	suggest.base = &base.policy;
	add(VG_WRITE, 0x80, 4, UNASSIGNED);
	print("t");
	assert_line("# These rules are missing in t; there are none.");
}

static void lost(void **state)
{
	(void)state;
	learned.lost = 12;
	add(VG_WRITE, 0x80, 4, UNASSIGNED);
	print_whole();
	assert_line("# WARNING: 12 accesses found no room and are not in here");
	assert_non_null(strstr(text, "without the device library"));
}

static void as_json(void **state)
{
	size_t len;
	FILE *f;

	(void)state;
	with_library("block w 8086:* 0x80 key=hang-x\n");
	wrote(add(VG_WRITE, 0x80, 4, UNASSIGNED), 0x10);
	add(VG_READ, 0x90, 4, UNASSIGNED);
	assert_int_equal(vg_suggest_make(&suggest), 0);
	f = open_memstream(&text, &len);
	assert_int_equal(vg_suggest_json(&suggest, NULL, f), 0);
	fclose(f);
	assert_true(json_valid(text));
	assert_non_null(strstr(text, "\"rule\": \"allow w 8086:10d3 0x80\""));
	assert_non_null(strstr(text, "\"advice\": \"dangerous\""));
	assert_non_null(strstr(text, "\"why\": \"hang-x (t:1)\""));
	assert_non_null(strstr(text, "\"advice\": \"allow\""));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	static const struct CMUnitTest tests[] = {
		TEST(nothing),	   TEST(neighbours), TEST(parts),
		TEST(device_gone), TEST(together),   TEST(hostile_names),
		TEST(dangerous),   TEST(window),     TEST(difference),
		TEST(complete),	   TEST(lost),	     TEST(as_json),
		TEST(mirror),	   TEST(few_values), TEST(library_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
