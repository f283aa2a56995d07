/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI function behind a vfio file, and vfio's own map of its config space.
 */
#ifndef VFIOGUARD_STOCK_TARGET_H
#define VFIOGUARD_STOCK_TARGET_H

extern const void vfio_device_fops __ksym;
extern const void pci_bus_type __ksym;

/* What find_map() returns instead of an address. */
enum {
	TARGET_OTHER, /* mediated and platform devices: none of our business */
	TARGET_CLOSED, /* not bound yet: vfio refuses every access with EINVAL */
	TARGET_STRANGE, /* nothing is known of it */
};

/*
 * Returns the address of the map, a capability id for each byte, and in *@pdev the
 * function; or TARGET_*.  Fails closed: what can't be read is strange, never
 * harmless.
 */
static __noinline __u64 find_map(struct file *file, struct pci_dev **function)
{
	void *data = file->private_data, *bus, *dev;
	struct vfio_pci_core_device *core;
	struct vfio_device_file *df;
	struct vfio_device *vdev;
	struct pci_dev *pdev;
	unsigned char granted, *map;

	vdev = data;
	if (bpf_core_type_exists(struct vfio_device_file)) {
		df = data;
		if (READ_MODULE_FIELD(granted, df, access_granted))
			return TARGET_STRANGE;
		if (!granted)
			return TARGET_CLOSED;
		if (READ_MODULE_FIELD(vdev, df, device))
			return TARGET_STRANGE;
	}
	if (!vdev || READ_MODULE_FIELD(dev, vdev, dev) || !dev)
		return TARGET_STRANGE;
	core = (void *)vdev;
	if (READ_MODULE_FIELD(pdev, core, pdev) ||
	    (__u64)dev != (__u64)pdev + bpf_core_field_offset(
						struct pci_dev___stock, dev)) {
		/* No vfio-pci of any kind. */
		if (READ_MODULE_FIELD(bus, (struct device___bus *)dev, bus) ||
		    !bus || bus == &pci_bus_type)
			return TARGET_STRANGE;
		return TARGET_OTHER;
	}
	if (READ_MODULE_FIELD(map, core, pci_config_map) || !map)
		return TARGET_STRANGE;
	*function = pdev;
	return (__u64)map;
}

/* The size of its config space, or 0 if that is not known. */
static __always_inline __u32 config_size(struct pci_dev *function)
{
	struct pci_dev___stock *pdev = (void *)function;
	int size;

	return READ_FIELD(size, pdev, cfg_size) ? 0 : size;
}

#endif
