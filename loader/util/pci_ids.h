/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of PCI vendors and devices from the system's pci.ids.
 *
 * The file is looked for at the first question and indexed once; without it
 * every name is unknown.  Not for use from more than one thread.
 */
#ifndef VFIOGUARD_UTIL_PCI_IDS_H
#define VFIOGUARD_UTIL_PCI_IDS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/**
 * vg_pci_ids_use() - take names from another file
 * @path: file in the format of pci.ids; kept, not copied
 */
void vg_pci_ids_use(const char *path);

/* Look nothing up from now on: every name is unknown. */
void vg_pci_ids_off(void);

/* Is there a file of names? */
bool vg_pci_ids_available(void);

/* Forget the index and unmap the file; the next question loads it again. */
void vg_pci_ids_free(void);

/* Is the vendor, or the vendor's device, in the file? */
bool vg_pci_vendor_known(__u16 vendor);
bool vg_pci_device_known(__u16 vendor, __u16 device);

/**
 * vg_pci_vendor_name() - name of a vendor: "Intel Corporation"
 * vg_pci_device_name() - name of a device: "82574L Gigabit Network Connection"
 * @buf: gets the name, cut to fit and ended by NUL
 * @len: bytes of @buf, at least 1
 *
 * Return: @buf, or NULL when the id is unknown.
 */
const char *vg_pci_vendor_name(__u16 vendor, char *buf, size_t len);
const char *vg_pci_device_name(__u16 vendor, __u16 device, char *buf,
			       size_t len);

#endif
