/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An access cut into the pieces that vfio makes of it: aligned, of at most four
 * bytes, within one capability.  Each byte of an access is judged.
 */
#ifndef VFIOGUARD_STOCK_PIECE_H
#define VFIOGUARD_STOCK_PIECE_H

/* include/uapi/linux/pci_regs.h */
#define HEADER_BYTES 0x40
#define STANDARD_BYTES 0x100
#define CONFIG_BYTES 0x1000
#define CAP_VNDR 0x09
#define ECAP_VNDR 0x0b
#define ECAP_DVSEC 0x23
/* vfio's own marks in its map */
#define CAP_NONE 0xff
#define CAP_VIRTUAL 0xfe

/* Which kinds of region the policy has a say in: 1 << REGION_*. */
const volatile __u32 asked_regions = 0;

/* Whether the policy blocks any read. */
const volatile bool blocks_reads = false;

struct cut {
	struct pci_dev *pdev;
	__u64 map; /* address of vfio's map */
	__u64 from; /* of the config region, bytes */
	__u64 at; /* the next piece */
	__u64 end;
	__u32 write;
	__u32 blocked; /* a piece is: the one at .at */
	__u32 size; /* of that piece, 0 if it is not cut yet */
	struct access piece; /* the same; here, to spare the stack */
	__u64 word; /* the plans of the device */
	struct answer answer; /* the rule that decided it */
};

/* Whether the policy has a say in it. */
static __always_inline bool is_asked(__u32 region)
{
	return asked_regions & 1 << (region & 7);
}

static __always_inline __u32 region_of(__u32 cap, __u32 at)
{
	if (cap == CAP_NONE)
		return REGION_UNASSIGNED;
	if (cap == CAP_VIRTUAL)
		return REGION_VIRTUAL;
	if (at < HEADER_BYTES)
		return REGION_HEADER;
	if (at < STANDARD_BYTES)
		return cap == CAP_VNDR ? REGION_VENDOR : REGION_CAP;
	return cap == ECAP_VNDR || cap == ECAP_DVSEC ? REGION_VENDOR :
						       REGION_EXT_CAP;
}

/*
 * The capabilities of the four bytes at @at.  Not 0 if they can't be read: where an
 * address that is not mapped reads as 0, that is asked again, as 0 is the header's.
 */
static __always_inline int read_caps(__u64 map, __u32 at, __u32 *caps)
{
	if (CAN_CAST) {
		*caps = CAST((void *)(map + at), struct refcount_struct)
				->refs.counter;
		if (*caps || at < HEADER_BYTES)
			return 0;
	}
	return bpf_probe_read_kernel(caps, sizeof(*caps), (void *)(map + at));
}

/* How many of the @left bytes from @at on are one piece; @caps is of @at first. */
static __always_inline __u32 piece_size(__u32 caps, __u32 at, __u64 left)
{
	__u32 others = caps ^ (caps & 0xff) * 0x01010101U;

	if (!(at & 3) && left >= 4 && !others)
		return 4;
	if (!(at & 1) && left >= 2 && !(others & 0xffff))
		return 2;
	return 1;
}

/*
 * The piece at @c->at.  Returns its size, 0 if vfio's map can't be read.  Global,
 * so that the verifier looks at it once, and not for
 * all pieces that there may be.
 */
__noinline __u32 cut_piece(struct cut *c)
{
	struct access *a;
	__u32 at, caps;

	if (!c)
		return 0;
	a = &c->piece;
	at = c->at & 0xfff;
	if (read_caps(c->map, at & ~3, &caps))
		return 0;
	caps >>= 8 * (at & 3);
	a->data = 0;
	a->keep = 0;
	a->offset = at;
	a->cap_id = caps & 0xff;
	a->size = piece_size(caps, at, c->end - c->at);
	a->region = region_of(a->cap_id, at);
	a->write = c->write;
	a->native = TELL_DEFAULT;
	a->has_data = c->write ? DATA_HIDDEN : 0;
	return a->size;
}

/* What the caller's buffer holds now is good enough for a report. */
static __always_inline void guess_data(const struct cut *c, struct access *a)
{
	if (c->write)
		bpf_probe_read_user(
			&a->data, a->size & 7,
			(void *)(caller_buffer() + (c->at - c->from)));
}

/*
 * Places of entries by the address of the kernel's object, which spares three reads of
 * it.  A place may be wrong: then the entry there is another's.
 */
#define HOMES 256

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HOMES);
	__type(key, __u32);
	__type(value, __u32);
} homes SEC(".maps");

/* find_entry() by the address of the function; *@known gets its place. */
static __noinline struct vg_device *find_entry_anew(struct pci_dev *pdev,
						    __u32 *known)
{
	__u32 home = device_home(pdev);
	struct vg_device *dev;

	*known = home;
	dev = bpf_map_lookup_elem(&devices, &home);
	if (!dev || dev->pdev != (__u64)pdev)
		dev = claim_device(pdev, home);
	return dev;
}

