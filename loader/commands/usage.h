/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the commands are called.  --help, the manual page and the shell completion
 * are made from it.
 */
#ifndef VFIOGUARD_COMMANDS_USAGE_H
#define VFIOGUARD_COMMANDS_USAGE_H

enum vg_command {
	VG_CMD_RUN,
	VG_CMD_LOAD,
	VG_CMD_UNLOAD,
	VG_CMD_LOCK,
	VG_CMD_STATUS,
	VG_CMD_DOCTOR,
	VG_CMD_ALLOW,
	VG_CMD_DENY,
	VG_CMD_CHECK,
	VG_CMD_EXPLAIN,
	VG_CMD_DEVICES,
	VG_CMD_EVENTS,
	VG_CMD_LEARN,
	VG_CMD_SUGGEST,
	VG_CMD_METRICS,
	VG_COMMANDS,
};

struct vg_synopsis {
	const char *name;
	const char *synopsis;
	const char *help;
};

extern const struct vg_synopsis vg_synopses[VG_COMMANDS];

/* Return: enum vg_command, or -1. */
int vg_command_find(const char *name);

/* Print the synopsis of command @name to stderr; returns VG_EXIT_USAGE. */
int vg_usage(const char *name);

#endif
