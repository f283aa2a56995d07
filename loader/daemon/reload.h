/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon's reload, in a process of its own.  For one thread. */
#ifndef VFIOGUARD_DAEMON_RELOAD_H
#define VFIOGUARD_DAEMON_RELOAD_H

#include <stdbool.h>

#include "kernel/hook.h"

/* Longest that one may take: it waits for somebody else's load meanwhile. */
#define VG_RELOAD_SECONDS 120

/**
 * vg_reload_start() - begin to load a policy; none may be at work
 * @policy: its file or folder
 * @wish: by what it comes into force
 *
 * SIGCHLD tells of its end.  What is wrong with the policy it says itself.
 *
 * Return: 0, or a negative errno if there is no process to be had.
 */
int vg_reload_start(const char *policy, enum vg_door_wish wish);

/* Whether one is at work. */
bool vg_reload_runs(void);

/* To be called once a second: what takes too long is killed. */
void vg_reload_tick(void);

/**
 * vg_reload_ended() - whether it came to an end since; waits for nothing
 * @ok: whether the policy is in force
 *
 * Says how it ended, if it could not say that itself.
 */
bool vg_reload_ended(bool *ok);

/* Give up what is at work: at the daemon's end. */
void vg_reload_stop(void);

#endif
