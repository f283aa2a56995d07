/* SPDX-License-Identifier: GPL-2.0-only */
/* Making the lock of the loaded policy; force/lock_state.h has the use of one. */
#ifndef VFIOGUARD_LOADER_LOCK_H
#define VFIOGUARD_LOADER_LOCK_H

#include "util/exit_codes.h"

/**
 * vg_lock() - lock the loaded policy
 *
 * Waits some seconds for a running daemon to let go of what nobody may hold
 * then.  On error nothing is locked.
 *
 * Return: VG_EXIT_OK, also if it is locked already, what vg_store_open()
 * returns, or VG_EXIT_FAILURE.  Says what is wrong.
 */
enum vg_exit vg_lock(void);

#endif
