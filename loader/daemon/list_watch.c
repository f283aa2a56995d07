// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "daemon/list_watch.h"

/* Entries read with one call of the kernel. */
#define BATCH 1024

struct entry {
	struct vg_device_id id;
	__u32 flags;
};

struct list {
	struct entry *entries; /* sorted by id */
	size_t nr;
};

static struct list known;
static bool is_known; /* it could be read */

static __u32 number(const struct entry *e)
{
	return (__u32)e->id.vendor << 16 | e->id.device;
}

static int by_id(const void *a, const void *b)
{
	__u32 i = number(a), j = number(b);

	return i < j ? -1 : i > j;
}

static bool append(struct list *list, const struct vg_device_id *ids,
		   const __u32 *flags, __u32 n)
{
	struct entry *more;
	__u32 i;

	more = realloc(list->entries, (list->nr + n) * sizeof(*more));
	if (!more)
		return false;
	list->entries = more;
	for (i = 0; i < n; i++)
		more[list->nr++] = (struct entry){ ids[i], flags[i] };
	return true;
}

/* The whole map, sorted.  False, and nothing to free, if it can't be read. */
static bool read_list(int map, struct list *list)
{
	static struct vg_device_id ids[BATCH];
	static __u32 flags[BATCH];
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	__u32 at = 0, next, n;
	bool first = true;
	int ret;

	list->entries = NULL;
	list->nr = 0;
	do {
		n = BATCH;
		ret = bpf_map_lookup_batch(map, first ? NULL : &at, &next, ids,
					   flags, &n, &opts);
		if ((ret && ret != -ENOENT) ||
		    (n && !append(list, ids, flags, n))) {
			free(list->entries);
			return false;
		}
		at = next;
		first = false;
	} while (!ret);
	if (list->nr)
		qsort(list->entries, list->nr, sizeof(*list->entries), by_id);
	return true;
}

static void compare(const struct list *old, const struct list *new,
		    void (*tell)(const struct vg_list_change *change))
{
	size_t i = 0, j = 0;

	while (i < old->nr || j < new->nr) {
		const struct entry *a = i < old->nr ? &old->entries[i] : NULL;
		const struct entry *b = j < new->nr ? &new->entries[j] : NULL;
		struct vg_list_change change = {};

		if (a && (!b || by_id(a, b) <= 0)) {
			change.id = a->id;
			change.was = true;
			change.old_flags = a->flags;
			i++;
		}
		if (b && (!a || by_id(a, b) >= 0)) {
			change.id = b->id;
			change.is = true;
			change.flags = b->flags;
			j++;
		}
		/* Flags of 0 are an entry too, so these alone do not tell. */
		if (change.was != change.is || change.flags != change.old_flags)
			tell(&change);
	}
}

void vg_list_start(int fd)
{
	free(known.entries);
	is_known = read_list(fd, &known);
	if (!is_known)
		known = (struct list){};
}

void vg_list_changes(int fd, void (*tell)(const struct vg_list_change *change))
{
	struct list now;

	/* Unreadable just now: told at the next look, not lost. */
	if (!read_list(fd, &now))
		return;
	if (is_known)
		compare(&known, &now, tell);
	free(known.entries);
	known = now;
	is_known = true;
}
