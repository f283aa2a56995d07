/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that is not ours, for people: names of files, processes and cgroups.  What a
 * terminal or a journal might obey stands as "\x0a", so that nobody's name makes a
 * line, a colour or another name.  Messages (util/log.h) go this way as a whole.
 */
#ifndef VFIOGUARD_UTIL_PRINTABLE_H
#define VFIOGUARD_UTIL_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/**
 * vg_printable() - copy text, escaped
 * @out: of @len bytes, one at least, ended by NUL; what is longer is cut, and never
 *	 within an escape.  Four times the length of @in and one hold all of it.
 *
 * Return: @out.
 */
const char *vg_printable(const char *in, char *out, size_t len);

/* The same, written to a file. */
void vg_put_printable(const char *text, FILE *out);

enum vg_style {
	VG_STYLE_PLAIN, /* ends each of the others */
	VG_STYLE_BAD,
	VG_STYLE_WARN,
	VG_STYLE_GOOD,
};

/*
 * What switches a style on, "" where it would not be obeyed, or is not wanted: @out is
 * no terminal, TERM is "dumb" or not set, NO_COLOR is set and not empty.
 */
const char *vg_style(FILE *out, enum vg_style style);

/**
 * vg_shorten() - copy text that may be too long for its place, as it is
 * @out: of @len bytes, one at least, ended by NUL
 *
 * Of what is longer the middle becomes "...": names are told apart by their ends.
 * Neither a character of several bytes nor an escape as "\x2d", which systemd writes
 * into the names of cgroups, is cut.  With 8 bytes or fewer it is the beginning.
 *
 * Return: @out.
 */
const char *vg_shorten(const char *in, char *out, size_t len);

#endif
