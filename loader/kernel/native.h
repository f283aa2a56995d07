/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's own filter, the module parameters, says of an access. */
#ifndef VFIOGUARD_KERNEL_NATIVE_H
#define VFIOGUARD_KERNEL_NATIVE_H

#include "policy/policy.h"

enum vg_native {
	VG_NATIVE_UNKNOWN, /* the parameters can't be read, or not whole */
	VG_NATIVE_OPEN, /* does not block it */
	VG_NATIVE_BLOCK, /* blocks it if the policy leaves it to the kernel */
};

/* Looks at this host's parameters as they are now. */
enum vg_native vg_native_says(const struct vg_query *query);

/* Name of the parameter that blocks reads, or writes. */
const char *vg_native_parameter(enum vg_access access);

#endif
