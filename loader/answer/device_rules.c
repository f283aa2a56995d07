// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "answer/device_rules.h"

/* Is an entry of map "rules" for the device, or for owners of any device? */
static bool applies(const struct vg_rule_key *key, const struct vg_function *f)
{
	__u32 mask;

	switch (key->scope) {
	case VG_SCOPE_SLOT:
		return key->id == f->slot;
	case VG_SCOPE_SUBSYS:
		return f->subvendor &&
		       key->id == ((__u32)f->subvendor << 16 | f->subdevice);
	case VG_SCOPE_DEVICE:
		return key->id == ((__u32)f->vendor << 16 | f->device);
	case VG_SCOPE_VENDOR:
		return key->id == f->vendor;
	case VG_SCOPE_CLASS:
		mask = 0xffffffU << (24 - 8 * (key->id >> 24)) & 0xffffff;
		return f->class && (f->class & mask) == (key->id & 0xffffff);
	default:
		return key->scope == VG_SCOPE_ANY ||
		       key->scope == VG_SCOPE_OWNER;
	}
}

static int by_number(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

/* How many different numbers; puts them into order. */
static size_t count_different(__u64 *numbers, size_t nr)
{
	size_t i, different = nr > 0;

	qsort(numbers, nr, sizeof(*numbers), by_number);
	for (i = 1; i < nr; i++)
		different += numbers[i] != numbers[i - 1];
	return different;
}

/* A longer class is the more specific one. */
static __u64 precision(const struct vg_rule_key *key)
{
	return (__u64)key->scope << 8 |
	       (key->scope == VG_SCOPE_CLASS ? key->id >> 24 : 0);
}

static void name_scope(const struct vg_rule_key *key,
		       const struct vg_function *f, char text[VG_SCOPE_TEXT])
{
	struct vg_scope scope = {
		.kind = key->scope,
		.vendor = f->vendor,
		.device = f->device,
		.class = key->id & 0xffffff,
		.slot = f->slot,
	};

	if (key->scope == VG_SCOPE_SUBSYS) {
		scope.vendor = f->subvendor;
		scope.device = f->subdevice;
	} else if (key->scope == VG_SCOPE_CLASS) {
		scope.class_mask =
			0xffffffU << (24 - 8 * (key->id >> 24)) & 0xffffff;
	}
	vg_scope_format(&scope, text, VG_SCOPE_TEXT);
}

/* The entries of the allow list, as if they were rules. */
static void count_list(const struct vg_loaded *loaded,
		       const struct vg_function *f,
		       struct vg_device_rules *count, struct vg_rule_key *best)
{
	const struct vg_device_id *ids = loaded->allowlist.keys;
	size_t i;

	for (i = 0; i < loaded->allowlist.nr; i++) {
		bool any = ids[i].device == VG_ANY_DEVICE;

		if (ids[i].vendor != f->vendor ||
		    (!any && ids[i].device != f->device))
			continue;
		count->rules++;
		if (any && best->scope < VG_SCOPE_VENDOR)
			best->scope = VG_SCOPE_VENDOR;
		if (!any && best->scope < VG_SCOPE_DEVICE)
			best->scope = VG_SCOPE_DEVICE;
	}
}

int vg_device_rules_count(const struct vg_loaded *loaded,
			  const struct vg_function *function,
			  struct vg_device_rules *count)
{
	const struct vg_map_rule *values = loaded->rules.values;
	const struct vg_rule_key *keys = loaded->rules.keys;
	__u64 *of_device, *of_owners;
	struct vg_rule_key best = {};
	size_t i, nr = 0, owners = 0;

	memset(count, 0, sizeof(*count));
	of_device = calloc(loaded->rules.nr + 1, sizeof(*of_device));
	of_owners = calloc(loaded->rules.nr + 1, sizeof(*of_owners));
	for (i = 0; of_device && of_owners && i < loaded->rules.nr; i++) {
		/* One rule has an entry for each dword and direction. */
		__u64 place = (__u64)values[i].file << 32 | values[i].line;

		if (!applies(&keys[i], function))
			continue;
		if (keys[i].scope == VG_SCOPE_OWNER) {
			of_owners[owners++] = place;
			continue;
		}
		of_device[nr++] = place;
		if (precision(&keys[i]) > precision(&best))
			best = keys[i];
	}
	if (of_device && of_owners) {
		count->rules = count_different(of_device, nr);
		count->owner_rules = count_different(of_owners, owners);
		count_list(loaded, function, count, &best);
		if (count->rules)
			name_scope(&best, function, count->most_specific);
	}
	i = of_device && of_owners;
	free(of_device);
	free(of_owners);
	return i ? 0 : -ENOMEM;
}
