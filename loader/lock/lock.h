/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lock of the loaded policy: BPF LSM programs, pinned beside it, that let
 * nobody change either of them until the next boot.  See bpf/lock.bpf.c.
 */
#ifndef VFIOGUARD_LOADER_LOCK_H
#define VFIOGUARD_LOADER_LOCK_H

#include <stdbool.h>

#include "bpf/lock.h"
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

/*
 * Whether the programs of the lock are there: then the policy's link must not
 * be opened.  It may still be about to be locked.
 */
bool vg_lock_pinned(void);

/* The state of the lock; false if there is none. */
bool vg_lock_read(struct vg_lock_ask *state);

/* Whether the policy is locked. */
bool vg_lock_sealed(void);

/**
 * vg_lock_check() - for whatever changes the loaded policy
 *
 * Return: VG_EXIT_OK, or VG_EXIT_LOCKED with a message.
 */
enum vg_exit vg_lock_check(void);

/**
 * vg_lock_settle() - the same for who holds the store's lock (vg_store_lock())
 *
 * Takes away what is left of a lock whose maker was killed half way.
 */
enum vg_exit vg_lock_settle(void);

/**
 * vg_lock_open_ctl() - what the daemon needs in place of the heartbeat
 *
 * Return: a descriptor for vg_lock_beat(), or -1 with errno set.
 */
int vg_lock_open_ctl(void);

/**
 * vg_lock_beat() - be the daemon, and say that it lives
 * @ctl: of vg_lock_open_ctl()
 *
 * Only the daemon may empty the ring buffers of a locked policy.
 *
 * Return: 0, -EBUSY if another process is the daemon, or another negative errno.
 */
int vg_lock_beat(int ctl);

/* Ring buffer of struct vg_attempt; -1 with errno set on error. */
int vg_lock_open_attempts(void);

#endif
