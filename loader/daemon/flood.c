// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "daemon/flood.h"

#define NSEC_PER_SEC 1000000000ULL
#define QUIET (2 * NSEC_PER_SEC)
#define LONGEST (60 * NSEC_PER_SEC)
/* Until one record more may be made. */
#define DEVICE_PAUSE (3600 * NSEC_PER_SEC / VG_FLOOD_HOURLY)
#define ALL_PAUSE (DEVICE_PAUSE / VG_FLOOD_DEVICES)
#define ALL_BURST (VG_FLOOD_BURST * VG_FLOOD_DEVICES)

/* Records that may be made. */
struct bucket {
	unsigned int tokens;
	__u64 refilled;
};

/* As many as the BPF program has entries for; a slot is found by its address. */
static struct state {
	bool used;
	__u64 slot;
	struct bucket records;
	struct bucket calm; /* events before it is taken for hostile */
	__u64 seen; /* last event */
	__u64 looked; /* second of the last look */
	unsigned int looks; /* in that second */
	struct vg_flood held;
} states[VG_MAX_DEVICES];

static struct bucket all = { .tokens = ALL_BURST };

static struct state *find(__u64 slot)
{
	__u32 i, home = slot % VG_MAX_DEVICES;

	for (i = 0; i < VG_MAX_DEVICES; i++) {
		struct state *s = &states[(home + i) % VG_MAX_DEVICES];

		if (!s->used) {
			s->used = true;
			s->slot = slot;
			s->records.tokens = VG_FLOOD_BURST;
			s->calm.tokens = VG_FLOOD_HOURLY;
		}
		if (s->slot == slot)
			return s;
	}
	/* More functions than any host has: these share one limit. */
	return &states[home];
}

static void refill(struct bucket *b, __u64 now, __u64 pause, unsigned int most)
{
	__u64 more = (now - b->refilled) / pause;

	if (more + b->tokens >= most) {
		b->tokens = most;
		b->refilled = now;
	} else {
		b->tokens += more;
		/* What is left of a pause counts the next time. */
		b->refilled += more * pause;
	}
}

static bool is_calm(struct state *s, __u64 now)
{
	refill(&s->calm, now, DEVICE_PAUSE, VG_FLOOD_HOURLY);
	return s->calm.tokens;
}

/*
 * Take a record, if that leaves the device @keep.  A quarter of what all may
 * make is for devices with few events: where more are hostile than the bound is
 * for, one that is not must be heard.
 */
static bool take(struct state *s, __u64 now, unsigned int keep, bool calm)
{
	unsigned int floor = calm ? 0 : ALL_BURST / 4;

	refill(&s->records, now, DEVICE_PAUSE, VG_FLOOD_BURST);
	refill(&all, now, ALL_PAUSE, ALL_BURST);
	if (s->records.tokens <= keep || all.tokens <= floor)
		return false;
	s->records.tokens--;
	all.tokens--;
	return true;
}

static void hold(struct vg_flood *f, const struct vg_event *e, __u64 now)
{
	if (!f->events) {
		f->slot = e->slot;
		f->vendor = e->vendor;
		f->device = e->device;
		f->first = e->offset;
		f->last = e->offset;
		f->began = now;
	}
	f->events++;
	f->unreported += e->unreported;
	if (e->offset < f->first)
		f->first = e->offset;
	if (e->offset > f->last)
		f->last = e->offset;
	f->ended = now;
}

bool vg_flood_pass(const struct vg_event *event, __u64 now)
{
	struct state *s = find(event->slot);
	bool calm = is_calm(s, now);

	s->seen = now;
	if (calm)
		s->calm.tokens--;
	/* While a summary is open the rest belongs to it as well. */
	if (!s->held.events && take(s, now, 1, calm))
		return true;
	hold(&s->held, event, now);
	return false;
}

bool vg_flood_look(const struct vg_event *event, __u64 now)
{
	struct state *s = find(event->slot);

	if (s->looked != now / NSEC_PER_SEC) {
		s->looked = now / NSEC_PER_SEC;
		s->looks = 0;
	}
	return s->looks++ < VG_FLOOD_LOOKS;
}

static bool is_due(struct state *s, __u64 now)
{
	return (now - s->seen >= QUIET || now - s->held.began >= LONGEST) &&
	       take(s, now, 0, is_calm(s, now));
}

bool vg_flood_next(__u64 now, bool all_of_them, struct vg_flood *flood)
{
	__u32 i;

	for (i = 0; i < VG_MAX_DEVICES; i++) {
		struct state *s = &states[i];

		if (!s->held.events || (!all_of_them && !is_due(s, now)))
			continue;
		*flood = s->held;
		memset(&s->held, 0, sizeof(s->held));
		return true;
	}
	return false;
}
