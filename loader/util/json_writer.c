// SPDX-License-Identifier: GPL-2.0-only
/*
 * A streaming JSON writer.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "util/json_writer.h"

void vg_json_start(struct vg_json *json, FILE *out, bool indent)
{
	json->out = out;
	json->depth = 0;
	json->has_member = 0;
	json->indent = indent;
}

int vg_json_end(struct vg_json *json)
{
	fputc('\n', json->out);
	return fflush(json->out) || ferror(json->out) ? -EIO : 0;
}

static void json_newline(struct vg_json *json)
{
	unsigned int i;

	if (!json->indent)
		return;
	fputc('\n', json->out);
	for (i = 0; i < json->depth; i++)
		fputc('\t', json->out);
}

/*
 * How long the UTF-8 sequence at @s is: 0 when there is none.  Overlong forms,
 * surrogates and what is beyond U+10FFFF are none.
 */
static size_t utf8_length(const unsigned char *s, size_t len)
{
	size_t need, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		need = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		need = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		need = 4;
	else
		return 0;
	if (need > len)
		return 0;
	for (i = 1; i < need; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return need;
}

static void json_escape(struct vg_json *json, unsigned char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t";
	static const char letter[] = "\"\\bfnrt";
	const char *found = c ? strchr(plain, c) : NULL;

	if (found)
		fprintf(json->out, "\\%c", letter[found - plain]);
	else
		fprintf(json->out, "\\u%04x", c);
}

static void json_quoted(struct vg_json *json, const char *value, size_t len)
{
	const unsigned char *s = (const unsigned char *)value;

	fputc('"', json->out);
	while (len) {
		size_t step = utf8_length(s, len);

		if (!step) {
			fputs("\\ufffd", json->out);
			step = 1;
		} else if (s[0] < ' ' || s[0] == '"' || s[0] == '\\' ||
			   s[0] == 0x7f) {
			json_escape(json, s[0]);
		} else {
			fwrite(s, 1, step, json->out);
		}
		s += step;
		len -= step;
	}
	fputc('"', json->out);
}

/* The comma, the line and the name that go before any value. */
static void json_member(struct vg_json *json, const char *name)
{
	__u64 bit = 1ULL << (json->depth & 63);

	if (json->depth) {
		if (json->has_member & bit)
			fputc(',', json->out);
		json->has_member |= bit;
		json_newline(json);
	}
	if (!name)
		return;
	json_quoted(json, name, strlen(name));
	fputs(json->indent ? ": " : ":", json->out);
}

static void json_open(struct vg_json *json, const char *name, char bracket)
{
	json_member(json, name);
	fputc(bracket, json->out);
	json->depth++;
	json->has_member &= ~(1ULL << (json->depth & 63));
}

static void json_close(struct vg_json *json, char bracket)
{
	bool any = json->has_member & 1ULL << (json->depth & 63);

	json->depth--;
	if (any)
		json_newline(json);
	fputc(bracket, json->out);
}

void vg_json_object(struct vg_json *json, const char *name)
{
	json_open(json, name, '{');
}

void vg_json_document(struct vg_json *json, const char *name,
		      const char *schema, const char *version)
{
	vg_json_object(json, name);
	vg_json_string(json, "schema", schema);
	vg_json_string(json, "version", version);
}

void vg_json_object_end(struct vg_json *json)
{
	json_close(json, '}');
}

void vg_json_array(struct vg_json *json, const char *name)
{
	json_open(json, name, '[');
}

void vg_json_array_end(struct vg_json *json)
{
	json_close(json, ']');
}

void vg_json_bytes(struct vg_json *json, const char *name, const char *value,
		   size_t len)
{
	json_member(json, name);
	json_quoted(json, value, len);
}

void vg_json_string(struct vg_json *json, const char *name, const char *value)
{
	if (value)
		vg_json_bytes(json, name, value, strlen(value));
	else
		vg_json_null(json, name);
}

void vg_json_u64(struct vg_json *json, const char *name, __u64 value)
{
	json_member(json, name);
	fprintf(json->out, "%llu", value);
}

void vg_json_bool(struct vg_json *json, const char *name, bool value)
{
	json_member(json, name);
	fputs(value ? "true" : "false", json->out);
}

void vg_json_null(struct vg_json *json, const char *name)
{
	json_member(json, name);
	fputs("null", json->out);
}

void vg_json_format(struct vg_json *json, const char *name, const char *fmt,
		    ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	vg_json_string(json, name, text);
}
