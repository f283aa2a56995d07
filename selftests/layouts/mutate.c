// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes wrong in config spaces: chains that loop, overlap, lead into the header or
 * out of it all, capabilities of length 0 or odd length, two of one kind, spaces that
 * end early, garbage.
 */
#include <string.h>

#include "mutate.h"

#define EXT_CONFIG 0x100

struct random {
	__u64 state;
};

/* xorshift64* */
static __u32 any(struct random *r, __u32 below)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (r->state * 0x2545f4914f6cdd1dULL >> 32) % below;
}

struct space {
	struct random random;
	__u8 *bytes;
	unsigned int size;
	__u16 caps[LF_CAPS]; /* where capabilities start, by the chains */
	unsigned int nr_caps;
	unsigned int nr_std; /* the first of them */
};

static void put(struct space *s, unsigned int at, unsigned int size,
		__u32 value)
{
	for (; size && at < LF_BYTES; size--, at++, value >>= 8)
		s->bytes[at] = value;
}

/* A place for a standard capability, good ones more often. */
static unsigned int std_place(struct space *s)
{
	switch (any(&s->random, 8)) {
	case 0:
		return any(&s->random, 0x100);
	case 1: /* in the header */
		return any(&s->random, 0x40);
	case 2: /* at the very end */
		return 0xf0 + any(&s->random, 0x10);
	case 3:
		if (s->nr_std)
			return s->caps[any(&s->random, s->nr_std)];
		/* fallthrough */
	default:
		return 0x40 + any(&s->random, 0x30) * 4;
	}
}

static unsigned int ext_place(struct space *s)
{
	switch (any(&s->random, 8)) {
	case 0:
		return any(&s->random, LF_BYTES);
	case 1:
		return 0xfe0 + any(&s->random, 0x20);
	case 2:
		return EXT_CONFIG;
	case 3:
		if (s->nr_caps > s->nr_std)
			return s->caps[s->nr_std +
				       any(&s->random, s->nr_caps - s->nr_std)];
		/* fallthrough */
	default:
		return EXT_CONFIG + any(&s->random, 0x3c0) * 4;
	}
}

static __u32 std_id(struct space *s)
{
	static const __u8 often[] = { 0x01, 0x05, 0x07, 0x08, 0x09, 0x09, 0x10,
				      0x10, 0x11, 0x12, 0x13, 0x14, 0x00 };

	return any(&s->random, 4) ? often[any(&s->random, sizeof(often))] :
				    any(&s->random, 0x100);
}

static __u32 ext_id(struct space *s)
{
	static const __u16 often[] = { 0x01,  0x02,  0x08,  0x09, 0x0b, 0x0b,
				       0x0d,  0x15,  0x16,  0x17, 0x23, 0x23,
				       0x1e,  0x25,  0x00,  0xff, 0xfe, 0x123,
				       0x1ff, 0x10b, 0x200, 0x2fe };

	switch (any(&s->random, 4)) {
	case 0:
		return any(&s->random, 0x34);
	case 1:
		return any(&s->random, 0x10000);
	default:
		return often[any(&s->random, sizeof(often) / sizeof(often[0]))];
	}
}

/* A capability somewhere, put into the chain behind another one. */
static void insert_std(struct space *s)
{
	unsigned int at = std_place(s);
	unsigned int from =
		s->nr_std ? s->caps[any(&s->random, s->nr_std)] + 1 : 0x34;

	put(s, at, 1, std_id(s));
	put(s, at + 1, 1, s->bytes[from]);
	put(s, at + 2, 2, any(&s->random, 0x10000));
	put(s, from, 1, at);
	s->bytes[6] |= 0x10;
}

static void insert_ext(struct space *s)
{
	unsigned int at = ext_place(s) & ~3, from = EXT_CONFIG;
	__u32 head;

	if (s->nr_caps > s->nr_std)
		from = s->caps[s->nr_std +
			       any(&s->random, s->nr_caps - s->nr_std)];
	memcpy(&head, s->bytes + from, 4);
	put(s, at, 4, ext_id(s) | 0x10000 | (head & 0xfff00000));
	put(s, at + 4, 4, any(&s->random, 0xffffffff));
	put(s, from, 4, (head & 0xfffff) | at << 20);
}

