// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard lock */
#include "commands/commands.h"
#include "lock/lock.h"
#include "util/log.h"

int vg_cmd_lock(int argc, char **argv)
{
	enum vg_exit ret;

	(void)argv;
	if (argc != 1)
		return vg_usage("lock");
	ret = vg_lock();
	if (!ret)
		vg_info("the policy is locked until the next boot");
	return ret;
}
