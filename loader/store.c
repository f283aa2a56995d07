// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile.h"
#include "event_log.h"
#include "log.h"
#include "store.h"
#include "vfioguard.skel.h"

#define PIN(name) VG_PIN_DIR "/" name
/* bpffs takes no dots in names. */
#define NEW(name) VG_PIN_DIR "/" name "_new"

void vg_store_close(struct vg_store *store)
{
	int *fds[] = { &store->link,	&store->allowlist, &store->config,
		       &store->devices, &store->events,	   &store->heartbeat };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

__u64 vg_store_program(void)
{
	const unsigned char *elf;
	size_t len, i;
	__u64 hash = 0xcbf29ce484222325ULL;

	elf = vfioguard_bpf__elf_bytes(&len);
	for (i = 0; i < len; i++)
		hash = (hash ^ elf[i]) * 0x100000001b3ULL;
	return hash;
}

bool vg_store_pinned(void)
{
	return !access(PIN("link"), F_OK);
}

/*
 * One load or unload at a time: a reload by the daemon and one by hand use the
 * same names.  Closing the descriptor unlocks.
 */
static int lock_store(void)
{
	int fd;

	if (mkdir(VG_RUN_DIR, 0755) && errno != EEXIST)
		fd = -1;
	else
		fd = open(VG_RUN_DIR "/load.lock", O_RDWR | O_CREAT | O_CLOEXEC,
			  0600);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		vg_error("can't lock " VG_RUN_DIR "/load.lock: %s",
			 strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* Opens the pin @path and checks that its entries have the size we know. */
static int open_map(const char *path, __u32 key_size, __u32 value_size)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int fd;

	fd = bpf_obj_get(path);
	if (fd < 0)
		return -1;
	if (!bpf_map_get_info_by_fd(fd, &info, &len) &&
	    info.key_size == key_size && info.value_size == value_size)
		return fd;
	close(fd);
	errno = EPROTO;
	return -1;
}

static enum vg_exit open_maps(struct vg_store *store)
{
	store->allowlist = open_map(PIN("allowlist"),
				    sizeof(struct vg_device_id), sizeof(__u32));
	store->config = open_map(PIN("config"), sizeof(__u32),
				 sizeof(struct vg_config));
	store->devices = open_map(PIN("devices"), sizeof(__u32),
				  sizeof(struct vg_device));
	store->heartbeat =
		open_map(PIN("heartbeat"), sizeof(__u32), sizeof(__u64));
	store->events = open_map(PIN("events"), 0, 0);

	if (store->allowlist >= 0 && store->config >= 0 &&
	    store->devices >= 0 && store->heartbeat >= 0 && store->events >= 0)
		return VG_EXIT_OK;

	vg_error("the policy pinned in %s is not one of this version (%s); "
		 "run: vfioguard unload",
		 VG_PIN_DIR, strerror(errno));
	return VG_EXIT_FAILURE;
}

enum vg_exit vg_store_open(struct vg_store *store)
{
	struct vg_config config;
	enum vg_exit ret;

	*store = (struct vg_store){ -1, -1, -1, -1, -1, -1 };
	ret = vg_hook_privileges();
	if (ret)
		return ret;

	store->link = bpf_obj_get(PIN("link"));
	if (store->link < 0 && errno == ENOENT) {
		vg_error("no policy is loaded; run: vfioguard load POLICY");
		return VG_EXIT_NOT_LOADED;
	}
	if (store->link < 0) {
		vg_error("can't open " PIN("link") ": %s", strerror(errno));
		return VG_EXIT_FAILURE;
	}
	ret = open_maps(store);
	if (ret)
		return ret;

	if (vg_store_read_config(store, &config) ||
	    config.schema != VG_SCHEMA) {
		vg_error("the policy pinned in %s has schema %u, this program "
			 "knows %u; run: vfioguard unload",
			 VG_PIN_DIR, config.schema, VG_SCHEMA);
		return VG_EXIT_FAILURE;
	}
	return VG_EXIT_OK;
}

int vg_store_read_config(const struct vg_store *store, struct vg_config *config)
{
	__u32 zero = 0;

	memset(config, 0, sizeof(*config));
	return bpf_map_lookup_elem(store->config, &zero, config);
}

__u32 vg_store_map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_map_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

bool vg_store_attached(const struct vg_store *store)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	return !bpf_link_get_info_by_fd(store->link, &info, &len) &&
	       info.struct_ops.map_id;
}

/* A reload goes on with the counters, events and heartbeat there are. */
static int reuse_maps(struct vfioguard_bpf *skel, const struct vg_store *old)
{
	int ret;

	if (old->devices < 0)
		return 0;
	ret = bpf_map__reuse_fd(skel->maps.devices, old->devices);
	if (!ret)
		ret = bpf_map__reuse_fd(skel->maps.events, old->events);
	if (!ret)
		ret = bpf_map__reuse_fd(skel->maps.heartbeat, old->heartbeat);
	return ret;
}

static int fill_maps(struct vfioguard_bpf *skel, const struct vg_compiled *c,
		     __u64 generation)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	struct vg_config config = c->config;
	__u32 zero = 0, count = c->nr_entries;
	int ret;

	config.generation = generation;
	config.program = vg_store_program();
	ret = bpf_map__update_elem(skel->maps.config, &zero, sizeof(zero),
				   &config, sizeof(config), BPF_ANY);
	if (ret || !count)
		return ret;

	return bpf_map_update_batch(bpf_map__fd(skel->maps.allowlist), c->keys,
				    c->flags, &count, &opts);
}