/* Anything in the first bytes of a capability: ids, pointers, lengths. */
static void spoil_cap(struct space *s)
{
	unsigned int nr, at;

	if (!s->nr_caps)
		return;
	nr = any(&s->random, s->nr_caps);
	at = s->caps[nr];
	if (nr >= s->nr_std) {
		switch (any(&s->random, 4)) {
		case 0:
			put(s, at, 2, ext_id(s));
			return;
		case 1:
			put(s, at + 2, 2, ext_place(s) << 4 | 1);
			return;
		default:
			put(s, at + 4 + any(&s->random, 5), 1,
			    any(&s->random, 0x100));
			return;
		}
	}
	switch (any(&s->random, 5)) {
	case 0:
		put(s, at, 1, std_id(s));
		return;
	case 1:
		put(s, at + 1, 1, std_place(s));
		return;
	case 2: /* a vendor capability of any length, odd and none too */
		put(s, at, 1, 0x09);
		put(s, at + 2, 1,
		    any(&s->random, 3) ? any(&s->random, 40) :
					 any(&s->random, 0x100));
		return;
	default:
		put(s, at + 2 + any(&s->random, 3), 1, any(&s->random, 0x100));
		return;
	}
}

/* A second PCI Express capability, of another version or type. */
static void second_express(struct space *s)
{
	unsigned int at = 0x40 + any(&s->random, 0x2c) * 4;
	unsigned int from = 0x34;

	if (s->nr_std && any(&s->random, 2))
		from = s->caps[any(&s->random, s->nr_std)] + 1;
	put(s, at, 1, 0x10);
	put(s, at + 1, 1, s->bytes[from]);
	put(s, at + 2, 2, any(&s->random, 4) | any(&s->random, 11) << 4);
	put(s, from, 1, at | (any(&s->random, 4) ? 0 : any(&s->random, 4)));
	s->bytes[6] |= 0x10;
}

static void cut_off(struct space *s)
{
	static const __u16 sizes[] = { 0x100, 0x100, 0x1000, 0x1000, 0x600,
				       0xa0,  0x104, 0x200,  0xffc };

	s->size = sizes[any(&s->random, sizeof(sizes) / sizeof(sizes[0]))];
}

static void garbage(struct space *s)
{
	unsigned int at =
		any(&s->random, 4) ? 0x40 + any(&s->random, 0x100) : EXT_CONFIG;
	unsigned int n = any(&s->random, 0x400);
	bool ones = !any(&s->random, 4);

	for (; n && at < LF_BYTES; n--, at++)
		s->bytes[at] = ones ? 0xff : any(&s->random, 0x100);
}

static void make_mistake(struct space *s)
{
	switch (any(&s->random, 12)) {
	case 0:
	case 1:
		insert_std(s);
		return;
	case 2:
	case 3:
		insert_ext(s);
		return;
	case 4:
		second_express(s);
		return;
	case 5:
		cut_off(s);
		return;
	case 6:
		put(s, 0x34, 1, std_place(s));
		return;
	case 7:
		if (!any(&s->random, 4))
			garbage(s);
		return;
	default:
		spoil_cap(s);
		return;
	}
}

unsigned int mutate(unsigned long seed, unsigned long nr,
		    const struct lf_list *list, __u8 space[LF_BYTES])
{
	struct space s = {
		.random = { .state = (seed + 1) * 0x9e3779b97f4a7c15ULL ^
				     (nr + 1) * 0xbf58476d1ce4e5b9ULL },
		.bytes = space,
	};
	const struct lf_device *d;
	unsigned int i;

	if (!s.random.state)
		s.random.state = 1;
	any(&s.random, 2);
	d = &list->devices[any(&s.random, list->nr)];
	lf_build(d, space);
	s.size = d->size;
	for (i = 0; i < d->nr_caps; i++) {
		s.caps[s.nr_caps++] = d->caps[i].at;
		s.nr_std += !d->caps[i].ext;
	}
	for (i = 1 + any(&s.random, 4); i; i--)
		make_mistake(&s);
	/* All but a device that does not answer, which has no map at all. */
	put(&s, 0x00, 4, 0x10d38086);
	put(&s, 0x04, 1, 0x06);
	put(&s, 0x0e, 1, 0x00);
	return s.size;
}
