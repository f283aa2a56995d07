// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/log.h"

static enum vg_log_level max_level = VG_LOG_INFO;
static bool never_wait;

static const struct {
	int priority; /* of syslog(3) */
	const char *word;
} levels[] = {
	[VG_LOG_ERROR] = { 3, "error: " },
	[VG_LOG_WARNING] = { 4, "warning: " },
	[VG_LOG_INFO] = { 6, "" },
	[VG_LOG_DEBUG] = { 7, "" },
};

/* libbpf explains failures we explain better; its own words are for -v. */
static int libbpf_print(enum libbpf_print_level level, const char *fmt,
			va_list args)
{
	(void)level;
	if (max_level < VG_LOG_DEBUG)
		return 0;
	return vfprintf(stderr, fmt, args);
}

void vg_log_set_level(enum vg_log_level level)
{
	max_level = level;
	libbpf_set_print(libbpf_print);
}

void vg_log_never_wait(void)
{
	never_wait = true;
}

bool vg_log_has_room(void)
{
	struct pollfd err = { .fd = STDERR_FILENO, .events = POLLOUT };

	/* Of a pipe or a socket that means a page at least, which is a line. */
	return !never_wait || poll(&err, 1, 0) > 0;
}

void vg_log(enum vg_log_level level, const char *fmt, ...)
{
	va_list args;

	if (level > max_level || !vg_log_has_room())
		return;

	flockfile(stderr);
	/* Set by systemd when stderr goes to the journal. */
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>", levels[level].priority);
	else
		fprintf(stderr, "vfioguard: ");
	fputs(levels[level].word, stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	putc('\n', stderr);
	funlockfile(stderr);
}
