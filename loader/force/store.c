// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "force/lock_state.h"
#include "force/pins.h"
#include "force/recover.h"
#include "force/store.h"
#include "force/store_lock.h"
#include "kernel/stock.h"
#include "util/log.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void vg_store_close(struct vg_store *store)
{
	const struct vg_store_map *map;

	close_fd(&store->link);
	close_fd(&store->ask);
	close_fd(&store->door_trace);
	close_fd(&store->door_lsm);
	for (map = vg_store_maps; map->name; map++)
		close_fd(vg_store_map_fd(store, map));
}

bool vg_store_pinned(void)
{
	return !access(VG_PIN_DIR "/link", F_OK);
}

/* Opens a map's pin and checks that its entries have the size we know. */
static int open_map(const struct vg_store_map *map)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	char path[64];
	int fd;

	snprintf(path, sizeof(path), VG_PIN_DIR "/%s", map->name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -1;
	if (!bpf_map_get_info_by_fd(fd, &info, &len) &&
	    info.key_size == map->key_size &&
	    info.value_size == map->value_size)
		return fd;
	close(fd);
	errno = EPROTO;
	return -1;
}

/* Return: whether all are open; says nothing. */
static bool open_maps(struct vg_store *store)
{
	const struct vg_store_map *map;

	for (map = vg_store_maps; map->name; map++) {
		int *fd = vg_store_map_fd(store, map);

		*fd = open_map(map);
		if (*fd < 0)
			return false;
	}
	store->ask = bpf_obj_get(VG_PIN_DIR "/ask");
	return store->ask >= 0;
}

/* A lock lets nobody have the link. */
static enum vg_exit open_link(struct vg_store *store)
{
	int err = EPERM;

	if (!vg_lock_pinned()) {
		store->door_trace = bpf_obj_get(VG_PIN_DIR "/door_trace");
		store->door_lsm = bpf_obj_get(VG_PIN_DIR "/door_lsm");
		store->link = bpf_obj_get(VG_PIN_DIR "/link");
		err = store->link < 0 ? errno : 0;
	}
	if (!err || (err == EPERM && vg_lock_pinned()))
		return VG_EXIT_OK;
	if (err == ENOENT) {
		vg_error("no policy is loaded; run: vfioguard load POLICY");
		return VG_EXIT_NOT_LOADED;
	}
	vg_error("can't open " VG_PIN_DIR "/link: %s", strerror(err));
	return VG_EXIT_FAILURE;
}

static enum vg_exit check_schema(struct vg_store *store)
{
	struct vg_config config;

	if (!vg_store_read_config(store, &config) && config.schema == VG_SCHEMA)
		return VG_EXIT_OK;
	vg_error("the policy pinned in %s has schema %u, this program knows "
		 "%u; run: vfioguard unload",
		 VG_PIN_DIR, config.schema, VG_SCHEMA);
	return VG_EXIT_FAILURE;
}

enum vg_exit vg_store_open_held(struct vg_store *store)
{
	enum vg_exit ret;

	*store = (struct vg_store)VG_STORE_CLOSED;
	ret = vg_hook_privileges();
	if (!ret)
		ret = open_link(store);
	if (!ret)
		ret = vg_recover(store->link);
	if (ret)
		return ret;
	if (!open_maps(store)) {
		vg_error("the policy pinned in %s is not one of this version "
			 "(%s); run: vfioguard unload",
			 VG_PIN_DIR, strerror(errno));
		return VG_EXIT_FAILURE;
	}
	if (!vg_in_step(store)) {
		vg_error("the policy in force does not use the maps that are "
			 "pinned in %s; run: vfioguard unload, then load it "
			 "again",
			 VG_PIN_DIR);
		return VG_EXIT_FAILURE;
	}
	return check_schema(store);
}

enum vg_exit vg_store_open(struct vg_store *store)
{
	enum vg_exit ret;
	int lock;

	*store = (struct vg_store)VG_STORE_CLOSED;
	ret = vg_hook_privileges();
	if (!ret)
		ret = open_link(store);
	if (ret)
		return ret;
	if (open_maps(store) && vg_in_step(store))
		return check_schema(store);

	/* A load or unload is at work, or one was cut short. */
	vg_store_close(store);
	lock = vg_store_lock();
	if (lock < 0)
		return VG_EXIT_FAILURE;
	ret = vg_store_open_held(store);
	close(lock);
	return ret;
}

int vg_store_read_config(const struct vg_store *store, struct vg_config *config)
{
	__u32 zero = 0;

	memset(config, 0, sizeof(*config));
	return bpf_map_lookup_elem(store->config, &zero, config);
}

enum vg_exit vg_store_hook(const struct vg_store *store, struct vg_hook *hook)
{
	struct vg_config config;

	vg_store_read_config(store, &config);
	return vg_hook_of(config.door, hook);
}

bool vg_store_attached(const struct vg_store *store)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	struct vg_lock_ask state;

	if (store->link < 0)
		return vg_lock_read(&state) && state.attached;
	if (bpf_link_get_info_by_fd(store->link, &info, &len))
		return false;
	/* Such a link holds until its last descriptor and pin are gone. */
	if (info.type == BPF_LINK_TYPE_TRACING)
		return vg_store_pinned();
	return info.struct_ops.map_id;
}

const char *vg_store_trouble(const struct vg_config *config)
{
	/* An LSM program has the pin "link"; the tracing one is beside it then. */
	return config->door == VG_DOOR_STOCK ?
		       vg_stock_trouble(!access(VG_PIN("link_trace"), F_OK)) :
		       NULL;
}

int vg_store_ask(const struct vg_store *store, struct vg_ask *ask)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	opts.ctx_in = ask;
	opts.ctx_size_in = sizeof(*ask);
	/* The kernel writes it back there. */
	return bpf_prog_test_run_opts(store->ask, &opts);
}
