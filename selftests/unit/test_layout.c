// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where vfio finds what in a device's config space.  The lengths here are those
 * of the PCI specifications and of vfio's tables, counted by hand.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/layout.h"

static __u8 image[VG_CONFIG_BYTES];
static struct vg_layout layout;

static void put16(unsigned int at, unsigned int value)
{
	image[at] = value;
	image[at + 1] = value >> 8;
}

static void put32(unsigned int at, __u32 value)
{
	put16(at, value);
	put16(at + 2, value >> 16);
}

/* A standard capability; @rest is its second word. */
static void cap(unsigned int at, unsigned int id, unsigned int next,
		unsigned int rest)
{
	image[at] = id;
	image[at + 1] = next;
	put16(at + 2, rest);
}

static void ecap(unsigned int at, unsigned int id, unsigned int next)
{
	put32(at, id | 1U << 16 | next << 20);
}

static void start(unsigned int first)
{
	memset(image, 0, sizeof(image));
	put32(0, 0x10d38086);
	image[6] = first ? 0x10 : 0;
	image[0x34] = first;
}

/* Read the image, of which sysfs shows @bytes and says that it has @size. */
static int look(unsigned int bytes, unsigned int size)
{
	int fd = memfd_create("config", MFD_CLOEXEC), ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, image, bytes), bytes);
	ret = vg_layout_read(fd, size, &layout);
	close(fd);
	return ret;
}

static struct vg_spot at(unsigned int offset)
{
	struct vg_spot spot;

	vg_layout_find(&layout, offset, &spot);
	return spot;
}

/* Bytes [first, end) belong to one capability, and those beside it do not. */
static void assert_cap(unsigned int first, unsigned int end, unsigned int id,
		       enum vg_where_kind where)
{
	unsigned int i;

	for (i = first; i < end; i++) {
		struct vg_spot spot = at(i);

		assert_int_equal(spot.where, where);
		assert_non_null(spot.cap);
		assert_int_equal(spot.cap->id, id);
		assert_int_equal(spot.cap->offset, first);
		assert_int_equal(spot.cap->ext, first >= 0x100);
	}
	assert_true(!at(first - 1).cap || at(first - 1).cap->offset != first);
	assert_true(end == VG_CONFIG_BYTES || !at(end).cap ||
		    at(end).cap->offset != first);
}

static void assert_unassigned(unsigned int first, unsigned int end)
{
	unsigned int i;

	for (i = first; i < end; i++) {
		assert_int_equal(at(i).where, VG_WHERE_UNASSIGNED);
		assert_null(at(i).cap);
	}
}

/* The 82574L as QEMU has it. */
static void network_card(void **state)
{
	(void)state;
	start(0xc8);
	cap(0xc8, 0x01, 0xd0, 0);
	cap(0xd0, 0x05, 0xe0, 0x80); /* 64 bits */
	cap(0xe0, 0x10, 0xa0, 0x01); /* version 1, an endpoint */
	cap(0xa0, 0x11, 0x00, 4);
	ecap(0x100, 0x01, 0x140);
	ecap(0x140, 0x03, 0);
	assert_int_equal(look(4096, 4096), 0);

	assert_int_equal(at(0).where, VG_WHERE_HEADER);
	assert_int_equal(at(0x3f).where, VG_WHERE_HEADER);
	assert_unassigned(0x40, 0xa0);
	assert_cap(0xa0, 0xac, 0x11, VG_WHERE_CAPS);
	assert_unassigned(0xac, 0xc8);
	assert_cap(0xc8, 0xd0, 0x01, VG_WHERE_CAPS);
	assert_cap(0xd0, 0xde, 0x05, VG_WHERE_CAPS);
	assert_unassigned(0xde, 0xe0);
	assert_cap(0xe0, 0xf4, 0x10, VG_WHERE_CAPS);
	assert_unassigned(0xf4, 0x100);
	assert_cap(0x100, 0x12c, 0x01, VG_WHERE_CAPS);
	assert_unassigned(0x12c, 0x140);
	assert_cap(0x140, 0x14c, 0x03, VG_WHERE_CAPS);
	assert_unassigned(0x14c, 0x1000);
}

