// SPDX-License-Identifier: GPL-2.0-only
/*
 * access-cost - instructions of one config access, measured from user space
 *
 * Usage: access-cost BDF|memory [uring], then lines "r|w OFFSET SIZE [each|rested]" on stdin,
 * the offset in hex
 *
 * With "memory" it is a file in memory instead of a device.  With "uring" the task
 * has used io_uring, for nothing else.
 *
 * Answers each line with the instructions of one such access.  Only of use in a
 * machine where virtual time counts instructions (QEMU -icount shift=0): 1 ns is
 * 1 instruction there.
 *
 * Accesses come in batches of 16, and the cheapest batch is the one without an
 * interrupt.  One of more than 64 bytes is a batch in itself.  What reading the
 * clock takes is taken off.
 *
 *	each	every access goes to the next register: 8 batches, 512 bytes
 *	rested	one access a batch, and a timer tick passes before it
 */
#define _GNU_SOURCE
#include <err.h>
#include <inttypes.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../vm/vfio-open.h"

#define BATCHES 40
#define BATCH 16
#define LONG 64

struct sample {
	char dir;
	unsigned int offset;
	unsigned int size;
	char how[8];
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Of reading the clock twice */
static uint64_t clock_cost(void)
{
	uint64_t best = UINT64_MAX, start, took;
	int i;

	for (i = 0; i < BATCHES; i++) {
		start = now();
		took = now() - start;
		if (took < best)
			best = took;
	}
	return best;
}

/* Longer than a tick at any HZ that kernels are built with. */
static void rest(void)
{
	const struct timespec ts = { .tv_nsec = 12000000 };

	nanosleep(&ts, NULL);
}

static uint64_t measure(int fd, off_t config, const struct sample *s)
{
	int each = !strcmp(s->how, "each"), rested = !strcmp(s->how, "rested");
	int batches = each || s->size > LONG ? 8 : BATCHES;
	int batch = rested || s->size > LONG ? 1 : BATCH;
	off_t pos = config + s->offset, step = each ? s->size : 0;
	uint64_t best = UINT64_MAX, start, took;
	ssize_t n, size = s->size;
	static uint8_t buf[4096];
	int i, j;

	for (i = 0; i < batches; i++) {
		if (rested)
			rest();
		start = now();
		for (j = 0; j < batch; j++) {
			n = s->dir == 'w' ? pwrite(fd, buf, size, pos) :
					    pread(fd, buf, size, pos);
			if (n != size)
				err(2, "access returned %zd", n);
			pos += step;
		}
		took = now() - start;
		if (took < best)
			best = took;
	}
	return (best - clock_cost() + batch / 2) / batch;
}

/* A file that is as large as config space, and costs as little as any. */
static int memory_open(void)
{
	int fd = memfd_create("access-cost", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, 4096))
		err(2, "memory");
	return fd;
}

/* From then on the kernel has a context of io_uring for the task. */
static int uring_open(void)
{
	struct io_uring_params params = { 0 };

	return syscall(SYS_io_uring_setup, 1, &params);
}

int main(int argc, char **argv)
{
	char line[64];
	off_t config = 0;
	int fd;

	if (argc != 2 && (argc != 3 || strcmp(argv[2], "uring")))
		errx(2, "usage: access-cost BDF|memory [uring]");
	if (argc == 3 && uring_open() < 0)
		err(2, "io_uring");
	fd = strcmp(argv[1], "memory") ? vfio_open(argv[1], &config) :
					 memory_open();
	while (fgets(line, sizeof(line), stdin)) {
		struct sample s = { 0 };

		if (sscanf(line, "%c %x %u %7s", &s.dir, &s.offset, &s.size,
			   s.how) < 3 ||
		    s.size > 4096)
			errx(2, "not 'r|w OFFSET SIZE [each|rested]': %s",
			     line);
		printf("%" PRIu64 "\n", measure(fd, config, &s));
		fflush(stdout);
	}
	return 0;
}
