// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is right by the grammar and still not meant: findings about single rules
 * and about defaults.  Pairs of rules are conflict.c's.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util/pci_ids.h"
#include "policy/caps.h"
#include "lint/lint.h"

/* Registers through which all the others of a device can be reached. */
static const struct window {
	__u16 vendor;
	__u16 first_device;
	__u16 last_device;
	__u16 address; /* offset of the address register; 0: in VNDR */
	const char *what;
} windows[] = {
	{ 0x14e4, 0x1600, 0x16ff, 0x78,
	  "Broadcom NetXtreme (tg3, bnx2, bnx2x): address 0x78 and data 0x80" },
	{ 0x1da3, 0x0000, 0xfffe, 0xff0,
	  "Habana Gaudi and Goya: ELBI address, data and control at 0xff0" },
	{ 0x15b3, 0x0000, 0xfffe, 0,
	  "NVIDIA ConnectX (mlx5): the gateway in the vendor capability" },
};

/* Effects of a rule on one direction, as far as defaults have them. */
enum effect {
	EFFECT_ALLOW,
	EFFECT_ALLOW_AUDIT,
	EFFECT_BLOCK,
	EFFECT_BLOCK_AUDIT,
	EFFECT_OTHER, /* only for some values or bits, or with a read value */
	EFFECTS,
};

/* The widest scope any rule has, by direction and effect. */
struct widest {
	int scope[VG_ACCESSES][EFFECTS];
};

struct vg_finding *vg_lint_add(struct vg_lint *lint, enum vg_lint_kind kind,
			       const struct vg_rule *rule, unsigned int column,
			       const char *hint, const char *fmt, ...)
{
	enum vg_severity severity = VG_WARNING;
	struct vg_pos pos = rule->pos;
	struct vg_finding *finding;
	char what[640];
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
		vsnprintf(what, sizeof(what), fmt, args);
		va_end(args);
		finding = vg_finding_add(lint->findings, severity, &pos, hint,
					 "%s", what);
	}
	if (!finding)
		lint->no_memory = true;
	return finding;
}

/*
 * Of the device library?  Its keys start with the class of the entry.  Its ids
 * are those of drivers, checked where it is made (scripts/device-check.sh), and
 * many are newer than the pci.ids of the system.
 */
static bool from_library(const struct vg_rule *rule)
{
	static const char *const classes[] = { "hang-", "dangerous-", "needed-",
					       "silent-" };
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (!strncmp(rule->key, classes[i], strlen(classes[i])))
			return true;
	return false;
}

/* "8086:10d3" is no device of pci.ids: a typing error, or a new device. */
static void lint_ids(struct vg_lint *lint, const struct vg_rule *rule)
{
	const struct vg_scope *scope = &rule->scope;
	char hint[96] = "compare with lspci -n; a new device may be missing in "
			"pci.ids";
	char name[128];

	if (scope->kind == VG_SCOPE_DEVICE &&
	    vg_pci_device_known(scope->vendor, scope->device))
		return;
	if (scope->kind == VG_SCOPE_DEVICE &&
	    vg_pci_device_known(scope->device, scope->vendor))
		snprintf(hint, sizeof(hint),
			 "did you mean %04x:%04x?  The vendor comes first",
			 scope->device, scope->vendor);
	if (!vg_pci_vendor_name(scope->vendor, name, sizeof(name)))
		vg_lint_add(lint, VG_LINT_UNKNOWN_ID, rule, rule->scope_column,
			    hint, "pci.ids knows no vendor %04x",
			    scope->vendor);
	else if (scope->kind == VG_SCOPE_DEVICE && !from_library(rule))
		vg_lint_add(lint, VG_LINT_UNKNOWN_ID, rule, rule->scope_column,
			    hint, "pci.ids knows no device %04x of %04x (%s)",
			    scope->device, scope->vendor, name);
}

