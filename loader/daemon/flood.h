/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps a guest that touches everything from filling the audit log.
 *
 * The BPF program already reports a register once.  There are a thousand
 * registers, though, and as many guests as the host has, so here each device
 * gets so many records at once and so many a second; what is over is counted
 * and told in one summary when the device is quiet again.
 *
 * For one thread.
 */
#ifndef VFIOGUARD_DAEMON_FLOOD_H
#define VFIOGUARD_DAEMON_FLOOD_H

#include <stdbool.h>

#include "bpf/vfioguard.h"

/* What was held back of one device, told at the end of its flood. */
struct vg_flood {
	__u32 slot;
	__u16 vendor;
	__u16 device;
	__u64 events; /* not recorded one by one */
	__u64 unreported; /* accesses these events stood for besides */
	__u16 first; /* lowest and highest register among them */
	__u16 last;
	__u64 began; /* CLOCK_BOOTTIME, ns */
	__u64 ended;
};

/* Records a device may make at once, and the seconds until it may make one
 * more.
 */
#define VG_FLOOD_BURST 64
#define VG_FLOOD_SECONDS 10

/**
 * vg_flood_pass() - whether an event gets a record of its own
 * @event: just drained
 * @now: CLOCK_BOOTTIME, ns
 *
 * Return: true, or false if the event was added to the device's summary.
 */
bool vg_flood_pass(const struct vg_event *event, __u64 now);

/**
 * vg_flood_next() - the next device whose flood is over
 * @now: CLOCK_BOOTTIME, ns
 * @all: also those that are not over, at the daemon's end
 *
 * A flood is over when the device was quiet for two seconds, and at the latest
 * after a minute, so that a long one is heard of.
 *
 * Return: false when there is none left.
 */
bool vg_flood_next(__u64 now, bool all, struct vg_flood *flood);

#endif
