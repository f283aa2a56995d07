// SPDX-License-Identifier: GPL-2.0-only
/*
 * config-space [-l] FILE [NUMBER]: the config space of a device of a .layout file, its
 * first if none is said, to stdout as bytes, as sysfs would have it.  -l lists them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout_file.h"

static int usage(void)
{
	fputs("usage: config-space FILE [NUMBER] >CONFIG\n"
	      "       config-space -l FILE\n",
	      stderr);
	return 2;
}

static void list_all(const struct lf_list *list)
{
	size_t i;

	for (i = 0; i < list->nr; i++) {
		const struct lf_device *d = &list->devices[i];

		printf("%zu %04x:%04x %06x %u %s\n", i + 1, d->vendor,
		       d->device, d->class, d->size, d->name);
	}
}

int main(int argc, char **argv)
{
	bool listed = argc > 1 && !strcmp(argv[1], "-l");
	struct lf_list list = {};
	__u8 space[LF_BYTES];
	unsigned long nr = 1;
	char *end = "";
	int ret = 0;

	if (argc < 2 + listed || argc > 3)
		return usage();
	if (!listed && argc == 3)
		nr = strtoul(argv[2], &end, 10);
	if (lf_read(argv[1 + listed], &list))
		return 1;
	if (listed) {
		list_all(&list);
	} else if (*end || !nr || nr > list.nr) {
		fprintf(stderr, "%s has the devices 1 to %zu, not %s\n",
			argv[1], list.nr, argc == 3 ? argv[2] : "any");
		ret = 1;
	} else {
		lf_build(&list.devices[nr - 1], space);
		fwrite(space, 1, list.devices[nr - 1].size, stdout);
	}
	lf_free(&list);
	return fflush(stdout) || ferror(stdout) ? 1 : ret;
}
