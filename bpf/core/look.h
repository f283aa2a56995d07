/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An access that the plans don't decide: where rules are about single registers,
 * capabilities, values or owners.
 */
#ifndef VFIOGUARD_LOOK_H
#define VFIOGUARD_LOOK_H

/* What was last written to a dword of a device, by whom. */
struct last_key {
	__u64 slot;
	__u32 dword;
	__u32 tgid;
};

/* Full: the oldest give way, and read as 0. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct last_key);
	__type(value, __u32);
} last_written SEC(".maps");

/* The question that an access asks.  Global as decide(). */
__noinline int ask_about(struct question *q __arg_nonnull,
			 const struct access *access __arg_nonnull)
{
	__u32 offset, shift;

	if (!GIVEN(q) || !GIVEN(access))
		return -1;
	offset = access->offset & 0xfff;
	shift = offset % 4;
	__builtin_memset(q, 0, sizeof(*q));
	q->dword = offset & ~3;
	q->bytes = ((1 << (access->size & 7)) - 1) << shift & 0xf;
	q->write = access->write & 1;
	q->has_data = q->write ? access->has_data : 0;
	if (q->write)
		q->data = access->data << 8 * shift;
	if (access->region == REGION_UNASSIGNED) {
		q->place = VG_PLACE_UNASSIGNED;
		return 0;
	}
	if (access->region == REGION_HEADER) {
		q->place = VG_PLACE_HEADER;
		return 0;
	}
	q->cap_place = offset < 256 ? VG_PLACE_CAP : VG_PLACE_ECAP;
	q->cap_place += access->cap_id;
	q->place = access->region == REGION_VENDOR ? VG_PLACE_VENDOR :
						     VG_PLACE_CAPS;
	return 0;
}

/* Who and what, from what was kept of the device, or all anew if @dev is NULL. */
WITH_PDEV int ask_who(struct subject *s __arg_nonnull,
		      struct pci_dev *pdev __arg_trusted,
		      const struct vg_device *dev)
{
	__u32 zero = 0, *kinds = bpf_map_lookup_elem(&scope_kinds, &zero);
	bool by_owner = kinds && *kinds & 1 << VG_SCOPE_OWNER;
	__u64 plans, ruled, entries;

	describe_subject(s, pdev);
	/* The loader takes no such rule then, but bpftool does. */
	if (by_owner && (locked_down || set_owners(s)))
		s->hidden = true;
	if (!dev || by_owner) {
		resolve(s);
		return 0;
	}
	plans = *(volatile __u64 *)&dev->plans[plan_parity & 1];
	ruled = *(volatile __u64 *)&dev->ruled[plan_parity & 1];
	entries = *(volatile __u64 *)&dev->entries[plan_parity & 1];
	/* Somebody is changing it, or has emptied it. */
	if (!(plans >> 32 & 1) || !kept(dev, plans)) {
		resolve(s);
		return 0;
	}
	s->places = ruled;
	s->ranks = ruled >> RULED_RANKS_SHIFT;
	s->entry_device = entries;
	s->entry_vendor = entries >> 32;
	return 0;
}

/* read=last: keep what is written, also if it is blocked. */
static void keep_last(const struct subject *s, const struct question *q)
{
	struct last_key key = {
		.slot = s->slot,
		.dword = q->dword,
		.tgid = bpf_get_current_pid_tgid() >> 32,
	};
	__u32 bits = byte_bits(q->bytes), *old, data;

	old = bpf_map_lookup_elem(&last_written, &key);
	data = (old ? *old & ~bits : 0) | (q->data & bits);
	bpf_map_update_elem(&last_written, &key, &data, BPF_ANY);
}

static __u32 last_data(const struct subject *s, const struct question *q,
		       __u32 bits)
{
	struct last_key key = {
		.slot = s->slot,
		.dword = q->dword,
		.tgid = bpf_get_current_pid_tgid() >> 32,
	};
	__u32 *old = bpf_map_lookup_elem(&last_written, &key);

	return old ? *old & bits : 0;
}

/*
 * Decide an access from all the rules.  @dev is the function's own entry or
 * NULL.  @access->keep and *@data get what these are to be for the kernel.
 * Returns the plan.
 */
static __noinline __u32 look_closer(struct pci_dev *pdev, struct access *access,
				    const struct vg_device *dev, __u32 *data,
				    struct answer *a)
{
	struct subject s;
	struct question q;
	__u32 mode = policy_mode();

	ask_who(&s, pdev, dev);
	CLEAN(q);
	CLEAN(*a);
	ask_about(&q, access);
	decide(&s, &q, a);
	if (uses_last && q.write)
		keep_last(&s, &q);

	/* Monitor mode changes nothing. */
	if (mode != VG_MODE_MONITOR && a->verdict == VG_ALLOW && q.write)
		access->keep = (byte_bits(q.bytes) & ~a->write_mask) >>
			       8 * (access->offset % 4);
	if (a->verdict == VG_BLOCK && !q.write)
		q.data =
			a->read |
			(uses_last && a->last ? last_data(&s, &q, a->last) : 0);
	*data = q.data >> 8 * (access->offset % 4);
	return make_plan(a, mode);
}

#endif
