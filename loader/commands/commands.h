/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The subcommands.  Each gets its own argc and argv, with its name as argv[0],
 * and returns an enum vg_exit.
 */
#ifndef VFIOGUARD_COMMANDS_H
#define VFIOGUARD_COMMANDS_H

#include <stdbool.h>

#include "commands/usage.h"
#include "util/exit_codes.h"

int vg_cmd_run(int argc, char **argv);
int vg_cmd_load(int argc, char **argv);
int vg_cmd_unload(int argc, char **argv);
int vg_cmd_lock(int argc, char **argv);
int vg_cmd_status(int argc, char **argv);
int vg_cmd_allow(int argc, char **argv);
int vg_cmd_deny(int argc, char **argv);
int vg_cmd_check(int argc, char **argv);
int vg_cmd_explain(int argc, char **argv);
int vg_cmd_devices(int argc, char **argv);
int vg_cmd_events(int argc, char **argv);
int vg_cmd_learn(int argc, char **argv);
int vg_cmd_suggest(int argc, char **argv);
int vg_cmd_doctor(int argc, char **argv);
int vg_cmd_metrics(int argc, char **argv);

#endif
