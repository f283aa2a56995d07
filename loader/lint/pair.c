// SPDX-License-Identifier: GPL-2.0-only
/* Two rules that meet at equal specificity. */
#include <stdio.h>
#include <string.h>

#include "lint/internal.h"

bool vg_rule_same_effect(const struct vg_rule *one, const struct vg_rule *two,
			 unsigned int access)
{
	if (one->verdict != two->verdict || one->audit != two->audit ||
	    strcmp(one->key, two->key))
		return false;
	if (access & 1U << VG_WRITE &&
	    (one->has_write_mask != two->has_write_mask ||
	     one->write_mask != two->write_mask ||
	     (one->has_write_mask && one->where.first != two->where.first)))
		return false;
	return !(access & 1U << VG_READ) ||
	       (one->read == two->read && one->read_value == two->read_value);
}

static bool same_bytes(const struct vg_rule *one, const struct vg_rule *two)
{
	return one->where.kind != VG_WHERE_RANGE ||
	       one->where.first == two->where.first;
}

void vg_lint_pair(struct vg_lint *lint, const struct vg_rule *one,
		  const struct vg_rule *two, unsigned int access)
{
	/* Rules are in the order of the text: blame the later. */
	const struct vg_rule *early = one < two ? one : two;
	const struct vg_rule *late = one < two ? two : one;
	struct vg_finding *finding;
	enum vg_lint_kind kind;
	char text[VG_RULE_TEXT];

	if (!vg_rule_same_effect(one, two, access))
		kind = VG_LINT_CONTRADICTION;
	else if (one->access == two->access && same_bytes(one, two))
		kind = VG_LINT_DUPLICATE;
	else
		kind = VG_LINT_OVERLAP;
	if (!vg_lint_wants(lint, kind))
		return;

	vg_rule_show(early, text);
	if (kind == VG_LINT_CONTRADICTION)
		finding = vg_lint_add(
			lint, kind, late, 0,
			"remove one, or make one more specific: a narrower "
			"range, or a device instead of a vendor",
			"this rule contradicts '%s' at %s:%u, and neither is "
			"more specific",
			text, early->pos.file, early->pos.line);
	else if (kind == VG_LINT_DUPLICATE)
		finding = vg_lint_add(lint, kind, late, 0, "remove one of them",
				      "this rule stands at %s:%u already",
				      early->pos.file, early->pos.line);
	else
		finding = vg_lint_add(lint, kind, late, 0,
				      "make one rule of the two",
				      "this rule overlaps '%s' at %s:%u, which "
				      "says the same",
				      text, early->pos.file, early->pos.line);
	if (finding)
		finding->other = early->pos;
}
