// SPDX-License-Identifier: GPL-2.0-only
/*
 * How what is loaded differs from a file, in words, and which of the loaded
 * rules are for a device.  What is loaded is made by the compiler of policies,
 * as the loader does it, and then edited as a person with bpftool would.
 */
#include <errno.h>
#include <stdlib.h>

#include "answer/device_rules.h"
#include "answer/loaded_diff.h"
#include "maps/map_rule.h"
#include "policy_helper.h"

static const struct vg_hook hook = {
	.header = 1,
	.cap = 2,
	.ext_cap = 4,
	.vendor = 8,
	.unassigned = 16,
	.all = 31,
};

static struct vg_loaded loaded;
static struct vg_differences differences;

/* As after `vfioguard load`. */
static void load(const char *text)
{
	struct vg_compiled compiled;
	struct text_policy t;

	text_lint(&t, text);
	assert_int_equal(t.lint, 0);
	assert_int_equal(vg_compile(&t.policy, &hook, &compiled), 0);
	loaded.config = compiled.config;
	loaded.scope_kinds = compiled.scope_kinds;
	loaded.allowlist = compiled.allowlist;
	loaded.scopes = compiled.scopes;
	loaded.rules = compiled.rules;
	loaded.owners = compiled.owners;
	vg_entries_free(&compiled.key_names);
	vg_entries_free(&compiled.files);
	text_free(&t);
}

static int diff(const char *text)
{
	struct text_policy t;
	int ret;

	vg_differences_free(&differences);
	text_lint(&t, text);
	assert_int_equal(t.lint, 0);
	ret = vg_loaded_diff(&loaded, &t.policy, &hook, &differences);
	text_free(&t);
	return ret;
}

static void done(void)
{
	vg_differences_free(&differences);
	vg_loaded_free(&loaded);
}

/* A value that somebody put into a map. */
static void grow(struct vg_entries *entries, size_t key, size_t value,
		 const void *new_key, const void *new_value)
{
	entries->keys = realloc(entries->keys, (entries->nr + 1) * key);
	entries->values = realloc(entries->values, (entries->nr + 1) * value);
	assert_non_null(entries->keys);
	assert_non_null(entries->values);
	memcpy((char *)entries->keys + entries->nr * key, new_key, key);
	memcpy((char *)entries->values + entries->nr * value, new_value, value);
	entries->nr++;
}

static const char policy[] = "default block w unassigned\n"
			     "allow rw 8086:10d3\n"
			     "block w 8086:* silent\n"
			     "block w 1002:* 0x7c value=0x39d5e86b\n"
			     "allow w owner=/a/b 0x80-0x87\n";

static void nothing_differs(void **state)
{
	(void)state;
	load(policy);
	assert_int_equal(diff(policy), 0);
	assert_int_equal(differences.nr, 0);
	assert_false(differences.file_changed);
	assert_false(differences.lines_moved);
	/* the same in other lines, with a comment */
	assert_int_equal(diff("default block w unassigned\n\n# more\n"
			      "allow rw 8086:10d3\n"
			      "block w 8086:* silent\n"
			      "block w 1002:* 0x7c value=0x39d5e86b\n"
			      "allow w owner=/a/b 0x80-0x87\n"),
			 0);
	assert_int_equal(differences.nr, 0);
	assert_false(differences.file_changed);
	assert_true(differences.lines_moved);
	done();
}

static void edited_list(void **state)
{
	const struct vg_device_id id = { 0x14e4, VG_ANY_DEVICE };
	__u32 flags = VG_F_ALLOW_READ;
	struct vg_device_id *ids;
	size_t i;

	(void)state;
	load(policy);
	grow(&loaded.allowlist, sizeof(id), sizeof(flags), &id, &flags);
	ids = loaded.allowlist.keys;
	for (i = 0; i < loaded.allowlist.nr; i++)
		if (ids[i].device == 0x10d3)
			((__u32 *)loaded.allowlist.values)[i] = VG_F_ALLOW_READ;
	assert_int_equal(diff(policy), 0);
	assert_false(differences.file_changed);
	assert_int_equal(differences.nr, 2);
	assert_string_equal(
		differences.texts[0],
		"8086:10d3: 'allow r' is loaded, 'allow rw' in the file");
	assert_string_equal(differences.texts[1],
			    "14e4:*: 'allow r' is loaded, and not in the file");
	/* and one that was taken out */
	loaded.allowlist.nr = 1;
	assert_int_equal(ids[0].device, 0x10d3);
	assert_int_equal(diff(policy), 0);
	assert_int_equal(differences.nr, 2);
	assert_string_equal(
		differences.texts[1],
		"8086:*: 'block w silent' is in the file, and not loaded");
	done();
}

