// SPDX-License-Identifier: GPL-2.0-only
/*
 * A new policy's objects are pinned beside the old one's and moved over them when
 * it is in force.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "force/pins.h"

#define PATH_LEN 64

static const char *pin_path(char buf[PATH_LEN], const char *name,
			    const char *suffix)
{
	snprintf(buf, PATH_LEN, VG_PIN_DIR "/%s%s", name, suffix);
	return buf;
}

#define NEW VG_PIN_NEW_SUFFIX

/* Pins beside the old ones; vg_pins_commit() moves them over. */
int vg_pins_prepare(const struct bpf_object *obj)
{
	const struct vg_store_map *map;
	char path[PATH_LEN];
	int ret;

	unlink(pin_path(path, "ask", NEW));
	ret = bpf_program__pin(bpf_object__find_program_by_name(obj, "ask"),
			       path);
	for (map = vg_store_maps; map->name && !ret; map++) {
		if (map->stays)
			continue;
		unlink(pin_path(path, map->name, NEW));
		ret = bpf_obj_pin(bpf_object__find_map_fd_by_name(obj,
								  map->name),
				  path) ?
			      -errno :
			      0;
	}
	return ret;
}

/* One that is not there was moved before, by a load that was cut short. */
static int commit_pin(const char *name)
{
	char from[PATH_LEN], to[PATH_LEN];

	return rename(pin_path(from, name, NEW), pin_path(to, name, "")) &&
			       errno != ENOENT ?
		       -errno :
		       0;
}

int vg_pins_commit(void)
{
	const struct vg_store_map *map;
	int ret = commit_pin("ask");

	/* "config", the first, comes last: see vg_recover(). */
	for (map = vg_store_maps + 1; map->name && !ret; map++)
		if (!map->stays)
			ret = commit_pin(map->name);
	return ret ? ret : commit_pin(vg_store_maps->name);
}

void vg_pins_remove(void)
{
	const struct vg_store_map *map;
	char path[PATH_LEN];

	if (access(VG_PIN_DIR, F_OK))
		return;
	unlink(VG_PIN("link"));
	/* Of a stock kernel, see stock_object.c. */
	unlink(VG_PIN("link_trace"));
	unlink(VG_PIN("link_module"));
	unlink(VG_PIN("door_trace"));
	unlink(VG_PIN("door_lsm"));
	unlink(VG_PIN("ask"));
	unlink(VG_PIN("ask" NEW));
	for (map = vg_store_maps; map->name; map++) {
		unlink(pin_path(path, map->name, ""));
		unlink(pin_path(path, map->name, NEW));
	}
	rmdir(VG_PIN_DIR);
}

int vg_pins_add(const struct bpf_object *obj, const struct vg_store_map *map)
{
	char path[PATH_LEN];

	return bpf_obj_pin(bpf_object__find_map_fd_by_name(obj, map->name),
			   pin_path(path, map->name, "")) ?
		       -errno :
		       0;
}
