// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "kernel/pci_config.h"
#include "policy/caps.h"
#include "util/slot.h"

#define HEADER_BYTES 0x40
/* PCI Express from version 2 on, of which vfio shows less. */
#define EXPRESS2_SHOWN 0x2c
#define EXPRESS2_BYTES 0x3c

/* Bytes of capabilities that vfio hides, or shows a part of. */
static const struct {
	__u16 id;
	bool ext;
	__u16 bytes;
} lengths[] = {
	{ PCI_CAP_ID_SLOTID, false, 4 },
	{ PCI_CAP_ID_CHSWP, false, 4 },
	{ PCI_CAP_ID_DBG, false, 4 },
	{ PCI_CAP_ID_CCRC, false, 4 },
	{ PCI_CAP_ID_SHPC, false, 8 },
	{ PCI_CAP_ID_SSVID, false, 8 },
	{ PCI_CAP_ID_AGP3, false, 12 },
	{ PCI_EXT_CAP_ID_ERR, true, 0x48 },
	{ PCI_EXT_CAP_ID_RCILC, true, 12 },
	{ PCI_EXT_CAP_ID_RCRB, true, 20 },
	{ PCI_EXT_CAP_ID_CAC, true, 8 },
	{ PCI_EXT_CAP_ID_PASID, true, 8 },
	{ 0x1c, true, 8 }, /* LN Requester */
	{ PCI_EXT_CAP_ID_L1SS, true, 20 },
	{ PCI_EXT_CAP_ID_PTM, true, 12 },
	{ PCI_EXT_CAP_ID_DLF, true, 12 },
	{ 0x21, true, 16 }, /* FRS Queueing */
	{ 0x22, true, 12 }, /* Readiness Time Reporting */
	{ 0x2f, true, 16 }, /* Device 3 */
	{ 0, false, 2 }, /* Null, which is a head alone */
	{ 0, true, 4 },
};

/* Bytes that a capability really has, 0: nobody knows. */
static unsigned int cap_bytes(const struct vg_layout_cap *cap)
{
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (lengths[i].id == cap->id && lengths[i].ext == cap->ext)
			return lengths[i].bytes;
	if (!cap->ext && cap->id == PCI_CAP_ID_EXP &&
	    cap->length >= EXPRESS2_SHOWN)
		return EXPRESS2_BYTES;
	return cap->hidden ? 0 : cap->length;
}

void vg_pci_config_read(__u64 slot, struct vg_pci_config *config)
{
	char bdf[VG_SLOT_LEN];
	unsigned int size;
	int fd, ret;

	memset(config, 0, sizeof(*config));
	vg_slot_format(slot, bdf);
	if (vg_function_read(bdf, &config->function))
		return;
	fd = vg_function_config(&config->function, &size);
	if (fd < 0)
		return;
	ret = vg_layout_read(fd, size, &config->layout);
	config->present = !ret;
	config->mute = ret == -ENXIO;
	close(fd);
}

bool vg_pci_mute(const struct vg_function *function)
{
	unsigned int size;
	int fd = vg_function_config(function, &size);
	bool mute = fd >= 0 && !vg_layout_answers(fd);

	if (fd >= 0)
		close(fd);
	return mute;
}

void vg_pci_mute_format(const struct vg_function *function,
			char buf[VG_MUTE_LEN])
{
	char power[VG_POWER_LEN];

	vg_function_power(function, power);
	snprintf(buf, VG_MUTE_LEN,
		 "%s does not answer: its registers read as ones%s%s%s; it is "
		 "switched off, was just reset, or is gone from the bus",
		 function->bdf, power[0] ? " (power state " : "", power,
		 power[0] ? ")" : "");
}

const struct vg_layout_cap *vg_pci_body_at(const struct vg_layout *layout,
					   __u16 offset, bool *sure)
{
	unsigned int bytes;
	struct vg_spot spot;

	vg_layout_find(layout, offset % VG_CONFIG_BYTES, &spot);
	if (sure)
		*sure = true;
	if (spot.cap || !spot.before)
		return spot.cap;
	bytes = cap_bytes(spot.before);
	if (sure)
		*sure = bytes;
	return !bytes || offset < spot.before->offset + bytes ? spot.before :
								NULL;
}

const struct vg_layout_cap *vg_pci_cap_at(const struct vg_pci_config *config,
					  __u16 offset)
{
	return vg_pci_body_at(&config->layout, offset, NULL);
}

void vg_pci_place_format(const struct vg_pci_config *config, __u16 offset,
			 char *buf, size_t len)
{
	const struct vg_layout_cap *cap = vg_pci_cap_at(config, offset);
	const struct vg_cap *name;
	const char *rest;

	if (offset < HEADER_BYTES || !config->present || !cap) {
		snprintf(buf, len, "%s",
			 offset < HEADER_BYTES ? "header" :
			 config->present       ? "no capability" :
			 config->mute ? "unknown, as it does not answer" :
					"");
		return;
	}
	name = vg_cap_by_id(cap->id, cap->ext);
	rest = cap_bytes(cap) ? "" : " or behind it";
	if (name)
		snprintf(buf, len, "%s (%s) at 0x%02x%s", name->name,
			 name->title, cap->offset, rest);
	else
		snprintf(buf, len, "%s=0x%02x at 0x%02x%s",
			 cap->ext ? "ecap" : "cap", cap->id, cap->offset, rest);
}