static void lengths(void **state)
{
	(void)state;
	start(0x40);
	cap(0x40, 0x05, 0x60, 0x180); /* MSI, 64 bits and masks */
	cap(0x60, 0x09, 0x70, 0x0b); /* vendor, 11 bytes */
	cap(0x70, 0x13, 0x78, 6);
	cap(0x78, 0x12, 0x90, 0); /* SATA */
	image[0x7c] = 0x0f; /* registers follow */
	cap(0x90, 0x10, 0xd0, 0x02); /* version 2 */
	cap(0xd0, 0x03, 0, 0);
	assert_int_equal(look(4096, 4096), 0);
	assert_cap(0x40, 0x58, 0x05, VG_WHERE_CAPS);
	assert_cap(0x60, 0x6b, 0x09, VG_WHERE_VENDOR);
	assert_cap(0x70, 0x76, 0x13, VG_WHERE_CAPS);
	assert_cap(0x78, 0x88, 0x12, VG_WHERE_CAPS);
	assert_cap(0x90, 0xc4, 0x10, VG_WHERE_CAPS);
	assert_cap(0xd0, 0xd8, 0x03, VG_WHERE_CAPS);
	/* no chain starts at 0x100 */
	assert_unassigned(0x100, 0x1000);
}

static void extended_lengths(void **state)
{
	(void)state;
	start(0x40);
	cap(0x40, 0x10, 0, 0x02);
	ecap(0x100, 0x0b, 0x140); /* VSEC */
	put32(0x104, 0x018U << 20);
	ecap(0x140, 0x23, 0x180); /* DVSEC */
	put32(0x144, 0x00cU << 20);
	ecap(0x180, 0x0d, 0x200); /* ACS with 40 egress bits: two words */
	put16(0x184, 0x20 | 40 << 8);
	ecap(0x200, 0x15, 0x240); /* 2 resizable BARs */
	image[0x208] = 2 << 5;
	ecap(0x240, 0x02, 0x300); /* VC, one more, 64 phases: 48 + 32 */
	image[0x244] = 1;
	image[0x248] = 0x04;
	ecap(0x300, 0x17, 0x400); /* TPH with a table of 4 */
	put32(0x304, 0x200 | 3U << 16);
	ecap(0x400, 0x16, 0); /* DPA with 8 substates */
	image[0x404] = 7;
	assert_int_equal(look(4096, 4096), 0);
	assert_cap(0x100, 0x118, 0x0b, VG_WHERE_VENDOR);
	assert_cap(0x140, 0x14c, 0x23, VG_WHERE_VENDOR);
	assert_cap(0x180, 0x190, 0x0d, VG_WHERE_CAPS);
	assert_cap(0x200, 0x214, 0x15, VG_WHERE_CAPS);
	assert_cap(0x240, 0x290, 0x02, VG_WHERE_CAPS);
	assert_cap(0x300, 0x314, 0x17, VG_WHERE_CAPS);
	assert_cap(0x400, 0x418, 0x16, VG_WHERE_CAPS);
}

/* Hidden ones: their bytes are unassigned, and the capability can be named. */
static void hidden(void **state)
{
	(void)state;
	start(0x40);
	cap(0x40, 0x10, 0x80, 0x02);
	cap(0x80, 0x14, 0x90, 0); /* Enhanced Allocation */
	cap(0x90, 0x11, 0, 0);
	ecap(0x100, 0x1e, 0x140); /* L1 substates, the first */
	ecap(0x140, 0x03, 0x160);
	ecap(0x160, 0x2e, 0); /* DOE */
	assert_int_equal(look(4096, 4096), 0);
	assert_unassigned(0x80, 0x90);
	assert_int_equal(at(0x84).before->id, 0x14);
	assert_true(at(0x84).before->hidden);
	assert_int_equal(at(0x78).before->id, 0x10);
	assert_false(at(0x78).before->hidden);
	/* its head anchors the chain */
	assert_cap(0x100, 0x104, 0x1e, VG_WHERE_CAPS);
	assert_unassigned(0x104, 0x140);
	assert_int_equal(at(0x108).before->id, 0x1e);
	assert_true(at(0x108).before->hidden);
	assert_unassigned(0x160, 0x1000);
	assert_int_equal(at(0x168).before->id, 0x2e);
	assert_true(at(0x168).before->hidden);
}

