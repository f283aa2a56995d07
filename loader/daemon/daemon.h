/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon. */
#ifndef VFIOGUARD_DAEMON_H
#define VFIOGUARD_DAEMON_H

#include "daemon/config.h"

/**
 * vg_daemon_run() - put a policy in force and pass on its events
 *
 * Runs until SIGTERM or SIGINT; the policy stays in force.
 *
 * Return: VG_EXIT_OK after a signal; otherwise why it could not start or go on.
 * Says what is wrong.
 */
enum vg_exit vg_daemon_run(const struct vg_settings *settings);

#endif
