// SPDX-License-Identifier: GPL-2.0-only
/*
 * The surroundings of the kernel's vfio_config_init(): its device, memory, and reads of
 * config space.  Compiled with host/ and the kernel's source in front, once for each
 * series of it.
 */
#include <linux/vfio_pci_core.h>

#include "kernel_map.h"

/* Of the kernel's drivers/vfio/pci/vfio_pci_priv.h */
int vfio_config_init(struct vfio_pci_core_device *vdev);
void vfio_config_free(struct vfio_pci_core_device *vdev);

/* --- Memory ----------------------------------------------------------------------- */

/* Each block has room to spare: a mistake of one space must not spoil the next. */
#define ROOM 8192

void *kmalloc(size_t size, int flags)
{
	void *data = malloc(size + ROOM);

	if (!data)
		abort();
	return data;
}

void *kzalloc(size_t size, int flags)
{
	return memset(kmalloc(size, flags), 0, size);
}

void kfree(const void *data)
{
	free((void *)data);
}

static struct km_run *run_of;

/* --- Config space --------------------------------------------------------------- */

int host_read(const char *who, const struct pci_dev *dev, int where, int size,
	      u32 *value)
{
	*value = 0xffffffff;
	if (where % size)
		return PCIBIOS_BAD_REGISTER_NUMBER;
	if (where < 0 || where + size > KM_BYTES)
		return -EINVAL;
	if (where + size <= dev->cfg_size) {
		*value = 0;
		memcpy(value, dev->space + where, size);
	} else if (strcmp(who, "vfio_fill_vconfig_bytes")) {
		/* Nobody asks how far a device's space goes: ones are read there. */
		run_of->needs_more = true;
	}
	return 0;
}

/*
 * What set_pcie_port_type() of drivers/pci/probe.c keeps when the device is found: the
 * flags of the PCI Express capability that pci_find_capability() comes to.  That
 * ignores the lowest bits of pointers, and ends below 0x40 and at ones.
 */
static u16 core_flags(const struct pci_dev *dev)
{
	int steps = 48;
	u16 flags = 0;
	u8 at, id;

	if (!(dev->space[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return 0;
	at = dev->space[PCI_CAPABILITY_LIST];
	for (; steps-- && at >= 0x40; at = dev->space[at + 1]) {
		at &= ~3;
		pci_read_config_byte(dev, at, &id);
		if (id == 0xff)
			return 0;
		if (id != PCI_CAP_ID_EXP)
			continue;
		pci_read_config_word(dev, at + PCI_EXP_FLAGS, &flags);
		return flags;
	}
	return 0;
}

int kernel_map(const uint8_t *space, unsigned int size, uint8_t map[KM_BYTES],
	       struct km_run *run)
{
	struct pci_dev dev = {
		.space = space,
		.cfg_size = size,
		.vendor = space[0] | space[1] << 8,
		.device = space[2] | space[3] << 8,
	};
	struct vfio_pci_core_device vdev = { .pdev = &dev };
	int ret;

	memset(run, 0, sizeof(*run));
	run_of = run;
	dev.pcie_flags_reg = core_flags(&dev);
	ret = vfio_config_init(&vdev);
	if (!ret)
		memcpy(map, vdev.pci_config_map, size);
	vfio_config_free(&vdev);
	return ret;
}

/* Of the kernel's other files, for accesses only. */
void vfio_pci_intx_unmask(struct vfio_pci_core_device *vdev)
{
	abort();
}

bool vfio_pci_intx_mask(struct vfio_pci_core_device *vdev)
{
	abort();
}

int vfio_pci_set_power_state(struct vfio_pci_core_device *vdev, pci_power_t s)
{
	abort();
}

void vfio_pci_zap_and_down_write_memory_lock(struct vfio_pci_core_device *vdev)
{
	abort();
}
