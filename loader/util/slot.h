/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI addresses, as text and as VG_SLOT() packs them. */
#ifndef VFIOGUARD_UTIL_SLOT_H
#define VFIOGUARD_UTIL_SLOT_H

#include "bpf/vfioguard.h"

/* A domain has four digits, or up to eight if it needs them. */
#define VG_SLOT_LEN sizeof("00000000:00:00.0")

void vg_slot_format(__u64 slot, char buf[VG_SLOT_LEN]);

/* Return: 0, or -EINVAL for anything but [DOMAIN:]BB:DD.F in hex. */
int vg_slot_parse(const char *text, __u64 *slot);

#endif
