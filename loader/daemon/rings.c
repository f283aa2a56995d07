// SPDX-License-Identifier: GPL-2.0-only
/* The ring buffers of the policy and of its lock, and who may read them. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "daemon/audit_sink.h"
#include "daemon/flood.h"
#include "daemon/internal.h"
#include "daemon/tell.h"
#include "force/lock_state.h"
#include "util/log.h"

/* Events taken in one go, so that signals and the timer get their turn. */
#define DRAIN_EVENTS 1024

static __u64 now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

__u64 vg_boottime(void)
{
	return now_ns(CLOCK_BOOTTIME);
}

__u64 vg_monotonic(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

static int on_event(void *context, void *data, size_t size)
{
	static const struct vg_daemon_counts held = { .events = 1, .held = 1 };
	struct vg_daemon *d = context;
	__u64 now = vg_boottime();
	struct vg_record record;
	bool pass;

	if (size < sizeof(struct vg_event))
		return 0;
	/* First, so that a flood takes no more time than it must. */
	pass = vg_flood_pass(data, now);
	vg_record_fill(&record, data, pass || vg_flood_look(data, now));
	/* The numbers are of the policy that decided; another may be loaded. */
	if (record.event.generation == d->config.generation)
		vg_rule_source(&d->store, record.event.line, record.event.file,
			       record.event.key, &record.rule);
	vg_event_log_add(d->log, &record);
	if (pass)
		vg_audit_event(&record);
	else
		vg_event_log_count(d->log, &held);
	return 0;
}

static int on_attempt(void *context, void *data, size_t size)
{
	(void)context;
	if (size >= sizeof(struct vg_attempt))
		vg_tell_attempt(data);
	return 0;
}

void vg_drain(const struct vg_daemon *d)
{
	if (d->ring)
		ring_buffer__consume_n(d->ring, DRAIN_EVENTS);
	if (d->attempts)
		ring_buffer__consume_n(d->attempts, DRAIN_EVENTS);
}

/* A lock lets nobody write the map, but knows who is the daemon. */
static void beat_locked(struct vg_daemon *d)
{
	int ctl = vg_lock_open_ctl();
	int ret = ctl < 0 ? -errno : vg_lock_beat(ctl);

	if (ctl >= 0)
		close(ctl);
	/* -EINVAL: it is only being made. */
	if (ret && ret != -EINVAL && !d->replaced)
		vg_error("the lock does not take this process for the daemon: "
			 "%s",
			 strerror(-ret));
	d->replaced = ret && ret != -EINVAL;
}

void vg_beat(struct vg_daemon *d)
{
	__u64 now = vg_boottime();
	__u32 zero = 0;

	if (vg_lock_pinned())
		beat_locked(d);
	else
		bpf_map_update_elem(d->store.heartbeat, &zero, &now, BPF_ANY);
}

int vg_watch(const struct vg_daemon *d, int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event);
}

bool vg_open_ring(struct vg_daemon *d)
{
	if (d->ring)
		ring_buffer__free(d->ring);
	d->ring = ring_buffer__new(d->store.events, on_event, d, NULL);
	return d->ring && !vg_watch(d, ring_buffer__epoll_fd(d->ring), EPOLLIN);
}

void vg_close_attempts(struct vg_daemon *d)
{
	ring_buffer__free(d->attempts);
	d->attempts = NULL;
	d->attempts_id = 0;
}

void vg_follow_lock(struct vg_daemon *d)
{
	int fd = vg_lock_pinned() ? vg_lock_open_attempts() : -1;
	__u32 id = fd < 0 ? 0 : vg_store_map_id(fd);

	if (id != d->attempts_id)
		vg_close_attempts(d);
	if (id && !d->attempts) {
		d->attempts = ring_buffer__new(fd, on_attempt, d, NULL);
		/* Refused as long as another process is the daemon. */
		if (d->attempts &&
		    !vg_watch(d, ring_buffer__epoll_fd(d->attempts), EPOLLIN))
			d->attempts_id = id;
		else
			vg_close_attempts(d);
	}
	if (fd >= 0)
		close(fd);
}
