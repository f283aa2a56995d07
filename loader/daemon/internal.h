/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the daemon share; nobody else includes it. */
#ifndef VFIOGUARD_DAEMON_INTERNAL_H
#define VFIOGUARD_DAEMON_INTERNAL_H

#include <bpf/libbpf.h>

#include "daemon/config.h"
#include "events/event_log.h"
#include "force/store.h"

struct vg_daemon {
	struct vg_settings settings;
	struct vg_store store;
	struct ring_buffer *ring;
	struct ring_buffer *attempts; /* of a lock, NULL without one */
	__u32 attempts_id;
	struct vg_event_log *log;
	struct vg_config config; /* of what is in force */
	unsigned int ticks; /* seconds since the metrics were written */
	int epoll;
	int signals;
	int timer;
	bool reload_again; /* wanted once more when this one has ended */
	bool detached; /* said already */
	const char *trouble; /* the same: what keeps it from protecting */
	bool replaced; /* the same: the lock has another daemon */
	bool stop;
};

/* CLOCK_BOOTTIME and CLOCK_MONOTONIC, ns */
__u64 vg_boottime(void);
__u64 vg_monotonic(void);

/* Put the policy of the settings in force, or take over the loaded one. */
enum vg_exit vg_start_policy(struct vg_daemon *d);

/* Have epoll tell of a descriptor.  Return: 0, or -1 with errno set. */
int vg_watch(const struct vg_daemon *d, int fd, __u32 events);

/* Read the events of what is in force; false with errno set on error. */
bool vg_open_ring(struct vg_daemon *d);

/*
 * Take what waits in the ring buffers, but not for as long as more comes: the
 * rest keeps the descriptor readable.
 */
void vg_drain(const struct vg_daemon *d);

/* Say that a daemon lives; with a lock, also who it is. */
void vg_beat(struct vg_daemon *d);

/* A lock came, or one that could not be made went. */
void vg_follow_lock(struct vg_daemon *d);
void vg_close_attempts(struct vg_daemon *d);

#endif
