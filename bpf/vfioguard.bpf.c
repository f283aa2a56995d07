// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy for accesses to PCI config space by the holder of a vfio device: the
 * front end for the hook that kernel-patches/ adds to vfio-pci-core.
 *
 * Called (struct vfio_pci_config_ops) for each access to unassigned space and to
 * vendor capabilities, and to all the rest if the policy has something to say
 * about it.  What is decided, counted and reported is in core/.
 */
#include "vmlinux_types.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "vfioguard.h"
#include "hook_types.h"

/* The running kernel's value of an enumerator. */
#define VERDICT(name)                                     \
	bpf_core_enum_value(enum vfio_pci_config_verdict, \
			    VFIO_PCI_CONFIG_##name)
#define REGION(name) \
	bpf_core_enum_value(enum vfio_pci_config_region, VFIO_PCI_CONFIG_##name)

/* The core tells what the kernel wants to hear. */
#define TELL_DEFAULT VERDICT(DEFAULT)
#define TELL_ALLOW VERDICT(ALLOW)
#define TELL_BLOCK VERDICT(BLOCK)
#define TELL_AUDIT VERDICT(AUDIT)

#include "core/core.h"

char _license[] SEC("license") = "GPL";

/* As far as a glance tells them apart. */
static __always_inline __u32 rough_region(__u32 region)
{
	if (region == REGION(UNASSIGNED))
		return REGION_UNASSIGNED;
	if (region == REGION(VENDOR))
		return REGION_VENDOR;
	return REGION_CAP;
}

static __always_inline __u32 exact_region(__u32 region)
{
	if (region == REGION(HEADER))
		return REGION_HEADER;
	if (region == REGION(EXT_CAP))
		return REGION_EXT_CAP;
	if (region == REGION(VIRTUAL))
		return REGION_VIRTUAL;
	return rough_region(region);
}

/* An access that a glance does not settle. */
static __noinline __u32 look_at_all(struct pci_dev *pdev,
				    struct vfio_pci_config_access *access,
				    struct vg_device *dev, __u32 plan)
{
	struct access a = {
		.data = access->data,
		.offset = access->offset,
		.cap_id = access->cap_id,
		.size = access->size,
		.region = exact_region(access->region),
		.write = access->write,
		.native = access->native,
		.has_data = access->write,
	};
	struct answer answer;
	__u32 tell;

	tell = judge(pdev, &a, dev, plan, &answer);
	access->data = a.data;
	if (bpf_core_field_exists(access->keep))
		access->keep = a.keep;
	else if (a.keep)
		/* A module from before there was a mask: fails closed. */
		return TELL_BLOCK;
	return tell;
}

SEC("struct_ops/vfio_config_access")
int BPF_PROG(vfio_config_access, struct pci_dev *pdev,
	     struct vfio_pci_config_access *access)
{
	struct glance g;
	int tell = -1;

	/*
	 * What the glance is at is read after the calls, to be kept in none.  Twice:
	 * most accesses are to unassigned space, and that much is less for these.
	 */
	if (!glance_device(&g, pdev))
		;
	else if (access->region == REGION(UNASSIGNED))
		tell = glance(&g, REGION_UNASSIGNED, access->offset,
			      access->write & 1, &access->native);
	else
		tell = glance(&g, rough_region(access->region), access->offset,
			      access->write & 1, &access->native);
	if (tell < 0)
		tell = look_at_all(pdev, access, g.dev, g.plan);
	return tell;
}

SEC("syscall")
int ask(struct vg_ask *ask)
{
	return answer_ask(ask);
}

/* The loader sets regions to what the policy has a say in. */
SEC(".struct_ops.link")
struct vfio_pci_config_ops vfioguard = {
	.access = (void *)vfio_config_access,
	.regions =
		1 << VFIO_PCI_CONFIG_VENDOR | 1 << VFIO_PCI_CONFIG_UNASSIGNED,
	.name = "vfioguard",
};
