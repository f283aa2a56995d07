// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lint: contradictions, overlaps and what can't be meant.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "policy_helper.h"

/* Texts about which there is nothing to say. */
static void fine(void **state)
{
	static const char *const texts[] = {
		"",
		"default block w unassigned",
		/* specificity: each pair has a winner */
		"block w *\nallow w class=02",
		"block w class=02\nallow w class=0200\nblock w class=020000",
		"block w class=02\nallow w 8086:*",
		"block w 8086:*\nallow w 8086:10d3",
		"block w 8086:10d3\nallow w subsys=8086:a01f",
		"block w subsys=8086:a01f\nallow w owner=/a",
		"block w owner=/a\nallow w owner=/a/b",
		"block w owner=/a\nallow w slot=01:00.0",
		"block w 8086:10d3 any\nallow w 8086:10d3",
		"block w 8086:10d3\nallow w 8086:10d3 unassigned",
		"block w 8086:10d3 unassigned\nallow w 8086:10d3 cap=vndr",
		"block w 8086:10d3 cap=vndr\nallow w 8086:10d3 0x80-0x8f",
		"block w 8086:10d3 0x80-0x8f\nallow w 8086:10d3 0x80-0x87",
		"block w 8086:10d3 0x80-0x87\nallow w 8086:10d3 0x84-0x87",
		"allow w 8086:10d3 0x80\nblock w 8086:10d3 0x80 value=0x1",
		/* neighbours that do not touch */
		"block w 8086:10d3 0x80\nallow w 8086:10d3 0x84",
		"block w 8086:10d3 0x80\nallow w 8086:10d4 0x80",
		"block w 8086:10d3 0x80\nallow r 8086:10d3 0x80 audit",
		"block w 8086:10d3 header\nallow w 8086:10d3 vendor",
		"block w 8086:10d3 cap=pm\nallow w 8086:10d3 cap=msi",
		/* 0x01 is PM as a standard and AER as an extended one */
		"block w 8086:10d3 cap=0x01\nallow w 8086:10d3 ecap=0x001",
		"block w owner=/a\nallow w owner=/b",
		"block w slot=01:00.0\nallow w slot=01:00.1",
		"block w slot=01:00.0\nallow w slot=10000:01:00.0",
		/* class 03 with and without the digits that are zero */
		"block w class=03\nallow w class=0300",
		"block w class=0300\nallow w class=030000",
		/* values that differ in a bit both compare */
		"block w * 0x80 value=0x1/0x1\nallow w * 0x80 value=0/0x1",
		"block w * 0x80 value=0x12\nallow w * 0x80 value=0x13",
		"block w * 0x80 value=0x10/0xf0\nallow w * 0x80 value=0x20",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct text_policy t;

		text_lint(&t, texts[i]);
		assert_int_equal(t.lint, 0);
		assert_no_finding(&t);
		text_free(&t);
	}
}

