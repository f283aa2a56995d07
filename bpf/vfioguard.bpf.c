// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy for accesses to PCI config space by the holder of a vfio device.
 *
 * Called by vfio-pci-core (struct vfio_pci_config_ops) for each access to
 * unassigned space and to vendor capabilities, and to all the rest if the
 * policy has something to say about it.  Decides from maps:
 *
 *	allowlist	entry of vendor:device, then of vendor:any
 *	rules		registers, values, slots, owners... (bpf/rules.h)
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
#include "rules.h"
#include "owners.h"
#include "plan.h"
#include "look.h"
#include "report.h"
#include "learn.h"

char _license[] SEC("license") = "GPL";

/* Left to the kernel's own filter, and that blocks: say so. */
static __always_inline __u32 settle(__u32 plan,
				    const struct vfio_pci_config_access *access)
{
	if (access->native == KERNEL_ENUM(vfio_pci_config_verdict,
					  VFIO_PCI_CONFIG_BLOCK) &&
	    (plan & PLAN_KERNEL) == TOLD(VFIO_PCI_CONFIG_DEFAULT))
		return PLAN_NATIVE | PLAN_AUDIT | VG_BLOCK |
		       TOLD(VFIO_PCI_CONFIG_DEFAULT);
	return plan;
}

static __always_inline __u32 finish(struct pci_dev *pdev,
				    struct vfio_pci_config_access *access,
				    struct vg_device *dev,
				    const struct answer *a, __u32 plan,
				    __u32 write)
{
	__u32 told;

	plan = settle(plan, access);
	told = (plan & PLAN_KERNEL) >> PLAN_KERNEL_SHIFT;
	if (account(dev, pdev, access, a, plan, write))
		told |= KERNEL_ENUM(vfio_pci_config_verdict,
				    VFIO_PCI_CONFIG_AUDIT);
	return told;
}

/*
 * An access that the plans don't decide.  @own: whether @dev is the function's
 * own entry; otherwise only its counters are used, if it is not NULL.
 */
static __noinline __u32 by_rules(struct pci_dev *pdev,
				 struct vfio_pci_config_access *access,
				 struct vg_device *dev, bool own)
{
	__u32 plan, told, data = 0;
	struct answer a;

	plan = look_closer(pdev, access, own ? dev : NULL, &data, &a);
	if (learning)
		learn(pdev, access, settle(plan, access));
	if (dev)
		told = finish(pdev, access, dev, &a, plan, access->write & 1);
	else
		told = (plan & PLAN_KERNEL) >> PLAN_KERNEL_SHIFT;
	/* Last, so that reports show what the guest wrote. */
	access->data = data;
	return told;
}

SEC("struct_ops/vfio_config_access")
int BPF_PROG(vfio_config_access, struct pci_dev *pdev,
	     struct vfio_pci_config_access *access)
{
	__u32 tick = plan_tick(), home = device_home(pdev), write, plan;
	struct vg_device *dev;

	dev = bpf_map_lookup_elem(&devices, &home);
	if (!dev || dev->pdev != (__u64)pdev) {
		/* The first access, or another function came first. */
		dev = claim_device(pdev, home);
		if (!dev || dev->pdev != (__u64)pdev)
			return by_rules(pdev, access, dev, false);
	}

	write = access->write & 1;
	plan = find_plan(pdev, dev, tick, access->region, access->offset,
			 write);
	if (plan & PLAN_LOOK) {
		if (!far_from_rules(dev, access->region, access->offset))
			return by_rules(pdev, access, dev, true);
		plan &= ~PLAN_LOOK;
	}
	return finish(pdev, access, dev, NULL, plan, write);
}

/* What would become of an access, for `vfioguard explain` and tests. */
SEC("syscall")
int ask(struct vg_ask *ask)
{
	struct subject s = {
		.slot = ask->slot,
		.vendor = ask->vendor,
		.device = ask->device,
		.subvendor = ask->subvendor,
		.subdevice = ask->subdevice,
		.class = ask->class,
	};
	__u32 shift = ask->offset % 4;
	struct question q = {
		.dword = ask->offset & ~3,
		.place = ask->place,
		.cap_place = ask->cap_place,
		.bytes = ((1 << (ask->size & 7)) - 1) << shift & 0xf,
		.data = ask->data << 8 * shift,
		.has_data = ask->has_data & ask->access & 1,
		.write = ask->access & 1,
	};
	struct answer a;

	s.owners[0] = ask->owners[0];
	s.owners[1] = ask->owners[1];
	s.owners[2] = ask->owners[2];
	s.owners[3] = ask->owners[3];
	resolve(&s);
	decide(&s, &q, &a);

	ask->verdict = make_plan(&a, policy_mode()) & PLAN_VERDICT;
	ask->audit = a.audit;
	ask->reason = a.reason;
	ask->scope = a.scope;
	ask->write_mask = a.verdict == VG_ALLOW ? a.write_mask >> 8 * shift : 0;
	ask->read_data = a.read >> 8 * shift;
	ask->read_last = a.last >> 8 * shift;
	ask->line = a.line;
	ask->file = a.file;
	ask->key = a.key;
	ask->by_default = !!a.by_default;
	return 0;
}

/* The loader sets regions to what the policy has a say in. */
SEC(".struct_ops.link")
struct vfio_pci_config_ops vfioguard = {
	.access = (void *)vfio_config_access,
	.regions =
		1 << VFIO_PCI_CONFIG_VENDOR | 1 << VFIO_PCI_CONFIG_UNASSIGNED,
	.name = "vfioguard",
};
