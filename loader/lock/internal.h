/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that make the lock share. */
#ifndef VFIOGUARD_LOCK_LOCK_SET_H
#define VFIOGUARD_LOCK_LOCK_SET_H

#include "bpf/lock.h"
#include "force/store.h"

#define VG_LOCK_MAX_OBJECTS 128

/* What is to be protected. */
struct vg_lock_list {
	struct vg_lock_object objects[VG_LOCK_MAX_OBJECTS];
	struct vg_lock_about about[VG_LOCK_MAX_OBJECTS];
	unsigned int nr;
	struct vg_lock_shape shapes[VG_LOCK_MAX_OBJECTS];
	unsigned int nr_shapes;
};

/*
 * Add an object by its descriptor.  Return: 0 or a negative errno (-E2BIG: more
 * than there is room for).
 */
int vg_lock_add_map(struct vg_lock_list *list, int fd);
int vg_lock_add_prog(struct vg_lock_list *list, int fd);
int vg_lock_add_link(struct vg_lock_list *list, int fd, enum vg_lock_kind kind,
		     const char *name);

/* The program, and every map it uses. */
int vg_lock_add_prog_maps(struct vg_lock_list *list, int fd);

/* All that the loaded policy consists of. */
int vg_lock_add_policy(struct vg_lock_list *list, struct vg_store *store);

/*
 * Make the maps of the list read-only for system calls, for good.  Return: 0 or
 * a negative errno; @name is of the first map that was not frozen.
 */
int vg_lock_freeze(const struct vg_lock_list *list, const char **name);

/* Name the processes that have one of the links open, as errors. */
void vg_lock_tell_holders(const struct vg_lock_list *list);

/* For the daemon, which looks once a second, and for programs on their way out. */
#define VG_LOCK_TRIES 50

/* A while between two of them. */
void vg_lock_wait(void);

/**
 * vg_lock_vet() - look for programs and maps that could weaken the policy
 * @ctl: of a lock that has closed but is not sealed
 *
 * Programs of the policy before this one may still be on their way out, so it
 * waits for them.
 *
 * Return: whether there is none; names the first otherwise.
 */
bool vg_lock_vet(int ctl);

#endif
