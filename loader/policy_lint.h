/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the lint share; nobody else includes it.
 */
#ifndef VFIOGUARD_POLICY_LINT_H
#define VFIOGUARD_POLICY_LINT_H

#include "policy.h"

/* Kinds of finding of which a long policy may have very many. */
enum vg_lint_kind {
	VG_LINT_CONTRADICTION, /* the only error of these */
	VG_LINT_UNKNOWN_ID,
	VG_LINT_SAME_AS_DEFAULT,
	VG_LINT_WINDOW,
	VG_LINT_HIDDEN_CAP,
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

/* Find rules of equal specificity that overlap; policy_conflict.c */
void vg_lint_conflicts(struct vg_lint *lint);

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
 * policy_conflict_value.c
 */
void vg_lint_values(struct vg_lint *lint, const struct vg_rule **rules,
		    size_t nr);

/* Do two rules do the same to an access of these directions? */
bool vg_rule_same_effect(const struct vg_rule *one, const struct vg_rule *two,
			 unsigned int access);

#endif
