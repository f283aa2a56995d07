/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lies where in the config space of a device, as vfio sees it: which bytes
 * are the header, which belong to a capability that vfio shows, and which are
 * unassigned, with the hidden capability they physically may belong to.
 */
#ifndef VFIOGUARD_KERNEL_LAYOUT_H
#define VFIOGUARD_KERNEL_LAYOUT_H

#include "policy/policy.h"

#define VG_CONFIG_BYTES 4096

/* A capability in one of the device's two chains. */
struct vg_layout_cap {
	__u16 offset;
	__u16 length; /* bytes that vfio takes for it */
	__u16 id;
	bool ext;
	bool hidden; /* vfio shows the guest nothing of it */
};

/* vfio follows either chain for no more steps than this, see layout.c. */
#define VG_LAYOUT_CAPS (48 + 960)

struct vg_layout {
	unsigned int size; /* of config space: 256 or 4096 bytes */
	unsigned int nr;
	struct vg_layout_cap caps[VG_LAYOUT_CAPS];
	__u16 map[VG_CONFIG_BYTES]; /* 1 + index in caps, 0: in none */
	/* vfio's own map: eight bits of an id, 0 in the header, 0xff in none. */
	__u8 ids[VG_CONFIG_BYTES];
};

/* What one byte belongs to. */
struct vg_spot {
	enum vg_where_kind where; /* header, caps, vendor or unassigned */
	const struct vg_layout_cap *cap; /* it belongs to, NULL in no one */
	/*
	 * What vfio takes the capability for, and so what rules are asked with.  It
	 * is another one where a standard capability goes on beyond 0x100, and where
	 * an id has more than eight bits.
	 */
	__u8 id;
	bool ext;
	/*
	 * Of an unassigned byte: the capability that starts last before it.
	 * If that is hidden, the byte is probably of its body.
	 */
	const struct vg_layout_cap *before;
};

/**
 * vg_layout_read() - find out the layout of a device
 * @fd: its config space, as sysfs has it
 * @size: bytes of it, at most VG_CONFIG_BYTES
 *
 * Reads the heads of the capabilities and what their length depends on, which
 * vfio and the PCI core read as well, and no other register: on some devices a
 * read of the wrong one ends badly.
 * Return: 0, -EACCES if nothing behind the header can be read (sysfs shows
 * more to root only), -ENXIO if the device does not answer, -ERANGE if a chain or
 * a capability leads out of config space, or lies where vfio can't read it: then
 * vfio does not open the device either; or another negative errno.
 */
int vg_layout_read(int fd, unsigned int size, struct vg_layout *layout);

/* Whether the device answers, by its header; the same descriptor. */
bool vg_layout_answers(int fd);

/* What lies at @offset, which is less than VG_CONFIG_BYTES. */
void vg_layout_find(const struct vg_layout *layout, unsigned int offset,
		    struct vg_spot *spot);

/**
 * vg_layout_piece() - how far vfio lets an access go at once
 * @offset: where it starts
 * @size: bytes that are asked for
 *
 * Return: 1, 2 or 4, not more than @size.
 */
unsigned int vg_layout_piece(const struct vg_layout *layout,
			     unsigned int offset, unsigned int size);

#endif
