// SPDX-License-Identifier: GPL-2.0-only
/*
 * Since glibc 2.38 <stdlib.h> and <stdio.h> mean other functions by strtol(), sscanf() and
 * the like, which also read "0b1" as C23 wants.  Nothing here depends on that, nor does
 * libbpf, and by these a program that was built on Debian 13 runs on Debian 12 as well.
 * An older glibc does not know their names, and they are left out.
 */
#include <features.h>

/* So that the functions below call those that both have. */
#ifdef __GLIBC_USE_C2X_STRTOL
#undef __GLIBC_USE_C2X_STRTOL
#define __GLIBC_USE_C2X_STRTOL 0
#endif
#ifdef __GLIBC_USE_C23_STRTOL
#undef __GLIBC_USE_C23_STRTOL
#define __GLIBC_USE_C23_STRTOL 0
#endif

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

long __isoc23_strtol(const char *text, char **end, int base);
unsigned long __isoc23_strtoul(const char *text, char **end, int base);
unsigned long long __isoc23_strtoull(const char *text, char **end, int base);
int __isoc23_sscanf(const char *text, const char *format, ...);
int __isoc23_fscanf(FILE *file, const char *format, ...);

long __isoc23_strtol(const char *text, char **end, int base)
{
	return strtol(text, end, base);
}

unsigned long __isoc23_strtoul(const char *text, char **end, int base)
{
	return strtoul(text, end, base);
}

unsigned long long __isoc23_strtoull(const char *text, char **end, int base)
{
	return strtoull(text, end, base);
}

int __isoc23_sscanf(const char *text, const char *format, ...)
{
	va_list args;
	int ret;

	va_start(args, format);
	ret = vsscanf(text, format, args);
	va_end(args);
	return ret;
}

int __isoc23_fscanf(FILE *file, const char *format, ...)
{
	va_list args;
	int ret;

	va_start(args, format);
	ret = vfscanf(file, format, args);
	va_end(args);
	return ret;
}
