/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the maps say about one access.
 *
 * The most specific rule decides, byte by byte: first by the device it is for
 * (enum rank), then by the place, then by the value.  The loader answers the
 * same question from the text of a policy (loader/policy/eval.c), and the
 * expectations of the policies hold both to it.
 */
#ifndef VFIOGUARD_RULES_H
#define VFIOGUARD_RULES_H

/* What a rule can be for, the most specific first. */
enum rank {
	RANK_SLOT,
	RANK_OWNER, /* the deepest cgroup with a rule, then those above */
	RANK_SUBSYS = RANK_OWNER + VG_MAX_OWNERS,
	RANK_DEVICE,
	RANK_VENDOR,
	RANK_CLASS, /* three bytes, two, one */
	RANK_ANY = RANK_CLASS + 3,
	RANKS,
};

/* A device and its user, as rules see them, and where rules may be. */
struct subject {
	__u64 places; /* VG_HAS_* and blocks of registers with rules */
	__u64 slot; /* VG_SLOT() */
	__u16 vendor;
	__u16 device;
	__u16 subvendor;
	__u16 subdevice;
	__u32 class;
	__u32 owners[VG_MAX_OWNERS]; /* deepest first, 0: none */
	bool hidden; /* rules name owners, and which these are can't be told */
	__u32 ranks; /* 1 << enum rank that may have a rule */
	__u32 entry_device; /* allow-list flags of vendor:device, 0: none */
	__u32 entry_vendor; /* of vendor:any */
};

/* An access.  Bytes and data are those of the dword it lies in. */
struct question {
	__u32 dword; /* offset of the dword; NO_REGISTER: what holds for all */
	__u32 place; /* enum vg_place: header, caps, vendor or unassigned */
	__u32 cap_place; /* of its capability, 0: in none */
	__u32 bytes; /* bit 0 the lowest */
	__u32 data; /* of a write */
	__u32 has_data; /* 0: not known, no rule with a value matches; DATA_HIDDEN */
	__u32 write;
};

#define NO_REGISTER 0xffffffff

struct answer {
	__u32 write_mask; /* of an allowed write: bits that pass */
	__u32 read; /* of a blocked read: what is returned */
	__u32 last; /* bits of it that are to be what was last written */
	__u32 line; /* of the rule that decided, as in struct vg_map_rule */
	__u16 file;
	__u16 key;
	__u8 verdict; /* VG_ALLOW or VG_BLOCK, whatever the mode */
	__u8 audit;
	__u8 reason; /* enum vg_reason */
	__u8 scope; /* enum vg_scope_kind */
	__u8 weight; /* of what decided so far, against other bytes */
	__u8 by_default; /* bytes that no rule was found for */
	__u8 pad[2];
};

/* 1 for each bit of the bytes' bit mask. */
static __always_inline __u32 byte_bits(__u32 bytes)
{
	return ((bytes & 0xf) * 0x00204081 & 0x01010101) * 0xff;
}

static __always_inline __u32 lowest_byte(__u32 bytes)
{
	return bytes & 1 ? 0 : bytes & 2 ? 1 : bytes & 4 ? 2 : 3;
}

/*
 * Let @bytes be decided like this.  Of the bytes of one access a blocked one
 * beats an allowed one, a reported one a silent one, and then the lowest wins.
 * Returns whether it is what decides now.
 */
static __always_inline bool weigh(struct answer *a, __u32 bytes, __u32 verdict,
				  bool audit)
{
	__u8 weight =
		0x80 | verdict << 4 | audit << 3 | (3 - lowest_byte(bytes));

	if (weight <= a->weight)
		return false;
	a->weight = weight;
	a->verdict = verdict;
	a->audit = audit;
	a->line = 0;
	a->file = 0;
	a->key = 0;
	return true;
}

