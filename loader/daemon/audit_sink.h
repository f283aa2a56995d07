/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records to the audit system, from a thread of its own.
 *
 * libaudit can hold its caller up for a minute when the kernel's backlog is
 * full, so it is never called where events are drained.  A bounded queue is in
 * between.  What audit does not take, because it is off, refuses, or the queue
 * is full, goes to stderr as a line of JSON; where stderr has no room either, it
 * is counted as lost.  The counts are those of the event log, which outlive us.
 */
#ifndef VFIOGUARD_DAEMON_AUDIT_SINK_H
#define VFIOGUARD_DAEMON_AUDIT_SINK_H

#include <stdbool.h>

#include "events/event_log.h"

/**
 * vg_audit_start() - connect to audit and start the thread
 * @use: false never to connect; everything goes to stderr then
 * @log: where to count what became of each event, or NULL
 *
 * Goes on without audit; then everything is diverted.
 *
 * Return: true if auditing is on.
 */
bool vg_audit_start(bool use, struct vg_event_log *log);

/* Queue the record of one event, and count the event.  Never blocks. */
void vg_audit_event(const struct vg_record *record);

/**
 * vg_audit_message() - queue a record of anything else
 * @type: of libaudit: AUDIT_USER_MAC_POLICY_LOAD, ...
 * @result: whether what it tells of succeeded
 * @events: how many held events it is the summary of
 * @fmt: name=value fields; strings users can choose already encoded
 */
__attribute__((format(printf, 4, 5))) void
vg_audit_message(int type, bool result, __u64 events, const char *fmt, ...);

/*
 * Wait up to @seconds for the queue to empty; what is left goes to stderr.  The
 * event log is not used after it.
 */
void vg_audit_stop(unsigned int seconds);

#endif
