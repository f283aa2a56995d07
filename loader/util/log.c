// SPDX-License-Identifier: GPL-2.0-only
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/log.h"
#include "util/printable.h"

static enum vg_log_level max_level = VG_LOG_INFO;
static bool never_wait;

/* See vg_log_keep(). */
static struct {
	char *text;
	size_t len;
	enum vg_log_level level;
} kept;

static const struct {
	int priority; /* of syslog(3) */
	const char *word;
	enum vg_style style;
} levels[] = {
	[VG_LOG_ERROR] = { 3, "error: ", VG_STYLE_BAD },
	[VG_LOG_WARNING] = { 4, "warning: ", VG_STYLE_WARN },
	[VG_LOG_INFO] = { 6, "", VG_STYLE_PLAIN },
	[VG_LOG_DEBUG] = { 7, "", VG_STYLE_PLAIN },
};

void vg_log_set_level(enum vg_log_level level)
{
	max_level = level;
}

bool vg_log_shows(enum vg_log_level level)
{
	return level <= max_level;
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

void vg_log_keep(char *text, size_t len)
{
	kept.text = text;
	kept.len = len;
	kept.level = VG_LOG_WARNING;
	if (text)
		text[0] = '\0';
}

bool vg_log_kept(void)
{
	return kept.text;
}

void vg_log(enum vg_log_level level, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	if (kept.text) {
		if (level > kept.level)
			return;
		kept.level = level;
		va_start(args, fmt);
		vsnprintf(kept.text, kept.len, fmt, args);
		va_end(args);
		return;
	}
	if (!vg_log_shows(level) || !vg_log_has_room())
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);

	flockfile(stderr);
	/* Set by systemd when stderr goes to the journal. */
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>", levels[level].priority);
	else
		fprintf(stderr, "vfioguard: ");
	fprintf(stderr, "%s%s%s", vg_style(stderr, levels[level].style),
		levels[level].word, vg_style(stderr, VG_STYLE_PLAIN));
	/* There are names in it that others chose. */
	vg_put_printable(text ? text : fmt, stderr);
	putc('\n', stderr);
	funlockfile(stderr);
	free(text);
}
