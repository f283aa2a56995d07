// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of map "allowlist": rules that say no more than what a device may do
 * in unassigned space and vendor capabilities.  Most rules are such, and users
 * edit them with bpftool.
 */
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "util/log.h"

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
static bool joins(const struct vg_rule *rule, __u32 flags)
{
	if (rule->verdict == VG_ALLOW &&
	    flags & (VG_F_ALLOW_READ | VG_F_ALLOW_WRITE))
		return rule->audit == !!(flags & VG_F_AUDIT);
	if (rule->verdict == VG_BLOCK &&
	    flags & (VG_F_BLOCK_READ | VG_F_BLOCK_WRITE))
		return rule->audit == !(flags & VG_F_SILENT);
	return true;
}

/* Entries by device: their numbers from 1, at a place that the device tells. */
struct index {
	__u32 *places;
	unsigned int bits;
};

static bool index_init(struct index *index, size_t nr)
{
	index->bits = 6;
	while (1UL << index->bits < 2 * nr)
		index->bits++;
	index->places = calloc(1UL << index->bits, sizeof(*index->places));
	return index->places;
}

/* The place of @rule's device, or the free one where it belongs. */
static __u32 *index_find(const struct index *index,
			 const struct vg_device_id *keys,
			 const struct vg_rule *rule)
{
	__u32 last = (1UL << index->bits) - 1, at, entry;

	/* Knuth's multiplicative hash: the upper bits are the mixed ones. */
	at = device_of(rule) * 0x9e3779b1U >> (32 - index->bits);
	while ((entry = index->places[at])) {
		if (keys[entry - 1].vendor == rule->scope.vendor &&
		    keys[entry - 1].device == rule->scope.device)
			break;
		at = (at + 1) & last;
	}
	return &index->places[at];
}

enum vg_exit vg_compile_list(const struct vg_policy *policy, bool *taken,
			     struct vg_compiled *out)
{
	struct vg_device_id *keys;
	struct index index;
	size_t i, nr = 0;
	__u32 *flags;

	keys = calloc(policy->nr_rules + 1, sizeof(*keys));
	flags = calloc(policy->nr_rules + 1, sizeof(*flags));
	out->allowlist = (struct vg_entries){ keys, flags, 0 };
	if (!index_init(&index, policy->nr_rules) || !keys || !flags) {
		vg_error("no memory for %zu rules", policy->nr_rules);
		free(index.places);
		return VG_EXIT_FAILURE;
	}
	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];
		__u32 *place;

		if (!fits(rule))
			continue;
		place = index_find(&index, keys, rule);
		if (!*place) {
			keys[nr].vendor = rule->scope.vendor;
			keys[nr].device = rule->scope.device;
			flags[nr++] = rule_flags(rule);
			*place = nr;
		} else if (joins(rule, flags[*place - 1])) {
			flags[*place - 1] |= rule_flags(rule);
		} else {
			continue; /* for map "rules" */
		}
		taken[i] = true;
	}
	out->allowlist.nr = nr;
	free(index.places);
	return VG_EXIT_OK;
}
