// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "maps/map_rule.h"

static const char *owner_path(const struct vg_entries *owners, __u64 number)
{
	const struct vg_owner *paths = owners->keys;
	const __u32 *numbers = owners->values;
	size_t i;

	for (i = 0; i < owners->nr; i++)
		if (numbers[i] == number)
			return paths[i].path;
	return "?";
}

static void set_scope(struct vg_scope *scope, const struct vg_rule_key *key,
		      const struct vg_entries *owners)
{
	scope->kind = key->scope;
	switch (key->scope) {
	case VG_SCOPE_CLASS:
		scope->class = key->id & 0xffffff;
		scope->class_mask =
			0xffffffU << (24 - 8 * (key->id >> 24)) & 0xffffff;
		break;
	case VG_SCOPE_VENDOR:
		scope->vendor = key->id;
		scope->device = VG_ANY_DEVICE;
		break;
	case VG_SCOPE_DEVICE:
	case VG_SCOPE_SUBSYS:
		scope->vendor = key->id >> 16;
		scope->device = key->id;
		break;
	case VG_SCOPE_OWNER:
		scope->owner = (char *)owner_path(owners, key->id);
		break;
	case VG_SCOPE_SLOT:
		scope->slot = key->id;
		break;
	}
}

static void set_where(struct vg_where *where, __u32 place, __u8 bytes)
{
	if (place < VG_PLACE_ANY) {
		where->kind = VG_WHERE_RANGE;
		where->first = place + (bytes ? __builtin_ctz(bytes) : 0);
		where->last = place + (bytes ? 31 - __builtin_clz(bytes) : 3);
		return;
	}
	switch (place) {
	case VG_PLACE_ANY:
		where->kind = VG_WHERE_ANY;
		break;
	case VG_PLACE_GUARDED:
		where->kind = VG_WHERE_GUARDED;
		break;
	case VG_PLACE_HEADER:
		where->kind = VG_WHERE_HEADER;
		break;
	case VG_PLACE_CAPS:
		where->kind = VG_WHERE_CAPS;
		break;
	case VG_PLACE_VENDOR:
		where->kind = VG_WHERE_VENDOR;
		break;
	case VG_PLACE_UNASSIGNED:
		where->kind = VG_WHERE_UNASSIGNED;
		break;
	default:
		where->kind = VG_WHERE_CAP;
		where->ext = place >= VG_PLACE_ECAP;
		where->cap =
			place - (where->ext ? VG_PLACE_ECAP : VG_PLACE_CAP);
	}
}

void vg_map_rule_format(const struct vg_rule_key *key,
			const struct vg_map_rule *value,
			const struct vg_entries *owners,
			char buf[VG_MAP_RULE_LEN])
{
	struct vg_rule rule = {
		.verdict = value->verdict == VG_ALLOW ? VG_ALLOW : VG_BLOCK,
		.access = 1U << (key->access & 1),
		.audit = value->flags & VG_RULE_AUDIT,
	};
	unsigned int shift;

	set_scope(&rule.scope, key, owners);
	set_where(&rule.where, key->place, value->bytes & 0xf);
	/* A register that starts in the dword has its numbers from there on. */
	shift = key->place < VG_PLACE_ANY ? 8 * (rule.where.first % 4) : 0;
	if (value->flags & VG_RULE_VALUE) {
		rule.has_value = true;
		rule.value = value->value >> shift;
		rule.value_mask = value->value_mask >> shift;
	}
	if (value->flags & VG_RULE_WMASK) {
		rule.has_write_mask = true;
		rule.write_mask = value->write_mask >> shift;
	}
	rule.read = value->read;
	rule.read_value = value->read_value >> shift;
	vg_rule_format(&rule, buf, VG_MAP_RULE_LEN);
	if (value->verdict > VG_BLOCK || value->flags & ~VG_RULE_ALL ||
	    value->read >= VG_READ_KINDS)
		strncat(buf, " (invalid: it blocks and is reported)",
			VG_MAP_RULE_LEN - strlen(buf) - 1);
}
