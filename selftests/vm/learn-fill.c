// SPDX-License-Identifier: GPL-2.0-only
/*
 * learn-fill.c - fill map "learned" with made entries
 *
 * Usage: learn-fill MAP
 *
 * MAP is where the map is pinned.  Adds entries of a device that there is not until
 * the map takes no more; prints how many it took.
 */
#include <err.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../bpf/vfioguard.h"

#define BATCH 1024

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

int main(int argc, char **argv)
{
	static struct vg_learn_key keys[BATCH];
	static struct vg_learned values[BATCH];
	union bpf_attr attr = { 0 };
	unsigned long taken = 0, i;
	int map, ret;

	if (argc != 2)
		errx(1, "usage: learn-fill MAP");
	attr.pathname = (__u64)(unsigned long)argv[1];
	map = bpf(BPF_OBJ_GET, &attr);
	if (map < 0)
		err(1, "%s", argv[1]);
	do {
		for (i = 0; i < BATCH; i++) {
			keys[i].cgroup = (taken + i) / 4096 + 1;
			keys[i].offset = (taken + i) % 4096;
			keys[i].vendor = 0x1234;
			keys[i].device = 0x5678;
			keys[i].size = 1;
			values[i].count = 1;
		}
		memset(&attr, 0, sizeof(attr));
		attr.batch.map_fd = map;
		attr.batch.keys = (__u64)(unsigned long)keys;
		attr.batch.values = (__u64)(unsigned long)values;
		attr.batch.count = BATCH;
		ret = bpf(BPF_MAP_UPDATE_BATCH, &attr);
		taken += attr.batch.count;
	} while (!ret);
	if (errno != E2BIG)
		err(1, "after %lu entries", taken);
	printf("%lu\n", taken);
	return 0;
}
