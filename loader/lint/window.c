// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers through which all the others of a device can be reached: who may
 * write the address register may write every register behind it.
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

void vg_lint_window(struct vg_lint *lint, const struct vg_rule *rule)
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
