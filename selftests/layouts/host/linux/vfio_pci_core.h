/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of a vfio device that vfio_pci_config.c uses, see linux/pci.h here. */
#ifndef HOST_LINUX_VFIO_PCI_CORE_H
#define HOST_LINUX_VFIO_PCI_CORE_H

#include <linux/pci.h>

#define VFIO_PCI_OFFSET_MASK ((1ULL << 40) - 1)

enum {
	VFIO_PCI_MSI_IRQ_INDEX = 1
};

struct list_head {
	struct list_head *next, *prev;
};

struct rw_semaphore {
	int unused;
};

struct vfio_info_cap;
struct vfio_device;
struct vfio_pci_eventfd;
struct vfio_device_feature_dma_buf;
struct eventfd_ctx;
struct virqfd;
struct perm_bits;

struct vfio_pci_core_device {
	struct pci_dev *pdev;
	bool virq_disabled;
	bool bardirty;
	u8 *pci_config_map;
	u8 *vconfig;
	struct perm_bits *msi_perm;
	int irq_type;
	u8 msi_qmax;
	u32 rbar[7];
	bool extended_caps : 1;
	bool nointx : 1;
	struct rw_semaphore memory_lock;
};

#endif
