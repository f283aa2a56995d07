// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lines of bpftool in vfioguard.policy(5) put into the maps what the
 * compiler makes of the rules that the manual says they stand for.  A test in a
 * virtual machine runs them (selftests/vm/tests/18-explain.sh).
 */
#include <stdlib.h>

#include "compile/compile.h"
#include "policy_helper.h"

#define MANUAL "man/vfioguard.policy.5.scd"

static const struct vg_hook hook = { .all = 31 };

static char *manual;

static int read_manual(void **state)
{
	FILE *f = fopen(MANUAL, "re");
	size_t room = 0;

	(void)state;
	if (!f)
		fprintf(stderr, "run this from the top of the source\n");
	assert_non_null(f);
	assert_true(getdelim(&manual, &room, '\0', f) > 0);
	fclose(f);
	return 0;
}

static int free_manual(void **state)
{
	(void)state;
	free(manual);
	return 0;
}

/* The bytes behind a word of a line; returns how many. */
static size_t hex_bytes(const char *at, __u8 *bytes, size_t room)
{
	size_t n = 0;
	int len;
	unsigned int byte;

	while (n < room && sscanf(at, " %2x%n", &byte, &len) == 1 &&
	       (at[len] == ' ' || at[len] == '\n')) {
		bytes[n++] = byte;
		at += len;
	}
	return n;
}

/* The nth line that updates a map, from 0. */
static void line(const char *map, int nth, __u8 *key, size_t key_size,
		 __u8 *value, size_t value_size)
{
	__u8 room[64];
	char start[128];
	const char *at = manual;

	snprintf(start, sizeof(start),
		 "\nbpftool map update pinned /sys/fs/bpf/vfioguard/%s key hex",
		 map);
	do {
		at = strstr(at, start);
		assert_non_null(at);
		at += strlen(start);
	} while (nth--);
	assert_int_equal(hex_bytes(at, room, sizeof(room)), key_size);
	memcpy(key, room, key_size);
	at = strstr(at, "value hex");
	assert_non_null(at);
	assert_int_equal(hex_bytes(at + 9, room, sizeof(room)), value_size);
	memcpy(value, room, value_size);
}

static void compile(const char *text, struct vg_compiled *out)
{
	struct text_policy t;

	text_lint(&t, text);
	assert_int_equal(t.lint, 0);
	assert_int_equal(vg_compile(&t.policy, &hook, out), 0);
	text_free(&t);
}

static void allow_list(void **state)
{
	static const char *const rules[] = { "allow rw 8086:10d3",
					     "allow r 14e4:*",
					     "block w 8086:10d3 silent" };
	struct vg_device_id id;
	struct vg_compiled c;
	__u32 flags;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		compile(rules[i], &c);
		line("allowlist", i, (__u8 *)&id, sizeof(id), (__u8 *)&flags,
		     sizeof(flags));
		assert_int_equal(c.allowlist.nr, 1);
		assert_memory_equal(&id, c.allowlist.keys, sizeof(id));
		assert_int_equal(flags, *(__u32 *)c.allowlist.values);
		vg_compiled_free(&c);
	}
}

static void registers(void **state)
{
	static const char *const rules[] = {
		"block w 8086:10d3 0x80",
		"block w 8086:10d3 0x84 value=0x39d5e86b",
	};
	struct vg_scope_key scope;
	struct vg_map_rule value;
	struct vg_rule_key key;
	struct vg_compiled c;
	__u32 kinds, zero;
	__u64 places;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		compile(rules[i], &c);
		line("rules", i, (__u8 *)&key, sizeof(key), (__u8 *)&value,
		     sizeof(value));
		assert_int_equal(c.rules.nr, 1);
		assert_memory_equal(&key, c.rules.keys, sizeof(key));
		/* written in no file */
		((struct vg_map_rule *)c.rules.values)->line = 0;
		assert_memory_equal(&value, c.rules.values, sizeof(value));
		/* one entry is enough for both */
		line("scopes", 0, (__u8 *)&scope, sizeof(scope),
		     (__u8 *)&places, sizeof(places));
		assert_memory_equal(&scope, c.scopes.keys, sizeof(scope));
		assert_int_equal(places, *(__u64 *)c.scopes.values);
		line("scope_kinds", 0, (__u8 *)&zero, sizeof(zero),
		     (__u8 *)&kinds, sizeof(kinds));
		assert_int_equal(zero, 0);
		assert_int_equal(kinds, c.scope_kinds);
		vg_compiled_free(&c);
	}
}

/* awk counts the bytes from 1. */
static void config(void **state)
{
	const size_t defaults = offsetof(struct vg_config, defaults);
	char field[96];

	(void)state;
	snprintf(field, sizeof(field), "awk '{ $%zu = \"01\" } 1'",
		 offsetof(struct vg_config, mode) + 1);
	assert_non_null(strstr(manual, field));
	assert_int_equal(VG_MODE_MONITOR, 1);
	snprintf(field, sizeof(field),
		 "awk '{ $%zu = \"01\"; $%zu = \"00\" } 1'", defaults + 3,
		 defaults + 4);
	assert_non_null(strstr(manual, field));
	assert_int_equal(VG_BLOCK, 1);
	/* where the text says the six defaults are */
	snprintf(field, sizeof(field), "From %zu on two bytes each",
		 defaults + 1);
	assert_non_null(strstr(manual, field));
	assert_int_equal(sizeof(struct vg_default), 2);
	assert_int_equal(VG_REGION_UNASSIGNED, 0);
	assert_int_equal(VG_REGION_VENDOR, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allow_list),
		cmocka_unit_test(registers),
		cmocka_unit_test(config),
	};

	return cmocka_run_group_tests_name("bpftool_lines", tests, read_manual,
					   free_manual);
}
