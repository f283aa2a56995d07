// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring-fill.c - fill the policy's ring buffer with events
 *
 * Usage: ring-fill PROGRAM N DEVICES
 *
 * PROGRAM is where ring-fill.bpf.o is pinned.  Returns when N events were taken
 * by the ring buffer, of DEVICES functions that there are not; while it is full, waits for whoever reads it.  Prints how
 * often it was.  Exit status: 0, or 1 if nobody reads for 30 seconds.
 */
#include <err.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ring-fill.h"

static int bpf(int command, union bpf_attr *attr, unsigned int size)
{
	return syscall(SYS_bpf, command, attr, size);
}

int main(int argc, char **argv)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	unsigned long full = 0, idle = 0;
	struct ring_fill run = { 0 };
	union bpf_attr attr = { 0 };
	int program;

	if (argc != 4)
		errx(1, "usage: ring-fill PROGRAM N DEVICES");
	run.end = strtoul(argv[2], NULL, 10);
	run.devices = strtoul(argv[3], NULL, 10);
	attr.pathname = (__u64)(unsigned long)argv[1];
	program = bpf(BPF_OBJ_GET, &attr, sizeof(attr));
	if (program < 0)
		err(1, "%s", argv[1]);
	while (run.number < run.end) {
		attr = (union bpf_attr){ 0 };
		attr.test.prog_fd = program;
		attr.test.ctx_in = (__u64)(unsigned long)&run;
		attr.test.ctx_size_in = sizeof(run);
		if (bpf(BPF_PROG_RUN, &attr, sizeof(attr)))
			err(1, "the program does not run");
		run.number += run.sent;
		idle = run.sent ? 0 : idle + 1;
		if (idle > 30000)
			errx(1, "nobody reads: %u events", run.number);
		if (run.sent < RING_FILL_BATCH && run.number < run.end) {
			full++;
			nanosleep(&ms, NULL);
		}
	}
	printf("%u events, full %lu times\n", run.number, full);
	return 0;
}
