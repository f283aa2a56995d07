/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of the hook in the patched vfio-pci-core, as core/kernel_types.h has
 * those of any kernel.
 */
#ifndef VFIOGUARD_HOOK_TYPES_H
#define VFIOGUARD_HOOK_TYPES_H

#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)

/* From kernel-patches/, see the documentation there. */
struct pci_dev;

struct vfio_pci_config_access {
	__u32 data;
	__u32 keep;
	__u16 offset;
	__u16 cap_id;
	__u8 size;
	__u8 region;
	__u8 write;
	__u8 native;
};

struct vfio_pci_config_ops {
	int (*access)(struct pci_dev *pdev,
		      struct vfio_pci_config_access *access);
	__u32 regions;
	char name[16];
};

#pragma clang attribute pop

enum vfio_pci_config_region {
	VFIO_PCI_CONFIG_HEADER = 0,
	VFIO_PCI_CONFIG_CAP = 1,
	VFIO_PCI_CONFIG_EXT_CAP = 2,
	VFIO_PCI_CONFIG_VENDOR = 3,
	VFIO_PCI_CONFIG_UNASSIGNED = 4,
	VFIO_PCI_CONFIG_VIRTUAL = 5,
};

enum vfio_pci_config_verdict {
	VFIO_PCI_CONFIG_DEFAULT = 0,
	VFIO_PCI_CONFIG_ALLOW = 1,
	VFIO_PCI_CONFIG_BLOCK = 2,
	VFIO_PCI_CONFIG_AUDIT = 0x100,
};

#endif
