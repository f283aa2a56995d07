/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One access from end to end, in steps.
 *
 * Most accesses are decided by a plan and reported before: what is then needed
 * of the access are four numbers, and no front end should put together more for
 * that.  So glance_device() and, with the four, glance(); if these don't settle
 * it, judge() with all of the access.
 */
#ifndef VFIOGUARD_JUDGE_H
#define VFIOGUARD_JUDGE_H

/* The filter below the policy decides, and that blocks: say so. */
static __always_inline __u32 settle(__u32 plan, __u32 native)
{
	if (native == TELL_BLOCK && (plan & PLAN_TELL) == PLAN_TELLS(DEFAULT))
		return PLAN_NATIVE | PLAN_AUDIT | VG_BLOCK |
		       PLAN_TELLS(DEFAULT);
	return plan;
}

/* What a glance hands on. */
struct glance {
	struct vg_device *dev;
	__u64 word; /* the plans */
	__u32 plan;
};

/*
 * The entry of the function, with plans of this tick.  False if it has none of its
 * own; then @g is filled in for judge().
 */
static __always_inline bool glance_device(struct glance *g,
					  struct pci_dev *pdev)
{
	__u32 tick = plan_tick(), home = device_home(pdev);
	struct vg_device *dev;

	dev = bpf_map_lookup_elem(&devices, &home);
	if (!dev || dev->pdev != (__u64)pdev) {
		/* The first access, or another function came first. */
		dev = claim_device(pdev, home);
		if (!dev || dev->pdev != (__u64)pdev) {
			g->dev = dev;
			g->plan = PLAN_LOOK | PLAN_SHARED;
			return false;
		}
	}
	g->dev = dev;
	g->word = fresh_plans(pdev, dev, tick);
	return true;
}

/* The plan of an access, PLAN_LOOK if these plans don't decide it. */
static __always_inline __u32 glance_plan(const struct glance *g, __u32 region,
					 __u32 offset, __u32 write)
{
	__u32 plan = find_plan(g->dev, g->word, region, offset, write);

	if (!(plan & PLAN_LOOK))
		return plan;
	if (!far_from_rules(g->dev, g->word, region, offset))
		return PLAN_LOOK;
	return plan & ~PLAN_LOOK;
}

/*
 * Judge an access by these plans.  @write is 0 or 1; the others are as in struct
 * access.  @native is not read before it is needed, which saves a register.
 *
 * Returns TELL_*, everything done; or -1, nothing counted, and @g is filled in
 * for judge().
 */
static __always_inline int glance(struct glance *g, __u32 region, __u32 offset,
				  __u32 write, const __u8 *native)
{
	__u32 plan = glance_plan(g, region, offset, write);

	g->plan = plan;
	if (plan == PLAN_LOOK)
		return -1;
	plan = settle(plan, *native);
	g->plan = plan;
	if (!count_repeat(g->dev, plan, offset, write))
		return -1;
	return (plan & PLAN_TELL) >> PLAN_TELL_SHIFT;
}

/*
 * Judge an access that glance() did not settle; @dev and @plan are what it filled
 * in.  If @dev is not the function's own entry, only its counters are used; NULL:
 * there are none.
 *
 * @access->data is then what is to be written, if the write is allowed, but for the
 * bits in @access->keep, which are to stay as they are; or it is what a blocked read
 * returns.  A front end that can't keep bits has to block.  Returns TELL_*, perhaps
 * with TELL_AUDIT.
 *
 * @a is room for the rule that decided.  Inlined, as the kernel allows eight frames
 * and 512 bytes of stack in all: to be called from one place, in a function of its
 * own.
 */
static __always_inline __u32 judge(struct pci_dev *pdev, struct access *access,
				   struct vg_device *dev, __u32 plan,
				   struct answer *a)
{
	bool own = dev && !(plan & PLAN_SHARED), counted = false;
	__u32 data = access->data, tell;

	if (!dev || plan & PLAN_LOOK) {
		plan = look_closer(pdev, access, own ? dev : NULL, &data, a);
		plan = settle(plan, access->native);
		if (learning)
			learn(pdev, access, plan);
		/* Who shares an entry is told each time, as far as tokens go. */
		counted = !dev || ((own || !(plan & PLAN_AUDIT)) &&
				   count_repeat(dev, plan, access->offset,
						access->write & 1));
	} else if ((plan & PLAN_REASON) >> PLAN_REASON_SHIFT == 3) {
		find_rule(pdev, access, a);
	} else {
		__builtin_memset(a, 0, sizeof(*a));
	}
	tell = (plan & PLAN_TELL) >> PLAN_TELL_SHIFT;
	if (!counted && report(dev, pdev, access, a, plan, own))
		tell |= TELL_AUDIT;
	/* Last, so that reports show what the guest wrote. */
	access->data = data;
	return tell;
}

/*
 * What glance() and judge() would tell, for a front end that can refuse a part of
 * an access only by refusing all of it.  Nothing is counted or learnt.
 */
static __always_inline __u32 peek(struct pci_dev *pdev, struct access *access)
{
	__u32 data = access->data, plan;
	struct answer a;

	plan = look_closer(pdev, access, NULL, &data, &a);
	return (plan & PLAN_TELL) >> PLAN_TELL_SHIFT;
}

#endif
