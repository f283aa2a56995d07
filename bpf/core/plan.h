/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is to be done with an access, as one byte.
 *
 * Looking an id up costs as much as all the rest of the program, so what holds
 * for all of a device's unassigned space and for its vendor capabilities is
 * kept for the rest of the timer tick it was found out in.  An edit of a map
 * holds from the next tick on (4 ms at HZ=250); a reload brings plans of its
 * own (the other word of plans[]) and holds at once.
 *
 * Where rules are about single registers or values, PLAN_LOOK says to look
 * closer.
 */
#ifndef VFIOGUARD_PLAN_H
#define VFIOGUARD_PLAN_H

#define PLAN_VERDICT 0x03 /* enum vg_verdict */
#define PLAN_AUDIT 0x04
#define PLAN_REASON 0x18 /* enum vg_reason, 3: VG_REASON_RULE */
#define PLAN_REASON_SHIFT 3
#define PLAN_TELL 0x60 /* TELL_*: what the front end is told */
#define PLAN_TELL_SHIFT 5
#define PLAN_LOOK 0x80 /* not decided yet: see look_closer() */
#define PLAN_KEPT 0xff
#define PLAN_NATIVE 0x100 /* the kernel's own filter decided; not kept */
#define PLAN_MORE 0x200 /* says more than a plan can hold; not kept */
#define PLAN_WAY 0x800 /* the way it came by can't be judged; not kept */
#define PLAN_SHARED 0x400 /* the entry is not the function's own; not kept */

#define PLAN_TELLS(what) (TELL_##what << PLAN_TELL_SHIFT)

/* vg_device.ruled, beside struct subject's .places. */
#define RULED_ALWAYS (1ULL << 35) /* look closer at every access */
#define RULED_RANKS_SHIFT 40
#define RULED_OTHER_SHIFT 52 /* what a default says of the rest, see below */
#define RULED_OTHER (VG_HAS_OTHER | VG_HAS_CAPS | RULED_ALWAYS)
/* All that is in it if nothing but the allow list says anything. */
#define RULED_BY_ENTRIES                 \
	(0x3ffULL << RULED_OTHER_SHIFT | \
	 (1ULL << RANK_DEVICE | 1ULL << RANK_VENDOR) << RULED_RANKS_SHIFT)

/* Plans of unassigned space and of vendor capabilities, read and write. */
static __u32 plan_shift(__u32 vendor, __u32 write)
{
	return vendor * 16 + write * 8;
}

static __u32 make_plan(const struct answer *a, __u32 mode)
{
	__u32 reason = a->reason == VG_REASON_RULE ? 3 : a->reason;
	__u32 plan = (reason << PLAN_REASON_SHIFT & PLAN_REASON) |
		     (a->audit ? PLAN_AUDIT : 0);

	/*
	 * What only a default allows is left to the kernel's own filter, and so
	 * is an access that a default allows a byte of.
	 */
	if (a->verdict == VG_ALLOW)
		return plan | VG_ALLOW |
		       (a->by_default ? PLAN_TELLS(DEFAULT) :
					PLAN_TELLS(ALLOW));
	if (mode == VG_MODE_MONITOR)
		return plan | VG_WOULD_BLOCK | PLAN_TELLS(DEFAULT);
	return plan | VG_BLOCK | PLAN_TELLS(BLOCK);
}

/* Of map "config", as plans are made from it; no schema: it is damaged. */
static __always_inline void read_settings(struct settings *set)
{
	const struct vg_config *c;
	__u32 zero = 0;

	c = bpf_map_lookup_elem(&config, &zero);
	set->schema = c ? c->schema : 0;
	set->mode = c ? c->mode : 0;
	set->words[0] = 0;
	set->words[1] = 0;
	if (c)
		__builtin_memcpy(set->defaults, c->defaults,
				 sizeof(set->defaults));
}

/*
 * As decide() and make_plan() have it where there are no rules.  Global: the verifier
 * of 6.1 can't follow its branches once more for each plan before it.
 */
__noinline __u32 plan_default(const struct settings *set __arg_nonnull,
			      __u32 region, __u32 write)
{
	const struct vg_default *d;
	struct answer a = {
		.verdict = VG_BLOCK,
		.reason = VG_REASON_DEFAULT,
		.by_default = 0xf,
	};

	if (!GIVEN(set) || region >= VG_REGIONS)
		return PLAN_LOOK;
	d = &set->defaults[region][write & 1];
	if (d->verdict == VG_ALLOW)
		a.verdict = VG_ALLOW;
	a.audit = d->audit;
	return make_plan(&a, set->mode);
}

static __u32 policy_mode(void)
{
	const struct vg_config *c;
	__u32 zero = 0;

	c = bpf_map_lookup_elem(&config, &zero);
	return c && c->schema == VG_SCHEMA ? c->mode : VG_MODE_ENFORCE;
}

/* Whether a plan can't hold what the answer says. */
static bool says_more(const struct answer *a)
{
	return a->read || a->last;
}

/*
 * The plans of the header and of ordinary capabilities, where no rule is about
 * them: five bits each, for read and write, without the reason, which is the
 * default.
 */
