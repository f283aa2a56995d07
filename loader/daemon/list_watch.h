/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notices edits of the loaded allow list, whoever makes them and with whatever
 * tool, by comparing it with what it was a second ago.
 */
#ifndef VFIOGUARD_DAEMON_LIST_WATCH_H
#define VFIOGUARD_DAEMON_LIST_WATCH_H

#include <stdbool.h>

#include "bpf/vfioguard.h"

struct vg_list_change {
	struct vg_device_id id;
	bool was; /* on the list before, with old_flags */
	bool is; /* on the list now, with flags */
	__u32 old_flags;
	__u32 flags;
};

/**
 * vg_list_start() - take the map's contents as what is known
 * @fd: of map "allowlist"
 *
 * After a reload, whose changes are told by the reload itself.
 */
void vg_list_start(int fd);

/**
 * vg_list_changes() - compare, and take the contents as known
 * @fd: of the same map; given anew, because it is opened anew every second
 * @tell: called for each entry that came, went or changed
 */
void vg_list_changes(int fd, void (*tell)(const struct vg_list_change *change));

#endif
