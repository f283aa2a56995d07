// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "daemon/flood.h"

#define NSEC_PER_SEC 1000000000ULL
#define QUIET (2 * NSEC_PER_SEC)
#define LONGEST (60 * NSEC_PER_SEC)

/* As many as the BPF program has entries for; a slot is found by its address. */
static struct state {
	bool used;
	__u32 slot;
	unsigned int tokens;
	__u64 refilled;
	__u64 seen; /* last event */
	struct vg_flood held;
} states[VG_MAX_DEVICES];

static struct state *find(__u32 slot)
{
	__u32 i, home = slot % VG_MAX_DEVICES;

	for (i = 0; i < VG_MAX_DEVICES; i++) {
		struct state *s = &states[(home + i) % VG_MAX_DEVICES];

		if (!s->used) {
			s->used = true;
			s->slot = slot;
			s->tokens = VG_FLOOD_BURST;
		}
		if (s->slot == slot)
			return s;
	}
	/* More functions than any host has: these share one limit. */
	return &states[home];
}

static void refill(struct state *s, __u64 now)
{
	__u64 more = (now - s->refilled) / (VG_FLOOD_SECONDS * NSEC_PER_SEC);

	if (!more)
		return;
	s->refilled = now;
	s->tokens = more + s->tokens > VG_FLOOD_BURST ? VG_FLOOD_BURST :
							s->tokens + more;
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

	refill(s, now);
	s->seen = now;
	/* While a summary is open the rest belongs to it as well. */
	if (s->tokens && !s->held.events) {
		s->tokens--;
		return true;
	}
	hold(&s->held, event, now);
	return false;
}

bool vg_flood_next(__u64 now, bool all, struct vg_flood *flood)
{
	__u32 i;

	for (i = 0; i < VG_MAX_DEVICES; i++) {
		struct state *s = &states[i];

		if (!s->held.events)
			continue;
		if (!all && now - s->seen < QUIET &&
		    now - s->held.began < LONGEST)
			continue;
		*flood = s->held;
		memset(&s->held, 0, sizeof(s->held));
		return true;
	}
	return false;
}