/* Texts with one contradiction, reported at the start of the last line. */
static void contradictions(void **state)
{
	static const struct {
		const char *text;
		unsigned int line, other;
	} cases[] = {
		{ "block w *\nallow w *", 2, 1 },
		{ "block w * 0x80\nallow w * 0x81", 0, 0 },
		{ "block w * 0x80-0x84\nallow w * 0x84-0x88", 2, 1 },
		{ "allow w * 0x84-0x88\nblock w * 0x80-0x84", 2, 1 },
		{ "block rw * 0x80\nallow r * 0x80", 2, 1 },
		{ "block w * 0x80\nallow w * 0x80 audit", 2, 1 },
		{ "block w class=0302\n\nallow w class=0302", 3, 1 },
		{ "block w owner=/a\nblock w owner=/b\nallow w owner=/a", 3,
		  1 },
		/* rules between them in the sorted order */
		{ "allow w * 0x80-0x8f\nallow r * 0x81-0x90 audit\n"
		  "block w * 0x82-0x91",
		  3, 1 },
		/* values: by one mask, by two, at two overlapping places */
		{ "block w * 0x80 value=0x1\nallow w * 0x80 value=0x1", 2, 1 },
		{ "allow w * 0x80 value=0x1/0xf\n"
		  "block w * 0x80 value=0x10/0xf0",
		  2, 1 },
		/* only the second rule of a mask says otherwise */
		{ "block w * 0x80 value=0x1/0xf\n"
		  "block w * 0x80 value=0x10/0xf0\n"
		  "allow w * 0x80 value=0x20/0xf0",
		  3, 1 },
		{ "block w * 0x80 value=0x0/0xf\nblock w * 0x80 value=0x1/0xf\n"
		  "allow w * 0x80 value=0x21",
		  3, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text_policy t;

		text_lint(&t, cases[i].text);
		if (!cases[i].line) {
			assert_int_equal(t.lint, 0);
			assert_int_equal(t.findings.errors, 0);
			text_free(&t);
			continue;
		}
		assert_int_equal(t.lint, -EINVAL);
		assert_finding(&t, VG_ERROR, cases[i].line, 1, "contradicts");
		assert_int_equal(t.findings.list[0].other.line, cases[i].other);
		text_free(&t);
	}
}

/* Overlapping words at odd offsets: bytes are compared where they lie. */
static void values_at_odd_places(void **state)
{
	struct text_policy t;

	(void)state;
	/* byte 0x82 is 0x34 in the first and 0x34 in the second */
	text_lint(&t, "block w * 0x81-0x82 value=0x3412\n"
		      "allow w * 0x82-0x83 value=0x5634");
	assert_int_equal(t.findings.errors, 1);
	text_free(&t);
	/* byte 0x82 is 0x34 in the first and 0x35 in the second */
	text_lint(&t, "block w * 0x81-0x82 value=0x3412\n"
		      "allow w * 0x82-0x83 value=0x5635");
	assert_int_equal(t.findings.errors, 0);
	text_free(&t);
}

static void too_many_masks(void **state)
{
	char text[8192];
	struct text_policy t;
	size_t len = 0;
	int i;

	(void)state;
	for (i = 1; i <= 40; i++)
		len += snprintf(text + len, sizeof(text) - len,
				"block w * 0x80 value=0x%x/0x%x\n", i, i);
	text_lint(&t, text);
	assert_int_equal(t.lint, -EINVAL);
	assert_non_null(strstr(t.findings.list[0].what, "different masks"));
	text_free(&t);
}

static void duplicates(void **state)
{
	struct text_policy t;

	(void)state;
	text_lint(&t, "block w 8086:10d3 0x80\nblock w 8086:10d3 0x80-0x83");
	assert_int_equal(t.lint, 0);
	assert_finding(&t, VG_WARNING, 2, 1, "stands at t:1 already");
	text_free(&t);
	text_lint(&t, "block rw 8086:10d3 0x80\nblock w 8086:10d3 0x80");
	assert_finding(&t, VG_WARNING, 2, 1, "overlaps");
	text_free(&t);
	text_lint(&t, "block w 8086:10d3 0x80-0x84\n"
		      "block w 8086:10d3 0x84-0x88");
	assert_finding(&t, VG_WARNING, 2, 1, "overlaps");
	text_free(&t);
	text_lint(&t, "block w * 0x80 value=0x1\nblock w * 0x80 value=0x1");
	assert_finding(&t, VG_WARNING, 2, 1, "already");
	text_free(&t);
}

static void like_the_default(void **state)
{
	static const char *const same[] = {
		"block w 8086:10d3 unassigned",
		"allow r 8086:10d3",
		"allow rw * vendor",
		"allow rw 8086:10d3 header",
		"allow r 8086:10d3 0x80",
		"default block w vendor\nblock w 8086:10d3",
	};
	static const char *const needed[] = {
		"block w 8086:10d3", /* vendor writes are allowed */
		"block w 8086:10d3 unassigned silent",
		"block w 8086:10d3 unassigned key=x",
		"block w 8086:10d3 0x80", /* may lie in a capability */
		"allow r 8086:10d3 audit",
		"allow rw 8086:10d3 0x20 wmask=0x1",
		"allow w 8086:10d3 unassigned",
		/* without it the wider rule would say otherwise */
		"block r 8086:*\nallow r 8086:10d3",
		"block r 8086:10d3 any\nallow r 8086:10d3",
	};
	struct text_policy t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		text_lint(&t, same[i]);
		assert_int_equal(t.findings.nr, 1);
		assert_int_equal(t.findings.list[0].severity, VG_NOTE);
		assert_non_null(strstr(t.findings.list[0].what, "already"));
		text_free(&t);
	}
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		text_lint(&t, needed[i]);
		assert_no_finding(&t);
		text_free(&t);
	}
}

