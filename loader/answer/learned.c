// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer/learned.h"

/* Entries read with one call of the kernel. */
#define BATCH 1024
#define NSEC_PER_SEC 1000000000LL

/* Of the kernel's enum vfio_pci_config_region. */
enum {
	IN_HEADER = 0,
	IN_VENDOR = 3,
	IN_UNASSIGNED = 4,
};

/* A map's keys and values, one behind another. */
struct content {
	char *keys;
	char *values;
	size_t nr;
	size_t room;
};

static bool make_room(struct content *c, size_t key_size, size_t value_size)
{
	size_t room = c->room ? c->room * 2 : 4 * BATCH;
	char *more;

	if (c->nr + BATCH <= c->room)
		return true;
	more = realloc(c->keys, room * key_size);
	if (!more)
		return false;
	c->keys = more;
	more = realloc(c->values, room * value_size);
	if (!more)
		return false;
	c->values = more;
	c->room = room;
	return true;
}

static void free_content(struct content *c)
{
	free(c->keys);
	free(c->values);
}

static int read_map(int map, size_t key_size, size_t value_size,
		    struct content *c)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	__u32 at = 0, n;
	bool first = true;
	int ret;

	do {
		if (!make_room(c, key_size, value_size))
			return -ENOMEM;
		n = BATCH;
		ret = bpf_map_lookup_batch(map, first ? NULL : &at, &at,
					   c->keys + c->nr * key_size,
					   c->values + c->nr * value_size, &n,
					   &opts);
		if (ret && ret != -ENOENT)
			return ret;
		c->nr += n;
		first = false;
	} while (!ret);
	return 0;
}

