/* SPDX-License-Identifier: GPL-2.0-only */
/* vfio's own map of a config space, by the kernel's own code. */
#ifndef VFIOGUARD_KERNEL_MAP_H
#define VFIOGUARD_KERNEL_MAP_H

#include <stdbool.h>
#include <stdint.h>

#define KM_BYTES 4096

/* What else is known of it. */
struct km_run {
	/* A pointer, an id or a length lies behind the end of the device's space. */
	bool needs_more;
};

/**
 * kernel_map() - what vfio_config_init() makes of a config space
 * @space: KM_BYTES, of which the device has @size; behind that there are ones
 * @map: set to its map, a capability id for each byte of @size
 *
 * Return: 0, or what vfio would not open the device for: a negative errno.
 */
int kernel_map(const uint8_t *space, unsigned int size, uint8_t map[KM_BYTES],
	       struct km_run *run);

#endif