static __always_inline void take_entry_flags(struct answer *a, __u32 bytes,
					     __u32 flags, __u32 write,
					     enum vg_reason reason)
{
	__u32 block = write ? VG_F_BLOCK_WRITE : VG_F_BLOCK_READ;
	bool blocks = flags & block || flags & ~VG_F_ALL;
	bool audit = blocks ? !(flags & VG_F_SILENT) : flags & VG_F_AUDIT;

	if (!blocks)
		a->write_mask |= byte_bits(bytes);
	if (weigh(a, bytes, blocks ? VG_BLOCK : VG_ALLOW, audit))
		a->reason = reason;
}

/*
 * Whether the value of a rule is what is written.  This and take_rule() are
 * global functions because of the verifier, see decide(): inlined, their
 * branches multiply in the loop of take_rules().
 */
__noinline int value_matches(const struct vg_map_rule *rule __arg_nonnull,
			     const struct question *q __arg_nonnull)
{
	__u32 presented;

	if (!GIVEN(rule) || !GIVEN(q))
		return false;
	presented = byte_bits(q->bytes);
	/* Whatever it is about: see take_rules(). */
	if (q->has_data == DATA_HIDDEN)
		return true;
	if (!q->has_data)
		return false;
	/* Part of the value may come with another write: fail closed. */
	if (rule->flags & VG_RULE_PART ||
	    (presented & rule->value_mask) != rule->value_mask)
		return rule->verdict != VG_ALLOW;
	return (q->data & rule->value_mask) == rule->value;
}

__noinline int take_rule(struct answer *a __arg_nonnull,
			 const struct vg_map_rule *rule __arg_nonnull,
			 __u32 bytes, __u32 scope)
{
	__u32 bits = byte_bits(bytes);
	bool known, blocks, audit;

	if (!GIVEN(a) || !GIVEN(rule))
		return -1;
	known = rule->verdict <= VG_BLOCK && !(rule->flags & ~VG_RULE_ALL) &&
		rule->read < VG_READ_KINDS;
	/* A rule that says what nobody knows blocks and is reported. */
	blocks = !known || rule->verdict == VG_BLOCK;
	audit = !known || rule->flags & VG_RULE_AUDIT;
	if (!blocks)
		a->write_mask |= rule->flags & VG_RULE_WMASK ?
					 bits & rule->write_mask :
					 bits;
	else if (rule->read == VG_READ_ONES)
		a->read |= bits;
	else if (rule->read == VG_READ_CONST)
		a->read |= bits & rule->read_value;
	else if (rule->read == VG_READ_LAST)
		a->last |= bits;

	if (weigh(a, bytes, blocks ? VG_BLOCK : VG_ALLOW, audit)) {
		a->reason = VG_REASON_RULE;
		a->scope = scope;
		a->line = rule->line;
		a->file = rule->file;
		a->key = rule->key;
	}
	return 0;
}

/* The rules of one place, in their order; returns the bytes still open. */
__noinline int take_rules(struct vg_rule_key *from __arg_nonnull,
			  const struct question *q __arg_nonnull,
			  struct answer *a __arg_nonnull, __u32 left)
{
	const struct vg_map_rule *found;
	struct vg_map_rule rule;
	struct vg_rule_key *key = from;
	__u32 hit;
	int i;

	if (!GIVEN(from) || !GIVEN(q) || !GIVEN(a))
		return left & 0xf;
#ifdef VG_STOCK
	/* Before 6.3 a key may lie in no memory of unknown place. */
	struct vg_rule_key copy = *from;

	key = &copy;
#endif
	CLEAN(rule);
	LOOP(i, 0, VG_MAX_INDEX) {
		key->index = i;
		found = bpf_map_lookup_elem(&rules, key);
		if (!found)
			break;
		/* A global function takes nothing that is read-only. */
		rule = *found;
		hit = left & rule.bytes;
		if (!hit ||
		    (rule.flags & VG_RULE_VALUE && !value_matches(&rule, q)))
			continue;
		/* What passes can't be chosen by the data, nor masked. */
		if (q->has_data == DATA_HIDDEN &&
		    rule.flags & (VG_RULE_VALUE | VG_RULE_WMASK))
			rule.verdict = VG_BLOCK;
		take_rule(a, &rule, hit, key->scope);
		left &= ~hit;
		if (!left)
			break;
	}
	return left & 0xf;
}

