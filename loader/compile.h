/* SPDX-License-Identifier: GPL-2.0-only */
/* From a policy as written to what goes into the maps. */
#ifndef VFIOGUARD_COMPILE_H
#define VFIOGUARD_COMPILE_H

#include "exit_codes.h"
#include "hook.h"
#include "policy.h"

struct vg_compiled {
	struct vg_config config; /* .generation is left to the loader */
	__u32 regions; /* what the hook is asked to call us for */
	struct vg_device_id *keys; /* of map "allowlist" */
	__u32 *flags; /* their values */
	size_t nr_entries;
};

/**
 * vg_compile() - make map entries of a policy
 *
 * Rules that the BPF program can't express are refused, each with its place;
 * none is left out in silence.
 *
 * Return: VG_EXIT_OK, VG_EXIT_POLICY or VG_EXIT_FAILURE (no memory).
 */
enum vg_exit vg_compile(const struct vg_policy *policy,
			const struct vg_hook *hook, struct vg_compiled *out);

void vg_compiled_free(struct vg_compiled *compiled);

#endif
