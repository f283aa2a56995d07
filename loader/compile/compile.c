// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compile/compile.h"
#include "lint/limits.h"
#include "util/log.h"
#include "util/printable.h"

#define HEADER_BYTES 0x40
#define EXT_CONFIG 0x100

static void compile_config(const struct vg_policy *policy,
			   struct vg_compiled *out)
{
	char path[PATH_MAX];
	const char *name;
	size_t i;

	out->config.schema = VG_SCHEMA;
	out->config.mode = policy->mode;
	out->config.mode_before = policy->mode;
	out->config.loaded_at = time(NULL);
	out->config.source = vg_policy_hash(policy);
	out->config.rate = policy->rate;
	out->config.burst = policy->burst;
	memcpy(out->config.defaults, policy->defaults,
	       sizeof(out->config.defaults));
	/* Absolute: `explain` reads it again, from wherever it is run. */
	name = realpath(policy->name, path) ? path : policy->name;
	vg_shorten(name, out->config.name, sizeof(out->config.name));
	for (i = 0; i < VG_REGIONS; i++)
		out->config.blocks_reads |=
			policy->defaults[i][VG_READ].verdict != VG_ALLOW;
	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		out->config.uses_last |= rule->read == VG_READ_LAST;
		out->config.blocks_reads |= rule->verdict == VG_BLOCK &&
					    rule->access & 1U << VG_READ;
	}
}

static bool says_something(const struct vg_default *def)
{
	return def->verdict != VG_ALLOW || def->audit;
}

/* Regions besides the guarded ones that a rule changes something in. */
static __u32 rule_regions(const struct vg_rule *rule,
			  const struct vg_hook *hook)
{
	const struct vg_where *where = &rule->where;
	__u32 regions = 0;

	/* All is allowed there unless another rule or a default blocks. */
	if (rule->verdict == VG_ALLOW && !rule->audit && !rule->has_write_mask)
		return 0;
	switch (where->kind) {
	case VG_WHERE_ANY:
		return hook->all;
	case VG_WHERE_HEADER:
		return hook->header;
	case VG_WHERE_CAPS:
		return hook->cap | hook->ext_cap;
	case VG_WHERE_CAP:
		return where->ext ? hook->ext_cap : hook->cap;
	case VG_WHERE_RANGE:
		/* What lies there differs from device to device. */
		if (where->first < HEADER_BYTES)
			regions |= hook->header;
		if (where->first < EXT_CONFIG && where->last >= HEADER_BYTES)
			regions |= hook->cap;
		if (where->last >= EXT_CONFIG)
			regions |= hook->ext_cap;
		return regions;
	default:
		return 0;
	}
}

/* The program is called for what the policy has a say in, and nothing else. */
static __u32 compile_regions(const struct vg_policy *policy,
			     const struct vg_hook *hook)
{
	const struct vg_default *other = policy->defaults[VG_REGION_OTHER];
	__u32 regions = hook->unassigned | hook->vendor;
	size_t i;

	if (says_something(&other[VG_READ]) || says_something(&other[VG_WRITE]))
		return hook->all;
	for (i = 0; i < policy->nr_rules; i++)
		regions |= rule_regions(&policy->rules[i], hook);
	return regions;
}

/* The names of cgroups are kernel memory. */
static enum vg_exit refuse_owners(const struct vg_policy *policy)
{
	enum vg_exit ret = VG_EXIT_OK;
	size_t i;

	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		if (rule->scope.kind != VG_SCOPE_OWNER)
			continue;
		vg_error(
			"%s:%u:%u: this rule can't be loaded: lockdown keeps "
			"BPF programs from reading which cgroup a process is "
			"in; leave out owner=, or boot with lockdown=integrity",
			rule->pos.file, rule->pos.line, rule->pos.column);
		ret = VG_EXIT_POLICY;
	}
	return ret;
}

/*
 * A stock kernel shows a write before its data is copied, so what is looked at and
 * what is written may differ.
 */
static enum vg_exit refuse_values(const struct vg_policy *policy)
{
	enum vg_exit ret = VG_EXIT_OK;
	size_t i;

	if (policy->stock_value)
		return VG_EXIT_OK;
	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		if (!rule->has_value && !rule->has_write_mask)
			continue;
		vg_error("%s:%u:%u: this rule can't be loaded on a stock "
			 "kernel, where the data of a write can change after "
			 "it was looked at; write 'stock-value block' to have "
			 "every write to such registers blocked there, or use "
			 "the patched vfio-pci-core",
			 rule->pos.file, rule->pos.line, rule->pos.column);
		ret = VG_EXIT_POLICY;
	}
	return ret;
}

/* Before they take memory: not every caller has linted the policy. */
static enum vg_exit refuse_entries(const struct vg_policy *policy)
{
	const struct vg_rule *rule = vg_rule_too_many(policy);

	if (!rule)
		return VG_EXIT_OK;
	vg_error("%s:%u:%u: this rule can't be loaded: " VG_TOO_MANY,
		 rule->pos.file, rule->pos.line, rule->pos.column,
		 VG_MAX_ENTRIES);
	return VG_EXIT_POLICY;
}

enum vg_exit vg_compile(const struct vg_policy *policy,
			const struct vg_hook *hook, struct vg_compiled *out)
{
	enum vg_exit ret = VG_EXIT_FAILURE;
	bool *taken;

	memset(out, 0, sizeof(*out));
	if (hook->locked_down && refuse_owners(policy))
		return VG_EXIT_POLICY;
	if (hook->door != VG_DOOR_HOOK && refuse_values(policy))
		return VG_EXIT_POLICY;
	if (refuse_entries(policy))
		return VG_EXIT_POLICY;
	taken = calloc(policy->nr_rules ? policy->nr_rules : 1, sizeof(*taken));
	if (!taken) {
		vg_error("no memory for %zu rules", policy->nr_rules);
		return VG_EXIT_FAILURE;
	}
	compile_config(policy, out);
	out->config.regions = compile_regions(policy, hook);
	ret = vg_compile_list(policy, taken, out);
	if (!ret)
		ret = vg_compile_rules(policy, taken, out);
	free(taken);
	if (ret)
		vg_compiled_free(out);
	return ret;
}

void vg_entries_free(struct vg_entries *entries)
{
	free(entries->keys);
	free(entries->values);
	memset(entries, 0, sizeof(*entries));
}

void vg_compiled_free(struct vg_compiled *compiled)
{
	vg_entries_free(&compiled->allowlist);
	vg_entries_free(&compiled->scopes);
	vg_entries_free(&compiled->rules);
	vg_entries_free(&compiled->owners);
	vg_entries_free(&compiled->key_names);
	vg_entries_free(&compiled->files);
	memset(compiled, 0, sizeof(*compiled));
}
