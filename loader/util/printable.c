// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/printable.h"

/* "\x0a" */
#define ESCAPE_LEN 4

/* What one byte becomes: itself, or an escape. */
static size_t printable_byte(unsigned char byte, char to[ESCAPE_LEN])
{
	static const char digits[] = "0123456789abcdef";

	/* A terminal may obey control characters above 0x7f too. */
	if (byte >= 0x20 && byte < 0x7f) {
		to[0] = byte;
		return 1;
	}
	to[0] = '\\';
	to[1] = 'x';
	to[2] = digits[byte >> 4];
	to[3] = digits[byte & 15];
	return ESCAPE_LEN;
}

const char *vg_style(FILE *out, enum vg_style style)
{
	/* ECMA-48, SGR */
	static const char *const codes[] = {
		[VG_STYLE_PLAIN] = "\033[0m",
		[VG_STYLE_BAD] = "\033[1;31m",
		[VG_STYLE_WARN] = "\033[33m",
		[VG_STYLE_GOOD] = "\033[32m",
	};
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if ((no && no[0]) || !term || !strcmp(term, "dumb") ||
	    !isatty(fileno(out)))
		return "";
	return codes[style];
}

const char *vg_printable(const char *in, char *out, size_t len)
{
	char part[ESCAPE_LEN];
	size_t n, used = 0;

	for (; *in; in++) {
		n = printable_byte(*in, part);
		if (used + n >= len)
			break;
		memcpy(out + used, part, n);
		used += n;
	}
	out[used] = '\0';
	return out;
}

void vg_put_printable(const char *text, FILE *out)
{
	char part[ESCAPE_LEN];
	size_t n;

	for (; *text; text++) {
		n = printable_byte(*text, part);
		fwrite(part, 1, n, out);
	}
}

/* Whether a cut at @at would go through a character or an escape. */
static bool inside(const char *text, size_t at)
{
	size_t back;

	if (((unsigned char)text[at] & 0xc0) == 0x80)
		return true;
	for (back = 1; back < ESCAPE_LEN && back <= at; back++)
		if (text[at - back] == '\\' && text[at - back + 1] == 'x')
			return true;
	return false;
}

const char *vg_shorten(const char *in, char *out, size_t len)
{
	static const char gap[] = "...";
	size_t all = strlen(in), room, head, tail, i;

	if (all < len)
		return strcpy(out, in);
	/* No room for two ends. */
	if (len <= 2 * sizeof(gap)) {
		out[len - 1] = '\0';
		return memcpy(out, in, len - 1);
	}
	room = len - sizeof(gap);
	head = room / 2;
	tail = all - (room - head);
	/* Bytes that are no text at all have no better place anywhere. */
	for (i = 0; i < ESCAPE_LEN && head && inside(in, head); i++)
		head--;
	for (i = 0; i < ESCAPE_LEN && tail < all && inside(in, tail); i++)
		tail++;
	memcpy(out, in, head);
	memcpy(out + head, gap, sizeof(gap) - 1);
	strcpy(out + head + sizeof(gap) - 1, in + tail);
	return out;
}
