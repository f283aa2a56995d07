// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-fuzz.c - random accesses to a device's config space through VFIO
 *
 * Usage: vfio-fuzz BDF SEED COUNT LIMIT [KEEP|none [SKIP]]
 *
 * Opens the device, prints "open" and waits for a line on stdin; then it makes
 * COUNT accesses, prints "done" and waits for the end of stdin before it closes
 * the device. So whoever drives it can set marks around the accesses alone.
 *
 * SEED decides everything. A write that touches the four bytes at KEEP becomes a
 * read. File SKIP has the numbers of accesses, from 0 and in order, a line each: these
 * are drawn as the others are, but not made. Most offsets are below LIMIT, the size of config space;
 * some are past it, far past it, or at its edges. Sizes are 0 to 4200, most of
 * them small. Most buffers are good, at any alignment; the rest are the kinds
 * below. What was done and what came back is written to stderr, a line each:
 *
 *	r|w OFF SIZE KIND GOOD RET [HEX]
 *
 * OFF is hexadecimal. GOOD is the number of bytes that can be reached from the
 * buffer's start. RET is as in vfio-cfg. HEX is what a read left in the buffer, as
 * bytes; after an error the first 64 of those that can be reached. Of an access that
 * was not made RET is "skipped".
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio-open.h"

#define MAX_SIZE 4200
#define AREA 8192
#define PAGE 4096

enum kind {
	MEMORY = 'm', /* good */
	EDGE = 'e', /* ends before the access does */
	READ_ONLY = 'o', /* good for writes only */
	NULL_PAGE = 'n',
	KERNEL = 'k', /* refused before vfio sees it */
};

static uint64_t state;
static uint64_t keep = UINT64_MAX - 4;
static FILE *skips;
static unsigned long next_skip = ULONG_MAX;
/* AREA bytes, then a page that nobody may touch. */
static uint8_t *area;
static uint8_t *read_only;

/* xorshift64*: the same everywhere, and good enough. */
static uint32_t any(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL >> 32) % below;
}

static void seed(uint64_t value)
{
	int i;

	state = value * 0x9e3779b97f4a7c15ULL + 1;
	for (i = 0; i < 20; i++)
		any(1);
}

static uint8_t *map(size_t size)
{
	uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(2, "mmap");
	return p;
}

static uint64_t pick_offset(uint32_t limit)
{
	uint32_t low = limit < 0x180 ? limit : 0x180;
	uint32_t n = any(100);

	if (n < 30)
		return any(limit);
	if (n < 60)
		return any(low);
	if (n < 80)
		return 0x40 + any(0xc0);
	if (n < 85)
		return any(0x40);
	if (n < 89)
		return 0xf0 + any(0x20);
	if (n < 94)
		return limit - 16 + any(32);
	if (n < 98)
		return limit + any(0x2000);
	return (uint64_t)any(UINT32_MAX) << any(8);
}

static size_t pick_size(void)
{
	uint32_t n = any(200);

	if (n < 120)
		return 1U << any(3);
	if (n < 155)
		return 3 + any(6);
	if (n < 187)
		return 9 + any(56);
	if (n < 194)
		return 65 + any(448);
	if (n < 196)
		return 513 + any(MAX_SIZE - 512);
	return 0;
}

static enum kind pick_kind(void)
{
	static const enum kind bad[] = { EDGE,	    EDGE,      EDGE,
					 READ_ONLY, NULL_PAGE, KERNEL };

	return any(100) < 90 ? MEMORY : bad[any(6)];
}

static void fill(uint8_t *data, size_t size)
{
	static const uint8_t constant[] = { 0, 0xff, 0x55 };
	uint32_t n = any(8);
	size_t i;

	for (i = 0; i < size; i++)
		data[i] = n < sizeof(constant) ? constant[n] : any(256);
}

static void read_skip(void)
{
	if (!skips || fscanf(skips, "%lu", &next_skip) != 1)
		next_skip = ULONG_MAX;
}

static void one_access(int device, off_t config, uint32_t limit, bool skip)
{
	bool write = any(2);
	uint64_t off = pick_offset(limit);
	size_t size = pick_size(), good = size, show, i;
	enum kind kind = pick_kind();
	uint8_t *buf;
	ssize_t ret;

	if (off < keep + 4 && off + size > keep)
		write = false;
	switch (kind) {
	case EDGE:
		good = size ? any(size) : 0;
		buf = area + AREA - good;
		break;
	case READ_ONLY:
		buf = read_only + any(64);
		break;
	case NULL_PAGE:
		buf = (uint8_t *)(uintptr_t)any(64);
		good = 0;
		break;
	case KERNEL:
		buf = (uint8_t *)(uintptr_t)0xffff888000001000ULL;
		good = 0;
		break;
	default:
		buf = area + any(64);
	}
	if (kind == READ_ONLY && !write)
		good = 0;
	if (kind == MEMORY || kind == EDGE) {
		/* What a read leaves alone does not look like zeros. */
		memset(area, 0xa5, AREA);
		if (write)
			fill(buf, good);
	}
	fprintf(stderr, "%c %lx %zu %c %zu ", write ? 'w' : 'r',
		(unsigned long)off, size, kind, good);
	if (skip) {
		fputs("skipped\n", stderr);
		return;
	}
	ret = write ? pwrite(device, buf, size, config + off) :
		      pread(device, buf, size, config + off);

	if (ret < 0)
		fprintf(stderr, "-%s", strerrorname_np(errno));
	else
		fprintf(stderr, "%zd", ret);
	show = ret >= 0 ? (size_t)ret : 64;
	if (show > good)
		show = good;
	if (!write && show) {
		fputc(' ', stderr);
		for (i = 0; i < show; i++)
			fprintf(stderr, "%02x", buf[i]);
	}
	fputc('\n', stderr);
}

int main(int argc, char **argv)
{
	static char buffer[1 << 16];
	unsigned long count, i;
	uint32_t limit;
	off_t config;
	int device;

	if (argc < 5 || argc > 7)
		errx(1,
		     "usage: vfio-fuzz BDF SEED COUNT LIMIT [KEEP|none [SKIP]]");
	seed(strtoull(argv[2], NULL, 10));
	count = strtoul(argv[3], NULL, 10);
	limit = strtoul(argv[4], NULL, 10);
	if (argc > 5 && strcmp(argv[5], "none") != 0)
		keep = strtoul(argv[5], NULL, 10);
	if (argc > 6) {
		skips = fopen(argv[6], "r");
		if (!skips)
			err(2, "%s", argv[6]);
		read_skip();
	}

	area = map(AREA + PAGE);
	if (mprotect(area + AREA, PAGE, PROT_NONE))
		err(2, "mprotect");
	read_only = map(AREA);
	fill(read_only, AREA);
	if (mprotect(read_only, AREA, PROT_READ))
		err(2, "mprotect");
	setvbuf(stderr, buffer, _IOFBF, sizeof(buffer));

	device = vfio_open(argv[1], &config);
	puts("open");
	fflush(stdout);
	if (getchar() != '\n')
		errx(2, "nobody said go");
	for (i = 0; i < count; i++) {
		bool skip = i == next_skip;

		if (skip)
			read_skip();
		one_access(device, config, limit, skip);
	}
	puts("done");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