static void edited_rules(void **state)
{
	struct vg_map_rule *rules;
	struct vg_rule_key *keys;
	size_t i;

	(void)state;
	load(policy);
	keys = loaded.rules.keys;
	rules = loaded.rules.values;
	for (i = 0; i < loaded.rules.nr; i++) {
		if (keys[i].place == 0x7c)
			rules[i].verdict = VG_ALLOW;
		if (keys[i].place == 0x84)
			keys[i].place = 0x88;
	}
	assert_int_equal(diff(policy), 0);
	assert_int_equal(differences.nr, 3);
	assert_string_equal(
		differences.texts[0],
		"'allow w 1002:* 0x7c value=0x39d5e86b audit' is loaded, "
		"'block w 1002:* 0x7c value=0x39d5e86b' in the file");
	assert_string_equal(
		differences.texts[1],
		"'allow w owner=/a/b 0x84' is in the file, and not loaded");
	assert_string_equal(
		differences.texts[2],
		"'allow w owner=/a/b 0x88' is loaded, and not in the file");
	done();
}

static void edited_config(void **state)
{
	(void)state;
	load(policy);
	loaded.config.mode = VG_MODE_MONITOR;
	loaded.config.defaults[VG_REGION_VENDOR][VG_READ].verdict = VG_BLOCK;
	loaded.config.burst = 7;
	loaded.scope_kinds = 0;
	assert_int_equal(diff(policy), 0);
	assert_int_equal(differences.nr, 4);
	assert_string_equal(differences.texts[0],
			    "mode: monitor is loaded, enforce in the file");
	assert_string_equal(differences.texts[1],
			    "'default block r vendor silent' is loaded, "
			    "'default allow r vendor' in the file");
	assert_non_null(strstr(differences.texts[2], "burst 7 is loaded"));
	assert_non_null(strstr(differences.texts[3], "map scope_kinds: 0x0"));
	/* learning changes the mode, and nobody's edit did */
	loaded.config.learn = 1;
	loaded.config.mode_before = VG_MODE_ENFORCE;
	assert_int_equal(diff(policy), 0);
	assert_int_equal(differences.nr, 3);
	done();
}

static void other_maps(void **state)
{
	(void)state;
	load(policy);
	*(__u64 *)loaded.scopes.values ^= 1;
	*(__u32 *)loaded.owners.values = 9;
	assert_int_equal(diff(policy), 0);
	assert_int_equal(differences.nr, 2);
	assert_string_equal(differences.texts[0],
			    "map scopes: 1 entry differs");
	assert_string_equal(differences.texts[1],
			    "map owners: 1 entry differs");
	done();
}

static void changed_file(void **state)
{
	(void)state;
	load(policy);
	assert_int_equal(diff("allow rw 8086:10d3\n"), 0);
	assert_true(differences.file_changed);
	assert_int_equal(differences.nr, 7);
	done();
}

/* More than are shown are counted all the same. */
static void many(void **state)
{
	char text[64 * 40] = "";
	size_t n = 0, i;

	(void)state;
	for (i = 0; i < 40; i++)
		n += sprintf(text + n, "allow rw 8086:%04zx 0x80\n", i + 1);
	load("allow rw 8086:*\n");
	assert_int_equal(diff(text), 0);
	/* each of both directions; the entry; the scopes and their kinds */
	assert_int_equal(differences.nr, 80 + 1 + 2);
	assert_non_null(differences.texts[VG_DIFFERENCES_SHOWN - 1]);
	done();
}