static void shadowed_defaults(void **state)
{
	struct text_policy t;

	(void)state;
	text_lint(&t, "default block w unassigned\nallow w * unassigned");
	assert_finding(&t, VG_NOTE, 1, 1, "never used for writes");
	assert_int_equal(t.findings.list[0].other.line, 2);
	text_free(&t);
	/* some values only, or some devices only */
	text_lint(&t, "default block w unassigned\nallow w * 0x80 value=0x1");
	assert_no_finding(&t);
	text_free(&t);
	text_lint(&t, "default block w unassigned\nallow w class=02");
	assert_no_finding(&t);
	text_free(&t);
}

static void windows(void **state)
{
	static const struct {
		const char *text;
		unsigned int column;
	} cases[] = {
		{ "allow w 14e4:1657", 9 },
		{ "allow w 14e4:1657 0x78", 19 },
		{ "allow rw 14e4:16a1 0x70-0x8f", 20 },
		{ "allow w 14e4:* unassigned", 16 },
		{ "allow w 1da3:1000 0xff0", 19 },
		{ "allow w 15b3:1019 vendor audit", 19 },
		{ "allow w 15b3:1019 cap=vndr audit", 19 },
		/* of every device, if the register is named */
		{ "allow w * 0x78", 11 },
		{ "allow w * 0xff0-0xff3", 11 },
	};
	static const char *const harmless[] = {
		"allow w 14e4:1657 0x78 value=0x1234",
		"allow w 14e4:1657 0x68",
		"allow w 14e4:4331 0x78",
		"block w 14e4:1657 0x78",
		"allow r 14e4:1657 0x78 audit",
		"allow w 15b3:1019 0x60",
	};
	struct text_policy t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_lint(&t, cases[i].text);
		assert_finding(&t, VG_WARNING, 1, cases[i].column,
			       "opens a window");
		text_free(&t);
	}
	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		text_lint(&t, harmless[i]);
		assert_no_finding(&t);
		text_free(&t);
	}
}

/* Copies of the header in unassigned space. */
static void mirrors(void **state)
{
	static const struct {
		const char *text;
		unsigned int column; /* 0: nothing is said */
	} cases[] = {
		{ "allow w 11ab:4354", 9 },
		{ "allow w 11ab:4363 unassigned", 19 },
		{ "allow w 11ab:* 0x400-0xfff", 16 },
		{ "allow rw 11ab:4354 0x810", 20 },
		{ "allow w 11ab:4354 0xc04", 19 },
		{ "allow w 1077:1020 0xb0", 19 },
		{ "allow w 11ab:4354 0x40-0xff", 0 },
		{ "allow w 11ab:4354 0x434-0x4ff", 0 },
		{ "allow w 11ab:4354 0x404 value=0x6", 0 },
		{ "allow r 11ab:4354 0x400-0xfff audit", 0 },
		{ "allow w 11ab:4320 0x400-0xfff", 0 }, /* an older one */
		{ "block w 11ab:4354 0x400-0xfff", 0 },
		{ "allow w 1077:1020 0xc0", 0 },
	};
	struct text_policy t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_lint(&t, cases[i].text);
		if (cases[i].column)
			assert_finding(&t, VG_WARNING, 1, cases[i].column,
				       "opens command and base addresses");
		else
			assert_no_finding(&t);
		text_free(&t);
	}
}

