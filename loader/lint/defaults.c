// SPDX-License-Identifier: GPL-2.0-only
/* Rules and defaults that leave each other nothing to say. */
#include <stddef.h>

#include "lint/internal.h"

/* Effects of a rule on one direction, as far as defaults have them. */
enum effect {
	EFFECT_ALLOW,
	EFFECT_ALLOW_AUDIT,
	EFFECT_BLOCK,
	EFFECT_BLOCK_AUDIT,
	EFFECT_OTHER, /* only for some values or bits, or with a read value */
	EFFECTS,
};

/* The widest scope any rule has, by direction and effect. */
struct widest {
	int scope[VG_ACCESSES][EFFECTS];
};

static enum effect rule_effect(const struct vg_rule *rule,
			       enum vg_access access)
{
	if (rule->has_value || (access == VG_WRITE && rule->has_write_mask) ||
	    (access == VG_READ && rule->read != VG_READ_ZERO))
		return EFFECT_OTHER;
	return (rule->verdict == VG_BLOCK ? EFFECT_BLOCK : EFFECT_ALLOW) +
	       rule->audit;
}

/* Is some rule as wide as @scope or wider, and has another effect? */
static bool widest_differs(const struct widest *widest, enum vg_access access,
			   enum effect effect, enum vg_scope_kind scope)
{
	int other;

	for (other = 0; other < EFFECTS; other++)
		if (other != (int)effect &&
		    widest->scope[access][other] <= (int)scope)
			return true;
	return false;
}

/*
 * A rule that could go: each default it covers says the same, and no wider rule
 * says otherwise.  A rule with a key is there to be found, so it stays.
 */
static void lint_default(struct vg_lint *lint, const struct widest *widest,
			 const struct vg_rule *rule)
{
	const struct vg_policy *policy = lint->policy;
	int access, region;

	if (rule->key[0])
		return;
	for (access = 0; access < VG_ACCESSES; access++) {
		enum effect effect;

		if (!(rule->access & 1U << access))
			continue;
		for (region = 0; region < VG_REGIONS; region++) {
			const struct vg_default *def =
				&policy->defaults[region][access];

			/* Most rules end here. */
			if ((def->verdict != rule->verdict ||
			     def->audit != rule->audit) &&
			    vg_where_in_region(&rule->where, region))
				return;
		}
		effect = rule_effect(rule, access);
		if (effect == EFFECT_OTHER ||
		    widest_differs(widest, access, effect, rule->scope.kind))
			return;
	}
	vg_lint_add(lint, VG_LINT_SAME_AS_DEFAULT, rule, 0, "leave it out",
		    "this rule says what the defaults say already");
}

static void widest_find(struct widest *widest, const struct vg_policy *policy)
{
	int access, effect;
	size_t i;

	for (access = 0; access < VG_ACCESSES; access++)
		for (effect = 0; effect < EFFECTS; effect++)
			widest->scope[access][effect] = VG_SCOPE_SLOT + 1;
	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		for (access = 0; access < VG_ACCESSES; access++) {
			int *scope;

			if (!(rule->access & 1U << access))
				continue;
			scope = &widest->scope[access]
					      [rule_effect(rule, access)];
			if ((int)rule->scope.kind < *scope)
				*scope = rule->scope.kind;
		}
	}
}

/* Does the rule decide every access to a region in a direction? */
static bool covers_default(const struct vg_rule *rule, enum vg_region region,
			   enum vg_access access)
{
	if (rule->scope.kind != VG_SCOPE_ANY || rule->has_value ||
	    !(rule->access & 1U << access))
		return false;
	switch (rule->where.kind) {
	case VG_WHERE_ANY:
		return true;
	case VG_WHERE_GUARDED:
		return region != VG_REGION_OTHER;
	case VG_WHERE_UNASSIGNED:
		return region == VG_REGION_UNASSIGNED;
	case VG_WHERE_VENDOR:
		return region == VG_REGION_VENDOR;
	default:
		return false;
	}
}

/* Defaults somebody wrote that a rule for every device makes useless. */
static void lint_shadowed(struct vg_lint *lint, const struct vg_rule *rule)
{
	const struct vg_policy *policy = lint->policy;
	struct vg_finding *finding;
	int region, access;

	for (region = 0; region < VG_REGIONS; region++) {
		for (access = 0; access < VG_ACCESSES; access++) {
			const struct vg_pos *pos =
				&policy->default_pos[region][access];

			if (!pos->file || lint->shadowed[region][access] ||
			    !covers_default(rule, region, access))
				continue;
			lint->shadowed[region][access] = true;
			finding = vg_finding_add(
				lint->findings, VG_NOTE, pos,
				"change the default instead of writing a rule "
				"for every device",
				"this default is never used for %s: the rule "
				"at %s:%u is for every device",
				access == VG_READ ? "reads" : "writes",
				rule->pos.file, rule->pos.line);
			if (finding)
				finding->other = rule->pos;
			else
				lint->no_memory = true;
		}
	}
}

/* Without its header and capabilities no device starts. */
static void lint_unusable(struct vg_lint *lint)
{
	const struct vg_policy *policy = lint->policy;
	const struct vg_pos *last = NULL;
	int access;

	for (access = 0; access < VG_ACCESSES; access++) {
		const struct vg_pos *pos =
			&policy->default_pos[VG_REGION_OTHER][access];

		/* One line may have set both. */
		if (policy->defaults[VG_REGION_OTHER][access].verdict !=
			    VG_BLOCK ||
		    !pos->file || (last && last->line == pos->line))
			continue;
		last = pos;
		if (!vg_finding_add(lint->findings, VG_WARNING, pos,
				    "write 'default allow rw other' and block "
				    "single places by rules",
				    "this blocks the header and the ordinary "
				    "capabilities: no guest can use a device"))
			lint->no_memory = true;
	}
}

void vg_lint_defaults(struct vg_lint *lint)
{
	const struct vg_policy *policy = lint->policy;
	struct widest widest;
	size_t i;

	widest_find(&widest, policy);
	for (i = 0; i < policy->nr_rules && !lint->no_memory; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		if (rule->scope.kind == VG_SCOPE_ANY)
			lint_shadowed(lint, rule);
		lint_default(lint, &widest, rule);
	}
	lint_unusable(lint);
}
