// SPDX-License-Identifier: GPL-2.0-only
/*
 * pci-alias - make the kernel take a PCI function for another device
 *
 *	echo "0000:05:00.0 1002:67df 0x030000 1028:1234" > \
 *		/sys/module/pci_alias/parameters/set
 *
 * sets vendor and device, class and subsystem of the function's struct pci_dev,
 * which is what policies go by.  For tests only: no machine has all the devices
 * that a policy names.
 */
#include <linux/module.h>
#include <linux/pci.h>

static int set_alias(const char *text, const struct kernel_param *kp)
{
	unsigned int domain, bus, dev, fn, vendor, device, class, sv, sd;
	struct pci_dev *pdev;

	if (sscanf(text, "%x:%x:%x.%x %x:%x %x %x:%x", &domain, &bus, &dev, &fn,
		   &vendor, &device, &class, &sv, &sd) != 9)
		return -EINVAL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(dev, fn));
	if (!pdev)
		return -ENODEV;
	pdev->vendor = vendor;
	pdev->device = device;
	pdev->class = class;
	pdev->subsystem_vendor = sv;
	pdev->subsystem_device = sd;
	pci_dev_put(pdev);

	return 0;
}

static const struct kernel_param_ops set_ops = {
	.set = set_alias,
};
module_param_cb(set, &set_ops, NULL, 0200);
MODULE_PARM_DESC(set, "SLOT VENDOR:DEVICE CLASS SUBVENDOR:SUBDEVICE, in hex");

MODULE_DESCRIPTION("Give a PCI function other ids, for tests");
MODULE_LICENSE("GPL");
