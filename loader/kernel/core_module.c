// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/core_module.h"

#define CORE "vfio-pci-core.ko"

void vg_modules_dir(char dir[VG_MODULES_LEN])
{
	struct utsname u;

	uname(&u);
	snprintf(dir, VG_MODULES_LEN, "/lib/modules/%s/", u.release);
}

bool vg_core_patched_file(char *path, size_t len)
{
	/* Of make module-install, and of dkms, which may compress it. */
	static const char *const names[] = { CORE, "dkms/" CORE,
					     "dkms/" CORE ".xz",
					     "dkms/" CORE ".zst" };
	char dir[VG_MODULES_LEN];
	unsigned int i;

	vg_modules_dir(dir);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, len, "%supdates/%s", dir, names[i]);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

/* A line is "FILE: what it needs". */
bool vg_core_chosen_file(char *path, size_t len)
{
	char dir[VG_MODULES_LEN], list[VG_MODULES_LEN + 16], *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *f;

	vg_modules_dir(dir);
	snprintf(list, sizeof(list), "%smodules.dep", dir);
	f = fopen(list, "re");
	while (f && !found && getline(&line, &room, f) > 0) {
		char *name;

		line[strcspn(line, ":")] = '\0';
		name = strrchr(line, '/');
		name = name ? name + 1 : line;
		found = !strncmp(name, CORE, strlen(CORE));
	}
	if (found)
		snprintf(path, len, "%s", line);
	free(line);
	if (f)
		fclose(f);
	return found;
}
