// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "judge_load.h"

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

/* The object is beside the program. */
static void object_path(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	path[n < 0 ? 0 : n] = '\0';
	slash = strrchr(path, '/');
	snprintf(slash ? slash + 1 : path,
		 size - (slash ? slash + 1 - path : 0), "judge.bpf.o");
}

struct bpf_object *judge_load(void)
{
	struct bpf_object *object;
	char path[PATH_MAX];
	int err;

	libbpf_set_print(be_silent);
	object_path(path, sizeof(path));
	object = bpf_object__open_file(path, NULL);
	if (!object)
		return NULL;
	err = bpf_object__load(object);
	if (err) {
		bpf_object__close(object);
		errno = -err;
		return NULL;
	}
	return object;
}

struct bpf_link *judge_attach(struct bpf_object *object, const char *name)
{
	return bpf_map__attach_struct_ops(
		bpf_object__find_map_by_name(object, name));
}

int judge_update(struct bpf_object *object, struct bpf_link *link,
		 const char *name)
{
	return bpf_link__update_map(link,
				    bpf_object__find_map_by_name(object, name));
}
