// SPDX-License-Identifier: GPL-2.0-only
/*
 * A number for what a policy says, to tell whether a file and what is loaded
 * are the same.  No cryptography: who can write a policy file needs no collision.
 */
#include "policy/policy.h"

/* FNV-1a's prime and start, on words. */
static __u64 mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x100000001b3ULL;
	return hash ^ hash >> 32;
}

static __u64 mix_text(__u64 hash, const char *text)
{
	while (text && *text)
		hash = mix(hash, (unsigned char)*text++);
	return mix(hash, 0x100); /* no byte: "a", "b" is not "ab", "" */
}

static __u64 mix_scope(__u64 hash, const struct vg_scope *scope)
{
	hash = mix(hash, (__u64)scope->kind << 32 | (__u32)scope->vendor << 16 |
				 scope->device);
	switch (scope->kind) {
	case VG_SCOPE_CLASS:
		return mix(hash, (__u64)scope->class << 32 | scope->class_mask);
	case VG_SCOPE_SLOT:
		return mix(hash, scope->slot);
	case VG_SCOPE_OWNER:
		return mix_text(hash, scope->owner);
	default:
		return hash;
	}
}

static __u64 mix_where(__u64 hash, const struct vg_where *where)
{
	return mix(hash, (__u64)where->kind << 56 | (__u64)where->ext << 48 |
				 (__u64)where->cap << 32 |
				 (__u32)where->first << 16 | where->last);
}

static __u64 mix_rule(__u64 hash, const struct vg_rule *rule)
{
	hash = mix_scope(hash, &rule->scope);
	hash = mix_where(hash, &rule->where);
	hash = mix(hash, rule->verdict << 16 | rule->access << 8 | rule->audit |
				 rule->has_value << 1 |
				 rule->has_write_mask << 2 | rule->read << 4);
	if (rule->has_value)
		hash = mix(hash, (__u64)rule->value << 32 | rule->value_mask);
	if (rule->has_write_mask)
		hash = mix(hash, rule->write_mask);
	if (rule->read == VG_READ_CONST)
		hash = mix(hash, rule->read_value);
	return mix_text(hash, rule->key);
}

__u64 vg_policy_hash(const struct vg_policy *policy)
{
	__u64 hash = 0xcbf29ce484222325ULL;
	int region, access;
	size_t i;

	hash = mix(hash, policy->mode | policy->stock_value << 8);
	hash = mix(hash, (__u64)policy->rate << 32 | policy->burst);
	for (region = 0; region < VG_REGIONS; region++)
		for (access = 0; access < VG_ACCESSES; access++)
			hash = mix(
				hash,
				policy->defaults[region][access].verdict << 8 |
					policy->defaults[region][access].audit);
	for (i = 0; i < policy->nr_rules; i++)
		hash = mix_rule(hash, &policy->rules[i]);
	return hash ? hash : 1;
}
