/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Use of a lock that is there: BPF LSM programs, pinned beside the loaded policy,
 * that let nobody change either of them until the next boot (bpf/lock.bpf.c).
 * lock/ makes it.
 */
#ifndef VFIOGUARD_FORCE_LOCK_STATE_H
#define VFIOGUARD_FORCE_LOCK_STATE_H

#include <stdbool.h>

#include "bpf/lock.h"
#include "force/store.h"
#include "util/exit_codes.h"

/* Pins of the lock, all with this in front. */
#define VG_LOCK_PIN "lock_"
#define VG_LOCK_CTL VG_PIN_DIR "/" VG_LOCK_PIN "ctl"
#define VG_LOCK_ATTEMPTS VG_PIN_DIR "/" VG_LOCK_PIN "attempts"

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

/* Call program "lock_ctl".  Return: 0 or a negative errno, the program's too. */
int vg_lock_call(int ctl, struct vg_lock_ask *ask);

/*
 * Take away all pins of a lock that is not sealed.  The kernel lets go of the
 * programs a while after; from here on they refuse nothing any more.
 */
void vg_lock_remove_pins(void);

/* Ring buffer of struct vg_attempt; -1 with errno set on error. */
int vg_lock_open_attempts(void);

#endif
