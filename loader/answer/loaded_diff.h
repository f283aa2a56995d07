/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does what is loaded still say what a policy file says?  The maps are there to
 * be edited, with vfioguard allow or bpftool, and so is the file.
 */
#ifndef VFIOGUARD_ANSWER_LOADED_DIFF_H
#define VFIOGUARD_ANSWER_LOADED_DIFF_H

#include "compile/compile.h"
#include "force/store.h"

/* What the maps hold that decides, read at once. */
struct vg_loaded {
	struct vg_config config;
	__u32 scope_kinds;
	struct vg_entries allowlist;
	struct vg_entries scopes;
	struct vg_entries rules;
	struct vg_entries owners;
};

/**
 * vg_loaded_read() - the maps of the policy that is loaded
 * @loaded: to be freed with vg_loaded_free(), also after an error
 *
 * Return: 0 or a negative errno.
 */
int vg_loaded_read(const struct vg_store *store, struct vg_loaded *loaded);
void vg_loaded_free(struct vg_loaded *loaded);

#define VG_DIFFERENCES_SHOWN 20

struct vg_differences {
	bool file_changed; /* it says something else than when it was loaded */
	bool lines_moved; /* it says the same in other lines */
	size_t nr; /* of what differs, also what has no text here */
	char *texts[VG_DIFFERENCES_SHOWN]; /* NULL behind the last */
};

/**
 * vg_loaded_diff() - the maps against a file
 * @file: the policy as it is written now
 * @hook: of this kernel
 * @differences: to be freed with vg_differences_free()
 *
 * What learning changes, the mode, is no difference.
 * Return: 0, or a negative errno: -EINVAL if the file could not be loaded.
 */
int vg_loaded_diff(const struct vg_loaded *loaded, const struct vg_policy *file,
		   const struct vg_hook *hook,
		   struct vg_differences *differences);
void vg_differences_free(struct vg_differences *differences);

#endif
