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
#include "plan.h"
#include "report.h"

char _license[] SEC("license") = "GPL";

SEC("struct_ops/vfio_config_access")
int BPF_PROG(vfio_config_access, struct pci_dev *pdev,
	     struct vfio_pci_config_access *access)
{
	__u32 write = access->write & 1, plan, told;
	struct vg_device *dev;
	bool home;

	dev = find_device(pdev, &home);
	plan = find_plan(pdev, home ? dev : NULL, access->region, write);
	told = (plan & PLAN_KERNEL) >> PLAN_KERNEL_SHIFT;
	/* Left to the kernel's own filter, and that blocks: say so. */
	if (access->native == KERNEL_ENUM(vfio_pci_config_verdict,
					  VFIO_PCI_CONFIG_BLOCK) &&
	    told == KERNEL_ENUM(vfio_pci_config_verdict,
				VFIO_PCI_CONFIG_DEFAULT))
		plan = PLAN_MADE | PLAN_AUDIT | VG_BLOCK |
		       VG_REASON_NATIVE << PLAN_REASON_SHIFT;

	if (dev && account(dev, access, plan, write))
		told |= KERNEL_ENUM(vfio_pci_config_verdict,
				    VFIO_PCI_CONFIG_AUDIT);
	return told;
}

/* The loader sets regions to what the policy has a say in. */
SEC(".struct_ops.link")
struct vfio_pci_config_ops vfioguard = {
	.access = (void *)vfio_config_access,
	.regions =
		1 << VFIO_PCI_CONFIG_VENDOR | 1 << VFIO_PCI_CONFIG_UNASSIGNED,
	.name = "vfioguard",
};
