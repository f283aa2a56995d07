/* SPDX-License-Identifier: GPL-2.0-only */
/* Text that is not ours, for people. */
#ifndef VFIOGUARD_UTIL_PRINTABLE_H
#define VFIOGUARD_UTIL_PRINTABLE_H

#include <stddef.h>

/**
 * vg_printable() - copy text, with ? for what a terminal might obey
 * @out: of @len bytes, ended by NUL; what is longer is cut
 */
void vg_printable(const char *in, char *out, size_t len);

#endif
