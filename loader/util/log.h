/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages for people, to stderr.  Under systemd each line starts with the
 * priority the journal understands ("<3>"); on a terminal it does not.  A message is
 * one line whatever the names in it hold, see util/printable.h.
 */
#ifndef VFIOGUARD_UTIL_LOG_H
#define VFIOGUARD_UTIL_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum vg_log_level {
	VG_LOG_ERROR,
	VG_LOG_WARNING,
	VG_LOG_INFO,
	VG_LOG_DEBUG,
};

/* Show messages up to @level. */
void vg_log_set_level(enum vg_log_level level);

bool vg_log_shows(enum vg_log_level level);

__attribute__((format(printf, 2, 3))) void vg_log(enum vg_log_level level,
						  const char *fmt, ...);

/*
 * From now on leave out what stderr has no room for, instead of waiting for
 * whoever reads it: a journal that hangs must not hang the daemon.
 */
void vg_log_never_wait(void);

/* Whether a line can be written to stderr now. */
bool vg_log_has_room(void);

/**
 * vg_log_keep() - keep what is said, in place of showing it
 * @text: gets the last error, or without one the last warning; "" to start with.
 *	  NULL: show again.
 * @len: bytes of @text
 *
 * For who asks a function that explains itself to people.  Not for more than one thread.
 */
void vg_log_keep(char *text, size_t len);

/* Whether that is so now. */
bool vg_log_kept(void);

#define vg_error(...) vg_log(VG_LOG_ERROR, __VA_ARGS__)
#define vg_warn(...) vg_log(VG_LOG_WARNING, __VA_ARGS__)
#define vg_info(...) vg_log(VG_LOG_INFO, __VA_ARGS__)
#define vg_debug(...) vg_log(VG_LOG_DEBUG, __VA_ARGS__)

#endif