/*
 * What the rules' keys hold for one rank; *@id 0 where 0 names nobody.  Global,
 * so that the verifier follows none of the cases on into the callers.
 */
__noinline __u32 rank_key(const struct subject *s __arg_nonnull, __u32 rank,
			  __u64 *id __arg_nonnull)
{
	if (!GIVEN(s) || !GIVEN(id))
		return VG_SCOPE_ANY;
	switch (rank) {
	case RANK_SLOT:
		*id = s->slot;
		return VG_SCOPE_SLOT;
	case RANK_SUBSYS:
		*id = s->subvendor ? s->subvendor << 16 | s->subdevice : 0;
		return VG_SCOPE_SUBSYS;
	case RANK_DEVICE:
		*id = (__u32)s->vendor << 16 | s->device;
		return VG_SCOPE_DEVICE;
	case RANK_VENDOR:
		*id = s->vendor;
		return VG_SCOPE_VENDOR;
	case RANK_CLASS:
		*id = VG_CLASS_ID(3, s->class & 0xffffff);
		return VG_SCOPE_CLASS;
	case RANK_CLASS + 1:
		*id = VG_CLASS_ID(2, s->class & 0xffff00);
		return VG_SCOPE_CLASS;
	case RANK_CLASS + 2:
		*id = VG_CLASS_ID(1, s->class & 0xff0000);
		return VG_SCOPE_CLASS;
	case RANK_ANY:
		*id = 0;
		return VG_SCOPE_ANY;
	default:
		*id = s->owners[(rank - RANK_OWNER) % VG_MAX_OWNERS];
		return VG_SCOPE_OWNER;
	}
}

/* Of kinds of places.  Not kept in a variable, for the stack's sake. */
static __always_inline bool has_rules_for(const struct subject *s, bool guarded)
{
	return s->places & (guarded ? VG_HAS_REGIONS : VG_HAS_OTHER);
}

/* All that one rank says, the most specific place first. */
__noinline int take_rank(const struct subject *s __arg_nonnull,
			 const struct question *q __arg_nonnull,
			 struct answer *a __arg_nonnull, __u32 rank, __u32 left)
{
	struct vg_rule_key key = {};
	__u32 flags = 0;
	bool guarded;

	if (!GIVEN(s) || !GIVEN(q) || !GIVEN(a))
		return left & 0xf;
	guarded =
		q->place == VG_PLACE_UNASSIGNED || q->place == VG_PLACE_VENDOR;
	key.access = q->write & 1;
	key.scope = rank_key(s, rank, &key.id);
	if (q->dword < 4096 &&
	    s->places & 1ULL << (q->dword / VG_BLOCK_BYTES)) {
		key.place = q->dword;
		left = take_rules(&key, q, a, left);
	}
	if (left && q->cap_place && s->places & VG_HAS_CAPS) {
		key.place = q->cap_place;
		left = take_rules(&key, q, a, left);
	}
	if (left && has_rules_for(s, guarded)) {
		key.place = q->place;
		left = take_rules(&key, q, a, left);
	}
	if (rank == RANK_DEVICE)
		flags = s->entry_device;
	else if (rank == RANK_VENDOR)
		flags = s->entry_vendor;
	if (left && guarded &&
	    flags & (q->write ? VG_F_ALLOW_WRITE | VG_F_BLOCK_WRITE :
				VG_F_ALLOW_READ | VG_F_BLOCK_READ)) {
		take_entry_flags(a, left, flags, q->write,
				 rank == RANK_DEVICE ? VG_REASON_DEVICE :
						       VG_REASON_VENDOR);
		left = 0;
	}
	if (left && guarded && has_rules_for(s, guarded)) {
		key.place = VG_PLACE_GUARDED;
		left = take_rules(&key, q, a, left);
	}
	if (left && has_rules_for(s, guarded)) {
		key.place = VG_PLACE_ANY;
		left = take_rules(&key, q, a, left);
	}
	return left & 0xf;
}

