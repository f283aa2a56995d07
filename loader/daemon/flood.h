/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps guests that touch everything from filling the audit log.
 *
 * The BPF program already reports a register once.  There are a thousand
 * registers, though, and as many guests as the host has, so here each device
 * gets so many records at once and so many an hour, and so do all of them
 * together; what is over is counted and told in one summary, which is a record
 * like any other.
 *
 * Audit's log takes 40 MB as it comes (max_log_file = 8, num_logs = 5), and a
 * record is never lost before four more files are full.  VG_FLOOD_DEVICES
 * hostile devices make 11,264 records in their first day, of at most 1.4 kB: half
 * of that, so that other programs' records stay for longer.
 *
 * For one thread.
 */
#ifndef VFIOGUARD_DAEMON_FLOOD_H
#define VFIOGUARD_DAEMON_FLOOD_H

#include <stdbool.h>

#include "bpf/vfioguard.h"

/* What was held back of one device, told at the end of its flood. */
struct vg_flood {
	__u64 slot;
	__u16 vendor;
	__u16 device;
	__u64 events; /* not recorded one by one */
	__u64 unreported; /* accesses these events stood for besides */
	__u16 first; /* lowest and highest register among them */
	__u16 last;
	__u64 began; /* CLOCK_BOOTTIME, ns */
	__u64 ended;
};

/* Records of a device at once, the last of them a summary, and an hour. */
#define VG_FLOOD_BURST 64
#define VG_FLOOD_HOURLY 12
/* All devices together make no more than so many do. */
#define VG_FLOOD_DEVICES 32
/* Of the events that get no record, those a second that are looked into. */
#define VG_FLOOD_LOOKS 16

/**
 * vg_flood_pass() - whether an event gets a record of its own
 * @event: just drained
 * @now: CLOCK_BOOTTIME, ns
 *
 * Return: true, or false if the event was added to the device's summary.
 */
bool vg_flood_pass(const struct vg_event *event, __u64 now);

/**
 * vg_flood_look() - whether an event that did not pass may take time
 * @event: the same
 * @now: the same
 *
 * Return: true up to VG_FLOOD_LOOKS times a second for each device.
 */
bool vg_flood_look(const struct vg_event *event, __u64 now);

/**
 * vg_flood_next() - the next device whose summary is due
 * @now: CLOCK_BOOTTIME, ns
 * @all: also those that are not, at the daemon's end
 *
 * A summary is due when the device was quiet for two seconds, and after a minute
 * of a long flood, unless it made all the records it may: then with its next.
 *
 * Return: false when there is none left.
 */
bool vg_flood_next(__u64 now, bool all, struct vg_flood *flood);

#endif
