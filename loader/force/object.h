/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF object of one policy, whichever door of the kernel it stands behind.
 * For who holds the store's lock.
 */
#ifndef VFIOGUARD_FORCE_OBJECT_H
#define VFIOGUARD_FORCE_OBJECT_H

#include <bpf/libbpf.h>

#include "bpf/vfioguard.h"
#include "kernel/hook.h"

struct vg_object {
	const struct vg_object_kind *kind;
	struct bpf_object *obj;
	void *skel; /* of the kind */
};

struct vg_object_kind {
	/*
	 * Open, with the constants of @config filled in; not loaded yet.
	 * Return: 0 or a negative errno.
	 */
	int (*open)(struct vg_object *o, const struct vg_hook *hook,
		    const struct vg_config *config, __u64 generation);
	/*
	 * Put the loaded object in force where nothing is, and pin what holds it
	 * there.  Return: 0 or a negative errno; then it may be half done.
	 */
	int (*first)(struct vg_object *o);
	/*
	 * Put it in the place of what @link holds: each access is judged by one of
	 * them.  Return: 0 or a negative errno; then the old one stays.
	 */
	int (*replace)(struct vg_object *o, int link);
	/*
	 * Out of force, whoever holds descriptors; the pins stay.  Return: 0, also
	 * if somebody did it before, or a negative errno.
	 */
	int (*withdraw)(int link);
	void (*destroy)(struct vg_object *o);
	const void *(*elf)(size_t *len);
};

extern const struct vg_object_kind vg_hook_object;
extern const struct vg_object_kind vg_stock_object;

const struct vg_object_kind *vg_object_kind(enum vg_door door);

/* Which kind a pinned link is of. */
const struct vg_object_kind *vg_object_of_link(int link);

/* Hash of the kind's program in this binary: an upgrade brings another. */
__u64 vg_object_hash(enum vg_door door);

#endif
