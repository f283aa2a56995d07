/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who made an access, as /proc has it when the event is drained.
 *
 * A process may be gone by then and its number another's, who would be named in
 * the record.  So what is read counts only if the process is in the cgroup that
 * the event has, and was there before it.
 */
#ifndef VFIOGUARD_EVENTS_PROCESS_H
#define VFIOGUARD_EVENTS_PROCESS_H

#include "events/event.h"

/**
 * vg_process_read() - fill in cgroup, vm and uuid of a record
 * @record: with its event; what does not match or can't be told is left ""
 */
void vg_process_read(struct vg_record *record);

#endif
