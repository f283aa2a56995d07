// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard load and unload */
#include <limits.h>
#include <malloc.h>
#include <string.h>

#include "commands/commands.h"
#include "force/load_file.h"
#include "force/store.h"
#include "kernel/native.h"
#include "util/log.h"

int vg_cmd_load(int argc, char **argv)
{
	struct vg_config config = {};
	enum vg_door_wish wish;
	struct vg_store store;
	enum vg_exit ret;

	if (argc == 4 && !strcmp(argv[1], "--mode")) {
		if (vg_door_wish_parse(argv[2], &wish))
			return vg_usage("load");
		vg_hook_wish(wish);
		argc -= 2;
		argv += 2;
	}
	if (argc != 2)
		return vg_usage("load");
	/*
	 * This process is over soon: what it frees is better used again than
	 * given back, of which half the cost of a big policy's memory comes.
	 */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_TOP_PAD, 4 << 20);
	ret = vg_load_file(argv[1]);
	if (ret)
		return ret;

	ret = vg_store_open(&store);
	if (!ret) {
		vg_store_read_config(&store, &config);
		vg_info("%s is in force (generation %llu, %s)", argv[1],
			config.generation,
			config.mode == VG_MODE_MONITOR ?
				"monitor: nothing is blocked" :
				"enforce");
	}
	vg_store_close(&store);
	return ret;
}

/* What is left, for a device that is in no list. */
static const char *native_word(enum vg_access access)
{
	struct vg_query query = {
		.where = VG_WHERE_UNASSIGNED,
		.access = access,
	};

	switch (vg_native_says(&query)) {
	case VG_NATIVE_OPEN:
		return "pass";
	case VG_NATIVE_BLOCK:
		return "are blocked";
	default:
		return "can't be told";
	}
}

int vg_cmd_unload(int argc, char **argv)
{
	enum vg_exit ret;

	(void)argv;
	if (argc != 1)
		return vg_usage("unload");
	ret = vg_store_unload();
	if (!ret)
		vg_info("no policy is in force any more; the kernel's module "
			"parameters decide: reads of unassigned space %s, "
			"writes %s",
			native_word(VG_READ), native_word(VG_WRITE));
	return ret;
}