/* Pins beside the old ones; commit_pins() moves them over. */
static int prepare_pins(struct vfioguard_bpf *skel)
{
	unlink(NEW("allowlist"));
	unlink(NEW("config"));
	return bpf_map__pin(skel->maps.allowlist, NEW("allowlist")) ?:
		       bpf_map__pin(skel->maps.config, NEW("config"));
}

static int commit_pins(void)
{
	if (rename(NEW("allowlist"), PIN("allowlist")) ||
	    rename(NEW("config"), PIN("config")))
		return -errno;
	return 0;
}

static void remove_pins(void)
{
	static const char *const pins[] = {
		PIN("link"),	  PIN("allowlist"), PIN("config"),
		PIN("devices"),	  PIN("events"),    PIN("heartbeat"),
		NEW("allowlist"), NEW("config"),
	};
	size_t i;

	for (i = 0; i < sizeof(pins) / sizeof(pins[0]); i++)
		unlink(pins[i]);
	rmdir(VG_PIN_DIR);
}

static int update_link(struct vfioguard_bpf *skel, const struct vg_store *old)
{
	int ret;

	ret = bpf_link_update(old->link, bpf_map__fd(skel->maps.vfioguard),
			      NULL);
	if (ret)
		return ret;
	/* In force already, so not an error of the load. */
	ret = commit_pins();
	if (ret)
		vg_warn("the policy is in force, but its maps could not be "
			"pinned (%s): the pinned ones are the old policy's",
			strerror(-ret));
	return 0;
}

static int first_link(struct vfioguard_bpf *skel)
{
	struct bpf_link *link;
	int ret;

	ret = commit_pins();
	if (!ret)
		ret = bpf_map__pin(skel->maps.devices, PIN("devices"));
	if (!ret)
		ret = bpf_map__pin(skel->maps.events, PIN("events"));
	if (!ret)
		ret = bpf_map__pin(skel->maps.heartbeat, PIN("heartbeat"));
	if (ret)
		return ret;

	link = bpf_map__attach_struct_ops(skel->maps.vfioguard);
	if (!link)
		return -errno;
	ret = bpf_link__pin(link, PIN("link"));
	/* Unpinned it detaches with this. */
	bpf_link__destroy(link);
	return ret;
}

/*
 * Make the ops ready for an update of the link.  The one public call that hands
 * them to the kernel also tries to attach them, and is refused by the hook
 * because the old policy holds the place; that is the good case here.
 */