/* The vendor alone: pci.ids has few subsystems. */
static void lint_subsys(struct vg_lint *lint, const struct vg_rule *rule)
{
	if (!vg_pci_vendor_known(rule->scope.vendor))
		vg_lint_add(lint, VG_LINT_UNKNOWN_ID, rule, rule->scope_column,
			    "compare with lspci -vn",
			    "pci.ids knows no vendor "
			    "%04x",
			    rule->scope.vendor);
}

static bool window_in_where(const struct window *window,
			    const struct vg_where *where)
{
	switch (where->kind) {
	case VG_WHERE_ANY:
	case VG_WHERE_GUARDED:
		return true;
	case VG_WHERE_UNASSIGNED:
		return window->address;
	case VG_WHERE_VENDOR:
		return !window->address;
	case VG_WHERE_CAP:
		return !window->address &&
		       vg_cap_is_vendor(where->cap, where->ext);
	case VG_WHERE_RANGE:
		return window->address && window->address >= where->first &&
		       window->address <= where->last;
	default:
		return false;
	}
}

/* Of rules for every device only those that name the register. */
static bool window_of_rule(const struct window *window,
			   const struct vg_rule *rule)
{
	const struct vg_scope *scope = &rule->scope;

	if (scope->kind == VG_SCOPE_ANY)
		return rule->where.kind == VG_WHERE_RANGE;
	if (scope->vendor != window->vendor)
		return false;
	return scope->kind != VG_SCOPE_DEVICE ||
	       (scope->device >= window->first_device &&
		scope->device <= window->last_device);
}

/* Who may write the address register may write every register. */
static bool may_open(const struct vg_rule *rule)
{
	return rule->verdict == VG_ALLOW && rule->access & 1U << VG_WRITE &&
	       !rule->has_value;
}

static bool opens(const struct vg_rule *rule, const struct window *window)
{
	return window_of_rule(window, rule) &&
	       window_in_where(window, &rule->where);
}

