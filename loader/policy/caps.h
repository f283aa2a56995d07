/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of PCI capabilities, standard and extended, as rules write them.
 */
#ifndef VFIOGUARD_POLICY_CAPS_H
#define VFIOGUARD_POLICY_CAPS_H

#include <stdbool.h>

#include <linux/types.h>

struct vg_cap {
	const char *name; /* lower case, close to what setpci calls it */
	__u16 id;
	bool ext; /* an extended capability, at 0x100 or above */
	bool hidden; /* vfio takes it out of the chain */
	const char *title;
};

/* Every known capability, standard ones first; ended by a NULL name. */
extern const struct vg_cap vg_caps[];

/* The names alone, ended by NULL, for "did you mean". */
extern const char *const vg_cap_names[];

/**
 * vg_cap_by_name() - look a name up
 * @name: need not end in NUL
 * @len: bytes of @name
 *
 * Return: the capability, or NULL.
 */
const struct vg_cap *vg_cap_by_name(const char *name, unsigned int len);

/* Look an id up; NULL when it has no name. */
const struct vg_cap *vg_cap_by_id(__u16 id, bool ext);

/* Is it one whose body vfio passes through raw: VNDR, VSEC or DVSEC? */
bool vg_cap_is_vendor(__u16 id, bool ext);

#endif
