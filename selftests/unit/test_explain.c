// SPDX-License-Identifier: GPL-2.0-only
/*
 * explain --policy: what becomes of an access by a policy as written, why, and
 * how it is shown.  What the loaded policy says is tested in virtual machines.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "answer/explain.h"
#include "json_valid.h"
#include "policy_helper.h"

static struct vg_question question;
static struct vg_policy strings;

/* The access in the words of an expectation; a name ends the list. */
static int ask(const char *words)
{
	struct vg_findings findings = {};
	const char *list[16];
	unsigned int nr = 0;
	char text[256], *rest = text, *word;
	int ret;

	snprintf(text, sizeof(text), "%s", words);
	while ((word = strsep(&rest, " ")))
		list[nr++] = word;
	memset(&question, 0, sizeof(question));
	vg_policy_free(&strings);
	ret = vg_query_words(list, nr, &strings, &findings, &question.query);
	/* An error says what it is. */
	assert_int_equal(!ret, !findings.nr);
	vg_findings_free(&findings);
	return ret;
}

static void explain(const char *policy, const char *words,
		    struct vg_explained *e)
{
	struct text_policy t;

	text_lint(&t, policy);
	assert_int_equal(t.lint, 0);
	assert_int_equal(ask(words), 0);
	vg_explain_policy(&t.policy, &question, e);
	text_free(&t);
}

static void words(void **state)
{
	(void)state;
	assert_int_equal(ask("8086:10d3 w 0x80 value 0x1 slot 01:00.0 "
			     "owner /a class 0200 subsys 1028:1fc9 cap=msix"),
			 0);
	assert_int_equal(question.query.vendor, 0x8086);
	assert_int_equal(question.query.device, 0x10d3);
	assert_int_equal(question.query.access, VG_WRITE);
	assert_int_equal(question.query.offset, 0x80);
	assert_int_equal(question.query.size, 4);
	assert_int_equal(question.query.value, 1);
	assert_int_equal(question.query.slot, VG_SLOT(0, 1, 0));
	assert_string_equal(question.query.owner, "/a");
	assert_int_equal(question.query.class, 0x020000);
	assert_int_equal(question.query.subvendor, 0x1028);
	assert_int_equal(question.query.where, VG_WHERE_CAPS);
	assert_int_equal(question.query.cap, 0x11);
	assert_int_equal(ask("* r 0x81"), 0);
	assert_int_equal(question.query.size, 1);
	assert_int_equal(question.query.where, VG_WHERE_UNASSIGNED);

	assert_int_equal(ask("8086:10d3 w"), -EINVAL);
	assert_int_equal(ask("8086:10d3 rw 0x80"), -EINVAL);
	assert_int_equal(ask("8086:10d3 w 0x82.l"), -EINVAL);
	assert_int_equal(ask("8086:10d3 w 0x1000"), -EINVAL);
	assert_int_equal(ask("8086:10d3 r 0x80 value 0x1"), -EINVAL);
	assert_int_equal(ask("8086:10d3 w 0x80.b value 0x100"), -EINVAL);
	assert_int_equal(ask("8086:* w 0x80"), -EINVAL);
	assert_int_equal(ask("8086:10d3 w 0x80 header"), -EINVAL);
	/* words of an expectation that are no part of an access */
	assert_int_equal(ask("8086:10d3 w 0x80 audit"), -EINVAL);
	assert_int_equal(ask("8086:10d3 w 0x80 owner /a#b"), -EINVAL);
	assert_int_equal(ask("8086:10d3 w 0x80 owner /a\tb"), -EINVAL);
}

static void rule(void **state)
{
	struct vg_explained e;

	(void)state;
	explain("\nblock w 8086:10d3 0x80 key=because\n", "8086:10d3 w 0x80",
		&e);
	assert_int_equal(e.verdict, VG_BLOCK);
	assert_int_equal(e.rules_say, VG_BLOCK);
	assert_int_equal(e.why.reason, VG_REASON_RULE);
	assert_string_equal(e.why.text, "block w 8086:10d3 0x80 key=because");
	assert_string_equal(e.why.file, "t");
	assert_int_equal(e.why.line, 2);
	assert_string_equal(e.why.key, "because");
	assert_true(e.audit);
	assert_false(e.left_to_native);
}