static int register_ops(struct vfioguard_bpf *skel)
{
	struct bpf_link *link;

	link = bpf_map__attach_struct_ops(skel->maps.vfioguard);
	if (link) {
		bpf_link__destroy(link);
		return -ENOLINK;
	}
	return errno == EBUSY ? 0 : -errno;
}

static enum vg_exit explain(int err)
{
	if (err == -EBUSY)
		vg_error("another program's policy is attached to the hook; "
			 "find it with: bpftool link show");
	else if (err == -ENOLINK)
		vg_error("the loaded policy was detached by someone else; "
			 "run: vfioguard unload, then load it again");
	else if (err == -E2BIG)
		vg_error("the policy has more devices than the allow list "
			 "takes");
	else
		vg_error("the policy could not be put in force: %s "
			 "(-v shows what the kernel says)",
			 strerror(-err));
	return VG_EXIT_FAILURE;
}

static int attach(struct vfioguard_bpf *skel, const struct vg_store *old)
{
	int ret;

	if (mkdir(VG_PIN_DIR, 0700) && errno != EEXIST)
		return -errno;
	ret = prepare_pins(skel);
	if (ret)
		return ret;
	if (old->link < 0)
		return first_link(skel);
	ret = register_ops(skel);
	return ret ? ret : update_link(skel, old);
}

/* Somebody detached the link: attach anew, but keep the counters. */
static void revive(struct vg_store *old)
{
	vg_warn("the loaded policy had been detached by someone else");
	remove_pins();
	close(old->link);
	old->link = -1;
}

enum vg_exit vg_store_load(const struct vg_policy *policy,
			   const struct vg_hook *hook)
{
	struct vg_store old = { -1, -1, -1, -1, -1, -1 };
	struct vg_compiled compiled = {};
	struct vfioguard_bpf *skel = NULL;
	struct vg_config config = {};
	enum vg_exit ret;
	int err, lock;

	ret = vg_compile(policy, hook, &compiled);
	if (ret)
		return ret;
	lock = lock_store();
	if (lock < 0) {
		vg_compiled_free(&compiled);
		return VG_EXIT_FAILURE;
	}
	if (vg_store_pinned()) {
		ret = vg_store_open(&old);
		if (ret)
			goto out;
		vg_store_read_config(&old, &config);
		if (!vg_store_attached(&old))
			revive(&old);
	}

	skel = vfioguard_bpf__open();
	if (!skel) {
		err = -errno;
		goto failed;
	}
	skel->struct_ops.vfioguard->regions = compiled.regions;
	skel->rodata->plan_parity = (config.generation + 1) & 1;
	err = reuse_maps(skel, &old);
	if (!err)
		err = vfioguard_bpf__load(skel);
	if (!err)
		err = fill_maps(skel, &compiled, config.generation + 1);
	if (!err)
		err = attach(skel, &old);
failed:
	if (err) {
		ret = explain(err);
		/* Nothing of a first load that failed may stay. */
		if (old.link < 0)
			remove_pins();
	}
out:
	vfioguard_bpf__destroy(skel);
	vg_store_close(&old);
	vg_compiled_free(&compiled);
	close(lock);
	return ret;
}

/* Detached by someone else already is as good. */
static bool detach(int link)
{
	struct vg_store store = { .link = link };

	return !bpf_link_detach(link) || !vg_store_attached(&store);
}

enum vg_exit vg_store_unload(void)
{
	enum vg_exit ret;
	int link, lock;

	ret = vg_hook_privileges();
	if (ret)
		return ret;
	lock = lock_store();
	if (lock < 0)
		return VG_EXIT_FAILURE;

	link = bpf_obj_get(PIN("link"));
	if (link < 0 && access(VG_PIN_DIR, F_OK)) {
		vg_error("no policy is loaded");
		ret = VG_EXIT_NOT_LOADED;
	} else if (link >= 0 && !detach(link)) {
		vg_error("the policy can't be detached: %s", strerror(errno));
		ret = VG_EXIT_FAILURE;
	} else {
		remove_pins();
	}
	if (link >= 0)
		close(link);
	close(lock);
	return ret;
}
