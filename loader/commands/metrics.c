// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard metrics: what the policy did, as Prometheus text */
#include "commands/commands.h"
#include "daemon/metrics.h"

int vg_cmd_metrics(int argc, char **argv)
{
	struct vg_daemon_counts counts;
	struct vg_event_log *log;
	struct vg_store store;
	enum vg_exit ret;

	(void)argv;
	if (argc != 1)
		return vg_usage("metrics");
	ret = vg_store_open(&store);
	if (!ret) {
		/* Without a daemon there is nothing to say of one. */
		log = vg_event_log_open(false);
		vg_event_log_counts(log, &counts);
		vg_metrics_print(&store, log ? &counts : NULL, stdout);
		vg_event_log_close(log);
	}
	vg_store_close(&store);
	return ret;
}