static void never_matches(void **state)
{
	struct text_policy t;

	(void)state;
	text_lint(&t, "block rw 8086:10d3 cap=l1ss");
	assert_finding(&t, VG_WARNING, 1, 20, "vfio hides");
	text_free(&t);
	text_lint(&t, "block rw 8086:10d3 cap=0x7f");
	assert_finding(&t, VG_WARNING, 1, 20, "no capability with the id 0x7f");
	text_free(&t);
	text_lint(&t, "block rw 8086:10d3 ecap=0x77");
	assert_finding(&t, VG_WARNING, 1, 20,
		       "no extended capability with the id 0x77");
	text_free(&t);
	text_lint(&t, "block w 8086:10d3 0x81-0x82 value=0x1");
	assert_finding(&t, VG_WARNING, 1, 19, "no single access");
	text_free(&t);
	text_lint(&t, "block w 8086:10d3 0x81-0x83 value=0x1");
	assert_finding(&t, VG_WARNING, 1, 19, "no single access");
	text_free(&t);
}

/* Rules that narrower ones of the same device leave nothing to. */
static void covered(void **state)
{
	static const struct {
		const char *text;
		unsigned int line, column; /* 0: nothing to say */
	} cases[] = {
		{ "allow w 8086:10d3 0x80\nblock w 8086:10d3 0x80-0x81\n"
		  "block w 8086:10d3 0x82-0x83",
		  1, 19 },
		{ "block w 8086:10d3 0x82-0x83\nblock w 8086:10d3 0x80-0x81\n"
		  "allow rw 8086:10d3 0x80",
		  0, 0 },
		{ "allow w 8086:10d3 0x80\nblock w 8086:10d3 0x80-0x81\n"
		  "block w 8086:10d3 0x82",
		  0, 0 },
		{ "allow w 8086:10d3 0x80\nblock w 8086:10d3 0x80-0x81\n"
		  "block w 8086:10d4 0x82-0x83",
		  0, 0 },
		{ "allow w 8086:10d3 0x80\nblock w 8086:10d3 0x80-0x81\n"
		  "block w 8086:10d3 0x82-0x83 value=0x1",
		  0, 0 },
		/* a value makes a rule no narrower than its place */
		{ "allow w 8086:10d3 0x80-0x81 value=0x1\n"
		  "block w 8086:10d3 0x81\nallow w 8086:10d3 0x80-0x80",
		  1, 19 },
		/* words of the bitmap: from the middle of one to another's */
		{ "allow w 8086:10d3 0x7c-0xc3\nblock w 8086:10d3 0x7c-0x80\n"
		  "block w 8086:10d3 0x81-0xbf\nblock w 8086:10d3 0xc0-0xc3",
		  1, 19 },
		{ "allow w 8086:10d3 0x7c-0xc3\nblock w 8086:10d3 0x7c-0x80\n"
		  "block w 8086:10d3 0x81-0xbe\nblock w 8086:10d3 0xc0-0xc3",
		  0, 0 },
		/* kinds of place */
		{ "allow rw 8086:10d3\nblock rw 8086:10d3 vendor\n"
		  "block rw 8086:10d3 unassigned",
		  1, 1 },
		{ "allow rw 8086:10d3\nblock rw 8086:10d3 vendor\n"
		  "block w 8086:10d3 unassigned",
		  0, 0 },
		{ "allow w 8086:10d3 any\nblock w 8086:10d3\n"
		  "block w 8086:10d3 header\nblock w 8086:10d3 cap",
		  1, 19 },
		{ "allow w 8086:10d3 any\nblock w 8086:10d3\n"
		  "block w 8086:10d3 header\nblock w 8086:10d3 cap=msi",
		  0, 0 },
		{ "allow w 8086:10d3 header\nblock w 8086:10d3 0x00-0x3f", 1,
		  19 },
		{ "allow w 8086:10d3 header\nblock w 8086:10d3 0x04-0x3f", 0,
		  0 },
		{ "allow w 8086:10d3 cap=msi\nblock w 8086:10d3 0x40-0xfff", 1,
		  19 },
		{ "allow w 8086:10d3 any\nblock w 8086:10d3 0x00-0xfff", 1,
		  19 },
		{ "block w owner=/a 0x80\nallow w owner=/a 0x80-0x81\n"
		  "allow w owner=/a 0x82-0x83",
		  1, 18 },
		{ "block w owner=/a 0x80\nallow w owner=/a 0x80-0x81\n"
		  "allow w owner=/b 0x82-0x83",
		  0, 0 },
	};
	struct text_policy t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_lint(&t, cases[i].text);
		if (cases[i].line)
			assert_finding(&t, VG_WARNING, cases[i].line,
				       cases[i].column, "never decides");
		else
			assert_no_finding(&t);
		text_free(&t);
	}
}

