// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "force/in_force.h"
#include "force/pins.h"
#include "force/recover.h"
#include "util/log.h"

bool vg_in_step(struct vg_store *store)
{
	const struct vg_store_map *map;
	struct vg_prog_maps maps;
	int ret;

	if (store->link < 0)
		return true;
	ret = vg_in_force_read(store->link, &maps);
	if (ret)
		return ret == -ENOLINK;
	for (map = vg_store_maps; map->name; map++)
		if (map->judges &&
		    !vg_prog_maps_have(&maps, *vg_store_map_fd(store, map)))
			return false;
	return true;
}

/* Whether the map behind a pin is one of them. */
static bool pin_in_force(const struct vg_prog_maps *maps, const char *path)
{
	int fd = bpf_obj_get(path);
	bool have = fd >= 0 && vg_prog_maps_have(maps, fd);

	if (fd >= 0)
		close(fd);
	return have;
}

/*
 * "config" is moved last: where its pin is in force all of them are, and where the
 * new one is, those that are left of the new ones are to be moved.
 */
enum vg_exit vg_recover(int link)
{
	struct vg_prog_maps maps;
	int ret = link < 0 ? -ENOLINK : vg_in_force_read(link, &maps);

	if (ret == -ENOLINK || (!ret && pin_in_force(&maps, VG_PIN("config"))))
		return VG_EXIT_OK;
	if (ret) {
		vg_error("can't tell which policy is in force: %s",
			 strerror(-ret));
		return VG_EXIT_FAILURE;
	}
	if (!pin_in_force(&maps, VG_PIN_NEW("config"))) {
		vg_error("the policy in force is not the one that is pinned in "
			 "%s; run: vfioguard unload, then load it again",
			 VG_PIN_DIR);
		return VG_EXIT_FAILURE;
	}
	ret = vg_pins_commit();
	if (ret) {
		vg_error("the policy in force is a newer one than the pinned "
			 "one, whose pins can't be replaced: %s",
			 strerror(-ret));
		return VG_EXIT_FAILURE;
	}
	vg_info("the last load was cut short; its policy is in force, and its "
		"maps are pinned now");
	return VG_EXIT_OK;
}
