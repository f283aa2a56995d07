/* SPDX-License-Identifier: GPL-2.0-only */
/* What a function writes to stderr, as a string. */
#ifndef VFIOGUARD_CAPTURE_H
#define VFIOGUARD_CAPTURE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct capture {
	FILE *file;
	int stderr_fd; /* the real one meanwhile */
	char text[8192];
};

static inline void capture_start(struct capture *c)
{
	fflush(stderr);
	c->file = tmpfile();
	assert_non_null(c->file);
	c->stderr_fd = dup(STDERR_FILENO);
	dup2(fileno(c->file), STDERR_FILENO);
}

static inline void capture_end(struct capture *c)
{
	size_t n;

	fflush(stderr);
	dup2(c->stderr_fd, STDERR_FILENO);
	close(c->stderr_fd);
	rewind(c->file);
	n = fread(c->text, 1, sizeof(c->text) - 1, c->file);
	c->text[n] = '\0';
	fclose(c->file);
}

#endif
