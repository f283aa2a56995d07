// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers through which others of a device can be reached: who may write the
 * address register may write every register behind it, and who may write where the
 * header is shown again may write what vfio keeps from the device.
 */
#include <stdio.h>

#include "lint/internal.h"
#include "lint/lint.h"
#include "policy/caps.h"
#include "util/pci_ids.h"

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

/* Where a device shows its header again, as seen in dumps of config spaces. */
static const struct mirror {
	__u16 vendor;
	__u16 first_device;
	__u16 last_device;
	__u16 first; /* offset of the first copy */
	__u16 apart; /* bytes from one to the next */
	const char *what;
} mirrors[] = {
	{ 0x11ab, 0x4340, 0x4382, 0x400, 0x400,
	  "Marvell Yukon 2 (sky2) shows 0x00-0xff again at 0x400, 0x800 and "
	  "0xc00" },
	{ 0x1077, 0x1020, 0x1020, 0x80, 0x1000,
	  "QLogic ISP1040 shows its header again at 0x80" },
};

#define COMMAND_FIRST 0x04
#define BARS_LAST 0x33 /* with the ROM's */

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

/* Is a byte of a copy of command and base addresses one of the rule's? */
static bool mirror_in_where(const struct mirror *mirror,
			    const struct vg_where *where)
{
	unsigned int at;

	if (where->kind != VG_WHERE_RANGE)
		return where->kind == VG_WHERE_ANY ||
		       where->kind == VG_WHERE_GUARDED ||
		       where->kind == VG_WHERE_UNASSIGNED;
	for (at = mirror->first; at < 0x1000; at += mirror->apart)
		if (where->first <= at + BARS_LAST &&
		    where->last >= at + COMMAND_FIRST)
			return true;
	return false;
}

const char *vg_rule_mirror(const struct vg_rule *rule)
{
	const struct vg_scope *scope = &rule->scope;
	size_t i;

	if (!may_open(rule) || rule->has_write_mask)
		return NULL;
	for (i = 0; i < sizeof(mirrors) / sizeof(mirrors[0]); i++)
		if (scope->vendor == mirrors[i].vendor &&
		    (scope->kind == VG_SCOPE_VENDOR ||
		     (scope->kind == VG_SCOPE_DEVICE &&
		      scope->device >= mirrors[i].first_device &&
		      scope->device <= mirrors[i].last_device)) &&
		    mirror_in_where(&mirrors[i], &rule->where))
			return mirrors[i].what;
	return NULL;
}

static void lint_mirror(struct vg_lint *lint, const struct vg_rule *rule)
{
	const char *what = vg_rule_mirror(rule);

	if (what)
		vg_lint_add(lint, VG_LINT_WINDOW, rule,
			    rule->where_column ? rule->where_column :
						 rule->scope_column,
			    "name the registers that the driver needs, or "
			    "allow only reads",
			    "opens command and base addresses, which vfio "
			    "keeps from the device, by another way: %s",
			    what);
}

void vg_lint_window(struct vg_lint *lint, const struct vg_rule *rule)
{
	const struct vg_scope *scope = &rule->scope;
	char device[128];
	size_t i;

	if (!may_open(rule))
		return;
	lint_mirror(lint, rule);
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
