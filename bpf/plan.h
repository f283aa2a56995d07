/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is to be done with an access, as one byte, made from the allow list and
 * the defaults.
 *
 * Looking an id up costs as much as all the rest of the program, so the plans
 * of a device are kept for the rest of the timer tick they were made in.  An
 * edit of the allow list holds from the next tick on (4 ms at HZ=250); a reload
 * brings plans of its own (the other word of plans[]) and holds at once.
 */
#ifndef VFIOGUARD_PLAN_H
#define VFIOGUARD_PLAN_H

#define PLAN_VERDICT 0x03 /* enum vg_verdict */
#define PLAN_AUDIT 0x04
#define PLAN_REASON 0x18 /* enum vg_reason */
#define PLAN_REASON_SHIFT 3
#define PLAN_KERNEL 0x60 /* enum vfio_pci_config_verdict: what it is told */
#define PLAN_KERNEL_SHIFT 5
#define PLAN_MADE 0x80 /* no plan is 0 */

#define TOLD(verdict) \
	(KERNEL_ENUM(vfio_pci_config_verdict, verdict) << PLAN_KERNEL_SHIFT)

/* Plans of unassigned space and of vendor capabilities, read and write. */
static __u32 plan_shift(__u32 vendor, __u32 write)
{
	return vendor * 16 + write * 8;
}

/* For damaged maps: blocks, and the kernel's own record tells. */
#define PLAN_DAMAGED \
	(PLAN_MADE | PLAN_AUDIT | VG_BLOCK | TOLD(VFIO_PCI_CONFIG_BLOCK))

static __u32 make_plan(const struct vg_config *config, __u32 verdict,
		       bool audit, enum vg_reason reason)
{
	__u32 plan = PLAN_MADE | reason << PLAN_REASON_SHIFT;

	if (audit)
		plan |= PLAN_AUDIT;
	/* What only a default allows is left to the kernel's own filter. */
	if (verdict == VG_ALLOW && reason == VG_REASON_DEFAULT)
		return plan | VG_ALLOW | TOLD(VFIO_PCI_CONFIG_DEFAULT);
	if (verdict == VG_ALLOW)
		return plan | VG_ALLOW | TOLD(VFIO_PCI_CONFIG_ALLOW);
	/* Anything but a plain "allow" blocks. */
	if (config->mode == VG_MODE_MONITOR)
		return plan | VG_WOULD_BLOCK | TOLD(VFIO_PCI_CONFIG_DEFAULT);
	return plan | VG_BLOCK | TOLD(VFIO_PCI_CONFIG_BLOCK);
}

static __u32 plan_default(const struct vg_config *config, enum vg_region region,
			  bool write)
{
	const struct vg_default *d = &config->defaults[region][write];

	return make_plan(config, d->verdict, d->audit, VG_REASON_DEFAULT);
}

/* 0 if the entry leaves the direction open; see enum vg_flags. */
static __u32 plan_entry(const struct vg_config *config, const __u32 *entry,
			bool write, enum vg_reason reason)
{
	__u32 allow = write ? VG_F_ALLOW_WRITE : VG_F_ALLOW_READ;
	__u32 block = write ? VG_F_BLOCK_WRITE : VG_F_BLOCK_READ;
	__u32 flags = entry ? *entry : 0;

	if (!(flags & (allow | block)))
		return 0;
	if (flags & block || flags & ~VG_F_ALL)
		return make_plan(config, VG_BLOCK, !(flags & VG_F_SILENT),
				 reason);
	return make_plan(config, VG_ALLOW, flags & VG_F_AUDIT, reason);
}

/*
 * All four plans of a device; they share the look-ups.  A global function, so
 * that the verifier looks at it once and not for each state of its caller.
 */
__noinline __u32 make_plans(__u16 vendor, __u16 device)
{
	struct vg_device_id id = { .vendor = vendor, .device = device };
	const struct vg_config *c;
	__u32 *exact, *any, plans = 0, zero = 0;
	int write;

	c = bpf_map_lookup_elem(&config, &zero);
	exact = bpf_map_lookup_elem(&allowlist, &id);
	id.device = VG_ANY_DEVICE;
	any = bpf_map_lookup_elem(&allowlist, &id);
	if (!c || c->schema != VG_SCHEMA)
		return PLAN_DAMAGED * 0x01010101;

	for (write = 0; write < 2; write++) {
		__u32 plan =
			plan_entry(c, exact, write, VG_REASON_DEVICE) ?:
				plan_entry(c, any, write, VG_REASON_VENDOR);

		plans |= (plan ?: plan_default(c, VG_REGION_UNASSIGNED, write))
			 << plan_shift(false, write);
		plans |= (plan ?: plan_default(c, VG_REGION_VENDOR, write))
			 << plan_shift(true, write);
	}
	return plans;
}

/* Global for the same reason. */
__noinline __u32 plan_other(__u32 write)
{
	const struct vg_config *c;
	__u32 zero = 0;

	c = bpf_map_lookup_elem(&config, &zero);
	if (!c || c->schema != VG_SCHEMA)
		return PLAN_DAMAGED;
	return plan_default(c, VG_REGION_OTHER, write & 1);
}

/*
 * The plan for one access.  @dev is the function's own entry, or NULL, and then
 * no plans are kept.
 */
static __always_inline __u32 find_plan(struct pci_dev *pdev,
				       struct vg_device *dev, __u32 region,
				       __u32 write)
{
	__u32 tick = bpf_jiffies64();
	__u64 *kept, word;

	if (region ==
	    KERNEL_ENUM(vfio_pci_config_region, VFIO_PCI_CONFIG_UNASSIGNED))
		region = 0;
	else if (region ==
		 KERNEL_ENUM(vfio_pci_config_region, VFIO_PCI_CONFIG_VENDOR))
		region = 1;
	else
		return plan_other(write);

	if (!dev) {
		word = make_plans(pdev->vendor, pdev->device);
	} else {
		/* One word: a plan and its tick never come apart. */
		kept = &dev->plans[plan_parity & 1];
		word = *(volatile __u64 *)kept;
		if (word >> 32 != tick || !word) {
			word = (__u64)tick << 32 |
			       make_plans(pdev->vendor, pdev->device);
			*(volatile __u64 *)kept = word;
		}
	}
	return word >> plan_shift(region, write) & 0xff;
}

#endif
