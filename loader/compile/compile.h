/* SPDX-License-Identifier: GPL-2.0-only */
/* From a policy as written to what goes into the maps. */
#ifndef VFIOGUARD_COMPILE_H
#define VFIOGUARD_COMPILE_H

#include "kernel/hook.h"
#include "policy/policy.h"
#include "util/exit_codes.h"

/* Entries of one map, ready for a batch update. */
struct vg_entries {
	void *keys;
	void *values;
	size_t nr;
};

struct vg_compiled {
	struct vg_config config; /* .generation is left to the loader */
	__u32 scope_kinds; /* of map "scope_kinds" */
	struct vg_entries allowlist; /* struct vg_device_id, __u32 */
	struct vg_entries scopes; /* struct vg_scope_key, __u64 */
	struct vg_entries rules; /* struct vg_rule_key, struct vg_map_rule */
	struct vg_entries owners; /* struct vg_owner, __u32 */
	struct vg_entries key_names; /* __u32, char[VG_KEY_LEN] */
	struct vg_entries files; /* __u32, char[VG_FILE_LEN] */
};

/**
 * vg_compile() - make map entries of a policy
 *
 * What the maps can't hold (more rules for one register than VG_MAX_INDEX,
 * longer or deeper owners than the program follows) is refused, each rule with
 * its place; none is left out in silence.
 *
 * Return: VG_EXIT_OK, VG_EXIT_POLICY or VG_EXIT_FAILURE (no memory).
 */
enum vg_exit vg_compile(const struct vg_policy *policy,
			const struct vg_hook *hook, struct vg_compiled *out);

void vg_compiled_free(struct vg_compiled *compiled);
void vg_entries_free(struct vg_entries *entries);

/*
 * The parts of vg_compile(), in the files of these names.  @taken has one flag
 * a rule: true when map "allowlist" holds all of it.
 */
enum vg_exit vg_compile_list(const struct vg_policy *policy, bool *taken,
			     struct vg_compiled *out);
enum vg_exit vg_compile_rules(const struct vg_policy *policy, const bool *taken,
			      struct vg_compiled *out);

#endif