static int compare_owners(const void *a, const void *b)
{
	const struct vg_learned_owner *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int read_owners(int map, struct vg_learned_list *list)
{
	struct content c = {};
	size_t i;
	int ret;

	ret = read_map(map, sizeof(__u64), sizeof(struct vg_owner), &c);
	if (!ret) {
		list->owners = calloc(c.nr + 1, sizeof(*list->owners));
		if (!list->owners)
			ret = -ENOMEM;
	}
	for (i = 0; !ret && i < c.nr; i++) {
		struct vg_learned_owner *owner =
			&list->owners[list->nr_owners++];

		memcpy(&owner->id, c.keys + i * sizeof(__u64), sizeof(__u64));
		memcpy(&owner->path, c.values + i * sizeof(struct vg_owner),
		       sizeof(struct vg_owner));
		owner->path.path[sizeof(owner->path.path) - 1] = '\0';
	}
	if (!ret)
		qsort(list->owners, list->nr_owners, sizeof(*list->owners),
		      compare_owners);
	free_content(&c);
	return ret;
}

static const char *find_owner(const struct vg_learned_list *list, __u64 id)
{
	const struct vg_learned_owner key = { .id = id }, *owner;

	owner = bsearch(&key, list->owners, list->nr_owners, sizeof(*owner),
			compare_owners);
	return owner ? owner->path.path : "";
}

static int read_entries(int map, struct vg_learned_list *list)
{
	struct content c = {};
	size_t i;
	int ret;

	ret = read_map(map, sizeof(struct vg_learn_key),
		       sizeof(struct vg_learned), &c);
	if (!ret) {
		list->entries = calloc(c.nr + 1, sizeof(*list->entries));
		if (!list->entries)
			ret = -ENOMEM;
	}
	for (i = 0; !ret && i < c.nr; i++) {
		struct vg_learnt *learnt = &list->entries[list->nr++];

		memcpy(&learnt->key, c.keys + i * sizeof(learnt->key),
		       sizeof(learnt->key));
		memcpy(&learnt->value, c.values + i * sizeof(learnt->value),
		       sizeof(learnt->value));
		learnt->value.comm[sizeof(learnt->value.comm) - 1] = '\0';
	}
	free_content(&c);
	return ret;
}

#define COMPARE(a, b)                              \
	do {                                       \
		if ((a) != (b))                    \
			return (a) < (b) ? -1 : 1; \
	} while (0)

int vg_learnt_compare(const void *a, const void *b)
{
	const struct vg_learn_key *x = &((const struct vg_learnt *)a)->key;
	const struct vg_learn_key *y = &((const struct vg_learnt *)b)->key;

	COMPARE(x->slot, y->slot);
	COMPARE(x->vendor, y->vendor);
	COMPARE(x->device, y->device);
	COMPARE(x->offset, y->offset);
	COMPARE(x->access, y->access);
	COMPARE(x->size, y->size);
	COMPARE(x->cgroup, y->cgroup);
	return 0;
}

int vg_learned_read(const struct vg_store *store, struct vg_learned_list *list)
{
	__u32 zero = 0;
	size_t i;
	int ret;

	memset(list, 0, sizeof(*list));
	/* An owner is written before its first entry. */
	ret = read_entries(store->learned, list);
	if (!ret)
		ret = read_owners(store->learned_owners, list);
	if (ret)
		return ret;
	for (i = 0; i < list->nr; i++)
		list->entries[i].owner =
			find_owner(list, list->entries[i].key.cgroup);
	qsort(list->entries, list->nr, sizeof(*list->entries),
	      vg_learnt_compare);
	return bpf_map_lookup_elem(store->learn_lost, &zero, &list->lost);
}

void vg_learned_free(struct vg_learned_list *list)
{
	free(list->entries);
	free(list->owners);
	memset(list, 0, sizeof(*list));
}

/* Another may have deleted it. */
static int delete(int map, const void *key)
{
	int ret = bpf_map_delete_elem(map, key);

	return ret == -ENOENT ? 0 : ret;
}

int vg_learned_clear(const struct vg_store *store)
{
	struct vg_learned_list list;
	__u64 none = 0;
	__u32 zero = 0;
	size_t i;
	int ret;

	ret = vg_learned_read(store, &list);
	for (i = 0; !ret && i < list.nr; i++)
		ret = delete (store->learned, &list.entries[i].key);
	for (i = 0; !ret && i < list.nr_owners; i++)
		ret = delete (store->learned_owners, &list.owners[i].id);
	if (!ret)
		ret = bpf_map_update_elem(store->learn_lost, &zero, &none,
					  BPF_ANY);
	vg_learned_free(&list);
	return ret;
}

static bool among(const __u32 *values, unsigned int nr, __u32 value)
{
	while (nr)
		if (values[--nr] == value)
			return true;
	return false;
}

unsigned int vg_learnt_values(const struct vg_learnt *learnt,
			      __u32 values[VG_LEARN_VALUES], bool *more)
{
	__u32 taken = learnt->value.taken;
	unsigned int nr = 0, i;

	*more = (taken & 0xffff) > VG_LEARN_VALUES;
	for (i = 0; i < VG_LEARN_VALUES; i++)
		if (taken & 1U << (16 + i) &&
		    !among(values, nr, learnt->value.values[i]))
			values[nr++] = learnt->value.values[i];
	return nr;
}

void vg_boottime_format(__u64 boottime, char buf[VG_TIME_LEN])
{
	struct timespec real, boot;
	long long ns;
	time_t when;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	ns = (real.tv_sec - boot.tv_sec) * NSEC_PER_SEC + real.tv_nsec -
	     boot.tv_nsec + (long long)boottime;
	when = ns / NSEC_PER_SEC;
	gmtime_r(&when, &tm);
	strftime(buf, VG_TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

enum vg_where_kind vg_learnt_where(const struct vg_learnt *learnt)
{
	switch (learnt->value.region) {
	case IN_UNASSIGNED:
		return VG_WHERE_UNASSIGNED;
	case IN_VENDOR:
		return VG_WHERE_VENDOR;
	case IN_HEADER:
		return VG_WHERE_HEADER;
	default:
		return VG_WHERE_CAPS;
	}
}
