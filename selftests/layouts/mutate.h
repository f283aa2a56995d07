/* SPDX-License-Identifier: GPL-2.0-only */
/* Config spaces as broken devices may have them. */
#ifndef VFIOGUARD_MUTATE_H
#define VFIOGUARD_MUTATE_H

#include "layout_file.h"

/**
 * mutate() - make a space from one of the devices, with mistakes
 * @seed: and
 * @nr: make the same space each time
 * @space: LF_BYTES, set
 *
 * Return: how many bytes of it the device has.
 */
unsigned int mutate(unsigned long seed, unsigned long nr,
		    const struct lf_list *list, __u8 space[LF_BYTES]);

#endif
