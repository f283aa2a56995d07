// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/hex.h"
#include "util/slot.h"

void vg_slot_format(__u64 slot, char buf[VG_SLOT_LEN])
{
	__u32 address = slot & 0xffff;

	snprintf(buf, VG_SLOT_LEN, "%04x:%02x:%02x.%x", (__u32)(slot >> 16),
		 address >> 8, address >> 3 & 0x1f, address & 7);
}

int vg_slot_parse(const char *text, __u64 *slot)
{
	__u32 domain = 0, bus, dev, fn;
	unsigned int n;

	n = vg_hex(&text, 8, &bus);
	if (!n || *text++ != ':')
		return -EINVAL;
	if (strchr(text, ':')) {
		domain = bus;
		n = vg_hex(&text, 2, &bus);
		if (!n || *text++ != ':')
			return -EINVAL;
	}
	if (n > 2 || !vg_hex(&text, 2, &dev) || *text++ != '.' ||
	    !vg_hex(&text, 1, &fn) || *text || dev > 0x1f || fn > 7)
		return -EINVAL;
	*slot = VG_SLOT(domain, bus, dev << 3 | fn);
	return 0;
}
