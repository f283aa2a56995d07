// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "events/event_shares.h"

/* The places of one device, a queue by age. */
struct share {
	__u64 slot;
	__u32 places;
	__u32 oldest;
	__u32 newest;
};

static struct {
	/* Of which log, as it was after the last record that was put there. */
	const struct vg_event_log *log;
	__u64 written;
	__u32 younger[VG_EVENT_LOG_SIZE]; /* next place of the same device */
	__u32 free[VG_EVENT_LOG_SIZE]; /* places without a record */
	__u32 n_free;
	struct share shares[VG_EVENT_LOG_SIZE]; /* in no order */
	__u32 n_shares;
} now;

/* The device's share, made if there is none. */
static struct share *find_share(__u64 slot)
{
	struct share *s;
	__u32 i;

	for (i = 0; i < now.n_shares; i++)
		if (now.shares[i].slot == slot)
			return &now.shares[i];
	s = &now.shares[now.n_shares++];
	s->slot = slot;
	s->places = 0;
	return s;
}

static void append(struct share *s, __u32 place)
{
	if (s->places++)
		now.younger[s->newest] = place;
	else
		s->oldest = place;
	s->newest = place;
}

static __u32 take_oldest(struct share *s)
{
	__u32 place = s->oldest;

	s->oldest = now.younger[place];
	/* A device that has nothing left takes no room here either. */
	if (!--s->places)
		*s = now.shares[--now.n_shares];
	return place;
}

/* Of those that have most, the one whose oldest record is the oldest. */
static struct share *largest(const struct vg_event_log *log)
{
	struct share *most = &now.shares[0], *s;

	for (s = most + 1; s < &now.shares[now.n_shares]; s++)
		if (s->places > most->places ||
		    (s->places == most->places &&
		     log->numbers[s->oldest] < log->numbers[most->oldest]))
			most = s;
	return most;
}

static const __u64 *sort_numbers;

static int by_number(const void *a, const void *b)
{
	__u64 x = sort_numbers[*(const __u32 *)a];
	__u64 y = sort_numbers[*(const __u32 *)b];

	return x < y ? -1 : x > y;
}

/* From the log alone, which may be that of a daemon before us. */
static void read_log(struct vg_event_log *log)
{
	static __u32 order[VG_EVENT_LOG_SIZE];
	__u32 i, n = 0;

	now.n_shares = 0;
	now.n_free = 0;
	/* Downwards, so that the lowest place is taken first. */
	for (i = VG_EVENT_LOG_SIZE; i--;) {
		if (log->numbers[i])
			order[n++] = i;
		else
			now.free[now.n_free++] = i;
	}
	sort_numbers = log->numbers;
	qsort(order, n, sizeof(order[0]), by_number);
	for (i = 0; i < n; i++)
		append(find_share(log->records[order[i]].event.slot), order[i]);
	/* Killed between a record and its count: the record holds. */
	if (n && log->numbers[order[n - 1]] > log->written)
		log->written = log->numbers[order[n - 1]];
	now.log = log;
}

__u32 vg_event_shares_take(struct vg_event_log *log,
			   const struct vg_event *event)
{
	__u32 place;

	if (now.log != log || now.written != log->written)
		read_log(log);
	/* Before the device's own share is looked for: this may move it. */
	place = now.n_free ? now.free[--now.n_free] : take_oldest(largest(log));
	append(find_share(event->slot), place);
	now.written = log->written + 1;
	return place;
}
