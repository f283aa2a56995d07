// SPDX-License-Identifier: GPL-2.0-only
/*
 * access-cost - instructions of one config access, measured from user space
 *
 * Usage: access-cost BDF, then lines "r|w OFFSET SIZE" (hex, decimal) on stdin
 *
 * Answers each line with the instructions of one such access.  Only of use in a
 * machine where virtual time counts instructions (QEMU -icount shift=0): 1 ns is
 * 1 instruction there.  The cheapest batch is the one without an interrupt.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../vm/vfio-open.h"

#define BATCHES 40
#define BATCH 16

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static uint64_t measure(int fd, char dir, off_t pos, size_t size)
{
	/* A long one is a batch in itself. */
	int batches = size > 64 ? 8 : BATCHES, batch = size > 64 ? 1 : BATCH;
	uint64_t best = UINT64_MAX, start, took;
	static uint8_t buf[4096];
	int i, j;

	for (i = 0; i < batches; i++) {
		start = now();
		for (j = 0; j < batch; j++) {
			ssize_t n = dir == 'w' ? pwrite(fd, buf, size, pos) :
						 pread(fd, buf, size, pos);

			if (n != (ssize_t)size)
				err(2, "access returned %zd", n);
		}
		took = now() - start;
		if (took < best)
			best = took;
	}
	return (best + batch / 2) / batch;
}

int main(int argc, char **argv)
{
	unsigned int offset, size;
	char line[64], dir;
	off_t config;
	int fd;

	if (argc != 2)
		errx(2, "usage: access-cost BDF");
	fd = vfio_open(argv[1], &config);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%c %x %u", &dir, &offset, &size) != 3 ||
		    size > 4096)
			errx(2, "not 'r|w OFFSET SIZE': %s", line);
		printf("%llu\n",
		       (unsigned long long)measure(fd, dir, config + offset,
						   size));
		fflush(stdout);
	}
	return 0;
}
