/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a text that somebody wrote, without trusting what is behind its name: a
 * FIFO would wait for ever, a device never end, and opening one may do something.
 */
#ifndef VFIOGUARD_UTIL_TEXT_FILE_H
#define VFIOGUARD_UTIL_TEXT_FILE_H

#include <stddef.h>
#include <sys/stat.h>

/**
 * vg_text_open() - open a regular file, or a directory
 * @st: filled in, of what was opened
 *
 * Waits for nothing.
 * Return: a descriptor, -EBADFD for what is neither, or another -errno.
 */
int vg_text_open(const char *path, struct stat *st);

/**
 * vg_text_read() - all that is in it, in memory
 * @fd: of vg_text_open()
 * @size: its size as far as it is known
 * @max: most that it may have, bytes
 * @text: to be freed; not ended by NUL
 *
 * Return: 0, -EFBIG if there is more than @max, or another -errno.
 */
int vg_text_read(int fd, off_t size, size_t max, char **text, size_t *len);

/* What an error of these two means, as the end of a sentence about the file. */
const char *vg_text_error(int err);

#endif
