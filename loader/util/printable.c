// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

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