const char *vg_rule_window(const struct vg_rule *rule)
{
	size_t i;

	for (i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
		if (may_open(rule) && opens(rule, &windows[i]))
			return windows[i].what;
	return NULL;
}

static void lint_window(struct vg_lint *lint, const struct vg_rule *rule)
{
	const struct vg_scope *scope = &rule->scope;
	char device[128];
	size_t i;

	if (!may_open(rule))
		return;
	for (i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		if (!opens(rule, &windows[i]))
			continue;
		if (scope->kind == VG_SCOPE_ANY)
			snprintf(device, sizeof(device), "some devices");
		else if (scope->kind != VG_SCOPE_DEVICE ||
			 !vg_pci_device_name(scope->vendor, scope->device,
					     device, sizeof(device)))
			snprintf(device, sizeof(device), "this vendor");
		vg_lint_add(lint, VG_LINT_WINDOW, rule,
			    rule->where_column ? rule->where_column :
						 rule->scope_column,
			    "allow single values of the address register with "
			    "value= if you can, or allow only reads",
			    "opens a window to all internal registers of %s: "
			    "%s",
			    device, windows[i].what);
	}
}

static void lint_value(struct vg_lint *lint, const struct vg_rule *rule)
{
	unsigned int width = rule->where.last - rule->where.first + 1;

	if (width != 3 && !(rule->where.first % width))
		return;
	vg_lint_add(lint, VG_LINT_UNALIGNED_VALUE, rule, rule->where_column,
		    "use the aligned byte, word or dword and a mask: "
		    "0x80 value=0x12/0xff",
		    "no single access covers these bytes, so the value is "
		    "never seen whole");
}

/* Named capabilities of which vfio shows the guest nothing. */
static void lint_cap(struct vg_lint *lint, const struct vg_rule *rule)
{
	static const char hint[] =
		"its bytes count as unassigned: name them by "
		"range, or use unassigned";
	const struct vg_cap *cap =
		vg_cap_by_id(rule->where.cap, rule->where.ext);

	if (cap && !cap->hidden)
		return;
	if (!cap) {
		vg_lint_add(
			lint, VG_LINT_HIDDEN_CAP, rule, rule->where_column,
			hint,
			"this rule never matches: vfio shows no %scapability "
			"with the id 0x%02x",
			rule->where.ext ? "extended " : "", rule->where.cap);
		return;
	}
	vg_lint_add(lint, VG_LINT_HIDDEN_CAP, rule, rule->where_column, hint,
		    "this rule never matches: vfio hides the capability %s "
		    "(%s)",
		    cap->name, cap->title);
}

static enum effect rule_effect(const struct vg_rule *rule,
			       enum vg_access access)
{
	if (rule->has_value || (access == VG_WRITE && rule->has_write_mask) ||
	    (access == VG_READ && rule->read != VG_READ_ZERO))
		return EFFECT_OTHER;
	return (rule->verdict == VG_BLOCK ? EFFECT_BLOCK : EFFECT_ALLOW) +
	       rule->audit;
}

/* Is some rule as wide as @scope or wider, and has another effect? */
static bool widest_differs(const struct widest *widest, enum vg_access access,
			   enum effect effect, enum vg_scope_kind scope)
{
	int other;

	for (other = 0; other < EFFECTS; other++)
		if (other != (int)effect &&
		    widest->scope[access][other] <= (int)scope)
			return true;
	return false;
}

/*
 * A rule that could go: each default it covers says the same, and no wider rule
 * says otherwise.  A rule with a key is there to be found, so it stays.
 */
static void lint_default(struct vg_lint *lint, const struct widest *widest,
			 const struct vg_rule *rule)
{
	const struct vg_policy *policy = lint->policy;
	int access, region;

	if (rule->key[0])
		return;
	for (access = 0; access < VG_ACCESSES; access++) {
		enum effect effect;

		if (!(rule->access & 1U << access))
			continue;
		for (region = 0; region < VG_REGIONS; region++) {
			const struct vg_default *def =
				&policy->defaults[region][access];

			/* Most rules end here. */
			if ((def->verdict != rule->verdict ||
			     def->audit != rule->audit) &&
			    vg_where_in_region(&rule->where, region))
				return;
		}
		effect = rule_effect(rule, access);
		if (effect == EFFECT_OTHER ||
		    widest_differs(widest, access, effect, rule->scope.kind))
			return;
	}
	vg_lint_add(lint, VG_LINT_SAME_AS_DEFAULT, rule, 0, "leave it out",
		    "this rule says what the defaults say already");
}

static void widest_find(struct widest *widest, const struct vg_policy *policy)
{
	int access, effect;
	size_t i;

	for (access = 0; access < VG_ACCESSES; access++)
		for (effect = 0; effect < EFFECTS; effect++)
			widest->scope[access][effect] = VG_SCOPE_SLOT + 1;
	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		for (access = 0; access < VG_ACCESSES; access++) {
			int *scope;

			if (!(rule->access & 1U << access))
				continue;
			scope = &widest->scope[access]
					      [rule_effect(rule, access)];
			if ((int)rule->scope.kind < *scope)
				*scope = rule->scope.kind;
		}
	}
}

/* Does the rule decide every access to a region in a direction? */
static bool covers_default(const struct vg_rule *rule, enum vg_region region,
			   enum vg_access access)
{
	if (rule->scope.kind != VG_SCOPE_ANY || rule->has_value ||
	    !(rule->access & 1U << access))
		return false;
	switch (rule->where.kind) {
	case VG_WHERE_ANY:
		return true;
	case VG_WHERE_GUARDED:
		return region != VG_REGION_OTHER;
	case VG_WHERE_UNASSIGNED:
		return region == VG_REGION_UNASSIGNED;
	case VG_WHERE_VENDOR:
		return region == VG_REGION_VENDOR;
	default:
		return false;
	}
}

