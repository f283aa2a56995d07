// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/exit_codes.h"
#include "util/log.h"
#include "util/output.h"

void vg_output_start(void)
{
	int fd;

	/* Each open gets the lowest number that is free. */
	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int vg_output_end(int status)
{
	/* What it was is known of a write that fails now, not of one before. */
	bool lost = ferror(stdout);
	int err = 0;

	if (fclose(stdout)) {
		lost = true;
		err = errno;
	}
	if (!lost)
		return status;
	vg_error("what was to be printed is lost, or a part of it%s%s",
		 err ? ": " : "", err ? strerror(err) : "");
	return VG_EXIT_FAILURE;
}
