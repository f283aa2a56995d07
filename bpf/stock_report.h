/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses by ways that can't be judged, counted and reported like others. */
#ifndef VFIOGUARD_STOCK_REPORT_H
#define VFIOGUARD_STOCK_REPORT_H

/* Returns whether it is refused: in monitor mode it is not. */
static __noinline bool report_way(struct pci_dev *pdev, __u32 write)
{
	struct access a = {
		.cap_id = caller_registers()->orig_ax,
		.region = REGION_VIRTUAL,
		.write = write,
	};
	bool watch = policy_mode() == VG_MODE_MONITOR, own;
	__u32 home = device_home(pdev), plan;
	struct answer none;
	struct vg_device *dev;

	dev = claim_device(pdev, home);
	if (!dev)
		return !watch;
	__builtin_memset(&none, 0, sizeof(none));
	own = dev->pdev == (__u64)pdev;
	plan = PLAN_WAY | PLAN_AUDIT | (watch ? VG_WOULD_BLOCK : VG_BLOCK);
	if (!own || !count_repeat(dev, plan, a.offset, write & 1))
		report(dev, pdev, &a, &none, plan, own);
	return !watch;
}

#endif
