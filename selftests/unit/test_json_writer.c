// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON writer: structure, escapes, and bytes that are no text.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/json_writer.h"

struct sheet {
	struct vg_json json;
	FILE *out;
	char *text;
	size_t len;
};

static void sheet_start(struct sheet *sheet, bool indent)
{
	sheet->text = NULL;
	sheet->out = open_memstream(&sheet->text, &sheet->len);
	assert_non_null(sheet->out);
	vg_json_start(&sheet->json, sheet->out, indent);
}

static void sheet_is(struct sheet *sheet, const char *expected)
{
	assert_int_equal(vg_json_end(&sheet->json), 0);
	fclose(sheet->out);
	assert_string_equal(sheet->text, expected);
	free(sheet->text);
}

static void structure(void **state)
{
	struct sheet s;

	(void)state;
	sheet_start(&s, false);
	vg_json_object(&s.json, NULL);
	vg_json_u64(&s.json, "n", UINT64_MAX);
	vg_json_array(&s.json, "list");
	vg_json_bool(&s.json, NULL, true);
	vg_json_bool(&s.json, NULL, false);
	vg_json_object(&s.json, NULL);
	vg_json_object_end(&s.json);
	vg_json_array(&s.json, NULL);
	vg_json_array_end(&s.json);
	vg_json_null(&s.json, NULL);
	vg_json_array_end(&s.json);
	vg_json_format(&s.json, "id", "%04x", 0x10d);
	vg_json_string(&s.json, "none", NULL);
	vg_json_object_end(&s.json);
	sheet_is(&s, "{\"n\":18446744073709551615,"
		     "\"list\":[true,false,{},[],null],"
		     "\"id\":\"010d\",\"none\":null}\n");
}

static void indented(void **state)
{
	struct sheet s;

	(void)state;
	sheet_start(&s, true);
	vg_json_object(&s.json, NULL);
	vg_json_array(&s.json, "a");
	vg_json_array_end(&s.json);
	vg_json_array(&s.json, "b");
	vg_json_u64(&s.json, NULL, 1);
	vg_json_u64(&s.json, NULL, 2);
	vg_json_array_end(&s.json);
	vg_json_object_end(&s.json);
	sheet_is(&s, "{\n\t\"a\": [],\n\t\"b\": [\n\t\t1,\n\t\t2\n\t]\n}\n");
}

static void string_is(const char *value, size_t len, const char *expected)
{
	char quoted[256];
	struct sheet s;

	sheet_start(&s, false);
	vg_json_bytes(&s.json, NULL, value, len);
	snprintf(quoted, sizeof(quoted), "\"%s\"\n", expected);
	sheet_is(&s, quoted);
}

static void escapes(void **state)
{
	(void)state;
	string_is("plain /", 7, "plain /");
	string_is("\"\\", 2, "\\\"\\\\");
	string_is("\b\f\n\r\t", 5, "\\b\\f\\n\\r\\t");
	string_is("\0\x01\x1f\x7f", 4, "\\u0000\\u0001\\u001f\\u007f");
}

#define REPLACED "\\ufffd"

static void utf8(void **state)
{
	(void)state;
	string_is("\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", 9,
		  "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80");
	string_is("\xff\x80", 2, REPLACED REPLACED);
	/* cut off in the middle, at the end and before ASCII */
	string_is("a\xe2\x82", 3, "a" REPLACED REPLACED);
	string_is("\xc3z", 2, REPLACED "z");
	/* overlong, surrogate, beyond the last code point */
	string_is("\xc0\xaf", 2, REPLACED REPLACED);
	string_is("\xe0\x80\xaf", 3, REPLACED REPLACED REPLACED);
	string_is("\xf0\x80\x80\xaf", 4, REPLACED REPLACED REPLACED REPLACED);
	string_is("\xed\xa0\x80", 3, REPLACED REPLACED REPLACED);
	string_is("\xf4\x90\x80\x80", 4, REPLACED REPLACED REPLACED REPLACED);
}

/* A full disk must not look like success. */
static void full_disk(void **state)
{
	struct vg_json json;
	FILE *out = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(out);
	vg_json_start(&json, out, false);
	vg_json_string(&json, NULL, "x");
	assert_int_equal(vg_json_end(&json), -EIO);
	fclose(out);

	/* Without a buffer, nothing is left to fail at the end. */
	out = fopen("/dev/full", "w");
	assert_non_null(out);
	setvbuf(out, NULL, _IONBF, 0);
	vg_json_start(&json, out, false);
	vg_json_string(&json, NULL, "x");
	assert_int_equal(vg_json_end(&json), -EIO);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structure), cmocka_unit_test(indented),
		cmocka_unit_test(escapes),   cmocka_unit_test(utf8),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests_name("json_writer", tests, NULL, NULL);
}