static void defaults(void **state)
{
	struct vg_explained e;

	(void)state;
	explain("default block r vendor silent\n", "* r 0x80 vendor", &e);
	assert_int_equal(e.verdict, VG_BLOCK);
	assert_int_equal(e.why.reason, VG_REASON_DEFAULT);
	assert_string_equal(e.why.text, "default block r vendor silent");
	assert_int_equal(e.why.line, 1);
	assert_false(e.audit);
	/* nobody wrote that one */
	explain("", "* w 0x80", &e);
	assert_int_equal(e.verdict, VG_BLOCK);
	assert_string_equal(e.why.file, "");
	assert_false(e.left_to_native);
	/* what a default allows is the kernel's to decide */
	explain("", "* r 0x80", &e);
	assert_int_equal(e.verdict, VG_ALLOW);
	assert_true(e.left_to_native);
	assert_int_equal(e.native, VG_NATIVE_UNKNOWN);
	explain("", "* r 0x80 cap=pm", &e);
	assert_int_equal(e.native, VG_NATIVE_OPEN);
	/* also if it allows only one byte of it */
	explain("allow r * 0x80-0x82", "* r 0x80", &e);
	assert_true(e.left_to_native);
	explain("allow r * 0x81-0x83", "* r 0x80", &e);
	assert_true(e.left_to_native);
	explain("allow r * 0x80-0x82", "* r 0x80.w", &e);
	assert_false(e.left_to_native);
}

static void monitor(void **state)
{
	struct vg_explained e;

	(void)state;
	explain("mode monitor\nblock w 8086:10d3\n", "8086:10d3 w 0x80", &e);
	assert_int_equal(e.verdict, VG_WOULD_BLOCK);
	assert_int_equal(e.rules_say, VG_BLOCK);
	/* what would be blocked goes on to the module parameters */
	assert_true(e.left_to_native);
	explain("mode monitor\nallow w 8086:10d3\n", "8086:10d3 w 0x80", &e);
	assert_int_equal(e.verdict, VG_ALLOW);
	assert_false(e.left_to_native);
}

static void values(void **state)
{
	static const char policy[] = "allow w 8086:10d3 0x80 wmask=0xff00ff\n"
				     "block r 8086:10d3 0x84 read=0xdeadbeef\n"
				     "block r 8086:10d3 0x88 read=last\n"
				     "block r 8086:10d3 0x8c-0x8d read=ones\n"
				     "block r 8086:10d3 0x8e-0x8f read=last\n";
	struct vg_explained e;

	(void)state;
	explain(policy, "8086:10d3 w 0x80 value 0x12345678", &e);
	assert_int_equal(e.verdict, VG_ALLOW);
	assert_int_equal(e.write_mask, 0xff00ff);
	explain(policy, "8086:10d3 w 0x82.w", &e);
	assert_int_equal(e.write_mask, 0xff);
	explain(policy, "8086:10d3 r 0x84", &e);
	assert_int_equal(e.read_value, 0xdeadbeef);
	explain(policy, "8086:10d3 r 0x86.w", &e);
	assert_int_equal(e.read_value, 0xdead);
	explain(policy, "8086:10d3 r 0x85", &e);
	assert_int_equal(e.read_value, 0xbe);
	explain(policy, "8086:10d3 r 0x88", &e);
	assert_int_equal(e.read_value, 0);
	assert_int_equal(e.read_last, 0xffffffff);
	explain(policy, "8086:10d3 r 0x8c", &e);
	assert_int_equal(e.read_value, 0xffff);
	assert_int_equal(e.read_last, 0xffff0000);
	/* what is said of reads is not of writes */
	explain(policy, "8086:10d3 w 0x88", &e);
	assert_int_equal(e.read_last, 0);
}

static void unsaid(void **state)
{
	static const char policy[] = "block r class=02 0x40\n"
				     "block r subsys=1028:0001 0x44\n"
				     "block r slot=01:00.0 0x48\n"
				     "block r owner=/a 0x4c\n"
				     "block w 8086:10d3 0x50 value=0x1\n"
				     "block w 1002:* 0x54 value=0x1\n";
	static const struct {
		const char *words;
		unsigned int of;
	} cases[] = {
		{ "8086:10d3 r 0x40", VG_UNSAID_CLASS },
		{ "8086:10d3 r 0x44", VG_UNSAID_SUBSYS },
		{ "8086:10d3 r 0x48", VG_UNSAID_SLOT },
		{ "8086:10d3 r 0x4c", VG_UNSAID_OWNER },
		{ "8086:10d3 w 0x50", VG_UNSAID_VALUE },
		{ "8086:10d3 w 0x52", VG_UNSAID_VALUE },
		{ "8086:10d3 w 0x54", 0 }, /* another vendor's */
		{ "8086:10d3 w 0x40", 0 },
		{ "8086:10d3 r 0x58", 0 },
	};
	struct vg_explained e;
	struct text_policy t;
	size_t i;

	(void)state;
	text_lint(&t, policy);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask(cases[i].words), 0);
		question.unsaid = 0x1f;
		vg_explain_policy(&t.policy, &question, &e);
		assert_int_equal(e.unsaid, cases[i].of);
		/* who says all misses nothing */
		question.unsaid = 0;
		vg_explain_policy(&t.policy, &question, &e);
		assert_int_equal(e.unsaid, 0);
	}
	text_free(&t);
}

/* --- How it is shown -------------------------------------------------------- */

