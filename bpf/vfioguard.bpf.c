// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy for accesses to PCI config space by the holder of a vfio device.
 *
 * Called by vfio-pci-core (struct vfio_pci_config_ops) for each access to
 * unassigned space and to vendor capabilities, and to all the rest if the
 * policy has something to say about it.  Decides from maps:
 *
 *	allowlist	entry of vendor:device, then of vendor:any
 *	config		the default of the region and direction
 *
 * What an entry says overrules the kernel's module parameters; what a default
 * allows is left to them, so that a policy never opens by default what the
 * host was booted to block.
 *
 * Fails closed: with damaged maps everything it is asked about is blocked.
 */
#include "vmlinux_types.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "vfioguard.h"
#include "kernel_types.h"
#include "maps.h"
#include "device.h"
#include "report.h"

char _license[] SEC("license") = "GPL";

static enum vg_region region_of(const struct vfio_pci_config_access *access)
{
	if (access->region == KERNEL_ENUM(vfio_pci_config_region,
					  VFIO_PCI_CONFIG_UNASSIGNED))
		return VG_REGION_UNASSIGNED;
	if (access->region ==
	    KERNEL_ENUM(vfio_pci_config_region, VFIO_PCI_CONFIG_VENDOR))
		return VG_REGION_VENDOR;
	return VG_REGION_OTHER;
}

/* Whether @flags settle the access; see enum vg_flags for what they mean. */
static bool apply_flags(struct decision *d, __u32 flags)
{
	__u32 allow = d->access->write ? VG_F_ALLOW_WRITE : VG_F_ALLOW_READ;
	__u32 block = d->access->write ? VG_F_BLOCK_WRITE : VG_F_BLOCK_READ;

	if (!(flags & (allow | block)))
		return false;

	if ((flags & block) || (flags & ~VG_F_ALL)) {
		d->verdict = VG_BLOCK;
		d->audit = !(flags & VG_F_SILENT);
	} else {
		d->verdict = VG_ALLOW;
		d->audit = flags & VG_F_AUDIT;
	}
	return true;
}

static bool apply_allowlist(struct decision *d)
{
	struct vg_device_id id = {
		.vendor = d->pdev->vendor,
		.device = d->pdev->device,
	};
	__u32 *flags;

	flags = bpf_map_lookup_elem(&allowlist, &id);
	if (flags && apply_flags(d, *flags)) {
		d->reason = VG_REASON_DEVICE;
		return true;
	}
	id.device = VG_ANY_DEVICE;
	flags = bpf_map_lookup_elem(&allowlist, &id);
	if (flags && apply_flags(d, *flags)) {
		d->reason = VG_REASON_VENDOR;
		return true;
	}
	return false;
}

static void apply_default(struct decision *d, enum vg_region region)
{
	__u32 dir = d->access->write ? VG_WRITE : VG_READ;
	const struct vg_default *def = &d->config->defaults[region][dir];

	d->reason = VG_REASON_DEFAULT;
	/* Anything but a plain "allow" blocks. */
	d->verdict = def->verdict == VG_ALLOW ? VG_ALLOW : VG_BLOCK;
	d->audit = def->audit;
}

/* What the kernel is told.  Leaves d->verdict as what will happen. */
static int verdict_for_kernel(struct decision *d)
{
	bool native = d->access->native == KERNEL_ENUM(vfio_pci_config_verdict,
						       VFIO_PCI_CONFIG_BLOCK);
	bool entry = d->reason == VG_REASON_DEVICE ||
		     d->reason == VG_REASON_VENDOR;

	if (d->verdict == VG_ALLOW && entry)
		return KERNEL_ENUM(vfio_pci_config_verdict,
				   VFIO_PCI_CONFIG_ALLOW);

	if (d->verdict == VG_BLOCK) {
		if (d->config->mode != VG_MODE_MONITOR)
			return KERNEL_ENUM(vfio_pci_config_verdict,
					   VFIO_PCI_CONFIG_BLOCK);
		d->verdict = VG_WOULD_BLOCK;
	}

	/* The kernel's own filter decides; say so if it blocks. */
	if (native) {
		d->verdict = VG_BLOCK;
		d->reason = VG_REASON_NATIVE;
		d->audit = true;
	}
	return KERNEL_ENUM(vfio_pci_config_verdict, VFIO_PCI_CONFIG_DEFAULT);
}

SEC("struct_ops/vfio_config_access")
int BPF_PROG(vfio_config_access, struct pci_dev *pdev,
	     struct vfio_pci_config_access *access)
{
	struct decision d = { .pdev = pdev, .access = access };
	enum vg_region region = region_of(access);
	struct vg_device *dev;
	__u32 zero = 0;
	int ret;

	d.config = bpf_map_lookup_elem(&config, &zero);
	if (!d.config || d.config->schema != VG_SCHEMA)
		return KERNEL_ENUM(vfio_pci_config_verdict,
				   VFIO_PCI_CONFIG_BLOCK) |
		       KERNEL_ENUM(vfio_pci_config_verdict,
				   VFIO_PCI_CONFIG_AUDIT);

	if (region == VG_REGION_OTHER || !apply_allowlist(&d))
		apply_default(&d, region);
	ret = verdict_for_kernel(&d);

	dev = find_device(pdev);
	if (dev && account(dev, &d))
		ret |= KERNEL_ENUM(vfio_pci_config_verdict,
				   VFIO_PCI_CONFIG_AUDIT);
	return ret;
}

/* The loader sets regions to what the policy has a say in. */
SEC(".struct_ops.link")
struct vfio_pci_config_ops vfioguard = {
	.access = (void *)vfio_config_access,
	.regions = 1 << VFIO_PCI_CONFIG_VENDOR |
		   1 << VFIO_PCI_CONFIG_UNASSIGNED,
	.name = "vfioguard",
};
