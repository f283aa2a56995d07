/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the lint share; nobody else includes it.
 */
#ifndef VFIOGUARD_LINT_INTERNAL_H
#define VFIOGUARD_LINT_INTERNAL_H

#include "lint/sort.h"
#include "policy/policy.h"

/* Kinds of finding of which a long policy may have very many. */
enum vg_lint_kind {
	VG_LINT_CONTRADICTION, /* an error, as the next */
	VG_LINT_LIMIT,
	VG_LINT_UNKNOWN_ID,
	VG_LINT_SAME_AS_DEFAULT,
	VG_LINT_WINDOW,
	VG_LINT_HIDDEN_CAP,
	VG_LINT_CHAIN, /* of capabilities, cut off */
	VG_LINT_PART, /* of a register that is written as a whole */
	VG_LINT_NEVER, /* decides */
	VG_LINT_UNALIGNED_VALUE,
	VG_LINT_DUPLICATE,
	VG_LINT_OVERLAP,
	VG_LINT_KINDS,
};

/* Of each kind this many are shown: people mend one and see the rest. */
#define VG_LINT_SHOWN 50

struct vg_lint {
	const struct vg_policy *policy;
	struct vg_findings *findings;
	unsigned int shown[VG_LINT_KINDS];
	bool shadowed[VG_REGIONS][VG_ACCESSES]; /* defaults, shown already */
	bool no_memory;
};

/**
 * vg_lint_add() - note something about a rule
 * @kind: counted; beyond VG_LINT_SHOWN one note says that there are more
 * @column: of the word it is about, 0: the whole rule
 *
 * Return: the finding, or NULL when it isn't shown or memory ran out.
 */
__attribute__((format(printf, 6, 7))) struct vg_finding *
vg_lint_add(struct vg_lint *lint, enum vg_lint_kind kind,
	    const struct vg_rule *rule, unsigned int column, const char *hint,
	    const char *fmt, ...);

/* Would vg_lint_add() show one more of the kind?  Spares making its text. */
static inline bool vg_lint_wants(const struct vg_lint *lint,
				 enum vg_lint_kind kind)
{
	return lint->shown[kind] <= VG_LINT_SHOWN;
}

/* Single rules; rule.c */
void vg_lint_rules(struct vg_lint *lint);

/* Does the rule open a window to all of a device's registers?  window.c */
void vg_lint_window(struct vg_lint *lint, const struct vg_rule *rule);

/* Rules and defaults that say the same, or overrule each other; defaults.c */
void vg_lint_defaults(struct vg_lint *lint);

/**
 * vg_lint_groups() - all rules, sorted by group and first byte
 * @spare: of as many entries, without a meaning; to be freed too
 *
 * Return: the list, to be freed, or NULL when memory ran out; both lists have as
 * many entries as the policy has rules, at least one.
 */
struct vg_sort_entry *vg_lint_groups(struct vg_lint *lint,
				     struct vg_sort_entry **spare);

/**
 * vg_lint_conflicts() - find rules of equal specificity that overlap
 * @entries: of vg_lint_groups()
 *
 * conflict.c
 */
void vg_lint_conflicts(struct vg_lint *lint,
		       const struct vg_sort_entry *entries, size_t nr);

/**
 * vg_lint_pair() - judge two rules that meet at equal specificity
 * @access: bits of the directions both are for
 *
 * Notes an error when they say different things, else a warning.
 */
void vg_lint_pair(struct vg_lint *lint, const struct vg_rule *one,
		  const struct vg_rule *two, unsigned int access);

/**
 * vg_lint_values() - find value= rules of equal specificity that overlap
 * @rules: of one scope and one width of register; put into another order
 *
 * conflict_value.c
 */
void vg_lint_values(struct vg_lint *lint, const struct vg_rule **rules,
		    size_t nr);

/* Where the bits of a place start in a group of vg_lint_groups(). */
#define VG_SORT_PLACE_BITS 21

/* The device of a rule in the sorted list: equal for equal devices. */
static inline __u64 vg_sort_device(const struct vg_sort_entry *entry)
{
	return entry->group >> VG_SORT_PLACE_BITS;
}

/**
 * vg_lint_covered() - find rules that narrower ones leave nothing to
 * @entries: all rules, of vg_lint_groups()
 *
 * cover.c
 */
void vg_lint_covered(struct vg_lint *lint, const struct vg_sort_entry *entries,
		     size_t nr);

/* Find what the maps can't hold; the same list, limits.c */
void vg_lint_limits(struct vg_lint *lint, const struct vg_sort_entry *entries,
		    size_t nr);

/* Do two rules do the same to an access of these directions? */
bool vg_rule_same_effect(const struct vg_rule *one, const struct vg_rule *two,
			 unsigned int access);

#endif
