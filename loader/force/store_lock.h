/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One load, edit of the pins or unload at a time: a reload by the daemon and one by
 * hand use the same names.
 */
#ifndef VFIOGUARD_FORCE_STORE_LOCK_H
#define VFIOGUARD_FORCE_STORE_LOCK_H

#include <stdbool.h>

/* What a command waits at most: many times what the biggest policy takes to load. */
#define VG_STORE_LOCK_SECONDS 20

/**
 * vg_store_lock() - take the lock
 *
 * Waits for another process that has it, but not for ever: a stopped one would
 * hang whoever waits.  Says who holds it then.
 *
 * Return: a descriptor to be closed, which unlocks, or -1.
 */
int vg_store_lock(void);

/* Whether another process holds it; waits for nothing and says nothing. */
bool vg_store_locked(void);

/* From now on vg_store_lock() waits no longer than this. */
void vg_store_lock_wait(unsigned int seconds);

#endif
