/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The entry of a PCI function in map "devices", found without a hash look-up:
 * the address gives the place, and the kernel's pointer tells whether it is
 * still the same function.
 */
#ifndef VFIOGUARD_DEVICE_H
#define VFIOGUARD_DEVICE_H

/* Places an entry may have: its home, and others if that is taken. */
#define PROBES 16

static int pci_domain(struct pci_bus *bus, __u32 *domain)
{
	struct pci_sysdata *sysdata;
	int err;

	if (bpf_core_field_exists(bus->domain_nr))
		return READ_FIELD(*domain, bus, domain_nr);
	/* x86 keeps it where a pointer without a type leads to. */
	err = READ_FIELD(sysdata, bus, sysdata);
	sysdata = untrusted(sysdata, struct pci_sysdata);
	return err | READ_FIELD(*domain, sysdata, domain);
}

/* Returns not 0 if it can't be read. */
static __always_inline int read_slot(struct pci_dev *pdev, __u64 *slot)
{
	struct pci_dev *function = untrusted(pdev, struct pci_dev);
	__u32 domain, devfn;
	struct pci_bus *bus;
	__u8 number;
	int err;

	err = READ_FIELD(bus, function, bus);
	err |= pci_domain(bus, &domain);
	err |= READ_FIELD(number, bus, number);
	err |= READ_FIELD(devfn, pdev, devfn);
	*slot = VG_SLOT(domain, number, devfn);
	return err;
}

/* The function's address.  Global: the verifier looks at it once. */
WITH_PDEV __u64 pci_slot(struct pci_dev *pdev __arg_trusted)
{
	__u64 slot;

	read_slot(pdev, &slot);
	return slot;
}

/* Whether the entry is the function's, or free and now is. */
static bool take_entry(struct vg_device *dev, __u64 slot)
{
	__u64 want = slot | VG_SLOT_USED;
	__u64 old;

	old = __sync_val_compare_and_swap(&dev->slot, 0, want);
	return !old || old == want;
}

/*
 * Where to go on if the function's home is another's: by all of the address, as
 * functions with one bus number in many domains have one home.
 */
static __always_inline __u32 device_rest(__u64 slot)
{
	return slot * 0x9e3779b97f4a7c15ULL >> (64 - VG_MAX_DEVICES_BITS);
}

/*
 * A plan of no tick, see plan_tick(): somebody is at work on it.  Who changes a
 * plan takes it by this first, so that two who do, one of them preempted, never
 * mix what belongs together.
 */
#define PLAN_TAKEN (2ULL << 32)

/*
 * Also of no tick: of another function.  One that is taken is being made for the
 * function that is there now, as nobody has the former open any more.
 */
static __always_inline void clear_plan(__u64 *plan)
{
	__u64 word = *(volatile __u64 *)plan;

	if (word != PLAN_TAKEN)
		__sync_val_compare_and_swap(plan, word, 0);
}

/*
 * Another device than the entry was of: nothing of it was told yet.  Global: the
 * verifier goes through its loop once.
 */
__noinline int forget_device(struct vg_device *dev __arg_nonnull)
{
	int i;

	if (!GIVEN(dev))
		return -1;
	clear_plan(&dev->plans[0]);
	clear_plan(&dev->plans[1]);
	for (i = 0; i < VG_SEEN_OWNERS; i++)
		dev->owners[i] = 0;
	LOOP(i, 0, VG_SEEN_WORDS) {
		if (i < VG_SEEN_WORDS)
			dev->known[i] = 0;
	}
	return 0;
}

/* First access of the function, or one that is not at its home. */
static __noinline struct vg_device *claim_device(struct pci_dev *pdev,
						 __u32 home)
{
	struct vg_device *dev = NULL;
	__u64 slot = pci_slot(pdev);
	__u32 rest = device_rest(slot), index = home;
	int i;

	LOOP(i, 0, PROBES) {
		dev = bpf_map_lookup_elem(&devices, &index);
		if (!dev)
			return NULL;
		if (take_entry(dev, slot))
			break;
		index = (rest + i) % VG_MAX_DEVICES;
	}
	/* No place: shares the last one's counters, and nothing else. */
	if (!dev || dev->slot != (slot | VG_SLOT_USED))
		return dev;

	if (dev->pdev != (__u64)pdev)
		forget_device(dev);
	READ_FIELD(dev->vendor, pdev, vendor);
	READ_FIELD(dev->device, pdev, device);
	/* Last: who finds its function here goes by the plans. */
	*(volatile __u64 *)&dev->pdev = (__u64)pdev;
	return dev;
}

/*
 * Devices often stand at function 0 of buses that are a power of two apart, so the
 * address is spread (Knuth's multiplicative hash, 2^32 divided by the golden ratio).
 */
static __always_inline __u32 spread_address(__u32 address)
{
	return address * 0x9e3779b1U >> (32 - VG_MAX_DEVICES_BITS);
}

/* Where the function's entry is, if no other function came first. */
static __always_inline __u32 device_home(struct pci_dev *pdev)
{
	struct pci_bus *bus;
	__u32 devfn;
	__u8 number;

	READ_FIELD(bus, pdev, bus);
	READ_FIELD(number, bus, number);
	READ_FIELD(devfn, pdev, devfn);
	return spread_address(number << 8 | devfn);
}

#endif
