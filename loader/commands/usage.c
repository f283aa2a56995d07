// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "commands/usage.h"
#include "util/exit_codes.h"

/*
 * A synopsis is read by people, and word by word by the completion: what is in
 * lower case is typed as it stands, "a|b" is one of the two, and an argument in
 * upper case is completed if commands/complete.c knows it.
 */
const struct vg_synopsis vg_synopses[VG_COMMANDS] = {
	[VG_CMD_RUN] = { "run",
			 "[--config FILE] [--policy FILE] [--require-audit] [--mode MODE]",
			 "daemon: load a policy, send its events to auditd" },
	[VG_CMD_LOAD] = { "load", "[--mode MODE] POLICY",
			  "put a policy in force, or replace the loaded one" },
	[VG_CMD_UNLOAD] = { "unload", "", "take the policy out of force" },
	[VG_CMD_LOCK] = { "lock", "",
			  "let nobody change the policy until the next boot" },
	[VG_CMD_STATUS] = { "status", "[--json]",
			    "what is in force, and what it did" },
	[VG_CMD_DOCTOR] = { "doctor", "[--json]",
			    "what of this host is not well, and what mends it" },
	[VG_CMD_ALLOW] = { "allow", "[r|w|rw] VENDOR:DEVICE",
			   "add to the loaded allow list" },
	[VG_CMD_DENY] = { "deny", "VENDOR:DEVICE",
			  "take from the loaded allow list" },
	[VG_CMD_CHECK] = { "check",
			   "[--json] [--no-ids] [--test FILE [--loaded]] POLICY...|--config FILE",
			   "look for mistakes; needs no kernel and no root" },
	[VG_CMD_EXPLAIN] = { "explain",
			     "[--json] [--policy FILE] [--region REGION] [--owner CGROUP] "
			     "[--class CLASS] [--subsys VENDOR:ID] [--slot SLOT] "
			     "SLOT|VENDOR:DEVICE OFFSET r|w [VALUE]",
			     "what becomes of an access, and which rule says so" },
	[VG_CMD_DEVICES] = { "devices", "[--json]",
			     "devices given to vfio, and what they may do" },
	[VG_CMD_EVENTS] = { "events",
			    "[--follow] [--json] [--device SLOT] "
			    "[--verdict allowed|blocked|would-block] [--owner CGROUP|VM]",
			    "what was reported" },
	[VG_CMD_LEARN] = { "learn", "start|stop|clear|status|show [--json]",
			   "record every kind of access, and show what was recorded" },
	[VG_CMD_SUGGEST] = { "suggest",
			     "[--json] [--policy FILE|--loaded] [--library DIR]",
			     "a policy made of what was learnt, to be read and edited" },
	[VG_CMD_METRICS] = { "metrics", "",
			     "what the policy did, as Prometheus text" },
};

int vg_command_find(const char *name)
{
	int i;

	for (i = 0; i < VG_COMMANDS; i++)
		if (!strcmp(vg_synopses[i].name, name))
			return i;
	return -1;
}

int vg_usage(const char *name)
{
	const struct vg_synopsis *s = &vg_synopses[vg_command_find(name)];

	fprintf(stderr, "usage: vfioguard %s %s\n", s->name, s->synopsis);
	return VG_EXIT_USAGE;
}
