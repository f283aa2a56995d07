/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries of map "rules" in the words of the policy language. */
#ifndef VFIOGUARD_MAPS_MAP_RULE_H
#define VFIOGUARD_MAPS_MAP_RULE_H

#include "compile/compile.h"

#define VG_MAP_RULE_LEN 512

/**
 * vg_map_rule_format() - an entry as the rule it stands for
 * @owners: entries of map "owners", to name a cgroup
 *
 * A rule about several registers has several entries, and the text is that of
 * one; the key= of a rule is not in it.
 */
void vg_map_rule_format(const struct vg_rule_key *key,
			const struct vg_map_rule *value,
			const struct vg_entries *owners,
			char buf[VG_MAP_RULE_LEN]);

#endif