static void formats(void **state)
{
	/* What the compiler makes of one rule says what the rule says. */
	static const char *const rules[] = {
		"block w *",
		"allow r class=02 any",
		"block w class=0302 header",
		"block w class=010802 vendor",
		"allow w 8086:* cap",
		"block w subsys=1028:1fc9 unassigned",
		"block w slot=0000:01:02.3 cap=msix silent",
		"block r owner=/a/b cap=dvsec",
		"block r 8086:10d3 0x81 read=0xbe",
		"block r 8086:10d3 0x82-0x83 read=0xbeef",
		"block r 8086:10d3 0x80 read=last",
		"block r 8086:10d3 0x80 read=ones",
		"allow w 8086:10d3 0x81-0x83 wmask=0xff00",
		"block w 8086:10d3 0x82-0x83 value=0x1200/0xff00",
		"allow w 8086:10d3 0xff value=0x12 audit",
	};
	char text[VG_MAP_RULE_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		load(rules[i]);
		assert_int_equal(loaded.rules.nr, 1);
		vg_map_rule_format(loaded.rules.keys, loaded.rules.values,
				   &loaded.owners, text);
		assert_string_equal(text, rules[i]);
		done();
	}
	load(rules[0]);
	((struct vg_map_rule *)loaded.rules.values)->flags |= 0x80;
	vg_map_rule_format(loaded.rules.keys, loaded.rules.values,
			   &loaded.owners, text);
	assert_non_null(strstr(text, "(invalid: it blocks"));
	done();
}

static void device_rules(void **state)
{
	static const struct vg_function card = {
		.slot = VG_SLOT(0, 1, 0),
		.vendor = 0x8086,
		.device = 0x10d3,
		.subvendor = 0x1028,
		.subdevice = 0x1fc9,
		.class = 0x020000,
	};
	struct vg_function other = card;
	struct vg_device_rules count;

	(void)state;
	load("block w 8086:10d3 0x80-0x9f\n" /* one rule, eight entries */
	     "block rw 8086:10d3 0xa0\n"
	     "allow rw 8086:10d3\n"
	     "allow r 8086:*\n"
	     "block w class=02 0x40\n"
	     "block w class=03 0x40\n"
	     "block w subsys=1028:1fc9 0x40\n"
	     "block w subsys=1028:1fca 0x40\n"
	     "block w owner=/a 0x40\n"
	     "block w owner=/b 0x40-0x4f\n"
	     "block w 8086:10d4 0x40\n"
	     "block r * header\n");
	assert_int_equal(vg_device_rules_count(&loaded, &card, &count), 0);
	assert_int_equal(count.rules, 7);
	assert_int_equal(count.owner_rules, 2);
	assert_string_equal(count.most_specific, "subsys=1028:1fc9");

	other.device = 0x10d4;
	other.subvendor = 0;
	assert_int_equal(vg_device_rules_count(&loaded, &other, &count), 0);
	assert_int_equal(count.rules, 4);
	assert_string_equal(count.most_specific, "8086:10d4");

	other.vendor = 0x1002;
	assert_int_equal(vg_device_rules_count(&loaded, &other, &count), 0);
	assert_int_equal(count.rules, 2);
	assert_string_equal(count.most_specific, "class=02");
	done();

	load("block w slot=0000:01:00.0 0x40\n");
	assert_int_equal(vg_device_rules_count(&loaded, &card, &count), 0);
	assert_int_equal(count.rules, 1);
	assert_string_equal(count.most_specific, "slot=0000:01:00.0");
	other.slot = VG_SLOT(0, 2, 0);
	assert_int_equal(vg_device_rules_count(&loaded, &other, &count), 0);
	assert_int_equal(count.rules, 0);
	assert_string_equal(count.most_specific, "");
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_differs),
		cmocka_unit_test(edited_list),
		cmocka_unit_test(edited_rules),
		cmocka_unit_test(edited_config),
		cmocka_unit_test(other_maps),
		cmocka_unit_test(changed_file),
		cmocka_unit_test(many),
		cmocka_unit_test(formats),
		cmocka_unit_test(device_rules),
	};

	return cmocka_run_group_tests_name("loaded_diff", tests, NULL, NULL);
}
