// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/text_file.h"

#define READ_FIRST (64UL << 10)

static bool has_text(const struct stat *st)
{
	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

int vg_text_open(const char *path, struct stat *st)
{
	int fd;

	/* Some devices do something when they are opened. */
	if (stat(path, st))
		return -errno;
	if (!has_text(st))
		return -EBADFD;
	/* It may be another by now, so it must not wait, and is asked again. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (!fstat(fd, st) && has_text(st))
		return fd;
	close(fd);
	return -EBADFD;
}

/* Reads to the end whatever @size says: files of /proc have none. */
int vg_text_read(int fd, off_t size, size_t max, char **text, size_t *len)
{
	size_t room, used = 0;
	char *buf;

	if (size > 0 && (size_t)size > max)
		return -EFBIG;
	room = size > 0 ? (size_t)size + 1 : READ_FIRST;
	buf = malloc(room);
	while (buf) {
		ssize_t got = read(fd, buf + used, room - used);
		char *more;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || used + got > max) {
			int err = got < 0 ? errno : EFBIG;

			free(buf);
			return -err;
		}
		if (!got) {
			*text = buf;
			*len = used;
			return 0;
		}
		used += got;
		if (used < room)
			continue;
		more = realloc(buf, room * 2);
		if (!more)
			break;
		buf = more;
		room *= 2;
	}
	free(buf);
	return -ENOMEM;
}

const char *vg_text_error(int err)
{
	switch (-err) {
	case EBADFD:
		return "not a regular file";
	case EFBIG:
		return "too large";
	default:
		return strerror(-err);
	}
}
