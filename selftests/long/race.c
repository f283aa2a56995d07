// SPDX-License-Identifier: GPL-2.0-only
/*
 * race - write to 0x80 while another thread changes the buffer
 *
 * Usage: race BDF WRITES
 *
 * Attaches policy "open" and prints what it saw, a line "VALUE COUNT" for each
 * value. The bus must have seen the same.
 */
#include <err.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../vm/vfio-open.h"
#include "judge_load.h"

static const uint32_t values[] = { 0x11111111, 0x22222222, 0x33333333,
				   0x44444444, 0x55555555, 0x66666666,
				   0x77777777 };
static volatile uint32_t buffer = 0x11111111;
static atomic_bool done;

static void *change(void *arg)
{
	unsigned int i = 0;

	(void)arg;
	while (!done)
		buffer = values[i++ % (sizeof(values) / sizeof(*values))];
	return NULL;
}

static void print_seen(int map)
{
	uint32_t key, *prev = NULL;
	uint64_t count;

	while (!bpf_map_get_next_key(map, prev, &key)) {
		if (bpf_map_lookup_elem(map, &key, &count))
			err(1, "map");
		printf("0x%08" PRIx32 " %" PRIu64 "\n", key, count);
		prev = &key;
	}
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_link *link;
	pthread_t changer;
	long i, writes;
	off_t config;
	int device;

	if (argc != 3 || (writes = atol(argv[2])) < 1) {
		fprintf(stderr, "usage: race BDF WRITES\n");
		return 1;
	}
	device = vfio_open(argv[1], &config);
	object = judge_load();
	if (!object)
		err(1, "judge.bpf.o");
	link = judge_attach(object, "open");
	if (!link)
		err(1, "attach");
	pthread_create(&changer, NULL, change, NULL);
	for (i = 0; i < writes; i++)
		if (pwrite(device, (void *)&buffer, 4, config + 0x80) != 4)
			err(1, "write %ld", i);
	done = true;
	pthread_join(changer, NULL);
	bpf_link__destroy(link);
	print_seen(bpf_object__find_map_fd_by_name(object, "seen"));
	bpf_object__close(object);
	return 0;
}
