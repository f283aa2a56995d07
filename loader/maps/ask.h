/* SPDX-License-Identifier: GPL-2.0-only */
/* What the loaded maps decide, by the program that decides accesses. */
#ifndef VFIOGUARD_MAPS_ASK_H
#define VFIOGUARD_MAPS_ASK_H

#include "force/store.h"
#include "policy/policy.h"

/**
 * vg_ask_run() - ask about an access
 * @query: its .owner is the whole path of a cgroup, or NULL
 * @ask: all of it is filled in
 *
 * Nothing is counted and no access takes place.
 * Return: 0, or a negative errno.
 */
int vg_ask_run(const struct vg_store *store, const struct vg_query *query,
	       struct vg_ask *ask);

#endif
