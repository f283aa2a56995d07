// SPDX-License-Identifier: GPL-2.0-only
/*
 * compare-maps SEED SPACES [FOLDER]: vfio's map of config spaces by the kernel's own
 * code, against what the loader says of each byte; first of the devices in FOLDER, which
 * the blocks are held to as well, then of SPACES spaces made from them with mistakes.
 * Prints TAP.  A space that differs is left in difference.bin, and the same SEED brings
 * it back.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/layout.h"
#include "selftests/layouts/kernel_map.h"
#include "selftests/layouts/layout_file.h"
#include "selftests/layouts/mutate.h"

/* drivers/vfio/pci/vfio_pci_priv.h */
#define MAP_NONE 0xff

static struct lf_list list;
static struct vg_layout layout;
static int fd;

/* What came up, so that the test sees that there were all kinds. */
static unsigned long opened, refused, unanswered;

static char fault[160];

__attribute__((format(printf, 1, 2))) static bool differs(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(fault, sizeof(fault), fmt, args);
	va_end(args);
	return true;
}

/* The kernel's vfio_pci_config_region(), in the words of policies. */
static enum vg_where_kind kind(__u8 id, unsigned int at)
{
	/* 0xfe, what vfio makes up, is no kind of its own in policies. */
	if (id == MAP_NONE)
		return VG_WHERE_UNASSIGNED;
	if (at < 0x40)
		return VG_WHERE_HEADER;
	if (at < 0x100)
		return id == 0x09 ? VG_WHERE_VENDOR : VG_WHERE_CAPS;
	return id == 0x0b || id == 0x23 ? VG_WHERE_VENDOR : VG_WHERE_CAPS;
}

/* How much of four bytes vfio_config_do_rw() takes at once. */
static unsigned int piece(const __u8 *map, unsigned int at, unsigned int size)
{
	unsigned int same = 1;

	while (same < size && (at + same) % 4 && map[at + same] == map[at])
		same++;
	return same >= 4 && at % 4 == 0 ? 4 : same >= 2 && at % 2 == 0 ? 2 : 1;
}

/* Is there a byte of which the two do not say the same? */
static bool bytes_differ(const __u8 *map, unsigned int size)
{
	unsigned int at;

	for (at = 0; at < size; at++) {
		struct vg_spot spot;
		unsigned int left = size - at < 4 ? size - at : 4;

		vg_layout_find(&layout, at, &spot);
		if (spot.where != kind(map[at], at))
			return differs("byte 0x%x: kind %d, and 0x%02x in the "
				       "kernel's map",
				       at, spot.where, map[at]);
		if (map[at] != MAP_NONE && spot.id != map[at])
			return differs("byte 0x%x: id 0x%x instead of 0x%02x",
				       at, spot.id, map[at]);
		if (at >= 0x40 && map[at] != MAP_NONE && !spot.cap)
			return differs("byte 0x%x: of no capability", at);
		if (vg_layout_piece(&layout, at, left) != piece(map, at, left))
			return differs("byte 0x%x: pieces of %u instead of %u",
				       at, vg_layout_piece(&layout, at, left),
				       piece(map, at, left));
	}
	return false;
}

static bool space_differs(const __u8 *space, unsigned int size, __u8 *map)
{
	struct km_run run;
	int kernel, ours;
	bool unknown;

	if (pwrite(fd, space, size, 0) != (ssize_t)size || ftruncate(fd, size))
		return differs("the space can't be written: %m");
	kernel = kernel_map(space, size, map, &run);
	ours = vg_layout_read(fd, size, &layout);
	opened += !kernel;
	refused += !!kernel;
	/* What lies behind the device's space nobody can know who reads sysfs. */
	unknown = kernel || run.needs_more;
	unanswered += unknown;
	if (unknown != !!ours || (ours && ours != -ERANGE))
		return differs(
			"the kernel says %d%s, vg_layout_read() %d", kernel,
			run.needs_more ? " and reads behind the end" : "",
			ours);
	return !ours && bytes_differ(map, size);
}

static int result(bool good, const char *name)
{
	static unsigned int nr;

	printf("%sok %u - %s\n", good ? "" : "not ", ++nr, name);
	return !good;
}

static int try_blocks(void)
{
	__u8 space[LF_BYTES], map[LF_BYTES], want[LF_BYTES];
	char name[64];
	bool good = true;
	size_t i;

	for (i = 0; i < list.nr; i++) {
		const struct lf_device *d = &list.devices[i];

		lf_build(d, space);
		lf_map(d, want);
		fault[0] = '\0';
		if (!space_differs(space, d->size, map) &&
		    memcmp(map, want, d->size))
			differs("the block says otherwise than the kernel");
		if (fault[0]) {
			printf("# %s:%u: %s\n", d->file, d->line, fault);
			good = false;
		}
	}
	snprintf(name, sizeof(name), "%zu devices, byte for byte", list.nr);
	return result(good && list.nr, name);
}

static void keep(const __u8 *space, unsigned int size)
{
	FILE *file = fopen("difference.bin", "w");

	if (file) {
		fwrite(space, 1, size, file);
		fclose(file);
	}
}

static int try_mistakes(unsigned long seed, unsigned long spaces)
{
	__u8 space[LF_BYTES], map[LF_BYTES];
	unsigned long n, bad = 0;
	char name[160];

	opened = refused = unanswered = 0;
	for (n = 0; n < spaces && bad < 10; n++) {
		unsigned int size = mutate(seed, n, &list, space);

		if (!space_differs(space, size, map))
			continue;
		if (!bad++)
			keep(space, size);
		printf("# seed %lu, space %lu of %u bytes: %s\n", seed, n, size,
		       fault);
	}
	snprintf(
		name, sizeof(name),
		"%lu spaces with mistakes: vfio opens %lu, refuses %lu; %lu have "
		"no answer",
		n, opened, refused, unanswered);
	/* A generator that makes one kind only would show nothing. */
	return result(!bad && (spaces < 1000 ||
			       (opened > spaces / 4 && refused > spaces / 100)),
		      name);
}

int main(int argc, char **argv)
{
	const char *folder = argc > 3 ? argv[3] : "selftests/layouts";
	unsigned long seed, spaces;
	int failed;

	if (argc < 3) {
		fputs("usage: compare-maps SEED SPACES [FOLDER]\n", stderr);
		return 2;
	}
	seed = strtoul(argv[1], NULL, 0);
	spaces = strtoul(argv[2], NULL, 0);
	fd = memfd_create("config", MFD_CLOEXEC);
	if (fd < 0 || lf_read_all(folder, &list))
		return 1;
	failed = try_blocks();
	failed += try_mistakes(seed, spaces);
	printf("1..2\n");
	lf_free(&list);
	return failed ? 1 : 0;
}