/* Defaults somebody wrote that a rule for every device makes useless. */
static void lint_shadowed(struct vg_lint *lint, const struct vg_rule *rule)
{
	const struct vg_policy *policy = lint->policy;
	struct vg_finding *finding;
	int region, access;

	for (region = 0; region < VG_REGIONS; region++) {
		for (access = 0; access < VG_ACCESSES; access++) {
			const struct vg_pos *pos =
				&policy->default_pos[region][access];

			if (!pos->file || lint->shadowed[region][access] ||
			    !covers_default(rule, region, access))
				continue;
			lint->shadowed[region][access] = true;
			finding = vg_finding_add(
				lint->findings, VG_NOTE, pos,
				"change the default instead of writing a rule "
				"for every device",
				"this default is never used for %s: the rule "
				"at %s:%u is for every device",
				access == VG_READ ? "reads" : "writes",
				rule->pos.file, rule->pos.line);
			if (finding)
				finding->other = rule->pos;
			else
				lint->no_memory = true;
		}
	}
}

/* Without its header and capabilities no device starts. */
static void lint_unusable(struct vg_lint *lint)
{
	const struct vg_policy *policy = lint->policy;
	const struct vg_pos *last = NULL;
	int access;

	for (access = 0; access < VG_ACCESSES; access++) {
		const struct vg_pos *pos =
			&policy->default_pos[VG_REGION_OTHER][access];

		/* One line may have set both. */
		if (policy->defaults[VG_REGION_OTHER][access].verdict !=
			    VG_BLOCK ||
		    !pos->file || (last && last->line == pos->line))
			continue;
		last = pos;
		if (!vg_finding_add(lint->findings, VG_WARNING, pos,
				    "write 'default allow rw other' and block "
				    "single places by rules",
				    "this blocks the header and the ordinary "
				    "capabilities: no guest can use a device"))
			lint->no_memory = true;
	}
}

static bool same_device(const struct vg_rule *rule, const struct vg_rule *last)
{
	return last && last->scope.kind == rule->scope.kind &&
	       last->scope.vendor == rule->scope.vendor &&
	       last->scope.device == rule->scope.device;
}

static void lint_rule(struct vg_lint *lint, const struct widest *widest,
		      const struct vg_rule *rule, const struct vg_rule *last)
{
	if (rule->scope.kind == VG_SCOPE_DEVICE ||
	    rule->scope.kind == VG_SCOPE_VENDOR) {
		if (!same_device(rule, last) &&
		    vg_lint_wants(lint, VG_LINT_UNKNOWN_ID) &&
		    vg_pci_ids_available())
			lint_ids(lint, rule);
		lint_window(lint, rule);
	}
	if (rule->scope.kind == VG_SCOPE_SUBSYS &&
	    vg_lint_wants(lint, VG_LINT_UNKNOWN_ID) && vg_pci_ids_available() &&
	    !same_device(rule, last))
		lint_subsys(lint, rule);
	if (rule->scope.kind == VG_SCOPE_ANY) {
		lint_window(lint, rule);
		lint_shadowed(lint, rule);
	}
	if (rule->has_value)
		lint_value(lint, rule);
	if (rule->where.kind == VG_WHERE_CAP)
		lint_cap(lint, rule);
	lint_default(lint, widest, rule);
}

int vg_policy_lint(const struct vg_policy *policy, struct vg_findings *findings)
{
	struct vg_lint lint = { .policy = policy, .findings = findings };
	size_t errors = findings->errors;
	struct widest widest;
	size_t i;

	widest_find(&widest, policy);
	for (i = 0; i < policy->nr_rules && !lint.no_memory; i++)
		lint_rule(&lint, &widest, &policy->rules[i],
			  i ? &policy->rules[i - 1] : NULL);
	lint_unusable(&lint);
	vg_lint_conflicts(&lint);
	if (lint.no_memory)
		return -ENOMEM;
	return findings->errors > errors ? -EINVAL : 0;
}
