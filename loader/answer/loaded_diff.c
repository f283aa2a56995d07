// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/loaded_diff.h"
#include "maps/devices.h"
#include "maps/map_entries.h"
#include "maps/map_rule.h"

/* What the functions that compare one map need. */
struct compare {
	const struct vg_entries *loaded_owners;
	const struct vg_entries *file_owners;
	struct vg_differences *differences;
	size_t others; /* entries that are not shown one by one */
};

int vg_loaded_read(const struct vg_store *store, struct vg_loaded *loaded)
{
	__u32 zero = 0;
	int ret;

	memset(loaded, 0, sizeof(*loaded));
	ret = vg_store_read_config(store, &loaded->config);
	if (!ret)
		ret = bpf_map_lookup_elem(store->scope_kinds, &zero,
					  &loaded->scope_kinds);
	if (!ret)
		ret = vg_map_read(store->allowlist, sizeof(struct vg_device_id),
				  sizeof(__u32), &loaded->allowlist);
	if (!ret)
		ret = vg_map_read(store->scopes, sizeof(struct vg_scope_key),
				  sizeof(__u64), &loaded->scopes);
	if (!ret)
		ret = vg_map_read(store->rules, sizeof(struct vg_rule_key),
				  sizeof(struct vg_map_rule), &loaded->rules);
	if (!ret)
		ret = vg_map_read(store->owners, sizeof(struct vg_owner),
				  sizeof(__u32), &loaded->owners);
	return ret;
}

void vg_loaded_free(struct vg_loaded *loaded)
{
	vg_entries_free(&loaded->allowlist);
	vg_entries_free(&loaded->scopes);
	vg_entries_free(&loaded->rules);
	vg_entries_free(&loaded->owners);
}

__attribute__((format(printf, 2, 3))) static void
add(struct vg_differences *differences, const char *fmt, ...)
{
	va_list args;

	if (differences->nr < VG_DIFFERENCES_SHOWN) {
		va_start(args, fmt);
		if (vasprintf(&differences->texts[differences->nr], fmt, args) <
		    0)
			differences->texts[differences->nr] = NULL;
		va_end(args);
	}
	differences->nr++;
}

static const char *mode_word(__u32 mode)
{
	return mode == VG_MODE_MONITOR ? "monitor" : "enforce";
}

static void compare_config(const struct vg_config *loaded,
			   const struct vg_config *file,
			   struct vg_differences *differences)
{
	__u32 mode = loaded->learn ? loaded->mode_before : loaded->mode;
	char was[64], is[64];
	int region, access;

	if (mode != file->mode)
		add(differences, "mode: %s is loaded, %s in the file",
		    mode_word(mode), mode_word(file->mode));
	for (region = 0; region < VG_REGIONS; region++) {
		for (access = 0; access < VG_ACCESSES; access++) {
			const struct vg_default *a =
				&loaded->defaults[region][access];
			const struct vg_default *b =
				&file->defaults[region][access];

			if (!memcmp(a, b, sizeof(*a)))
				continue;
			vg_default_format(region, access, a, is, sizeof(is));
			vg_default_format(region, access, b, was, sizeof(was));
			add(differences, "'%s' is loaded, '%s' in the file", is,
			    was);
		}
	}
	if (loaded->rate != file->rate || loaded->burst != file->burst)
		add(differences,
		    "rate %u burst %u is loaded, rate %u burst %u in the file",
		    loaded->rate, loaded->burst, file->rate, file->burst);
}

static void entry_differs(void *context, const void *key, const void *loaded,
			  const void *file)
{
	struct compare *c = context;
	const struct vg_device_id *id = key;
	char name[16], is[64], was[64];

	if (id->device == VG_ANY_DEVICE)
		snprintf(name, sizeof(name), "%04x:*", id->vendor);
	else
		snprintf(name, sizeof(name), "%04x:%04x", id->vendor,
			 id->device);
	if (loaded)
		vg_flags_format(*(const __u32 *)loaded, is, sizeof(is));
	if (file)
		vg_flags_format(*(const __u32 *)file, was, sizeof(was));
	if (loaded && file)
		add(c->differences, "%s: '%s' is loaded, '%s' in the file",
		    name, is, was);
	else if (loaded)
		add(c->differences, "%s: '%s' is loaded, and not in the file",
		    name, is);
	else
		add(c->differences, "%s: '%s' is in the file, and not loaded",
		    name, was);
}

