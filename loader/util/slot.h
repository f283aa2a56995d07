/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI addresses, as text and as VG_SLOT() packs them. */
#ifndef VFIOGUARD_UTIL_SLOT_H
#define VFIOGUARD_UTIL_SLOT_H

#include "bpf/vfioguard.h"

#define VG_SLOT_LEN sizeof("0000:00:00.0")

void vg_slot_format(__u32 slot, char buf[VG_SLOT_LEN]);

/*
 * Return: 0, or -EINVAL for anything but [DDDD:]BB:DD.F in hex.  A longer domain
 * loses its upper bits, as in VG_SLOT().
 */
int vg_slot_parse(const char *text, __u32 *slot);

#endif