/* What can't be loaded is an error here, before anybody tries. */
static void limits(void **state)
{
	char text[65 * 64] = "";
	struct text_policy t;
	size_t n = 0;
	int i;

	(void)state;
	for (i = 0; i < 64; i++)
		n += sprintf(text + n, "block w 8086:10d3 0x80 value=0x%x\n",
			     i);
	text_lint(&t, text);
	assert_no_finding(&t);
	text_free(&t);
	sprintf(text + n, "block w 8086:10d3 0x81-0x83 audit\n");
	text_lint(&t, text);
	assert_int_equal(t.lint, -EINVAL);
	assert_int_equal(t.findings.errors, 1);
	assert_int_equal(t.findings.list[0].pos.column, 19);
	assert_non_null(strstr(t.findings.list[0].what, "more than 64 rules"));
	text_free(&t);

	text_lint(&t, "allow w owner=/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f 0x80\n"
		      "allow w owner=/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/0 0x80");
	assert_int_equal(t.lint, -EINVAL);
	assert_finding(&t, VG_ERROR, 2, 9, "more than 15 cgroups deep");
	text_free(&t);
	text_lint(&t, "allow w owner=/a/b/c/d 0x80\nallow w owner=/a 0x80\n"
		      "allow w owner=/a/b 0x80\nallow w owner=/ 0x80\n"
		      "allow w owner=/a/b/c 0x80\nallow w owner=/a/b/x 0x80");
	assert_int_equal(t.lint, -EINVAL);
	assert_finding(&t, VG_ERROR, 1, 9, "5 cgroups on the way");
	text_free(&t);
}

/* 1024 registers in two directions, 256 times, are all that the map takes. */
static void too_many(void **state)
{
	const size_t room = 257 * 48;
	char *text = malloc(room);
	struct text_policy t;
	size_t n = 0;
	int i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < 256; i++)
		n += snprintf(text + n, room - n,
			      "allow rw slot=%02x:01.0 0x0-0xfff audit\n", i);
	text_lint(&t, text);
	assert_int_equal(t.lint, 0);
	assert_no_finding(&t);
	text_free(&t);
	/* One byte more is a register more. */
	snprintf(text + n, room - n, "allow w slot=00:02.0 0xfff audit\n");
	text_lint(&t, text);
	assert_int_equal(t.lint, -EINVAL);
	assert_int_equal(t.findings.errors, 1);
	assert_finding(&t, VG_ERROR, 257, 22, "more than 524288 registers");
	text_free(&t);
	free(text);
}

