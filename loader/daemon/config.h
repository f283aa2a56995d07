/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon's configuration file: "key = value" lines, # comments. */
#ifndef VFIOGUARD_DAEMON_CONFIG_H
#define VFIOGUARD_DAEMON_CONFIG_H

#include <limits.h>
#include <stdbool.h>

#include "kernel/hook.h"
#include "util/exit_codes.h"

#define VG_CONFIG_FILE "/etc/vfioguard/vfioguard.conf"

enum vg_audit_wish {
	VG_AUDIT_YES, /* and elsewhere while auditing is off */
	VG_AUDIT_NO, /* never, the journal alone */
	VG_AUDIT_REQUIRE, /* or do not start */
};

struct vg_settings {
	char policy[PATH_MAX];
	enum vg_audit_wish audit;
	char metrics[PATH_MAX]; /* Prometheus text file, "" for none */
	unsigned int metrics_interval; /* seconds, 1 to 3600 */
	enum vg_door_wish mode; /* by what the policy comes into force */
	bool lock; /* the policy, once it is in force */
};

/* What holds where nobody says otherwise. */
void vg_config_defaults(struct vg_settings *settings);

/**
 * vg_config_read() - read a configuration file over the defaults
 * @path: file
 * @optional: no error if it is not there
 *
 * Prints every mistake with file:line:column and a hint.
 *
 * Return: VG_EXIT_OK, or VG_EXIT_USAGE; then @settings must not be used.
 */
enum vg_exit vg_config_read(const char *path, bool optional,
			    struct vg_settings *settings);

#endif
