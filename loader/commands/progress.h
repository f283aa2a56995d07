/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A word to a person who waits: on a terminal, after a second and then every ten, that
 * a command is still at work and has printed nothing yet.
 */
#ifndef VFIOGUARD_COMMANDS_PROGRESS_H
#define VFIOGUARD_COMMANDS_PROGRESS_H

#include "commands/usage.h"

/*
 * To be called before a command: does nothing where stderr is no terminal, and for
 * commands that print as they go or never end.
 */
void vg_progress_start(enum vg_command command);

/* To be called after it, in any case. */
void vg_progress_end(void);

#endif
