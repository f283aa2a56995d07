/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which place of the full event log a new record takes.
 *
 * The oldest record of the device that has most gives way, not the oldest of
 * all: a device that makes events without end pushes out its own, and each of N
 * devices keeps its last VG_EVENT_LOG_SIZE / N whatever the others do.
 */
#ifndef VFIOGUARD_EVENTS_EVENT_SHARES_H
#define VFIOGUARD_EVENTS_EVENT_SHARES_H

#include "events/event_log.h"

/**
 * vg_event_shares_take() - find the place for the next record
 * @log: its one writer's
 * @event: of the record; tells the device
 *
 * The caller puts a record of that device there, with the number
 * @log->written + 1, before it calls again.  What a daemon left behind that was
 * killed meanwhile is put in order.
 *
 * Return: index into @log->records.
 */
__u32 vg_event_shares_take(struct vg_event_log *log,
			   const struct vg_event *event);

#endif
