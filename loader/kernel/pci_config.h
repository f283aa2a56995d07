/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which capability a register of a PCI function physically belongs to.  layout.h
 * has what vfio makes of it: to vfio the body of a hidden capability is
 * unassigned, and some capabilities are shorter than they are.
 */
#ifndef VFIOGUARD_KERNEL_PCI_CONFIG_H
#define VFIOGUARD_KERNEL_PCI_CONFIG_H

#include "kernel/layout.h"
#include "kernel/sysfs.h"

struct vg_pci_config {
	bool present; /* the function is there, and its capabilities known */
	bool mute; /* it is there and does not answer */
	struct vg_function function;
	struct vg_layout layout;
};

/**
 * vg_pci_config_read() - look at one function
 * @slot: VG_SLOT()
 * @config: all of it is set
 */
void vg_pci_config_read(__u64 slot, struct vg_pci_config *config);

/* Whether a function is there and does not answer. */
bool vg_pci_mute(const struct vg_function *function);

#define VG_MUTE_LEN 200

/* That it does not, in a sentence. */
void vg_pci_mute_format(const struct vg_function *function,
			char buf[VG_MUTE_LEN]);

/**
 * vg_pci_body_at() - the capability a byte physically lies in
 * @sure: if not NULL, false where that is only the last one before it, whose
 *	  length nobody knows
 *
 * Return: NULL for none.
 */
const struct vg_layout_cap *vg_pci_body_at(const struct vg_layout *layout,
					   __u16 offset, bool *sure);

/* The same of a function. */
const struct vg_layout_cap *vg_pci_cap_at(const struct vg_pci_config *config,
					  __u16 offset);

/**
 * vg_pci_place_format() - where a byte lies, in words
 *
 * "header", "msix (MSI-X) at 0xa0", "no capability" or, where the function is not
 * there, ""; of one that does not answer, that.  Of a hidden capability whose
 * length nobody knows: "... or behind it".
 */
void vg_pci_place_format(const struct vg_pci_config *config, __u16 offset,
			 char *buf, size_t len);

#endif