/* Do both decide alike, wherever they are written? */
static bool same_rule(const struct vg_map_rule *a, const struct vg_map_rule *b)
{
	struct vg_map_rule one = *a, two = *b;

	one.line = two.line = 0;
	one.file = two.file = 0;
	one.key = two.key = 0;
	return !memcmp(&one, &two, sizeof(one));
}

static void rule_differs(void *context, const void *key, const void *loaded,
			 const void *file)
{
	char is[VG_MAP_RULE_LEN], was[VG_MAP_RULE_LEN];
	struct compare *c = context;

	if (loaded && file && same_rule(loaded, file)) {
		c->differences->lines_moved = true;
		return;
	}
	if (loaded)
		vg_map_rule_format(key, loaded, c->loaded_owners, is);
	if (file)
		vg_map_rule_format(key, file, c->file_owners, was);
	if (loaded && file)
		add(c->differences, "'%s' is loaded, '%s' in the file", is,
		    was);
	else if (loaded)
		add(c->differences, "'%s' is loaded, and not in the file", is);
	else
		add(c->differences, "'%s' is in the file, and not loaded", was);
}

static void other_differs(void *context, const void *key, const void *loaded,
			  const void *file)
{
	struct compare *c = context;

	(void)key;
	(void)loaded;
	(void)file;
	c->others++;
}

/* Maps that only help to find rules: a number says enough. */
static void tell_others(struct compare *c, const char *name)
{
	if (c->others)
		add(c->differences, "map %s: %zu entr%s", name, c->others,
		    c->others == 1 ? "y differs" : "ies differ");
	c->others = 0;
}

static int compare_maps(const struct vg_loaded *loaded,
			const struct vg_compiled *file, struct compare *c)
{
	int ret;

	ret = vg_entries_compare(&loaded->allowlist, &file->allowlist,
				 sizeof(struct vg_device_id), sizeof(__u32),
				 entry_differs, c);
	if (!ret)
		ret = vg_entries_compare(&loaded->rules, &file->rules,
					 sizeof(struct vg_rule_key),
					 sizeof(struct vg_map_rule),
					 rule_differs, c);
	if (!ret)
		ret = vg_entries_compare(&loaded->scopes, &file->scopes,
					 sizeof(struct vg_scope_key),
					 sizeof(__u64), other_differs, c);
	tell_others(c, "scopes");
	if (!ret)
		ret = vg_entries_compare(&loaded->owners, &file->owners,
					 sizeof(struct vg_owner), sizeof(__u32),
					 other_differs, c);
	tell_others(c, "owners");
	if (loaded->scope_kinds != file->scope_kinds)
		add(c->differences,
		    "map scope_kinds: 0x%x is loaded, 0x%x in "
		    "the file",
		    loaded->scope_kinds, file->scope_kinds);
	return ret;
}

int vg_loaded_diff(const struct vg_loaded *loaded, const struct vg_policy *file,
		   const struct vg_hook *hook,
		   struct vg_differences *differences)
{
	struct vg_compiled compiled;
	struct compare c = {
		.loaded_owners = &loaded->owners,
		.file_owners = &compiled.owners,
		.differences = differences,
	};
	enum vg_exit exit;
	int ret;

	memset(differences, 0, sizeof(*differences));
	exit = vg_compile(file, hook, &compiled);
	if (exit)
		return exit == VG_EXIT_POLICY ? -EINVAL : -ENOMEM;
	differences->file_changed =
		compiled.config.source != loaded->config.source;
	compare_config(&loaded->config, &compiled.config, differences);
	ret = compare_maps(loaded, &compiled, &c);
	vg_compiled_free(&compiled);
	return ret;
}

void vg_differences_free(struct vg_differences *differences)
{
	size_t i;

	for (i = 0; i < VG_DIFFERENCES_SHOWN; i++)
		free(differences->texts[i]);
	memset(differences, 0, sizeof(*differences));
}
