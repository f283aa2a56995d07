// SPDX-License-Identifier: GPL-2.0-only
/* The daemon, and the unit that starts it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/internal.h"
#include "maps/heartbeat.h"

#define WORD_LEN 32

/* What systemctl show says. */
struct unit {
	char load[WORD_LEN]; /* "loaded", "masked", "not-found" */
	char file[WORD_LEN]; /* "enabled", "disabled" */
	char active[WORD_LEN]; /* "active", "failed" */
};

static const char *start_remedy(void)
{
	return vg_systemd_runs() ? "systemctl restart vfioguard" :
				   "vfioguard run --config " VG_CONFIG_FILE
				   " &";
}

static void check_daemon(struct vg_host *host)
{
	if (vg_daemon_runs(&host->store))
		vg_diagnose(host, "daemon", VG_HEALTH_OK, NULL,
			    "the daemon runs");
	else
		vg_diagnose(host, "daemon", VG_HEALTH_WARNING, start_remedy(),
			    "no daemon runs: the policy holds, and what it "
			    "blocks is not reported");
}

static void take_word(char word[WORD_LEN], const char *line, const char *key)
{
	size_t len = strlen(key);

	if (!strncmp(line, key, len) && line[len] == '=')
		snprintf(word, WORD_LEN, "%s", line + len + 1);
}

static bool ask_systemd(struct unit *unit)
{
	static const char *const argv[] = {
		"systemctl",
		"show",
		"vfioguard.service",
		"-p",
		"LoadState,UnitFileState,ActiveState",
		NULL
	};
	char *said, *line, *rest;
	size_t len;

	memset(unit, 0, sizeof(*unit));
	if (vg_tool(argv, 4096, &said, &len))
		return false;
	rest = said;
	while ((line = strsep(&rest, "\n"))) {
		take_word(unit->load, line, "LoadState");
		take_word(unit->file, line, "UnitFileState");
		take_word(unit->active, line, "ActiveState");
	}
	free(said);
	return unit->load[0];
}

static void check_unit(struct vg_host *host)
{
	struct unit unit;

	if (!vg_systemd_runs())
		vg_diagnose(host, "unit", VG_HEALTH_OK, NULL,
			    "systemd does not run here; whatever starts this "
			    "host's services must load the policy");
	else if (!ask_systemd(&unit))
		vg_diagnose(host, "unit", VG_HEALTH_WARNING,
			    "systemctl daemon-reexec",
			    "systemd does not say what it knows of "
			    "vfioguard.service");
	else if (!strcmp(unit.load, "masked"))
		vg_diagnose(host, "unit", VG_HEALTH_WARNING,
			    "systemctl unmask vfioguard && systemctl enable "
			    "vfioguard",
			    "vfioguard.service is masked: the next boot has no "
			    "policy");
	else if (strcmp(unit.load, "loaded"))
		vg_diagnose(host, "unit", VG_HEALTH_WARNING,
			    "make install && systemctl daemon-reload && "
			    "systemctl enable vfioguard",
			    "systemd has no vfioguard.service (%s): the next "
			    "boot has no policy",
			    unit.load);
	else if (!strcmp(unit.active, "failed"))
		vg_diagnose(host, "unit", VG_HEALTH_FAULT,
			    "systemctl reset-failed vfioguard && systemctl "
			    "start vfioguard",
			    "vfioguard.service failed; systemctl status "
			    "vfioguard says why");
	else if (strncmp(unit.file, "enabled", 7))
		vg_diagnose(host, "unit", VG_HEALTH_WARNING,
			    "systemctl enable vfioguard",
			    "vfioguard.service is not enabled (%s): the next "
			    "boot has no policy",
			    unit.file[0] ? unit.file : "it has no file");
	else
		vg_diagnose(host, "unit", VG_HEALTH_OK, NULL,
			    "vfioguard.service is enabled, and %s",
			    unit.active);
}

void vg_check_service(struct vg_host *host)
{
	if (host->loaded)
		check_daemon(host);
	check_unit(host);
}
