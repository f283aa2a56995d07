/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records to the audit system, from a thread of its own.
 *
 * libaudit can hold its caller up for a minute when the kernel's backlog is
 * full, so it is never called where events are drained.  A bounded queue is in
 * between.  What audit does not take, because it is off, refuses, or the queue
 * is full, goes to stderr as a line of JSON and is counted; nothing is dropped
 * in silence.
 */
#ifndef VFIOGUARD_AUDIT_SINK_H
#define VFIOGUARD_AUDIT_SINK_H

#include <stdbool.h>

#include "event.h"

/* What became of the records so far. */
struct vg_audit_counts {
	__u64 sent; /* taken by the kernel */
	__u64 diverted; /* written to stderr instead */
	__u64 queued; /* not delivered yet */
};

/**
 * vg_audit_start() - connect to audit and start the thread
 * @use: false never to connect; everything goes to stderr then
 *
 * Goes on without audit; then everything is diverted.
 *
 * Return: true if auditing is on.
 */
bool vg_audit_start(bool use);

/* Queue the record of one event.  Never blocks. */
void vg_audit_event(const struct vg_record *record);

/**
 * vg_audit_message() - queue a record about the policy itself
 * @type: of libaudit: AUDIT_USER_MAC_POLICY_LOAD, ...
 * @result: whether what it tells of succeeded
 * @fmt: name=value fields; strings users can choose already encoded
 */
__attribute__((format(printf, 3, 4))) void
vg_audit_message(int type, bool result, const char *fmt, ...);

void vg_audit_counts(struct vg_audit_counts *counts);

/* Wait up to @seconds for the queue to empty, then end the thread. */
void vg_audit_stop(unsigned int seconds);

#endif
