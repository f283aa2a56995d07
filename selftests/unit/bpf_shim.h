/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bpf/core/ as a part of a test, compiled for this machine: what the kernel
 * offers to programs, as far as the core asks for it.  Include it once.
 */
#ifndef VFIOGUARD_BPF_SHIM_H
#define VFIOGUARD_BPF_SHIM_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/vfioguard.h"

/* Pragmas for clang, comparisons of what is never NULL here, and what clang
 * does not mind.
 */
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Waddress"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wshadow"

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define __hidden
#define SEC(name)
#define __ksym
#define __weak
#define __uint(name, value) int(*name)[value]
#define __type(name, value) typeof(value) *name

/* --- What the world looks like to the program ---------------------------- */

static struct {
	__u64 boottime; /* ns */
	__u64 jiffies;
	__u64 cgroup;
	__u32 tgid;
	bool ring_full;
	__u64 sent; /* events */
	struct vg_event last; /* of them */
	void *task;
} world;

/* --- Maps ------------------------------------------------------------------ */

#define SHIM_MAPS 16

struct shim_entry {
	struct shim_entry *next;
	unsigned char data[]; /* key, value */
};

static struct shim_map {
	const void *map; /* NULL: free */
	size_t key, value;
	size_t max; /* of an array, else 0 */
	unsigned char *array;
	struct shim_entry *entries;
} shim_maps[SHIM_MAPS];

static struct shim_map *shim_find(const void *map)
{
	int i;

	for (i = 0; i < SHIM_MAPS; i++)
		if (shim_maps[i].map == map)
			return &shim_maps[i];
	abort();
}

/* Make a map known, or empty it. */
static void shim_map(const void *map, size_t key, size_t value, size_t max)
{
	struct shim_map *m = NULL;
	int i;

	for (i = 0; i < SHIM_MAPS && !m; i++)
		if (!shim_maps[i].map || shim_maps[i].map == map)
			m = &shim_maps[i];
	if (!m)
		abort();
	free(m->array);
	while (m->entries) {
		struct shim_entry *next = m->entries->next;

		free(m->entries);
		m->entries = next;
	}
	*m = (struct shim_map){ map, key, value, max, NULL, NULL };
	if (max)
		m->array = calloc(max, value);
}

#define SHIM_ARRAY(map)                                      \
	shim_map(&map, sizeof(*map.key), sizeof(*map.value), \
		 sizeof(*map.max_entries) / sizeof(int))
#define SHIM_HASH(map) shim_map(&map, sizeof(*map.key), sizeof(*map.value), 0)

static void *bpf_map_lookup_elem(const void *map, const void *key)
{
	struct shim_map *m = shim_find(map);
	struct shim_entry *e;
	__u32 index;

	if (m->max) {
		memcpy(&index, key, sizeof(index));
		return index < m->max ? m->array + index * m->value : NULL;
	}
	for (e = m->entries; e; e = e->next)
		if (!memcmp(e->data, key, m->key))
			return e->data + m->key;
	return NULL;
}

static long bpf_map_update_elem(const void *map, const void *key,
				const void *value, __u64 flags)
{
	struct shim_map *m = shim_find(map);
	void *old = bpf_map_lookup_elem(map, key);
	struct shim_entry *e;

	if (old && flags == BPF_NOEXIST)
		return -17;
	if (!old) {
		e = malloc(sizeof(*e) + m->key + m->value);
		memcpy(e->data, key, m->key);
		e->next = m->entries;
		m->entries = e;
		old = e->data + m->key;
	}
	memcpy(old, value, m->value);
	return 0;
}

/* --- Helpers --------------------------------------------------------------- */

static long bpf_ringbuf_output(const void *map, const void *data, __u64 size,
			       __u64 flags)
{
	(void)map;
	(void)flags;
	if (world.ring_full)
		return -11;
	memcpy(&world.last, data, size);
	world.sent++;
	return 0;
}

static long bpf_probe_read_kernel(void *to, __u32 size, const void *from)
{
	memcpy(to, from, size);
	return 0;
}

static long bpf_probe_read_kernel_str(void *to, __u32 size, const void *from)
{
	strncpy(to, from, size);
	((char *)to)[size - 1] = '\0';
	return strlen(to) + 1;
}

static long bpf_get_current_comm(void *to, __u32 size)
{
	memset(to, 0, size);
	return 0;
}

#define bpf_ktime_get_boot_ns() world.boottime
#define bpf_jiffies64() world.jiffies
/* The maps are edited at will. */
#define IS_FROZEN(map) false
#define bpf_get_current_cgroup_id() world.cgroup
#define bpf_get_current_pid_tgid() ((__u64)world.tgid << 32 | world.tgid)
#define bpf_get_current_task_btf() ((struct task_struct *)world.task)
#define bpf_get_smp_processor_id() 0
#define bpf_core_read(to, size, from) bpf_probe_read_kernel(to, size, from)
#define bpf_core_field_exists(field) false
/* As on 6.1: reads that may fail. */
#define bpf_ksym_exists(symbol) false
#define bpf_core_type_id_kernel(type) 0
#define SHIM_READ1(a, b) ((a)->b)
#define SHIM_READ2(a, b, c) ((a)->b->c)
#define SHIM_PICK(a, b, c, name, ...) name
#define BPF_CORE_READ(...) \
	SHIM_PICK(__VA_ARGS__, SHIM_READ2, SHIM_READ1)(__VA_ARGS__)

#endif
