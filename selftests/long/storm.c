// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm - accesses to config space by many threads
 *
 * Usage: storm BDF THREADS SECONDS SEED [reset]
 *
 * Each thread reads anywhere and writes to unassigned registers of the e1000e
 * (0x40-0x9f), in sizes from 1 to 64 bytes; with "reset" one more resets the
 * device. Prints "ACCESSES FAILURES"; a failure is an access that does not
 * return its size, and ends the program with status 1. The same seed makes the
 * same accesses, if not in the same order.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../vm/vfio-open.h"

static int device;
static off_t config;
static time_t end;
static atomic_long accesses, failures;

static uint32_t next(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

static void one_access(uint64_t *state)
{
	static const size_t sizes[] = { 1, 2, 4, 4, 4, 8, 64 };
	size_t size = sizes[next(state) % (sizeof(sizes) / sizeof(*sizes))];
	bool write = next(state) % 2;
	uint8_t buf[64];
	off_t off;
	ssize_t ret;

	if (write) {
		off = 0x40 + next(state) % (0x60 - size + 1);
		memset(buf, next(state), sizeof(buf));
		ret = pwrite(device, buf, size, config + off);
	} else {
		off = next(state) % (0x1000 - size + 1);
		ret = pread(device, buf, size, config + off);
	}
	accesses++;
	if (ret != (ssize_t)size && !failures++)
		fprintf(stderr, "storm: %s of %zu at %#lx: %zd (%s)\n",
			write ? "write" : "read", size, (long)off, ret,
			strerror(errno));
}

static void *hammer(void *arg)
{
	uint64_t state = (uintptr_t)arg;

	while (time(NULL) < end)
		one_access(&state);
	return NULL;
}

static void *reset(void *arg)
{
	(void)arg;
	while (time(NULL) < end) {
		if (ioctl(device, VFIO_DEVICE_RESET) && !failures++)
			perror("storm: reset");
		usleep(200000);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[65];
	int n, i;

	if (argc < 5 || (n = atoi(argv[2])) < 1 || n > 64) {
		fprintf(stderr,
			"usage: storm BDF THREADS SECONDS SEED [reset]\n");
		return 1;
	}
	device = vfio_open(argv[1], &config);
	end = time(NULL) + atoi(argv[3]);
	for (i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, hammer,
			       (void *)(uintptr_t)(atol(argv[4]) + i));
	if (argc > 5)
		pthread_create(&threads[n++], NULL, reset, NULL);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	printf("%ld %ld\n", (long)accesses, (long)failures);
	return failures != 0;
}
