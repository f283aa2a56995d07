// SPDX-License-Identifier: GPL-2.0-only
#include "util/printable.h"

/* Replaces what a terminal might obey, control characters above 0x7f too. */
void vg_printable(const char *in, char *out, size_t len)
{
	size_t i;

	for (i = 0; in[i] && i + 1 < len; i++)
		out[i] = in[i] >= 0x20 && in[i] < 0x7f ? in[i] : '?';
	out[i] = '\0';
}
