/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the daemon says about the policy itself, to people and to audit.  The
 * record types are those the audit system has for user-space access control.
 */
#ifndef VFIOGUARD_DAEMON_TELL_H
#define VFIOGUARD_DAEMON_TELL_H

#include <stdbool.h>

#include "bpf/lock.h"
#include "daemon/flood.h"
#include "daemon/list_watch.h"
#include "force/store.h"

/**
 * vg_tell_policy() - a policy was loaded, or refused, or taken over
 * @op: "load-policy", or "take-over-policy" of one that was in force already
 * @path: its file
 * @config: of what is in force now
 */
void vg_tell_policy(const char *op, const char *path,
		    const struct vg_config *config, bool ok);

/* The mode is another than before. */
void vg_tell_mode(enum vg_mode old, enum vg_mode now);

/* The policy was detached and it was not us. */
void vg_tell_detached(enum vg_mode mode);

/* Somebody edited the loaded allow list. */
void vg_tell_list_change(const struct vg_list_change *change);

/* Somebody tried to change a locked policy, or to get at its daemon. */
void vg_tell_attempt(const struct vg_attempt *attempt);

/* A device's events that got no record of their own. */
void vg_tell_flood(const struct vg_flood *flood);

#endif
