/* SPDX-License-Identifier: GPL-2.0-only */
/* What was learnt: the kinds of access in map "learned". */
#ifndef VFIOGUARD_ANSWER_LEARNED_H
#define VFIOGUARD_ANSWER_LEARNED_H

#include "force/store.h"
#include "util/json_writer.h"

/* One kind of access, and who made it. */
struct vg_learnt {
	struct vg_learn_key key;
	struct vg_learned value;
	const char *owner; /* path of the cgroup, "" if not known */
};

struct vg_learned_owner {
	__u64 id;
	struct vg_owner path;
};

struct vg_learned_list {
	struct vg_learnt *entries; /* by device, register, direction, width */
	size_t nr;
	struct vg_learned_owner *owners;
	size_t nr_owners;
	__u64 lost; /* accesses that found no room */
};

/**
 * vg_learned_read() - all that was learnt
 * @list: to be freed with vg_learned_free() also after an error
 *
 * Return: 0 or a negative errno.
 */
int vg_learned_read(const struct vg_store *store, struct vg_learned_list *list);

void vg_learned_free(struct vg_learned_list *list);

/**
 * vg_learned_clear() - forget all that was learnt until now
 *
 * Also while learning: what comes meanwhile may be kept or forgotten.
 * Return: 0 or a negative errno.
 */
int vg_learned_clear(const struct vg_store *store);

/* In the order of struct vg_learned_list, for qsort(). */
int vg_learnt_compare(const void *a, const void *b);

/**
 * vg_learnt_values() - the different values written
 * @values: gets them in the order they came
 * @more: whether there were others
 *
 * Return: how many.
 */
unsigned int vg_learnt_values(const struct vg_learnt *learnt,
			      __u32 values[VG_LEARN_VALUES], bool *more);

/* Time of CLOCK_BOOTTIME as "2026-01-31T23:59:59Z". */
#define VG_TIME_LEN 32
void vg_boottime_format(__u64 boottime, char buf[VG_TIME_LEN]);

/* The region an access was in, as a place of the policy language. */
enum vg_where_kind vg_learnt_where(const struct vg_learnt *learnt);

#endif
