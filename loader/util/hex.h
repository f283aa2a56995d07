/* SPDX-License-Identifier: GPL-2.0-only */
/* Hex digits and nothing else: scanf() also takes blanks, signs and 0x. */
#ifndef VFIOGUARD_UTIL_HEX_H
#define VFIOGUARD_UTIL_HEX_H

#include <ctype.h>

#include <linux/types.h>

/**
 * vg_hex() - read digits
 * @text: moved past them
 * @max: digits to read at most, up to 8
 *
 * Return: how many there were; @value is set if there was one.
 */
static inline unsigned int vg_hex(const char **text, unsigned int max,
				  __u32 *value)
{
	__u32 result = 0;
	unsigned int n;

	for (n = 0; n < max && isxdigit((unsigned char)**text); n++) {
		int c = tolower((unsigned char)*(*text)++);

		result = result << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
	}
	if (n)
		*value = result;
	return n;
}

#endif
