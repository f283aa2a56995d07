/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether there is a daemon: it writes down each second that it lives. */
#ifndef VFIOGUARD_MAPS_HEARTBEAT_H
#define VFIOGUARD_MAPS_HEARTBEAT_H

#include <stdbool.h>

#include "force/store.h"

/* Whether a daemon took the policy's events within the last five seconds. */
bool vg_daemon_runs(const struct vg_store *store);

#endif
