// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "maps/map_entries.h"

/* Entries read with one call of the kernel, to start with. */
#define BATCH 1024

static bool make_room(struct vg_entries *entries, size_t room, size_t key,
		      size_t value)
{
	void *keys, *values;

	keys = reallocarray(entries->keys, room, key);
	if (keys)
		entries->keys = keys;
	values = reallocarray(entries->values, room, value);
	if (values)
		entries->values = values;
	return keys && values;
}

int vg_map_read(int fd, size_t key, size_t value, struct vg_entries *entries)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	__u32 at = 0, next = 0, batch = BATCH, n;
	bool first = true;
	int ret;

	memset(entries, 0, sizeof(*entries));
	do {
		ret = -ENOMEM;
		if (!make_room(entries, entries->nr + batch, key, value))
			break;
		n = batch;
		ret = bpf_map_lookup_batch(
			fd, first ? NULL : &at, &next,
			(char *)entries->keys + entries->nr * key,
			(char *)entries->values + entries->nr * value, &n,
			&opts);
		/* A bucket of the map has more entries than that. */
		if (ret == -ENOSPC) {
			batch *= 2;
			continue;
		}
		if (ret && ret != -ENOENT)
			break;
		entries->nr += n;
		at = next;
		first = false;
	} while (ret != -ENOENT);
	if (ret == -ENOENT)
		return 0;
	vg_entries_free(entries);
	return ret;
}

/* Of the list being sorted: qsort_r() hands on only one pointer. */
struct order {
	const char *keys;
	size_t key;
};

static int by_key(const void *a, const void *b, void *context)
{
	const struct order *order = context;

	return memcmp(order->keys + *(const size_t *)a * order->key,
		      order->keys + *(const size_t *)b * order->key,
		      order->key);
}

/* The places of the entries in the order of their keys, or NULL. */
static size_t *sorted(const struct vg_entries *entries, size_t key)
{
	struct order order = { .keys = entries->keys, .key = key };
	size_t *list = calloc(entries->nr + 1, sizeof(*list)), i;

	if (!list)
		return NULL;
	for (i = 0; i < entries->nr; i++)
		list[i] = i;
	qsort_r(list, entries->nr, sizeof(*list), by_key, &order);
	return list;
}

int vg_entries_compare(const struct vg_entries *one,
		       const struct vg_entries *two, size_t key, size_t value,
		       vg_entry_differs differs, void *context)
{
	size_t *a = sorted(one, key), *b = sorted(two, key), i = 0, j = 0;
	int ret = a && b ? 0 : -ENOMEM;

	while (!ret && (i < one->nr || j < two->nr)) {
		const char *k =
			i < one->nr ? (char *)one->keys + a[i] * key : NULL;
		const char *l =
			j < two->nr ? (char *)two->keys + b[j] * key : NULL;
		int order = !k ? 1 : !l ? -1 : memcmp(k, l, key);
		const char *v =
			order <= 0 ? (char *)one->values + a[i] * value : NULL;
		const char *w =
			order >= 0 ? (char *)two->values + b[j] * value : NULL;

		if (!v || !w || memcmp(v, w, value))
			differs(context, v ? k : l, v, w);
		i += order <= 0;
		j += order >= 0;
	}
	free(a);
	free(b);
	return ret;
}