/* An extended one that stands first keeps its head, and with it the whole list. */
static void chains(void **state)
{
	static const struct {
		const char *text;
		unsigned int column; /* 0: nothing is said */
		const char *what;
	} cases[] = {
		{ "block r 144d:a822 cap=secpci", 19,
		  "takes all extended capabilities" },
		{ "block w 144d:a822 cap=secpci", 19,
		  "no more than the first four bytes" },
		{ "allow r 144d:a822 ecap=0x777 audit", 19,
		  "no more than the first four bytes" },
		{ "block r 144d:a822 cap=ssvid", 19, "never matches" },
		{ "block r 144d:a822 0x100-0xfff", 19,
		  "finds no extended capability" },
		{ "block rw 144d:a822 0x103-0x103", 20,
		  "finds no extended capability" },
		{ "block r 144d:a822 0x30-0x3f", 19, "finds no capability" },
		{ "block r 144d:a822 0x104-0xfff", 0, "" },
		{ "block r 144d:a822 0x35-0xff", 0, "" },
		{ "block w 144d:a822 0x100-0xfff", 0, "" },
		{ "allow r 144d:a822 0x100 audit", 0, "" },
		{ "block r 144d:a822 0x100 read=0x10001", 0, "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text_policy t;

		text_lint(&t, cases[i].text);
		if (cases[i].column)
			assert_finding(&t, VG_WARNING, 1, cases[i].column,
				       cases[i].what);
		else
			assert_no_finding(&t);
		text_free(&t);
	}
}

/* A rule for a part of a register that drivers write as a whole. */
static void parts(void **state)
{
	static const struct {
		const char *text;
		const char *what; /* NULL: nothing is said */
	} cases[] = {
		{ "block w 8086:10d3 0x05", "at 0x04" },
		{ "block w 8086:10d3 0x04-0x05", "command and status" },
		{ "block w 8086:10d3 0x06-0x07", "at 0x04" },
		{ "block rw 8086:10d3 0x00-0x04", "at 0x04" },
		{ "block w 8086:10d3 0x06-0x0f", "at 0x04" },
		{ "block w 8086:10d3 0x12-0x13", "at 0x10" },
		{ "block w 8086:10d3 0x0c-0x15", "at 0x14" },
		{ "block w 8086:10d3 0x26-0x2f", "at 0x24" },
		{ "block w 8086:10d3 0x31-0x3f", "address of the ROM" },
		{ "block w 8086:10d3 0x04-0x05 value=0x6", "at 0x04" },
		{ "block w 8086:10d3 0x04", NULL },
		{ "block w 8086:10d3 0x00-0x3f", NULL },
		{ "block w 8086:10d3 0x02-0x0d", NULL },
		{ "block w 8086:10d3 0x10-0x17", NULL },
		{ "block w 8086:10d3 0x28-0x2e", NULL },
		{ "block w 8086:10d3 0x3c-0x3c", NULL },
		{ "block r 8086:10d3 0x05", NULL },
		{ "allow w 8086:10d3 0x05 audit", NULL },
		{ "block w 8086:10d3 0x40-0x41", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text_policy t;

		text_lint(&t, cases[i].text);
		if (cases[i].what)
			assert_finding(&t, VG_WARNING, 1,
				       strstr(cases[i].text, " 0x") + 2 -
					       cases[i].text,
				       cases[i].what);
		else
			assert_no_finding(&t);
		text_free(&t);
	}
}

static void unusable(void **state)
{
	struct text_policy t;

	(void)state;
	text_lint(&t, "default block rw other");
	assert_finding(&t, VG_WARNING, 1, 1, "no guest can use");
	text_free(&t);
}

static void limited(void **state)
{
	struct text_policy t;
	char *text = NULL;
	size_t len;
	FILE *out;
	int i;

	(void)state;
	out = open_memstream(&text, &len);
	assert_non_null(out);
	for (i = 0; i < 500; i++)
		fprintf(out, "block w 8086:%04x 0x80\n", i / 2);
	fclose(out);
	text_lint(&t, text);
	assert_int_equal(t.lint, 0);
	assert_int_equal(t.findings.nr, 51);
	assert_int_equal(vg_findings_count(&t.findings, VG_NOTE), 1);
	text_free(&t);
	free(text);
}

static void ids(void **state)
{
	static const char list[] = "# a comment\n"
				   "8086  Intel Corporation\n"
				   "\t10d3  82574L Gigabit\n"
				   "\t\t8086 a01f  Desktop Adapter\n"
				   "14e4  Broadcom\n";
	char path[] = "/tmp/vfioguard-ids-XXXXXX";
	int fd = mkstemp(path);
	struct text_policy t;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, list, strlen(list)), strlen(list));
	close(fd);

	text_lint(&t,
		  "allow w 8086:10d3\nallow w 8086:*\nallow w 10d3:8086\n"
		  "allow w 8086:10d4\nallow w abcd:*\nallow w slot=01:00.0\n"
		  /* the library knows devices that the list does not */
		  "allow w 8086:10d5 key=needed-x\n"
		  "block w 8086:10d6 key=hang-x\n"
		  "block w 8086:10d7 key=dangerous-x\n"
		  "block w 8086:10d8 0x41 silent key=silent-x\n"
		  /* but no vendor, and no other key will do */
		  "allow w abce:1234 key=needed-x\n"
		  "allow w subsys=8086:0001 0x80\n"
		  "allow w subsys=abcf:0001 0x80\n"
		  "allow w 8086:10d9 key=need");
	assert_no_finding(&t);
	vg_pci_ids_use(path);
	assert_int_equal(vg_policy_lint(&t.policy, &t.findings), 0);
	vg_pci_ids_off();
	unlink(path);

	assert_int_equal(t.findings.nr, 6);
	assert_non_null(strstr(t.findings.list[0].what, "no vendor 10d3"));
	assert_non_null(strstr(t.findings.list[0].hint, "8086:10d3"));
	assert_int_equal(t.findings.list[0].pos.column, 9);
	assert_non_null(strstr(t.findings.list[1].what,
			       "no device 10d4 of 8086 (Intel Corporation)"));
	assert_non_null(strstr(t.findings.list[2].what, "no vendor abcd"));
	assert_non_null(strstr(t.findings.list[3].what, "no vendor abce"));
	assert_non_null(strstr(t.findings.list[4].what, "no vendor abcf"));
	assert_non_null(strstr(t.findings.list[5].what, "no device 10d9"));
	text_free(&t);
}

