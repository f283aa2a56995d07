// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is right by the grammar and still not meant: findings about a single
 * rule.  Pairs of rules are conflict.c's.
 */
#include <stdio.h>
#include <string.h>

#include "lint/internal.h"
#include "policy/caps.h"
#include "util/pci_ids.h"

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

static void lint_value(struct vg_lint *lint, const struct vg_rule *rule)
{
	unsigned int width = rule->where.last - rule->where.first + 1;
	unsigned int lowest, highest; /* bytes that the mask names */

	if (!rule->value_mask)
		return;
	lowest = rule->where.first + __builtin_ctz(rule->value_mask) / 8;
	highest =
		rule->where.first + (31 - __builtin_clz(rule->value_mask)) / 8;
	/* The register may go on behind them. */
	if (rule->where.first / 4 != rule->where.last / 4 &&
	    lowest / 4 == highest / 4)
		return;
	if (width != 3 && !(rule->where.first % width))
		return;
	vg_lint_add(lint, VG_LINT_UNALIGNED_VALUE, rule, rule->where_column,
		    "use the aligned byte, word or dword and a mask: "
		    "0x80 value=0x12/0xff",
		    "no single access covers these bytes, so the value is "
		    "never seen whole");
}

/* Of the bytes of the rule nothing is read that the device has. */
static bool blocks_reads(const struct vg_rule *rule)
{
	return rule->verdict == VG_BLOCK && rule->access & 1U << VG_READ &&
	       rule->read != VG_READ_CONST;
}

/*
 * Named capabilities of which vfio shows the guest nothing, but for the head of an
 * extended one that stands first: the list of the others hangs there.
 */
static void lint_cap(struct vg_lint *lint, const struct vg_rule *rule)
{
	static const char hint[] =
		"its bytes count as unassigned: name them by "
		"range, or use unassigned";
	const struct vg_cap *cap =
		vg_cap_by_id(rule->where.cap, rule->where.ext);
	char text[96];

	if (cap && !cap->hidden)
		return;
	if (cap)
		snprintf(text, sizeof(text),
			 "vfio hides the capability %s (%s)", cap->name,
			 cap->title);
	else
		snprintf(text, sizeof(text),
			 "vfio shows no %scapability with the id 0x%02x",
			 rule->where.ext ? "extended " : "", rule->where.cap);
	if (!rule->where.ext)
		vg_lint_add(lint, VG_LINT_HIDDEN_CAP, rule, rule->where_column,
			    hint, "this rule never matches: %s", text);
	else if (blocks_reads(rule))
		vg_lint_add(
			lint, VG_LINT_HIDDEN_CAP, rule, rule->where_column,
			hint,
			"this rule takes all extended capabilities from the "
			"guest where this one stands first, at 0x100, and "
			"never matches anywhere else: %s",
			text);
	else
		vg_lint_add(lint, VG_LINT_HIDDEN_CAP, rule, rule->where_column,
			    hint,
			    "this rule matches no more than the first four "
			    "bytes, and only where the capability stands "
			    "first, at 0x100: %s",
			    text);
}

/* Who reads nothing where a list of capabilities begins finds none of them. */
static void lint_chain(struct vg_lint *lint, const struct vg_rule *rule)
{
	const struct vg_where *where = &rule->where;
	static const struct {
		unsigned int first, last; /* bytes that the list hangs on */
		const char *what;
		const char *hint;
	} heads[] = {
		{ 0x34, 0x34, "capability",
		  "begin behind 0x34, or leave the reads out: block w" },
		{ 0x100, 0x103, "extended capability",
		  "begin at 0x104, or leave the reads out: block w" },
	};
	size_t i;

	if (!blocks_reads(rule))
		return;
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (where->first <= heads[i].last &&
		    where->last >= heads[i].first)
			vg_lint_add(lint, VG_LINT_CHAIN, rule,
				    rule->where_column, heads[i].hint,
				    "with this rule the guest finds no %s of "
				    "the device: their list begins at 0x%02x",
				    heads[i].what, heads[i].first);
}

/*
 * A write is dropped as a whole if one of its bytes is blocked, and there are registers
 * of four bytes that drivers write at once: command with status, and base addresses.
 */
static void lint_part(struct vg_lint *lint, const struct vg_rule *rule)
{
	static const struct {
		unsigned int first, last;
		const char *what;
	} wholes[] = {
		{ 0x04, 0x07, "command and status" },
		{ 0x10, 0x27, "base addresses" },
		{ 0x30, 0x33, "the base address of the ROM" },
	};
	unsigned int first = rule->where.first, last = rule->where.last;
	unsigned int at;
	size_t i;

	if (rule->verdict != VG_BLOCK || !(rule->access & 1U << VG_WRITE))
		return;
	for (i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
		if (first > wholes[i].last || last < wholes[i].first)
			continue;
		/* The dword at one of its ends, unless that end is one of a dword. */
		if (first % 4 && first > wholes[i].first)
			at = first & ~3U;
		else if (last % 4 != 3 && last < wholes[i].last)
			at = last & ~3U;
		else
			continue;
		vg_lint_add(lint, VG_LINT_PART, rule, rule->where_column,
			    "block the whole register, or allow its bits that "
			    "may change: allow w ... wmask=",
			    "this rule also drops writes of all four bytes at "
			    "0x%02x, as drivers make them: %s",
			    at, wholes[i].what);
	}
}

static bool same_device(const struct vg_rule *rule, const struct vg_rule *last)
{
	return last && last->scope.kind == rule->scope.kind &&
	       last->scope.vendor == rule->scope.vendor &&
	       last->scope.device == rule->scope.device;
}

static void lint_rule(struct vg_lint *lint, const struct vg_rule *rule,
		      const struct vg_rule *last)
{
	bool ids = vg_lint_wants(lint, VG_LINT_UNKNOWN_ID) &&
		   vg_pci_ids_available() && !same_device(rule, last);

	if (ids && (rule->scope.kind == VG_SCOPE_DEVICE ||
		    rule->scope.kind == VG_SCOPE_VENDOR))
		lint_ids(lint, rule);
	if (ids && rule->scope.kind == VG_SCOPE_SUBSYS)
		lint_subsys(lint, rule);
	if (rule->scope.kind == VG_SCOPE_ANY ||
	    rule->scope.kind == VG_SCOPE_DEVICE ||
	    rule->scope.kind == VG_SCOPE_VENDOR)
		vg_lint_window(lint, rule);
	if (rule->has_value)
		lint_value(lint, rule);
	if (rule->where.kind == VG_WHERE_CAP)
		lint_cap(lint, rule);
	if (rule->where.kind == VG_WHERE_RANGE) {
		lint_chain(lint, rule);
		lint_part(lint, rule);
	}
}

void vg_lint_rules(struct vg_lint *lint)
{
	const struct vg_policy *policy = lint->policy;
	size_t i;

	for (i = 0; i < policy->nr_rules && !lint->no_memory; i++)
		lint_rule(lint, &policy->rules[i],
			  i ? &policy->rules[i - 1] : NULL);
}
