/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plans of a device, made anew where the maps may say something else by now.
 *
 * The first access in a timer tick looks.  Making plans costs as much as three
 * accesses, so it is kept what they were made from, and where that is still so they
 * hold for one more tick.  Where nobody can edit it any more, as of a locked policy,
 * nothing of it is read again.
 */
#ifndef VFIOGUARD_REFRESH_H
#define VFIOGUARD_REFRESH_H

/* What can't be read hides the subject: then everything is blocked. */
WITH_PDEV int describe_subject(struct subject *s __arg_nonnull,
			       struct pci_dev *pdev __arg_trusted)
{
	int err;

	__builtin_memset(s, 0, sizeof(*s));
	err = read_slot(pdev, &s->slot);
	err |= READ_FIELD(s->vendor, pdev, vendor);
	err |= READ_FIELD(s->device, pdev, device);
	err |= READ_FIELD(s->subvendor, pdev, subsystem_vendor);
	err |= READ_FIELD(s->subdevice, pdev, subsystem_device);
	err |= READ_FIELD(s->class, pdev, class);
	s->hidden = err;
	return 0;
}

/*
 * The timer tick, as plans have it.  Always odd: an entry that was never filled
 * in, or is cleared for another function, holds a plan of no tick, whatever tick
 * another processor may have read before.
 */
static __always_inline __u32 plan_tick(void)
{
	return bpf_jiffies64() << 1 | 1;
}

/*
 * What the plans in a word were made from, as far as @dev does not keep it.  An
 * entry of the device at its home; others have theirs made anew each tick.
 */
static __always_inline struct made_from *find_made_from(struct vg_device *dev)
{
	__u32 home = spread_address(dev->slot & 0xffff);

	return bpf_map_lookup_elem(&made_from, &home);
}

/* Whether it is the function that the plans were made for. */
static __always_inline bool same_function(const struct made_from *m,
					  const struct vg_device *dev,
					  struct pci_dev *pdev)
{
	__u16 vendor, device, subvendor, subdevice;
	__u32 class;
	__u64 slot;

	if (read_slot(pdev, &slot) | READ_FIELD(vendor, pdev, vendor) |
	    READ_FIELD(device, pdev, device) |
	    READ_FIELD(subvendor, pdev, subsystem_vendor) |
	    READ_FIELD(subdevice, pdev, subsystem_device) |
	    READ_FIELD(class, pdev, class))
		return false;
	return m->slot == (slot | VG_SLOT_USED) && m->slot == dev->slot &&
	       vendor == dev->vendor && device == dev->device &&
	       subvendor == m->subvendor && subdevice == m->subdevice &&
	       class == m->class;
}

/* What the allow list says of @dev, as vg_device.entries has it. */
static __always_inline __u64 find_entries(const struct vg_device *dev)
{
	struct vg_device_id id = { dev->vendor, dev->device };
	__u32 *flags = bpf_map_lookup_elem(&allowlist, &id);
	__u64 entries = flags ? *flags : 0;

	id.device = VG_ANY_DEVICE;
	flags = bpf_map_lookup_elem(&allowlist, &id);
	return entries | (flags ? (__u64)*flags << 32 : 0);
}

static __always_inline bool same_settings(const struct made_from *m,
					  const struct settings *now)
{
	return now->mode == m->set.mode && now->schema == m->set.schema &&
	       now->words[0] == m->set.words[0] &&
	       now->words[1] == m->set.words[1];
}

/*
 * Whether the maps say what the plans were made from.  Only asked where there are
 * entries of the allow list at most, and no rules.
 */
static __always_inline bool same_maps(const struct made_from *m,
				      const struct vg_device *dev)
{
	__u64 ruled = *(volatile __u64 *)&dev->ruled[plan_parity & 1];
	struct settings now;

	if (ruled & ~RULED_BY_ENTRIES)
		return false;
	read_settings(&now);
	return same_settings(m, &now) &&
	       find_entries(dev) ==
		       *(volatile __u64 *)&dev->entries[plan_parity & 1];
}

/*
 * The same where there are rules, which @s has been resolved from.  What rules say
 * of a whole region is in no map that was read for that, so there it is not known.
 */
static __always_inline bool same_rules(const struct made_from *m,
				       const struct vg_device *dev,
				       const struct subject *s,
				       const struct settings *now, __u64 old)
{
	__u64 ruled = *(volatile __u64 *)&dev->ruled[plan_parity & 1];

	return m && m->word == old && m->slot == (s->slot | VG_SLOT_USED) &&
	       !s->hidden && s->vendor == dev->vendor &&
	       s->device == dev->device && same_settings(m, now) &&
	       !(s->places & VG_HAS_REGIONS) && !(ruled & RULED_ALWAYS) &&
	       !by_owner() &&
	       (ruled & ((1ULL << RULED_OTHER_SHIFT) - 1)) ==
		       (s->places | (__u64)s->ranks << RULED_RANKS_SHIFT) &&
	       (s->entry_device | (__u64)s->entry_vendor << 32) ==
		       *(volatile __u64 *)&dev->entries[plan_parity & 1];
}

