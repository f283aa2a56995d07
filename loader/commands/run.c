// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard run */
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "commands/commands.h"
#include "daemon/config.h"
#include "daemon/daemon.h"

int vg_cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "policy", required_argument, NULL, 'p' },
		{ "require-audit", no_argument, NULL, 'a' },
		{ "mode", required_argument, NULL, 'm' },
		{},
	};
	static struct vg_settings settings;
	const char *config = NULL, *policy = NULL, *mode = NULL;
	bool require_audit = false;
	int c;

	while ((c = getopt_long(argc, argv, "c:p:", options, NULL)) != -1) {
		if (c == 'c')
			config = optarg;
		else if (c == 'p')
			policy = optarg;
		else if (c == 'a')
			require_audit = true;
		else if (c == 'm')
			mode = optarg;
		else
			return vg_usage("run");
	}
	if (optind != argc || (policy && strlen(policy) >= PATH_MAX))
		return vg_usage("run");

	vg_config_defaults(&settings);
	if (vg_config_read(config ? config : VG_CONFIG_FILE, !config,
			   &settings))
		return VG_EXIT_USAGE;
	/* The command line has the last word. */
	if (policy)
		strcpy(settings.policy, policy);
	if (mode && vg_door_wish_parse(mode, &settings.mode))
		return vg_usage("run");
	if (require_audit)
		settings.audit = VG_AUDIT_REQUIRE;
	return vg_daemon_run(&settings);
}