/* A policy of nothing but contradictions is refused, and can be read. */
static void limited_errors(void **state)
{
	struct text_policy t;
	char *text = NULL;
	size_t len;
	FILE *out;
	int i;

	(void)state;
	out = open_memstream(&text, &len);
	assert_non_null(out);
	for (i = 0; i < 500; i++)
		fprintf(out, "%s w 8086:%04x 0x80\n", i & 1 ? "allow" : "block",
			i / 2);
	fclose(out);
	text_lint(&t, text);
	assert_int_equal(t.lint, -EINVAL);
	assert_int_equal(t.findings.errors, 50);
	assert_int_equal(t.findings.nr, 51);
	text_free(&t);
	free(text);
}

/* Two contradicting rules are found wherever they stand among many. */
static void among_many(void **state)
{
	struct text_policy t;
	char *text = NULL;
	size_t len;
	FILE *out;
	int i;

	(void)state;
	out = open_memstream(&text, &len);
	assert_non_null(out);
	for (i = 0; i < 20000; i++) {
		unsigned int id = i * 2654435761U >> 16;

		fprintf(out, "allow w %04x:%04x 0x%x audit\n", i % 7 + 1,
			id % 0xffff, 0x40 + i % 64 * 4);
		if (i == 3)
			fprintf(out, "block w 1912:0014 0xf0-0xff\n");
		if (i == 19990)
			fprintf(out, "allow w 1912:0014 0xf4-0x103 audit\n");
	}
	fclose(out);
	text_lint(&t, text);
	assert_int_equal(t.findings.errors, 1);
	assert_int_equal(t.lint, -EINVAL);
	text_free(&t);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fine),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(values_at_odd_places),
		cmocka_unit_test(too_many_masks),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(like_the_default),
		cmocka_unit_test(shadowed_defaults),
		cmocka_unit_test(windows),
		cmocka_unit_test(mirrors),
		cmocka_unit_test(never_matches),
		cmocka_unit_test(covered),
		cmocka_unit_test(limits),
		cmocka_unit_test(too_many),
		cmocka_unit_test(chains),
		cmocka_unit_test(parts),
		cmocka_unit_test(unusable),
		cmocka_unit_test(limited),
		cmocka_unit_test(limited_errors),
		cmocka_unit_test(ids),
		cmocka_unit_test(among_many),
	};

	return cmocka_run_group_tests_name("policy_lint", tests, NULL, NULL);
}
