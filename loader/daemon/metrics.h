/* SPDX-License-Identifier: GPL-2.0-only */
/* What the policy did, as Prometheus text. */
#ifndef VFIOGUARD_DAEMON_METRICS_H
#define VFIOGUARD_DAEMON_METRICS_H

#include <stdio.h>

#include "events/event_log.h"
#include "force/store.h"

/**
 * vg_metrics_print() - write all metrics
 * @counts: the daemon's, or NULL where none ever ran
 */
void vg_metrics_print(const struct vg_store *store,
		      const struct vg_daemon_counts *counts, FILE *out);

/**
 * vg_metrics_file() - the same into a file, which is never half written
 *
 * Return: 0 or -errno; the old file stays then.
 */
int vg_metrics_file(const struct vg_store *store,
		    const struct vg_daemon_counts *counts, const char *path);

#endif
