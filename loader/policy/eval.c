// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a policy says about one access.  The BPF program answers the same
 * question from its maps; selftests run the same expectations against both.
 */
#include <string.h>

#include "policy/policy.h"

#define HEADER_BYTES 0x40
#define CONFIG_BYTES 0x1000
#define ACCESS_BYTES 4

/* Of one byte: the rule that decides it, NULL while the default does. */
struct byte_rule {
	const struct vg_rule *rule;
	__u64 rank;
};

__u64 vg_rule_rank(const struct vg_rule *rule)
{
	const struct vg_scope *scope = &rule->scope;
	const struct vg_where *where = &rule->where;
	__u64 precision = 0, narrow = 0;

	/* A longer class, a deeper cgroup, fewer bytes: more specific. */
	if (scope->kind == VG_SCOPE_CLASS)
		precision = __builtin_popcount(scope->class_mask);
	else if (scope->kind == VG_SCOPE_OWNER)
		precision = strlen(scope->owner);
	if (where->kind == VG_WHERE_RANGE)
		narrow = CONFIG_BYTES - (where->last - where->first);
	return (__u64)scope->kind << 48 | precision << 32 |
	       (__u64)where->kind << 24 | narrow << 4 | rule->has_value;
}

/* Is @owner the cgroup @path or below it? */
static bool owner_matches(const char *path, const char *owner)
{
	size_t len = strlen(path);

	if (!owner)
		return false;
	if (len == 1) /* "/", the root */
		return owner[0] == '/';
	return !strncmp(path, owner, len) &&
	       (owner[len] == '/' || owner[len] == '\0');
}

static bool scope_matches(const struct vg_scope *scope,
			  const struct vg_query *query)
{
	switch (scope->kind) {
	case VG_SCOPE_ANY:
		return true;
	case VG_SCOPE_CLASS:
		return (query->class & scope->class_mask) == scope->class;
	case VG_SCOPE_VENDOR:
		return query->vendor == scope->vendor;
	case VG_SCOPE_DEVICE:
		return query->vendor == scope->vendor &&
		       query->device == scope->device;
	case VG_SCOPE_SUBSYS:
		return query->subvendor && query->subvendor == scope->vendor &&
		       query->subdevice == scope->device;
	case VG_SCOPE_OWNER:
		return owner_matches(scope->owner, query->owner);
	case VG_SCOPE_SLOT:
		return query->slot != VG_SLOT_NONE &&
		       query->slot == scope->slot;
	}
	return false;
}

/* Does the place match, bytes of a range left aside? */
static bool where_matches(const struct vg_where *where,
			  const struct vg_query *query)
{
	switch (where->kind) {
	case VG_WHERE_ANY:
	case VG_WHERE_RANGE:
		return true;
	case VG_WHERE_GUARDED:
		return query->where == VG_WHERE_UNASSIGNED ||
		       query->where == VG_WHERE_VENDOR;
	case VG_WHERE_CAP:
		return (query->where == VG_WHERE_CAPS ||
			query->where == VG_WHERE_VENDOR) &&
		       query->cap == where->cap && query->ext == where->ext;
	default:
		return query->where == where->kind;
	}
}

/*
 * The bits of a register that starts at byte @first which an access presents,
 * with its data moved to their place in the register.
 */
static __u32 presented(const struct vg_query *query, unsigned int first,
		       __u32 *data)
{
	int shift = 8 * ((int)query->offset - (int)first);
	__u64 mask = 0xffffffffULL >> (32 - 8 * query->size);
	__u64 value = query->value & mask;

	if (shift <= -32 || shift >= 32)
		return 0;
	if (shift >= 0) {
		*data = value << shift;
		return mask << shift;
	}
	*data = value >> -shift;
	return mask >> -shift;
}

static bool value_matches(const struct vg_rule *rule,
			  const struct vg_query *query)
{
	__u32 data = 0;
	__u32 bits;

	if (!rule->has_value)
		return true;
	if (query->access != VG_WRITE || !query->has_value)
		return false;
	bits = presented(query, rule->where.first, &data);
	/* Part of the value may come with another write: fail closed. */
	if ((bits & rule->value_mask) != rule->value_mask)
		return rule->verdict == VG_BLOCK;
	return (data & rule->value_mask) == rule->value;
}

/*
 * Rules of equal rank say the same, or the lint refuses them, with one
 * exception: rules for different values may both match a write that presents
 * only a part of the register.  Then block beats allow, and a report silence.
 */
static bool wins_tie(const struct vg_rule *rule, const struct vg_rule *other)
{
	if (rule->verdict != other->verdict)
		return rule->verdict == VG_BLOCK;
	return rule->audit && !other->audit;
}

