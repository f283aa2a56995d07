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

struct cut {
	struct target target;
	__u64 from; /* of the config region, bytes */
	__u64 at; /* the next piece */
	__u64 end;
	__u64 buffer; /* of the caller */
	__u32 write;
	__u32 blocked; /* a piece is: the one at .at */
	__u32 size; /* of that piece */
	struct access piece; /* the same; here, to spare the stack */
	__u64 word; /* the plans of the device */
	__u32 home; /* where its entry is */
	struct answer answer; /* the rule that decided it */
};

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
 * The piece at @c->at.  Returns its size, 0 if vfio's map can't be read.  Global,
 * so that the verifier looks at it once, and not for all
 * pieces that there may be.
 */
__noinline __u32 cut_piece(struct cut *c)
{
	__u32 at, left, caps, cap, n, i;
	struct access *a;

	if (!c)
		return 0;
	a = &c->piece;
	at = c->at;
	left = c->end - c->at;
	if (bpf_probe_read_kernel(&caps, sizeof(caps),
				  c->target.map + (at & 0xffc)))
		return 0;
	caps >>= 8 * (at & 3);
	cap = caps & 0xff;
	n = 1;
#pragma unroll
	for (i = 1; i < 4; i++)
		if (n == i && (at + i) & 3 && i < left &&
		    (caps >> 8 * i & 0xff) == cap)
			n++;
	if (n < 4 && n >= 2)
		n = at & 1 ? 1 : 2;

	a->data = 0;
	a->keep = 0;
	a->offset = at;
	a->cap_id = cap;
	a->size = n;
	a->region = region_of(cap, at);
	a->write = c->write;
	a->native = TELL_DEFAULT;
	a->has_data = c->write ? DATA_HIDDEN : 0;
	return n;
}

/* What the caller's buffer holds now is good enough for a report. */
static __always_inline void guess_data(const struct cut *c, struct access *a)
{
	if (c->write)
		bpf_probe_read_user(&a->data, a->size & 7,
				    (void *)(c->buffer + (c->at - c->from)));
}

/* The entry of the function, or one that it shares. */
static __always_inline struct vg_device *find_entry(const struct cut *c)
{
	struct pci_dev *pdev = c->target.pdev;
	__u32 home = c->home;
	struct vg_device *dev;

	dev = bpf_map_lookup_elem(&devices, &home);
	if (!dev || dev->pdev != (__u64)pdev)
		dev = claim_device(pdev, home);
	return dev;
}

/* The plans of the function, made here and not for each piece: that is too deep. */
static __always_inline void find_plans(struct cut *c)
{
	struct pci_dev *pdev = c->target.pdev;
	struct vg_device *dev;

	c->home = device_home(pdev);
	dev = find_entry(c);
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

	g.dev = find_entry(c);
	if (g.dev && g.dev->pdev == (__u64)c->target.pdev) {
		g.word = c->word;
		tell = glance(&g, a->region, a->offset & 0xfff, a->write & 1,
			      &a->native);
	}
	if (tell < 0) {
		guess_data(c, a);
		tell = judge(c->target.pdev, a, g.dev, g.plan, &c->answer);
		/* No bits can be kept here: see DATA_HIDDEN. */
		if (a->keep)
			return true;
	}
	return (tell & 3) == TELL_BLOCK;
}

/* The same, but nothing is counted. */
static __always_inline bool peek_at_piece(struct cut *c)
{
	return peek(c->target.pdev, &c->piece) == TELL_BLOCK;
}

/* One piece of an access.  Returns 1 after the last, or one that blocks. */
static __always_inline long do_piece(struct cut *c, bool count)
{
	if (c->at >= c->end)
		return 1;
	c->size = cut_piece(c);
	if (!c->size || (asked_regions & 1 << (c->piece.region & 7) &&
			 (count ? judge_piece(c) : peek_at_piece(c)))) {
		c->blocked = 1;
		return 1;
	}
	c->at += c->size;
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
	if (n > 4 || (c->from & 3) + n > 4) {
		bpf_loop(n, peek_piece, &of, 0);
		if (!c->blocked)
			c->at = c->from;
		c->blocked = 0;
		n = c->end - c->at;
	}
	bpf_loop(n, count_piece, &of, 0);
	return c->blocked;
}

#endif
