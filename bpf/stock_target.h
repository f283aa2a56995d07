/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI function behind a vfio file, and vfio's own map of its config space.
 */
#ifndef VFIOGUARD_STOCK_TARGET_H
#define VFIOGUARD_STOCK_TARGET_H

struct target {
	struct pci_dev *pdev;
	unsigned char *map; /* a capability id for each byte */
	__u32 size; /* of config space, bytes */
};

extern const void vfio_device_fops __ksym;
extern const void pci_bus_type __ksym;

enum target_kind {
	TARGET_PCI, /* @target is filled in */
	TARGET_OTHER, /* mediated and platform devices: none of our business */
	TARGET_CLOSED, /* not bound yet: vfio refuses every access with EINVAL */
	TARGET_STRANGE, /* nothing is known of it */
};

/*
 * Fails closed: what can't be read is strange, never harmless.
 */
static __noinline enum target_kind find_target(struct file *file,
					       struct target *target)
{
	void *data = file->private_data, *bus, *dev;
	struct vfio_pci_core_device *core;
	struct vfio_device_file *df;
	struct vfio_device *vdev;
	struct pci_dev *pdev;
	unsigned char granted;
	int size;

	vdev = data;
	if (bpf_core_type_exists(struct vfio_device_file)) {
		df = data;
		if (bpf_core_read(&granted, sizeof(granted),
				  &df->access_granted))
			return TARGET_STRANGE;
		if (!granted)
			return TARGET_CLOSED;
		if (bpf_core_read(&vdev, sizeof(vdev), &df->device))
			return TARGET_STRANGE;
	}
	if (bpf_core_read(&dev, sizeof(dev), &vdev->dev))
		return TARGET_STRANGE;
	core = (void *)vdev;
	if (bpf_core_read(&pdev, sizeof(pdev), &core->pdev) ||
	    (__u64)dev != (__u64)pdev + bpf_core_field_offset(
						struct pci_dev___stock, dev)) {
		/* No vfio-pci of any kind. */
		if (bpf_core_read(&bus, sizeof(bus),
				  &((struct device___bus *)dev)->bus) ||
		    bus == &pci_bus_type)
			return TARGET_STRANGE;
		return TARGET_OTHER;
	}
	if (bpf_core_read(&target->map, sizeof(target->map),
			  &core->pci_config_map) ||
	    !target->map ||
	    bpf_core_read(&size, sizeof(size),
			  &((struct pci_dev___stock *)pdev)->cfg_size))
		return TARGET_STRANGE;
	target->pdev = pdev;
	target->size = size;
	return TARGET_PCI;
}

#endif
