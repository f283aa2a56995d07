/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the pins are those of the policy in force.  A load that is killed between
 * its update of the link and its last rename leaves them behind the link.
 */
#ifndef VFIOGUARD_FORCE_RECOVER_H
#define VFIOGUARD_FORCE_RECOVER_H

#include "force/store.h"
#include "util/exit_codes.h"

/**
 * vg_in_step() - whether what was opened is what is in force
 * @store: its link, and the maps opened behind it with "config" first
 *
 * True of a detached link, behind which nothing is in force, and of a locked
 * policy, which nobody could have replaced.  False if it can't be told.
 */
bool vg_in_step(struct vg_store *store);

/**
 * vg_recover() - finish what a killed load began
 * @link: descriptor of the pinned link, -1 if the policy is locked
 *
 * The caller holds the store's lock, so no load is at work.
 *
 * Return: VG_EXIT_OK, or VG_EXIT_FAILURE with a message: the pins are of another
 * policy than the one in force.
 */
enum vg_exit vg_recover(int link);

#endif