static void nothing(void **state)
{
	(void)state;
	start(0);
	assert_int_equal(look(4096, 4096), 0);
	assert_unassigned(0x40, 0x1000);
	assert_null(at(0x80).before);
	/* conventional, also with garbage where a chain would start */
	start(0x40);
	cap(0x40, 0x01, 0, 0);
	ecap(0x100, 0x01, 0);
	assert_int_equal(look(256, 256), 0);
	assert_unassigned(0x48, 0x100);
	/* a chain that is empty */
	start(0x40);
	cap(0x40, 0x10, 0, 0x02);
	assert_int_equal(look(4096, 4096), 0);
	assert_unassigned(0x100, 0x1000);
}

/* A chain that comes back ends all the same. */
static void damaged(void **state)
{
	(void)state;
	start(0x40);
	cap(0x40, 0x01, 0x50, 0);
	cap(0x50, 0x10, 0x40, 0x02);
	ecap(0x100, 0x03, 0x100);
	assert_int_equal(look(4096, 4096), 0);
	assert_int_equal(at(0x47).where, VG_WHERE_CAPS);
	assert_int_equal(at(0x10b).where, VG_WHERE_CAPS);
}

/*
 * Behind 0x100 vfio takes what it took for a vendor capability for the one that has
 * its number there, 0x09: Virtual Channel, second id.
 */
static void beyond_standard(void **state)
{
	(void)state;
	start(0x40);
	cap(0x40, 0x10, 0xf0, 0x02);
	cap(0xf0, 0x09, 0, 0x30);
	ecap(0x100, 0x23, 0x200);
	put32(0x104, 8U << 20);
	ecap(0x200, 0x23, 0);
	put32(0x204, 8U << 20);
	assert_int_equal(look(4096, 4096), 0);
	assert_int_equal(at(0xff).where, VG_WHERE_VENDOR);
	assert_int_equal(at(0xff).id, 0x09);
	assert_false(at(0xff).ext);
	assert_int_equal(at(0x107).where, VG_WHERE_VENDOR);
	assert_int_equal(at(0x107).id, 0x23);
	assert_int_equal(at(0x108).where, VG_WHERE_CAPS);
	assert_int_equal(at(0x108).id, 0x09);
	assert_true(at(0x108).ext);
	assert_int_equal(at(0x108).cap->offset, 0xf0);
	assert_int_equal(at(0x11f).where, VG_WHERE_CAPS);
	assert_unassigned(0x120, 0x200);
	/* of 256 bytes as well: Intel's 8086:3425 has one of 255 at 0x50 */
	cap(0xf0, 0x09, 0, 0xff);
	assert_int_equal(look(256, 256), 0);
	assert_int_equal(at(0xff).where, VG_WHERE_VENDOR);
	/* but not of 4096: there vfio reads it, and can't */
	ecap(0x100, 0x23, 0xff0);
	ecap(0xff0, 0x23, 0);
	put32(0xff4, 0x011U << 20);
	assert_int_equal(look(4096, 4096), -ERANGE);
	put32(0xff4, 0x010U << 20);
	assert_int_equal(look(4096, 4096), 0);
	assert_int_equal(at(0xfff).where, VG_WHERE_VENDOR);
}

/* vfio goes by the flags of the first, whichever it is at. */
static void two_express(void **state)
{
	(void)state;
	start(0x40);
	cap(0x40, 0x10, 0xa0, 0x01); /* version 1, 20 bytes */
	cap(0xa0, 0x10, 0, 0x02);
	assert_int_equal(look(256, 256), 0);
	assert_cap(0x40, 0x54, 0x10, VG_WHERE_CAPS);
	assert_cap(0xa0, 0xb4, 0x10, VG_WHERE_CAPS);
	/* The PCI core does not get to one that lies behind an id of ones. */
	start(0x40);
	cap(0x40, 0xff, 0xa0, 0);
	cap(0xa0, 0x10, 0, 0x01);
	assert_int_equal(look(256, 256), 0);
	assert_cap(0xa0, 0xd4, 0x10, VG_WHERE_CAPS);
}