/* Let the rule decide those of the access's bytes it is more specific for. */
static void eval_rule(const struct vg_rule *rule, const struct vg_query *query,
		      struct byte_rule *bytes)
{
	__u64 rank = vg_rule_rank(rule);
	unsigned int i;

	for (i = 0; i < query->size; i++) {
		unsigned int offset = query->offset + i;

		if (rule->where.kind == VG_WHERE_RANGE &&
		    (offset < rule->where.first || offset > rule->where.last))
			continue;
		if (bytes[i].rule &&
		    (bytes[i].rank > rank ||
		     (bytes[i].rank == rank && !wins_tie(rule, bytes[i].rule))))
			continue;
		bytes[i].rule = rule;
		bytes[i].rank = rank;
	}
}

enum vg_region vg_query_region(const struct vg_query *query)
{
	switch (query->where) {
	case VG_WHERE_UNASSIGNED:
		return VG_REGION_UNASSIGNED;
	case VG_WHERE_VENDOR:
		return VG_REGION_VENDOR;
	default:
		return VG_REGION_OTHER;
	}
}

/* The bits of byte @i of the access that may pass. */
static __u32 byte_mask(const struct vg_query *query, unsigned int i,
		       const struct vg_rule *rule)
{
	unsigned int at;

	if (!rule || !rule->has_write_mask)
		return 0xffU << 8 * i;
	at = query->offset + i - rule->where.first;
	return (rule->write_mask >> 8 * at & 0xff) << 8 * i;
}

/* What the reader gets of byte @i of a blocked read. */
static void byte_read(const struct vg_query *query, unsigned int i,
		      const struct vg_rule *rule, struct vg_answer *answer)
{
	unsigned int at;

	if (!rule || rule->verdict != VG_BLOCK)
		return;
	switch (rule->read) {
	case VG_READ_ONES:
		answer->read_value |= 0xffU << 8 * i;
		break;
	case VG_READ_LAST:
		answer->read_last |= 0xffU << 8 * i;
		break;
	case VG_READ_CONST:
		at = query->offset + i - rule->where.first;
		answer->read_value |= (rule->read_value >> 8 * at & 0xff)
				      << 8 * i;
		break;
	default:
		break;
	}
}

/*
 * One answer from the bytes': blocked beats allowed, then reported beats
 * silent, then the first byte decides.
 */
static void eval_bytes(const struct vg_policy *policy,
		       const struct vg_query *query,
		       const struct byte_rule *bytes, struct vg_answer *answer)
{
	const struct vg_default *def =
		&policy->defaults[answer->region][query->access];
	unsigned int i;

	for (i = 0; i < query->size; i++) {
		const struct vg_rule *rule = bytes[i].rule;
		enum vg_verdict verdict = rule ? rule->verdict : def->verdict;
		bool audit = rule ? rule->audit : def->audit;

		answer->write_mask |= byte_mask(query, i, rule);
		byte_read(query, i, rule, answer);
		answer->by_default |= !rule;
		if (i &&
		    (verdict < answer->verdict ||
		     (verdict == answer->verdict && audit <= answer->audit)))
			continue;
		answer->verdict = verdict;
		answer->audit = audit;
		answer->rule = rule;
	}
	if (answer->verdict == VG_BLOCK || query->access == VG_READ)
		answer->write_mask = 0;
	if (answer->verdict == VG_ALLOW || query->access == VG_WRITE) {
		answer->read_value = 0;
		answer->read_last = 0;
	}
}

void vg_policy_eval(const struct vg_policy *policy,
		    const struct vg_query *query, struct vg_answer *answer)
{
	struct byte_rule bytes[ACCESS_BYTES] = { { .rule = NULL } };
	size_t i;

	memset(answer, 0, sizeof(*answer));
	answer->region = vg_query_region(query);
	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		if (rule->access & 1U << query->access &&
		    scope_matches(&rule->scope, query) &&
		    where_matches(&rule->where, query) &&
		    value_matches(rule, query))
			eval_rule(rule, query, bytes);
	}
	eval_bytes(policy, query, bytes, answer);
}

bool vg_where_in_region(const struct vg_where *where, enum vg_region region)
{
	switch (where->kind) {
	case VG_WHERE_ANY:
		return true;
	case VG_WHERE_GUARDED:
		return region != VG_REGION_OTHER;
	case VG_WHERE_HEADER:
	case VG_WHERE_CAPS:
		return region == VG_REGION_OTHER;
	case VG_WHERE_VENDOR:
		return region == VG_REGION_VENDOR;
	case VG_WHERE_UNASSIGNED:
		return region == VG_REGION_UNASSIGNED;
	case VG_WHERE_CAP:
		return region != VG_REGION_UNASSIGNED;
	case VG_WHERE_RANGE:
		/* Which capability lies there differs from device to device. */
		return region == VG_REGION_OTHER || where->last >= HEADER_BYTES;
	}
	return false;
}
