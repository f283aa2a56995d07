// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kernel/kallsyms.h"

#define NAME_LEN 256
/* No function of the kernel is longer; what looks so has no neighbour. */
#define SIZE_MAX_BYTES 0x10000

struct symbol {
	unsigned long long address;
	char name[NAME_LEN];
};

/* The kernel's own come first and in order; modules' have their name behind. */
static int next_symbol(FILE *f, struct symbol *s)
{
	char type, end;
	int n;

	n = fscanf(f, "%llx %c %255s%c", &s->address, &type, s->name, &end);
	return n == 4 && end == '\n';
}

int vg_function_sizes(struct vg_function_size *list, size_t nr)
{
	unsigned long long found[8] = {};
	bool hidden = true;
	struct symbol s;
	size_t i;
	FILE *f;

	if (nr > sizeof(found) / sizeof(found[0]))
		return -E2BIG;
	f = fopen("/proc/kallsyms", "re");
	if (!f)
		return -errno;
	for (i = 0; i < nr; i++)
		list[i].size = 0;
	while (next_symbol(f, &s)) {
		/* Those of each processor start at 0. */
		hidden &= !s.address;
		for (i = 0; i < nr; i++) {
			/* Two names of one function have no bytes between. */
			if (found[i] && !list[i].size && s.address > found[i] &&
			    s.address - found[i] < SIZE_MAX_BYTES)
				list[i].size = s.address - found[i];
			if (!found[i] && !strcmp(s.name, list[i].name))
				found[i] = s.address;
		}
	}
	fclose(f);
	return hidden ? -EACCES : 0;
}
