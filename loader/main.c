// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard: the command line. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/complete.h"
#include "commands/progress.h"
#include "policy/policy.h"
#include "util/log.h"
#include "util/output.h"

static int (*const commands[VG_COMMANDS])(int argc, char **argv) = {
	[VG_CMD_RUN] = vg_cmd_run,	   [VG_CMD_LOAD] = vg_cmd_load,
	[VG_CMD_UNLOAD] = vg_cmd_unload,   [VG_CMD_LOCK] = vg_cmd_lock,
	[VG_CMD_STATUS] = vg_cmd_status,   [VG_CMD_ALLOW] = vg_cmd_allow,
	[VG_CMD_DENY] = vg_cmd_deny,	   [VG_CMD_CHECK] = vg_cmd_check,
	[VG_CMD_EXPLAIN] = vg_cmd_explain, [VG_CMD_DEVICES] = vg_cmd_devices,
	[VG_CMD_EVENTS] = vg_cmd_events,   [VG_CMD_LEARN] = vg_cmd_learn,
	[VG_CMD_SUGGEST] = vg_cmd_suggest, [VG_CMD_METRICS] = vg_cmd_metrics,
	[VG_CMD_DOCTOR] = vg_cmd_doctor,
};

static void help(FILE *out)
{
	int i;

	/* One screen of 80 by 24; selftests/unit/cli.sh counts. */
	fputs("usage: vfioguard [-v|-q] COMMAND [ARGUMENT...]   "
	      "-v: say more, -q: errors only\n"
	      "Keeps holders of passed-through PCI devices from config space "
	      "that does harm.\n\n",
	      out);
	for (i = 0; i < VG_COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", vg_synopses[i].name,
			vg_synopses[i].help);
	fputs("\n"
	      "vfioguard COMMAND --help shows a command's arguments, --version "
	      "the version.\n"
	      "Exit status: 0 done, 1 usage, 2 policy refused, 3 no hook, 4 "
	      "missing privilege,\n"
	      "5 no bpffs, 6 another daemon runs, 7 audit is off, 8 no policy "
	      "loaded, 9 other,\n"
	      "10 policy locked, 11 a device is mute; doctor: 12 warnings, 13 "
	      "a fault.\n",
	      out);
}

/* For scripts/man.sh: name, synopsis and help, by tabs. */
static void list_commands(void)
{
	int i;

	for (i = 0; i < VG_COMMANDS; i++)
		printf("%s\t%s\t%s\n", vg_synopses[i].name,
		       vg_synopses[i].synopsis, vg_synopses[i].help);
}

/* "help" and "help COMMAND", the same as "--help" and "COMMAND --help" */
static int show_help(const char *name)
{
	const struct vg_synopsis *s;
	int command;

	if (!name) {
		help(stdout);
		return VG_EXIT_OK;
	}
	command = vg_command_find(name);
	if (command < 0) {
		vg_error("no command '%s'; see vfioguard --help", name);
		return VG_EXIT_USAGE;
	}
	s = &vg_synopses[command];
	printf("usage: vfioguard %s%s%s\n\n%s\n", s->name,
	       s->synopsis[0] ? " " : "", s->synopsis, s->help);
	return VG_EXIT_OK;
}

static bool asks_for_help(const char *arg)
{
	return arg && (!strcmp(arg, "--help") || !strcmp(arg, "-h"));
}

static int run(int argc, char **argv)
{
	int command, i = 1, ret;

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
		} else if (!strcmp(argv[i], "--complete")) {
			vg_complete(argc - i - 1, argv + i + 1);
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
	command = vg_command_find(argv[i]);
	if (command < 0) {
		vg_error("no command '%s'; see vfioguard --help", argv[i]);
		return VG_EXIT_USAGE;
	}
	if (asks_for_help(argv[i + 1]))
		return show_help(argv[i]);
	vg_progress_start(command);
	ret = commands[command](argc - i, argv + i);
	vg_progress_end();
	return ret;
}

/* libbpf explains failures we explain better; its own words are for -v. */
static int libbpf_print(enum libbpf_print_level level, const char *fmt,
			va_list args)
{
	(void)level;
	return vg_log_shows(VG_LOG_DEBUG) ? vfprintf(stderr, fmt, args) : 0;
}

int main(int argc, char **argv)
{
	vg_output_start();
	libbpf_set_print(libbpf_print);
	vg_log_set_level(VG_LOG_INFO);
	return vg_output_end(run(argc, argv));
}