static char shown[16384];
/* Where the next access goes, of a device that is there. */
static const struct vg_spot *where;

static void capture(const char *policy, const char *access, bool json)
{
	const struct vg_explain_source source = { .policy = "some.policy" };
	struct vg_explained e;
	struct vg_json out;
	FILE *file = tmpfile();
	int fd = dup(STDOUT_FILENO);
	size_t n;

	vg_pci_ids_off();
	explain(policy, access, &e);
	question.spot = where;
	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	if (json) {
		vg_json_start(&out, stdout, true);
		vg_explain_json(&question, &e, &source, &out);
		vg_json_end(&out);
	} else {
		vg_explain_print(&question, &e, &source);
	}
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	close(fd);
	rewind(file);
	n = fread(shown, 1, sizeof(shown) - 1, file);
	shown[n] = '\0';
	fclose(file);
}

static void assert_shows(const char *text)
{
	if (!strstr(shown, text))
		fprintf(stderr, "%s", shown);
	assert_non_null(strstr(shown, text));
}

static void as_text(void **state)
{
	(void)state;
	capture("block w 8086:10d3 0x80 key=k", "8086:10d3 w 0x80 value 0x1",
		false);
	assert_shows("blocked: write of 0x00000001 at 0x80 (4 bytes) of "
		     "8086:10d3\n");
	assert_shows("  by       block w 8086:10d3 0x80 key=k\n"
		     "  at       t:1, key k\n"
		     "  effect   the write is dropped and looks done\n"
		     "  report   the first access by each process");
	assert_shows("  policy   some.policy, mode enforce, as written\n");

	capture("", "* r 0x81", false);
	assert_shows("allowed: read at 0x81 (1 byte) of a device that no rule "
		     "names\n");
	assert_shows("  at       built in, no line of the policy sets it\n");
	assert_shows("  unless   block_pci_unassigned_read=1 of vfio-pci-core");
	assert_shows("  effect   it goes on to the device\n");
	assert_shows("  report   none\n");

	capture("allow w 8086:10d3 0x80 wmask=0xff",
		"8086:10d3 w 0x80 value 0x1234", false);
	assert_shows("only the bits 0x000000ff are written, the others stay as "
		     "the device has them; of this, 0x00000034 is written\n");
	capture("block r 8086:10d3 0x80 read=0xbeef", "8086:10d3 r 0x80.w",
		false);
	assert_shows("  effect   the reader gets 0xbeef\n");
	capture("mode monitor\nblock r 8086:10d3 0x80 read=last",
		"8086:10d3 r 0x80 cap=0x7f", false);
	assert_shows("would-block: read at 0x80");
	assert_shows("goes on to vfio's own handling of the place, since the "
		     "mode is monitor; enforced, the reader gets what it last "
		     "wrote there, 0 before that\n");
	assert_shows("  place    the capability cap 0x7f\n");
}

/* The part behind 0x100 of a vendor capability: rules are asked with another id. */
static void taken_for_another(void **state)
{
	const struct vg_layout_cap cap = {
		.offset = 0xf0,
		.length = 0x30,
		.id = 0x09,
	};
	const struct vg_spot spot = {
		.where = VG_WHERE_CAPS,
		.cap = &cap,
		.id = 0x09,
		.ext = true,
	};

	(void)state;
	where = &spot;
	capture("", "8086:10d3 w 0x108 cap=vc9", false);
	assert_shows("  place    the capability vndr (Vendor-Specific) at "
		     "0xf0-0x11f, which vfio takes for vc9 (Virtual Channel, "
		     "second id)\n");
	capture("", "8086:10d3 w 0x108 cap=vc9", true);
	where = NULL;
	assert_true(json_valid(shown));
	assert_shows("\t\t\"taken_for\": 9\n");
}

static void as_json(void **state)
{
	(void)state;
	capture("mode monitor\nblock w 8086:10d3 0x80 key=k",
		"8086:10d3 w 0x80.w value 0x1 cap=msix", true);
	assert_true(json_valid(shown));
	assert_shows("\t\"verdict\": \"would-block\",\n");
	assert_shows("\t\"rules_say\": \"block\",\n");
	assert_shows("\t\"rule\": \"rule\",\n");
	assert_shows("\t\"line\": 2,\n");
	assert_shows("\t\"write_mask\": 65535,\n");
	assert_shows("\t\"region\": \"capability\",\n");
	assert_shows("\t\t\"name\": \"msix\",\n");
	assert_shows("\t\"loaded\": false\n");
}

static int tear_down(void **state)
{
	(void)state;
	vg_policy_free(&strings);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(rule),
		cmocka_unit_test(defaults),
		cmocka_unit_test(monitor),
		cmocka_unit_test(values),
		cmocka_unit_test(unsaid),
		cmocka_unit_test(as_text),
		cmocka_unit_test(as_json),
		cmocka_unit_test(taken_for_another),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, tear_down);
}
