/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before all else in what goes into the program.  Since glibc 2.38 <stdlib.h> and
 * <stdio.h> mean other functions by strtol() and sscanf(), which also read "0b1" as C23
 * wants; nothing here depends on that, and without them a package that is built on Debian
 * 13 runs on Debian 12 as well.
 */
/* As those define it that are included from here on; <features.h> asks once. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <features.h>

#ifdef __GLIBC_USE_C2X_STRTOL
#undef __GLIBC_USE_C2X_STRTOL
#define __GLIBC_USE_C2X_STRTOL 0
#endif
#ifdef __GLIBC_USE_C23_STRTOL
#undef __GLIBC_USE_C23_STRTOL
#define __GLIBC_USE_C23_STRTOL 0
#endif