/* Whether nobody can edit what plans are made from, from now on. */
static __always_inline bool nobody_edits(void)
{
	return IS_FROZEN(allowlist) && IS_FROZEN(config) &&
	       IS_FROZEN(scope_kinds) && IS_FROZEN(scopes) && IS_FROZEN(rules);
}

/*
 * The word @old for another tick, if what it was made from is still so: that is
 * cheaper to find out than the plans.  Returns 0 if it is not, or not known.
 */
static __always_inline __u64 still_holds(struct pci_dev *pdev,
					 struct vg_device *dev, __u64 old,
					 __u32 tick)
{
	__u64 word = (__u64)tick << 32 | (__u32)old;
	struct made_from *m = find_made_from(dev);
	__u32 zero = 0, *kinds;

	if (!m || m->word != old)
		return 0;
	kinds = bpf_map_lookup_elem(&scope_kinds, &zero);
	if (!m->sealed && (!kinds || *kinds))
		return 0;
	if (!same_function(m, dev, pdev))
		return 0;
	/* Frozen since: made anew once more, as only who takes the word may say so. */
	if (!m->sealed && (nobody_edits() || !same_maps(m, dev)))
		return 0;
	/* Still what was compared: who makes plans takes the word first. */
	if (__sync_val_compare_and_swap(&dev->plans[plan_parity & 1], old,
					word) != old)
		return 0;
	*(volatile __u64 *)&m->word = word;
	return word;
}

/* Keep what the plans in @word are made from.  Their word is taken. */
static __always_inline void keep_made_from(struct vg_device *dev,
					   const struct subject *s,
					   const struct settings *set,
					   __u64 word, bool sealed)
{
	struct made_from *m = find_made_from(dev);

	if (!m)
		return;
	*(volatile __u64 *)&m->word = 0;
	m->slot = s->hidden ? 0 : s->slot | VG_SLOT_USED;
	m->set = *set;
	m->subvendor = s->subvendor;
	m->subdevice = s->subdevice;
	m->class = s->class;
	m->sealed = sealed;
	*(volatile __u64 *)&m->word = word;
}

/*
 * Make the plans of a device.  @old is the word that is there.  Returns the new
 * word, which is kept with what belongs to it, unless somebody else was first: then
 * it holds for this access, and all that belongs to it has to be found out anew, see
 * kept().
 */
static __always_inline __u64 remake(struct pci_dev *pdev, struct vg_device *dev,
				    __u64 old, __u32 tick)
{
	__u64 *plan = &dev->plans[plan_parity & 1];
	struct settings set;
	struct subject s;
	__u64 ruled = 0, word = (__u64)tick << 32;
	bool sealed = COMPARES && nobody_edits();

	/* What the plans are made from is read once, to be compared later. */
	read_settings(&set);
	describe_subject(&s, pdev);
	resolve(&s);
	/*
	 * The kernel may have another device where one was removed, there or in
	 * another domain; that one's next access looks for its own entry.
	 */
	if (dev->slot != (s.slot | VG_SLOT_USED))
		*(volatile __u64 *)&dev->pdev = 0;
	else if (dev->vendor != s.vendor || dev->device != s.device)
		forget_device(dev);
	/* Whoever changes what is compared takes the word first, see below. */
	if (COMPARES && same_rules(find_made_from(dev), dev, &s, &set, old)) {
		ruled = *(volatile __u64 *)&dev->ruled[plan_parity & 1];
		word |= (__u32)old;
	} else {
		word |= make_plans(&s, &set, &ruled);
	}
	dev->vendor = s.vendor;
	dev->device = s.device;
	if (old == PLAN_TAKEN ||
	    __sync_val_compare_and_swap(plan, old, PLAN_TAKEN) != old)
		return word;
	/* The word last: who sees it before and after these, sees what fits it. */
	*(volatile __u64 *)&dev->ruled[plan_parity & 1] = ruled;
	*(volatile __u64 *)&dev->entries[plan_parity & 1] =
		s.entry_device | (__u64)s.entry_vendor << 32;
	if (COMPARES)
		keep_made_from(dev, &s, &set, word, sealed);
	*(volatile __u64 *)plan = word;
	return word;
}

/* Once a tick.  One function: the kernel counts frames, and remake() needs many. */
static __noinline __u64 refresh(struct pci_dev *pdev, struct vg_device *dev,
				__u64 old, __u32 tick)
{
	__u64 word = COMPARES ? still_holds(pdev, dev, old, tick) : 0;

	return word ? word : remake(pdev, dev, old, tick);
}

/* The device's plans; @dev is the function's own entry. */
static __always_inline __u64 fresh_plans(struct pci_dev *pdev,
					 struct vg_device *dev, __u32 tick)
{
	/* One word: a plan and its tick never come apart. */
	__u64 word = *(volatile __u64 *)&dev->plans[plan_parity & 1];

	return word >> 32 == tick ? word : refresh(pdev, dev, word, tick);
}

#endif
