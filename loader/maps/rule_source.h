/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a loaded rule is written, and its key. */
#ifndef VFIOGUARD_MAPS_RULE_SOURCE_H
#define VFIOGUARD_MAPS_RULE_SOURCE_H

#include "force/store.h"

struct vg_rule_source {
	__u32 line; /* 0: not known */
	char file[VG_FILE_LEN]; /* "" if not known */
	char key[VG_KEY_LEN]; /* "" if the rule has none */
};

/**
 * vg_rule_source() - from the numbers in an event or an answer to text
 * @line: as in struct vg_map_rule, like the others
 * @source: what is not found stays empty
 */
void vg_rule_source(const struct vg_store *store, __u32 line, __u16 file,
		    __u16 key, struct vg_rule_source *source);

#endif