static __always_inline enum vg_region place_region(__u32 place)
{
	if (place == VG_PLACE_UNASSIGNED)
		return VG_REGION_UNASSIGNED;
	return place == VG_PLACE_VENDOR ? VG_REGION_VENDOR : VG_REGION_OTHER;
}

/*
 * The answer to @q.  A global function, as the others here, so that the
 * verifier looks at it once and not for each state of its callers.  Returns
 * 0, or -1 for damaged maps or a hidden owner; then @a blocks.
 */
__noinline int decide(const struct subject *s __arg_nonnull,
		      const struct question *q __arg_nonnull,
		      struct answer *a __arg_nonnull)
{
	const struct vg_config *c;
	const struct vg_default *d;
	__u32 zero = 0, left;
	int rank;

	if (!GIVEN(s) || !GIVEN(q) || !GIVEN(a))
		return -1;
	left = q->bytes & 0xf;
	__builtin_memset(a, 0, sizeof(*a));
	c = bpf_map_lookup_elem(&config, &zero);
	if (!c || c->schema != VG_SCHEMA || s->hidden) {
		a->verdict = VG_BLOCK;
		a->audit = true;
		return -1;
	}
	if (s->ranks) {
		/* Most have nothing before that. */
		rank = s->ranks & ((1 << RANK_DEVICE) - 1) ? 0 : RANK_DEVICE;
		LOOP(rank, rank, RANKS) {
			if (!left)
				break;
			if (s->ranks & 1 << rank)
				left = take_rank(s, q, a, rank, left);
		}
	}
	a->by_default = left;
	if (left) {
		d = &c->defaults[place_region(q->place)][q->write & 1];
		/* Anything but a plain "allow" blocks. */
		if (d->verdict == VG_ALLOW)
			a->write_mask |= byte_bits(left);
		if (weigh(a, left, d->verdict == VG_ALLOW ? VG_ALLOW : VG_BLOCK,
			  d->audit))
			a->reason = VG_REASON_DEFAULT;
	}
	return 0;
}

/* Find out where there are rules for @s: fills in the rest of it. */
__noinline int resolve(struct subject *s __arg_nonnull)
{
	struct vg_scope_key key = {};
	__u32 zero = 0, *kinds, *flags;
	struct vg_device_id id;
	__u64 *places;
	int rank;

	if (!GIVEN(s))
		return -1;
	id.vendor = s->vendor;
	id.device = s->device;
	s->places = 0;
	s->ranks = 0;
	flags = bpf_map_lookup_elem(&allowlist, &id);
	s->entry_device = flags ? *flags : 0;
	id.device = VG_ANY_DEVICE;
	flags = bpf_map_lookup_elem(&allowlist, &id);
	s->entry_vendor = flags ? *flags : 0;
	if (s->entry_device)
		s->ranks |= 1 << RANK_DEVICE;
	if (s->entry_vendor)
		s->ranks |= 1 << RANK_VENDOR;

	kinds = bpf_map_lookup_elem(&scope_kinds, &zero);
	if (!kinds || !*kinds)
		return 0;
	LOOP(rank, 0, RANKS) {
		key.kind = rank_key(s, rank, &key.id);
		if (!(*kinds & 1 << key.kind) ||
		    (!key.id && key.kind != VG_SCOPE_ANY))
			continue;
		places = bpf_map_lookup_elem(&scopes, &key);
		if (!places)
			continue;
		s->places |= *places;
		s->ranks |= 1 << rank;
	}
	return 0;
}

#endif
