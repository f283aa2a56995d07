/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of the loaded rules are for a device. */
#ifndef VFIOGUARD_ANSWER_DEVICE_RULES_H
#define VFIOGUARD_ANSWER_DEVICE_RULES_H

#include "answer/loaded_diff.h"
#include "kernel/sysfs.h"

#define VG_SCOPE_TEXT 64

struct vg_device_rules {
	/*
	 * Rules that name the device, its type, vendor, class or subsystem, or
	 * every device.  An entry of the allow list counts as one.
	 */
	size_t rules;
	size_t owner_rules; /* for whoever has it: rules with owner= */
	/* The device as the most specific of the rules writes it; "": none. */
	char most_specific[VG_SCOPE_TEXT];
};

/**
 * vg_device_rules_count() - count them
 * @function: .class and the subsystem may be 0, then rules for these are left
 *            out
 *
 * Return: 0 or -ENOMEM.
 */
int vg_device_rules_count(const struct vg_loaded *loaded,
			  const struct vg_function *function,
			  struct vg_device_rules *count);

#endif
