/* SPDX-License-Identifier: GPL-2.0-only */
/* From a policy file to a policy in force, for `load` and the daemon. */
#ifndef VFIOGUARD_FORCE_LOAD_FILE_H
#define VFIOGUARD_FORCE_LOAD_FILE_H

#include "util/exit_codes.h"

/**
 * vg_load_file() - check a policy file and put it in force
 *
 * Prints findings as `check` does.  On error what was loaded stays.
 *
 * Return: VG_EXIT_OK, VG_EXIT_POLICY or what vg_hook_probe() and
 * vg_store_load() return.
 */
enum vg_exit vg_load_file(const char *path);

#endif
