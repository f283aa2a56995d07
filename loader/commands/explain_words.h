/* SPDX-License-Identifier: GPL-2.0-only */
/* What both forms of an explanation need. */
#ifndef VFIOGUARD_COMMANDS_EXPLAIN_WORDS_H
#define VFIOGUARD_COMMANDS_EXPLAIN_WORDS_H

#include "policy/policy.h"

static inline bool is_write(const struct vg_query *query)
{
	return query->access == VG_WRITE;
}

static inline __u32 all_bits(const struct vg_query *query)
{
	return 0xffffffffU >> (32 - 8 * query->size);
}

static inline const char *region_word(const struct vg_query *query)
{
	switch (query->where) {
	case VG_WHERE_HEADER:
		return "header";
	case VG_WHERE_VENDOR:
		return "vendor-capability";
	case VG_WHERE_UNASSIGNED:
		return "unassigned";
	default:
		return query->offset < 0x100 ? "capability" :
					       "extended-capability";
	}
}

#endif
