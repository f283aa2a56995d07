// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "kernel/native.h"
#include "kernel/sysfs.h"

#define ID_LEN sizeof("8086:10d3")

const char *vg_native_parameter(enum vg_access access)
{
	return access == VG_WRITE ? "block_pci_unassigned_write" :
				    "block_pci_unassigned_read";
}

/* Is the device one of uaccess_allow_ids?  sysfs shows a page of them. */
static enum vg_native exempt(const struct vg_query *query)
{
	char text[4200], id[ID_LEN], *rest = text, *word;

	if (!vg_core_parameter("uaccess_allow_ids", text, sizeof(text)))
		return VG_NATIVE_UNKNOWN;
	snprintf(id, sizeof(id), "%04x:%04x", query->vendor, query->device);
	while ((word = strsep(&rest, ","))) {
		if (!strcasecmp(word, id))
			return VG_NATIVE_OPEN;
		if (!strcmp(word, "..."))
			return VG_NATIVE_UNKNOWN;
	}
	return VG_NATIVE_BLOCK;
}

enum vg_native vg_native_says(const struct vg_query *query)
{
	char text[8];

	if (query->where != VG_WHERE_UNASSIGNED)
		return VG_NATIVE_OPEN;
	if (!vg_core_parameter(vg_native_parameter(query->access), text,
			       sizeof(text)))
		return VG_NATIVE_UNKNOWN;
	return text[0] == 'Y' ? exempt(query) : VG_NATIVE_OPEN;
}
