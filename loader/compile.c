// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compile.h"
#include "log.h"

/* Flags of map "allowlist" that one rule stands for. */
static __u32 rule_flags(const struct vg_rule *rule)
{
	__u32 flags = 0;

	if (rule->access & (1u << VG_READ))
		flags |= rule->verdict == VG_ALLOW ? VG_F_ALLOW_READ :
						     VG_F_BLOCK_READ;
	if (rule->access & (1u << VG_WRITE))
		flags |= rule->verdict == VG_ALLOW ? VG_F_ALLOW_WRITE :
						     VG_F_BLOCK_WRITE;
	if (rule->verdict == VG_ALLOW && rule->audit)
		flags |= VG_F_AUDIT;
	if (rule->verdict == VG_BLOCK && !rule->audit)
		flags |= VG_F_SILENT;
	return flags;
}

/* What of a rule has no place in the maps, NULL if all of it has. */
static const char *unsupported(const struct vg_rule *rule)
{
	if (rule->scope.kind != VG_SCOPE_DEVICE &&
	    rule->scope.kind != VG_SCOPE_VENDOR)
		return "rules are for vendor:device or vendor:*";
	if (rule->where.kind != VG_WHERE_GUARDED)
		return "a rule holds for all unassigned space and vendor "
		       "capabilities of a device, so leave the place out";
	if (rule->has_value || rule->has_write_mask)
		return "rules on the value written can't be loaded";
	if (rule->verdict == VG_BLOCK && rule->read != VG_READ_ZERO)
		return "a blocked read returns 0";
	if (rule->key[0])
		return "records carry no key= of a rule";
	return NULL;
}

/*
 * Two rules of one device are one entry, so audit and silent hold for both
 * directions or for neither.
 */
static const char *unmergeable(const struct vg_rule *a, const struct vg_rule *b)
{
	if (a->verdict == b->verdict && a->audit != b->audit)
		return "rules of one device and verdict share audit or silent";
	return NULL;
}

static __u32 device_of(const struct vg_rule *rule)
{
	return (__u32)rule->scope.vendor << 16 | rule->scope.device;
}

/* Rules of one device in the order they stand. */
static int by_device(const void *a, const void *b)
{
	const struct vg_rule *x = *(const struct vg_rule *const *)a;
	const struct vg_rule *y = *(const struct vg_rule *const *)b;

	if (device_of(x) != device_of(y))
		return device_of(x) < device_of(y) ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void refuse(const struct vg_rule *rule, const char *why)
{
	vg_error("%s:%u:%u: this rule can't be loaded: %s", rule->pos.file,
		 rule->pos.line, rule->pos.column, why);
}

static enum vg_exit compile_rules(const struct vg_policy *policy,
				  const struct vg_rule **sorted,
				  struct vg_compiled *out)
{
	enum vg_exit ret = VG_EXIT_OK;
	size_t i, n = 0;

	for (i = 0; i < policy->nr_rules; i++) {
		const char *why = unsupported(&policy->rules[i]);

		sorted[i] = &policy->rules[i];
		if (why) {
			refuse(sorted[i], why);
			ret = VG_EXIT_POLICY;
		}
	}
	if (ret)
		return ret;

	qsort(sorted, policy->nr_rules, sizeof(*sorted), by_device);
	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = sorted[i];

		if (i && device_of(sorted[i - 1]) == device_of(rule)) {
			const char *why = unmergeable(sorted[i - 1], rule);

			if (why) {
				refuse(rule, why);
				ret = VG_EXIT_POLICY;
			}
			out->flags[n - 1] |= rule_flags(rule);
			continue;
		}
		out->keys[n].vendor = rule->scope.vendor;
		out->keys[n].device = rule->scope.device;
		out->flags[n++] = rule_flags(rule);
	}
	out->nr_entries = n;
	return ret;
}

/* FNV-1a of the policy's canonical text, 0 if it can't be made. */
static __u64 hash_policy(const struct vg_policy *policy)
{
	__u64 hash = 0xcbf29ce484222325ULL;
	char *text = NULL;
	size_t len = 0, i;
	FILE *f;

	f = open_memstream(&text, &len);
	if (!f)
		return 0;
	vg_policy_format(policy, f);
	if (fclose(f))
		len = 0;
	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3ULL;
	free(text);
	return len ? hash : 0;
}

static void compile_config(const struct vg_policy *policy,
			   const struct vg_hook *hook, struct vg_compiled *out)
{
	const struct vg_default *other = policy->defaults[VG_REGION_OTHER];

	out->config.schema = VG_SCHEMA;
	out->config.mode = policy->mode;
	out->config.loaded_at = time(NULL);
	out->config.source = hash_policy(policy);
	out->config.rate = policy->rate;
	out->config.burst = policy->burst;
	memcpy(out->config.defaults, policy->defaults,
	       sizeof(out->config.defaults));
	strncpy(out->config.name, policy->name, sizeof(out->config.name) - 1);

	/* The rest is called for only if the policy has a say in it. */
	out->regions = hook->unassigned | hook->vendor;
	if (other[VG_READ].verdict != VG_ALLOW || other[VG_READ].audit ||
	    other[VG_WRITE].verdict != VG_ALLOW || other[VG_WRITE].audit)
		out->regions = hook->all;
}

enum vg_exit vg_compile(const struct vg_policy *policy,
			const struct vg_hook *hook, struct vg_compiled *out)
{
	size_t n = policy->nr_rules ? policy->nr_rules : 1;
	const struct vg_rule **sorted;
	enum vg_exit ret = VG_EXIT_FAILURE;

	memset(out, 0, sizeof(*out));
	out->keys = calloc(n, sizeof(*out->keys));
	out->flags = calloc(n, sizeof(*out->flags));
	sorted = calloc(n, sizeof(*sorted));
	if (!out->keys || !out->flags || !sorted) {
		vg_error("no memory for %zu rules", policy->nr_rules);
	} else {
		compile_config(policy, hook, out);
		ret = compile_rules(policy, sorted, out);
	}
	free(sorted);
	if (ret)
		vg_compiled_free(out);
	return ret;
}

void vg_compiled_free(struct vg_compiled *compiled)
{
	free(compiled->keys);
	free(compiled->flags);
	memset(compiled, 0, sizeof(*compiled));
}
