/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of a stock kernel that its front end needs, as core/kernel_types.h
 * has those of any kernel: names only, offsets come from the running kernel.
 */
#ifndef VFIOGUARD_STOCK_TYPES_H
#define VFIOGUARD_STOCK_TYPES_H

#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)

struct file_operations;

struct file {
	const struct file_operations *f_op;
	void *private_data;
	long long f_pos;
};

struct pt_regs {
	unsigned long r9;
	unsigned long r10;
	unsigned long dx;
	unsigned long si;
	unsigned long orig_ax;
};

/* For the 4 bytes that it is. */
typedef struct {
	int counter;
} atomic_t;

struct refcount_struct {
	atomic_t refs;
};

struct device;

struct vfio_device {
	struct device *dev;
};

/* From 6.6 on what a file's private data is; before, the device itself. */
struct vfio_device_file {
	struct vfio_device *device;
	unsigned char access_granted;
};

/* A struct vfio_device is its first member, in those of variant drivers too. */
struct vfio_pci_core_device {
	struct pci_dev *pdev;
	unsigned char *pci_config_map;
};

/* More of what the core has read of already. */
struct task_struct___stock {
	unsigned int flags;
	void *io_uring;
	unsigned long nvcsw;
	unsigned long nivcsw;
};

struct device___bus {
	void *bus;
};

struct device___stock {
	int dummy;
};

struct pci_dev___stock {
	int cfg_size;
	struct device___stock dev;
};

#pragma clang attribute pop

#endif
