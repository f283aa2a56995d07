/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI functions of this host, as sysfs shows them. */
#ifndef VFIOGUARD_KERNEL_SYSFS_H
#define VFIOGUARD_KERNEL_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define VG_BDF_LEN 24
#define VG_POWER_LEN 16

struct vg_function {
	char bdf[VG_BDF_LEN]; /* as sysfs names it: 0000:01:00.0 */
	__u64 slot; /* VG_SLOT() */
	__u16 vendor;
	__u16 device;
	__u16 subvendor; /* 0 of a bridge */
	__u16 subdevice;
	__u32 class; /* 24 bits */
	bool vfio; /* bound to vfio-pci or a variant driver of it */
};

/* Read another folder than /sys; the string is kept, not copied. */
void vg_sysfs_use(const char *root);

/**
 * vg_function_read() - one function
 * @bdf: its address, [DDDD:]BB:DD.F
 *
 * Return: 0, -EINVAL if @bdf is no address, or -ENODEV.
 */
int vg_function_read(const char *bdf, struct vg_function *function);

/**
 * vg_function_config() - open a function's config space for reading
 * @size: gets its bytes, 256 or 4096
 *
 * Return: a descriptor, or a negative errno.
 */
int vg_function_config(const struct vg_function *function, unsigned int *size);

/* Its power state, "D0" to "D3cold"; "" if the kernel does not tell. */
void vg_function_power(const struct vg_function *function,
		       char state[VG_POWER_LEN]);

/**
 * vg_functions_vfio() - all functions that are given to vfio
 * @list: to be freed; in the order of their addresses
 *
 * Return: how many, or a negative errno.
 */
int vg_functions_vfio(struct vg_function **list);

/* The same of all functions there are. */
int vg_functions_all(struct vg_function **list);

/**
 * vg_core_parameter() - a parameter of the module vfio-pci-core
 * @buf: gets its text without the newline
 *
 * Return: false if there is no such parameter, as on the stock module.
 */
bool vg_core_parameter(const char *name, char *buf, size_t len);

#endif