/* The entry of the function, or one that it shares. */
static __always_inline struct vg_device *find_entry(struct pci_dev *pdev)
{
	/* Objects of some kilobytes. */
	__u32 at = (__u64)pdev >> 10 & (HOMES - 1), home;
	__u32 *known = bpf_map_lookup_elem(&homes, &at);
	struct vg_device *dev;

	if (!known)
		return NULL;
	home = *known;
	dev = bpf_map_lookup_elem(&devices, &home);
	if (dev && dev->pdev == (__u64)pdev)
		return dev;
	return find_entry_anew(pdev, known);
}

/* The plans of the function, made here and not for each piece: that is too deep. */
static __always_inline void find_plans(struct cut *c)
{
	struct pci_dev *pdev = c->pdev;
	struct vg_device *dev;

	dev = find_entry(pdev);
	if (dev && dev->pdev == (__u64)pdev)
		c->word = fresh_plans(pdev, dev, plan_tick());
}

/*
 * Judge and count a piece.  Returns whether it is blocked.  Inlined, as the kernel
 * lets functions call each other eight deep, and what decides needs six of these.
 */
static __always_inline bool judge_piece(struct cut *c)
{
	struct access *a = &c->piece;
	struct glance g = { .plan = PLAN_LOOK | PLAN_SHARED };
	int tell = -1;

	g.dev = find_entry(c->pdev);
	if (g.dev && g.dev->pdev == (__u64)c->pdev) {
		g.word = c->word;
		tell = glance(&g, a->region, a->offset & 0xfff, a->write & 1,
			      &a->native);
	}
	if (tell < 0) {
		guess_data(c, a);
		tell = judge(c->pdev, a, g.dev, g.plan, &c->answer);
		/* No bits can be kept here: see DATA_HIDDEN. */
		if (a->keep)
			return true;
	}
	return (tell & 3) == TELL_BLOCK;
}

/* The same, but nothing is counted. */
static __always_inline bool peek_at_piece(struct cut *c)
{
	struct glance g = {
		.dev = find_entry(c->pdev),
		.word = c->word,
	};
	struct access *a = &c->piece;
	__u32 plan = PLAN_LOOK;

	if (g.dev && g.dev->pdev == (__u64)c->pdev)
		plan = glance_plan(&g, a->region, a->offset & 0xfff,
				   a->write & 1);
	if (plan == PLAN_LOOK)
		return peek(c->pdev, a) == TELL_BLOCK;
	return (plan & PLAN_TELL) == PLAN_TELLS(BLOCK);
}

/* One piece of an access.  Returns 1 after the last, or one that blocks. */
static __always_inline long do_piece(struct cut *c, bool count)
{
	if (c->at >= c->end)
		return 1;
	if (!c->size)
		c->size = cut_piece(c);
	if (!c->size || (is_asked(c->piece.region) &&
			 (count ? judge_piece(c) : peek_at_piece(c)))) {
		c->blocked = 1;
		return 1;
	}
	c->at += c->size;
	c->size = 0;
	return 0;
}

struct cutting {
	struct cut *cut;
};

static long count_piece(__u32 i, struct cutting *of)
{
	return do_piece(of->cut, true);
}

static long peek_piece(__u32 i, struct cutting *of)
{
	return do_piece(of->cut, false);
}

/*
 * Most accesses are one piece, and of a kind that the policy has no say in, or was
 * reported before.  Returns as glance() for them, everything done, and -1 for others.
 */
static __always_inline int judge_at_a_glance(struct pci_dev *pdev, __u64 map,
					     __u32 from, __u64 count,
					     __u32 write)
{
	const __u8 native = TELL_DEFAULT;
	__u32 caps, region;
	struct glance g;

	if (read_caps(map, from & 0xffc, &caps))
		return -1;
	caps >>= 8 * (from & 3);
	if (piece_size(caps, from, count) != count)
		return -1;
	region = region_of(caps & 0xff, from);
	if (!is_asked(region))
		return TELL_DEFAULT;
	g.dev = find_entry(pdev);
	if (!g.dev || g.dev->pdev != (__u64)pdev)
		return -1;
	g.word = fresh_plans(pdev, g.dev, plan_tick());
	return glance(&g, region, from & 0xfff, write, &native);
}

/*
 * The whole access.  If a part is blocked, all of it is, and what is counted and
 * reported is that part.  Returns whether it is blocked; @c->piece is then that
 * part, with what a read of it returns.
 */
static __always_inline bool blocks(struct cut *c)
{
	struct cutting of = { .cut = c };
	__u32 n = c->end - c->from;

	c->at = c->from;
	c->blocked = 0;
	c->size = cut_piece(c);
	find_plans(c);
	if (c->size != n && (c->write || blocks_reads)) {
		bpf_loop(n, peek_piece, &of, 0);
		if (!c->blocked) {
			c->at = c->from;
			c->size = 0;
		}
		c->blocked = 0;
		n = c->end - c->at;
	}
	bpf_loop(n, count_piece, &of, 0);
	return c->blocked;
}

#endif
