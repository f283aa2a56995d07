/* SPDX-License-Identifier: GPL-2.0-only */
/* Opening a device through the legacy group and container API of VFIO. */
#ifndef VFIO_OPEN_H
#define VFIO_OPEN_H

#include <sys/types.h>

/**
 * vfio_open() - open a PCI function that is bound to a vfio driver
 * @bdf: PCI address, "0000:01:00.0"
 * @config: gets the offset of config space for pread() and pwrite()
 *
 * Return: the device's descriptor; says why and exits with 2 on failure.
 */
int vfio_open(const char *bdf, off_t *config);

#endif
