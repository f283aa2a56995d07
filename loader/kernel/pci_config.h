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
	struct vg_function function;
	struct vg_layout layout;
};

/**
 * vg_pci_config_read() - look at one function
 * @slot: VG_SLOT()
 * @config: all of it is set
 */
void vg_pci_config_read(__u64 slot, struct vg_pci_config *config);

/* The capability a byte lies in, NULL for none. */
const struct vg_layout_cap *vg_pci_cap_at(const struct vg_pci_config *config,
					  __u16 offset);

/**
 * vg_pci_place_format() - where a byte lies, in words
 *
 * "header", "msix (MSI-X) at 0xa0", "no capability" or, where the function is not
 * there, "".  Of a hidden capability whose length nobody knows: "... or behind
 * it".
 */
void vg_pci_place_format(const struct vg_pci_config *config, __u16 offset,
			 char *buf, size_t len);

#endif