/* Registers of a capability that can't be read as vfio reads them. */
static void misaligned(void **state)
{
	(void)state;
	start(0x41);
	cap(0x41, 0x01, 0, 0);
	assert_int_equal(look(256, 256), 0);
	assert_int_equal(at(0x48).where, VG_WHERE_CAPS);
	start(0x41);
	cap(0x41, 0x05, 0, 0);
	assert_int_equal(look(256, 256), -ERANGE);
}

/* vfio keeps eight bits of an id, and has its own names for two of their values. */
static void long_ids(void **state)
{
	(void)state;
	start(0x40);
	cap(0x40, 0x10, 0, 0x02);
	ecap(0x100, 0x0123, 0); /* as DVSEC */
	assert_int_equal(look(4096, 4096), 0);
	assert_int_equal(at(0x100).where, VG_WHERE_VENDOR);
	assert_int_equal(at(0x100).id, 0x23);
	assert_int_equal(at(0x100).cap->id, 0x0123);
	ecap(0x100, 0x01ff, 0); /* as nothing */
	assert_int_equal(look(4096, 4096), 0);
	assert_unassigned(0x100, 0x1000);
	assert_int_equal(at(0x102).before->id, 0x01ff);
}

/* A list that leads into the header is one of capabilities to vfio. */
static void in_header(void **state)
{
	(void)state;
	start(0x3c);
	image[0x3c] = 0x05; /* 10 bytes */
	assert_int_equal(look(256, 256), 0);
	assert_int_equal(at(0x3c).where, VG_WHERE_HEADER);
	assert_int_equal(at(0x45).where, VG_WHERE_CAPS);
	assert_int_equal(at(0x45).id, 0x05);
	assert_int_equal(vg_layout_piece(&layout, 0x38, 4), 4);
	image[0x34] = 0x3a;
	image[0x3a] = 0x01; /* 8 bytes from there */
	image[0x3b] = 0;
	assert_int_equal(look(256, 256), 0);
	assert_int_equal(vg_layout_piece(&layout, 0x38, 4), 2);
}

/* sysfs shows 64 bytes to those who are not root. */
static void not_root(void **state)
{
	(void)state;
	start(0x40);
	cap(0x40, 0x01, 0, 0);
	assert_int_equal(look(64, 4096), -EACCES);
	start(0);
	assert_int_equal(look(64, 4096), 0);
	/* a device that has gone */
	assert_int_equal(look(0, 4096), -EIO);
}

static void pieces(void **state)
{
	(void)state;
	start(0x40);
	cap(0x40, 0x05, 0x50, 0); /* MSI, 10 bytes: ends in a dword */
	cap(0x50, 0x09, 0x58, 7);
	cap(0x58, 0x09, 0, 8);
	assert_int_equal(look(256, 256), 0);
	assert_int_equal(vg_layout_piece(&layout, 0x44, 4), 4);
	assert_int_equal(vg_layout_piece(&layout, 0x48, 4), 2);
	assert_int_equal(vg_layout_piece(&layout, 0x4a, 2), 2);
	assert_int_equal(vg_layout_piece(&layout, 0x49, 2), 1);
	assert_int_equal(vg_layout_piece(&layout, 0x54, 4), 2);
	assert_int_equal(vg_layout_piece(&layout, 0x56, 2), 1);
	assert_int_equal(vg_layout_piece(&layout, 0x60, 4), 4);
	assert_int_equal(vg_layout_piece(&layout, 0x60, 1), 1);
	assert_int_equal(vg_layout_piece(&layout, 0x3e, 4), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(network_card),
		cmocka_unit_test(lengths),
		cmocka_unit_test(extended_lengths),
		cmocka_unit_test(hidden),
		cmocka_unit_test(nothing),
		cmocka_unit_test(damaged),
		cmocka_unit_test(beyond_standard),
		cmocka_unit_test(two_express),
		cmocka_unit_test(misaligned),
		cmocka_unit_test(long_ids),
		cmocka_unit_test(in_header),
		cmocka_unit_test(not_root),
		cmocka_unit_test(pieces),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
