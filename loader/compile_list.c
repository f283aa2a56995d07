// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of map "allowlist": rules that say no more than what a device may do
 * in unassigned space and vendor capabilities.  Most rules are such, and users
 * edit them with bpftool.
 */
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "log.h"
#include "policy_sort.h"

/* Whether the rule says nothing that an entry has no room for. */
static bool fits(const struct vg_rule *rule)
{
	return (rule->scope.kind == VG_SCOPE_DEVICE ||
		rule->scope.kind == VG_SCOPE_VENDOR) &&
	       rule->where.kind == VG_WHERE_GUARDED && !rule->has_value &&
	       !rule->has_write_mask && rule->read == VG_READ_ZERO &&
	       !rule->key[0];
}

/* Flags of map "allowlist" that one rule stands for. */
static __u32 rule_flags(const struct vg_rule *rule)
{
	__u32 flags = 0;

	if (rule->access & (1u << VG_READ))
		flags |= rule->verdict == VG_ALLOW ? VG_F_ALLOW_READ :
						     VG_F_BLOCK_READ;
	if (rule->access & (1u << VG_WRITE))
		flags |= rule->verdict == VG_ALLOW ? VG_F_ALLOW_WRITE :
						     VG_F_BLOCK_WRITE;
	if (rule->verdict == VG_ALLOW && rule->audit)
		flags |= VG_F_AUDIT;
	if (rule->verdict == VG_BLOCK && !rule->audit)
		flags |= VG_F_SILENT;
	return flags;
}

static __u32 device_of(const struct vg_rule *rule)
{
	return (__u32)rule->scope.vendor << 16 | rule->scope.device;
}

/*
 * Audit and silent hold for both directions of an entry: a rule that would
 * change what another says stays out of it.
 */
static bool joins(const struct vg_rule *first, const struct vg_rule *rule,
		  __u32 flags)
{
	if (device_of(first) != device_of(rule))
		return false;
	if (rule->verdict == VG_ALLOW &&
	    flags & (VG_F_ALLOW_READ | VG_F_ALLOW_WRITE))
		return rule->audit == !!(flags & VG_F_AUDIT);
	if (rule->verdict == VG_BLOCK &&
	    flags & (VG_F_BLOCK_READ | VG_F_BLOCK_WRITE))
		return rule->audit == !(flags & VG_F_SILENT);
	return true;
}

enum vg_exit vg_compile_list(const struct vg_policy *policy, bool *taken,
			     struct vg_compiled *out)
{
	struct vg_sort_entry *entries, *spare, *sorted;
	struct vg_device_id *keys;
	size_t i, n = 0, nr = 0;
	const struct vg_rule *first = NULL;
	__u32 *flags;

	entries = calloc(policy->nr_rules + 1, sizeof(*entries));
	spare = calloc(policy->nr_rules + 1, sizeof(*spare));
	keys = calloc(policy->nr_rules + 1, sizeof(*keys));
	flags = calloc(policy->nr_rules + 1, sizeof(*flags));
	out->allowlist = (struct vg_entries){ keys, flags, 0 };
	if (!entries || !spare || !keys || !flags) {
		vg_error("no memory for %zu rules", policy->nr_rules);
		free(entries);
		free(spare);
		return VG_EXIT_FAILURE;
	}
	for (i = 0; i < policy->nr_rules; i++) {
		if (!fits(&policy->rules[i]))
			continue;
		entries[n].group = device_of(&policy->rules[i]);
		entries[n++].place = i;
	}
	/* Rules of one device stay in the order they stand. */
	sorted = vg_sort(entries, spare, n);

	for (i = 0; i < n; i++) {
		const struct vg_rule *rule = &policy->rules[sorted[i].place];

		if (first && joins(first, rule, flags[nr - 1])) {
			flags[nr - 1] |= rule_flags(rule);
		} else if (first && device_of(first) == device_of(rule)) {
			continue; /* for map "rules" */
		} else {
			first = rule;
			keys[nr].vendor = rule->scope.vendor;
			keys[nr].device = rule->scope.device;
			flags[nr++] = rule_flags(rule);
		}
		taken[rule - policy->rules] = true;
	}
	out->allowlist.nr = nr;
	free(entries);
	free(spare);
	return VG_EXIT_OK;
}
