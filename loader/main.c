// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfioguard: the command line.  Commands are a table; --help, the manual page
 * and the shell completion are made from it.
 */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "util/log.h"
#include "policy/policy.h"

/*
 * A synopsis is read by people, and word by word by the completion: what is in
 * lower case is typed as it stands, "a|b" is one of the two, and an argument in
 * upper case is completed if packaging/bash-completion/vfioguard knows it.
 */
static const struct command {
	const char *name;
	const char *synopsis;
	const char *help;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "run", "[--config FILE] [--policy FILE] [--require-audit]",
	  "daemon: load a policy, send its events to auditd", vg_cmd_run },
	{ "load", "POLICY", "put a policy in force, or replace the loaded one",
	  vg_cmd_load },
	{ "unload", "", "take the policy out of force", vg_cmd_unload },
	{ "lock", "", "let nobody change the policy until the next boot",
	  vg_cmd_lock },
	{ "status", "[--json]", "what is in force, and what it did",
	  vg_cmd_status },
	{ "allow", "[r|w|rw] VENDOR:DEVICE", "add to the loaded allow list",
	  vg_cmd_allow },
	{ "deny", "VENDOR:DEVICE", "take from the loaded allow list",
	  vg_cmd_deny },
	{ "check",
	  "[--json] [--no-ids] [--test FILE [--loaded]] POLICY...|--config FILE",
	  "look for mistakes; needs no kernel and no root", vg_cmd_check },
	{ "explain",
	  "[--json] [--policy FILE] [--region REGION] [--owner CGROUP] "
	  "[--class CLASS] [--subsys VENDOR:ID] [--slot SLOT] "
	  "SLOT|VENDOR:DEVICE OFFSET r|w [VALUE]",
	  "what becomes of an access, and which rule says so", vg_cmd_explain },
	{ "devices", "[--json]", "devices given to vfio, and what they may do",
	  vg_cmd_devices },
	{ "events",
	  "[--follow] [--json] [--device SLOT] "
	  "[--verdict allowed|blocked|would-block] [--owner CGROUP|VM]",
	  "what was reported", vg_cmd_events },
	{ "learn", "start|stop|clear|status|show [--json]",
	  "record every kind of access, and show what was recorded",
	  vg_cmd_learn },
	{ "suggest", "[--json] [--policy FILE|--loaded] [--library DIR]",
	  "a policy made of what was learnt, to be read and edited",
	  vg_cmd_suggest },
	{ "metrics", "", "what the policy did, as Prometheus text",
	  vg_cmd_metrics },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *out)
{
	size_t i;

	fputs("usage: vfioguard [-v|-q] COMMAND [ARGUMENT...]\n\n"
	      "Keeps the holders of passed-through PCI devices away from "
	      "config space that can harm the host.\n\n",
	      out);
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\n"
	      "  -v       say more, also what libbpf and the kernel say\n"
	      "  -q       say errors only\n"
	      "  --version\n\n"
	      "'vfioguard COMMAND --help' shows the arguments of a command.\n"
	      "Exit status: 0 done, 1 usage, 2 policy refused, 3 no hook in "
	      "this kernel,\n4 missing privilege, 5 no bpffs, 6 another daemon "
	      "runs, 7 audit is off,\n8 no policy loaded, 9 anything else, 10 the "
	      "policy is locked.\n",
	      out);
}

/* For scripts/man.sh and the completion: name, synopsis and help, by tabs. */
static void list_commands(void)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		printf("%s\t%s\t%s\n", commands[i].name, commands[i].synopsis,
		       commands[i].help);
}

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

int vg_usage(const char *name)
{
	const struct command *c = find(name);

	fprintf(stderr, "usage: vfioguard %s %s\n", c->name, c->synopsis);
	return VG_EXIT_USAGE;
}

/* "help" and "help COMMAND", the same as "--help" and "COMMAND --help" */
static int show_help(const char *name)
{
	const struct command *c;

	if (!name) {
		help(stdout);
		return VG_EXIT_OK;
	}
	c = find(name);
	if (!c) {
		vg_error("no command '%s'; see vfioguard --help", name);
		return VG_EXIT_USAGE;
	}
	printf("usage: vfioguard %s%s%s\n\n%s\n", c->name,
	       c->synopsis[0] ? " " : "", c->synopsis, c->help);
	return VG_EXIT_OK;
}

static bool asks_for_help(const char *arg)
{
	return arg && (!strcmp(arg, "--help") || !strcmp(arg, "-h"));
}

int main(int argc, char **argv)
{
	const struct command *c;
	int i = 1;

	vg_log_set_level(VG_LOG_INFO);
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-v")) {
			vg_log_set_level(VG_LOG_DEBUG);
		} else if (!strcmp(argv[i], "-q")) {
			vg_log_set_level(VG_LOG_ERROR);
			vg_findings_show(VG_ERROR);
		} else if (!strcmp(argv[i], "--version")) {
			puts("vfioguard " VG_VERSION);
			return VG_EXIT_OK;
		} else if (!strcmp(argv[i], "--commands")) {
			list_commands();
			return VG_EXIT_OK;
		} else if (asks_for_help(argv[i])) {
			return show_help(NULL);
		} else {
			vg_error("no option '%s'; see vfioguard --help",
				 argv[i]);
			return VG_EXIT_USAGE;
		}
	}
	if (i == argc) {
		help(stderr);
		return VG_EXIT_USAGE;
	}

	if (!strcmp(argv[i], "help"))
		return show_help(argv[i + 1]);
	c = find(argv[i]);
	if (!c) {
		vg_error("no command '%s'; see vfioguard --help", argv[i]);
		return VG_EXIT_USAGE;
	}
	if (asks_for_help(argv[i + 1]))
		return show_help(c->name);
	return c->run(argc - i, argv + i);
}