static __u64 pack_other(__u32 plan, __u32 write)
{
	__u64 bits = (plan & (PLAN_VERDICT | PLAN_AUDIT)) |
		     (plan & PLAN_TELL) >> PLAN_TELL_SHIFT << 3;

	return bits << (RULED_OTHER_SHIFT + 5 * write);
}

static __u32 unpack_other(__u64 ruled, __u32 write)
{
	__u32 bits = ruled >> (RULED_OTHER_SHIFT + 5 * write) & 0x1f;

	return (bits & 7) | bits >> 3 << PLAN_TELL_SHIFT;
}

/*
 * The plan of reads or writes (@which & 1) of unassigned space or of vendor
 * capabilities (@which & 2), with PLAN_MORE if no plan can hold the answer.
 */
static __always_inline __u32 plan_of(const struct subject *s,
				     const struct settings *set, __u32 which)
{
	struct question q = {
		.dword = NO_REGISTER,
		.bytes = 0xf,
		.place = which & 2 ? VG_PLACE_VENDOR : VG_PLACE_UNASSIGNED,
		.write = which & 1,
	};
	struct answer a;

	CLEAN(a);
	/* Damaged, see make_plans(): looking closer blocks. */
	if (s->ranks && decide(s, &q, &a))
		return PLAN_MORE;
	/* Not by what decide() read: see remake(). */
	if (!s->ranks || a.by_default == 0xf)
		return plan_default(set,
				    which & 2 ? VG_REGION_VENDOR :
						VG_REGION_UNASSIGNED,
				    which & 1);
	return make_plan(&a, set->mode) | (says_more(&a) ? PLAN_MORE : 0);
}

/* Whether rules are about owners; if not known, they are. */
static __always_inline bool by_owner(void)
{
	__u32 zero = 0, *kinds = bpf_map_lookup_elem(&scope_kinds, &zero);

	return !kinds || *kinds & 1 << VG_SCOPE_OWNER;
}

/* All four plans of a device; *@ruled gets where to look closer. */
__noinline __u32 make_plans(const struct subject *s __arg_nonnull,
			    const struct settings *set __arg_nonnull,
			    __u64 *ruled __arg_nonnull)
{
	bool registers, caps;
	__u32 plans = 0;
	int i;

	if (!GIVEN(s) || !GIVEN(set) || !GIVEN(ruled))
		return PLAN_LOOK * 0x01010101U;
	registers = s->places << 32;
	caps = s->places & VG_HAS_CAPS;
	*ruled = s->places | (__u64)s->ranks << RULED_RANKS_SHIFT;
	/* Owners differ from access to access; learning wants each. */
	if (learning || uses_last || by_owner())
		*ruled |= RULED_ALWAYS;

	/* Damaged, or not known what device: looking closer blocks. */
	if (set->schema != VG_SCHEMA || s->hidden) {
		*ruled |= RULED_ALWAYS;
		return PLAN_LOOK * 0x01010101U;
	}

	/* Not by LOOP(): four rounds cost less than an iterator. */
#pragma clang loop unroll(disable)
	for (i = 0; i < 4; i++) {
		__u32 plan = plan_of(s, set, i);

		if (plan & PLAN_MORE)
			*ruled |= RULED_ALWAYS;
		if (registers || (caps && i & 2))
			plan |= PLAN_LOOK;
		plans |= (plan & PLAN_KEPT) << plan_shift(i >> 1, i & 1);
	}
	if (*ruled & RULED_ALWAYS)
		plans |= PLAN_LOOK * 0x01010101U;
	*ruled |= pack_other(plan_default(set, VG_REGION_OTHER, 0), 0) |
		  pack_other(plan_default(set, VG_REGION_OTHER, 1), 1);
	return plans;
}

/* Whether what was just read of @dev belongs to the plans in @word. */
static __always_inline bool kept(const struct vg_device *dev, __u64 word)
{
	return *(volatile __u64 *)&dev->plans[plan_parity & 1] == word;
}

/* The plan of @word for one access. */
static __always_inline __u32 find_plan(struct vg_device *dev, __u64 word,
				       __u32 region, __u32 offset, __u32 write)
{
	__u64 ruled;

	if (region == REGION_UNASSIGNED)
		return word >> plan_shift(0, write) & 0xff;
	if (region == REGION_VENDOR)
		return word >> plan_shift(1, write) & 0xff;

	ruled = *(volatile __u64 *)&dev->ruled[plan_parity & 1];
	if (ruled & (RULED_OTHER | 1ULL << (offset / VG_BLOCK_BYTES & 31)) ||
	    !kept(dev, word))
		return PLAN_LOOK;
	return unpack_other(ruled, write);
}

/*
 * Whether an access whose plan says PLAN_LOOK is near none of the rules after
 * all; then the plan without that holds.  @plans is the word it is of.
 */
static __always_inline bool far_from_rules(const struct vg_device *dev,
					   __u64 plans, __u32 region,
					   __u32 offset)
{
	__u64 ruled = *(volatile __u64 *)&dev->ruled[plan_parity & 1];

	if (ruled & (RULED_ALWAYS | 1ULL << (offset / VG_BLOCK_BYTES & 31)) ||
	    !kept(dev, plans))
		return false;
	if (region == REGION_UNASSIGNED)
		return true;
	return region == REGION_VENDOR && !(ruled & VG_HAS_CAPS);
}

#endif
