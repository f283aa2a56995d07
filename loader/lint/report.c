// SPDX-License-Identifier: GPL-2.0-only
/* What every lint does with what it found. */
#include <stdarg.h>
#include <stdio.h>

#include "lint/internal.h"

struct vg_finding *vg_lint_add(struct vg_lint *lint, enum vg_lint_kind kind,
			       const struct vg_rule *rule, unsigned int column,
			       const char *hint, const char *fmt, ...)
{
	enum vg_severity severity = VG_WARNING;
	struct vg_pos pos = rule->pos;
	struct vg_finding *finding;
	va_list args;

	if (!vg_lint_wants(lint, kind))
		return NULL;
	if (kind == VG_LINT_CONTRADICTION || kind == VG_LINT_LIMIT)
		severity = VG_ERROR;
	else if (kind == VG_LINT_SAME_AS_DEFAULT)
		severity = VG_NOTE;
	if (column)
		pos.column = column;
	if (lint->shown[kind]++ == VG_LINT_SHOWN) {
		finding = vg_finding_add(lint->findings, VG_NOTE, &pos, NULL,
					 "more findings of this kind from here "
					 "on are not shown");
	} else {
		va_start(args, fmt);
		finding = vg_finding_vadd(lint->findings, severity, &pos, hint,
					  fmt, args);
		va_end(args);
	}
	if (!finding)
		lint->no_memory = true;
	return finding;
}
