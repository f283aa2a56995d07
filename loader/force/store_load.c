// SPDX-License-Identifier: GPL-2.0-only
/* How a policy comes into force, is replaced and goes. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile/compile.h"
#include "force/lock_state.h"
#include "force/object.h"
#include "force/pins.h"
#include "force/store.h"
#include "force/store_lock.h"
#include "kernel/parked.h"
#include "util/log.h"

/* Entries that a map of rules has room for beside the policy's own. */
#define SPARE_ENTRIES 4096

/* The kernel's own, which is in no header for programs. */
#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif

static struct bpf_map *map_of(const struct vg_object *o, const char *name)
{
	return bpf_object__find_map_by_name(o->obj, name);
}

/*
 * A reload goes on with the counters, events and heartbeat there are; with
 * @all it takes the rules over too.  The config is always new.
 */
static int reuse_maps(struct vg_object *o, struct vg_store *old, bool all)
{
	const struct vg_store_map *map;
	int ret = 0;

	if (old->devices < 0)
		return 0;
	for (map = vg_store_maps; map->name && !ret; map++)
		if (map->stays || (all && strcmp(map->name, "config")))
			ret = bpf_map__reuse_fd(map_of(o, map->name),
						*vg_store_map_fd(old, map));
	return ret;
}

static int size_map(struct bpf_map *map, const struct vg_entries *entries,
		    size_t spare)
{
	size_t nr = entries->nr + spare;

	return nr <= bpf_map__max_entries(map) ?
		       0 :
		       bpf_map__set_max_entries(map, nr);
}

static int size_maps(struct vg_object *o, const struct vg_compiled *c)
{
	return size_map(map_of(o, "allowlist"), &c->allowlist, SPARE_ENTRIES) ?:
		       size_map(map_of(o, "scopes"), &c->scopes, SPARE_ENTRIES) ?:
		       size_map(map_of(o, "rules"), &c->rules, SPARE_ENTRIES) ?:
		       size_map(map_of(o, "owners"), &c->owners, SPARE_ENTRIES) ?:
		       size_map(map_of(o, "keys"), &c->key_names, 0) ?:
		       size_map(map_of(o, "files"), &c->files, 0);
}

static int fill_map(struct bpf_map *map, const struct vg_entries *entries)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	__u32 count = entries->nr;

	if (!count)
		return 0;
	return bpf_map_update_batch(bpf_map__fd(map), entries->keys,
				    entries->values, &count, &opts);
}

static int fill_config(struct vg_object *o, struct vg_config *config,
		       __u64 generation)
{
	__u32 zero = 0;

	config->generation = generation;
	config->program = vg_object_hash(config->door);
	return bpf_map__update_elem(map_of(o, "config"), &zero, sizeof(zero),
				    config, sizeof(*config), BPF_ANY);
}

static int fill_maps(struct vg_object *o, struct vg_compiled *c)
{
	__u32 zero = 0;
	int ret;

	ret = bpf_map__update_elem(map_of(o, "scope_kinds"), &zero,
				   sizeof(zero), &c->scope_kinds,
				   sizeof(c->scope_kinds), BPF_ANY);
	if (ret)
		return ret;
	return fill_map(map_of(o, "allowlist"), &c->allowlist)	  ?:
		       fill_map(map_of(o, "scopes"), &c->scopes)  ?:
		       fill_map(map_of(o, "rules"), &c->rules)	  ?:
		       fill_map(map_of(o, "owners"), &c->owners)  ?:
		       fill_map(map_of(o, "keys"), &c->key_names) ?:
		       fill_map(map_of(o, "files"), &c->files);
}

static int put_next(struct vg_object *o, const struct vg_store *old)
{
	int ret = o->kind->replace(o, old->link);

	if (ret)
		return ret;
	/* What the pins say from here on is not so, until they are moved. */
	return vg_pins_commit() ? -EUCLEAN : 0;
}

static int put_first(struct vg_object *o)
{
	const struct vg_store_map *map;
	int ret = vg_pins_commit();

	for (map = vg_store_maps; map->name && !ret; map++)
		if (map->stays)
			ret = vg_pins_add(o->obj, map);
	return ret ? ret : o->kind->first(o);
}

static enum vg_exit load_failed(int err, const struct vg_hook *hook)
{
	if (err == -ENOTSUPP && hook->door == VG_DOOR_HOOK) {
		vg_error("the kernel did not take the hook's type when "
			 "vfio-pci-core was loaded; what it said then: dmesg | "
			 "grep -i struct_ops; build the module anew, or go on "
			 "without the hook: --mode stock");
		return VG_EXIT_NO_HOOK;
	}
	if (err == -EBUSY)
		vg_error("another program's policy is attached to the hook; "
			 "find it with: bpftool link show");
	else if (err == -ENOLINK)
		vg_error("the loaded policy was detached by someone else; "
			 "run: vfioguard unload, then load it again");
	else if (err == -E2BIG)
		vg_error("the policy has more rules than the kernel takes");
	else if (err == -EUCLEAN)
		vg_error("the policy is in force, but its maps could not be "
			 "pinned in " VG_PIN_DIR
			 "; the next command tries it again");
	else
		vg_error("the policy could not be put in force: %s "
			 "(-v shows what the kernel says)",
			 strerror(-err));
	return VG_EXIT_FAILURE;
}

static int attach(struct vg_object *o, const struct vg_store *old)
{
	int ret;

	if (mkdir(VG_PIN_DIR, 0700) && errno != EEXIST)
		return -errno;
	ret = vg_pins_prepare(o->obj);
	if (ret)
		return ret;
	return old->link < 0 ? put_first(o) : put_next(o, old);
}

/* Somebody detached the link: attach anew, but keep the counters. */
static void revive(struct vg_store *old)
{
	vg_warn("the loaded policy had been detached by someone else");
	vg_pins_remove();
	close(old->link);
	old->link = -1;
}

/* What is loaded, if anything is; @config stays zeros otherwise. */
static enum vg_exit open_old(struct vg_store *old, struct vg_config *config)
{
	enum vg_exit ret;

	if (!vg_store_pinned()) {
		/* What a first load or an unload that was cut short left. */
		vg_pins_remove();
		return VG_EXIT_OK;
	}
	ret = vg_store_open_held(old);
	if (ret)
		return ret;
	vg_store_read_config(old, config);
	if (!vg_store_attached(old))
		revive(old);
	return VG_EXIT_OK;
}

/*
 * Put @config in force, with the rules of @compiled, or with those of @old if
 * that is NULL.
 */
static int swap_in(struct vg_store *old, const struct vg_hook *hook,
		   struct vg_config *config, struct vg_compiled *compiled,
		   __u64 generation)
{
	struct vg_object o = { .kind = vg_object_kind(hook->door) };
	int err;

	config->door = hook->door;
	if (hook->door == VG_DOOR_OBSERVE)
		config->mode = VG_MODE_MONITOR;
	err = o.kind->open(&o, hook, config, generation);
	if (!err)
		err = reuse_maps(&o, old, !compiled);
	if (!err && compiled)
		err = size_maps(&o, compiled);
	if (!err)
		err = bpf_object__load(o.obj);
	if (!err && compiled)
		err = fill_maps(&o, compiled);
	if (!err)
		err = fill_config(&o, config, generation);
	if (!err)
		err = attach(&o, old);
	if (!err && hook->door == VG_DOOR_STOCK)
		vg_parked_warn();
	o.kind->destroy(&o);
	/* Nothing of a first load that failed may stay. */
	if (err && old->link < 0)
		vg_pins_remove();
	return err;
}

/* A policy behind one door can't take the place of one behind another. */
static bool same_door(const struct vg_config *config,
		      const struct vg_hook *hook)
{
	if (config->door == hook->door)
		return true;
	vg_error("the loaded policy is in force by way of the %s, this one "
		 "would be by way of the %s; run: vfioguard unload, then load "
		 "it again",
		 vg_door_word(config->door), vg_door_word(hook->door));
	return false;
}

enum vg_exit vg_store_load(const struct vg_policy *policy,
			   const struct vg_hook *hook)
{
	struct vg_store old = VG_STORE_CLOSED;
	struct vg_compiled compiled = {};
	struct vg_config config = {};
	enum vg_exit ret;
	int err, lock;

	ret = vg_compile(policy, hook, &compiled);
	if (ret)
		return ret;
	lock = vg_store_lock();
	ret = lock < 0 ? VG_EXIT_FAILURE : vg_lock_settle();
	if (!ret)
		ret = open_old(&old, &config);
	if (!ret && old.link >= 0 && !same_door(&config, hook))
		ret = VG_EXIT_FAILURE;
	if (!ret) {
		err = swap_in(&old, hook, &compiled.config, &compiled,
			      config.generation + 1);
		if (err)
			ret = load_failed(err, hook);
		else if (config.learn)
			vg_warn("learning has ended with this load; what was "
				"learnt is kept (vfioguard learn show)");
	}
	vg_store_close(&old);
	vg_compiled_free(&compiled);
	if (lock >= 0)
		close(lock);
	return ret;
}

/* While learning every access is seen, also where the policy has no say. */
static void switch_learning(struct vg_config *config,
			    const struct vg_hook *hook, bool on)
{
	config->learn = on;
	if (on) {
		config->mode_before = config->mode;
		config->regions_before = config->regions;
		config->mode = VG_MODE_MONITOR;
		config->regions = hook->all;
	} else {
		config->mode = config->mode_before;
		config->regions = config->regions_before;
	}
}

/* The door that the loaded policy is behind, and no other. */
static enum vg_exit probe_door(enum vg_door door, struct vg_hook *hook)
{
	vg_hook_wish(door == VG_DOOR_HOOK  ? VG_WISH_HOOK :
		     door == VG_DOOR_STOCK ? VG_WISH_STOCK :
					     VG_WISH_OBSERVE);
	return vg_hook_probe(hook);
}

enum vg_exit vg_store_learn(bool on)
{
	struct vg_store old = VG_STORE_CLOSED;
	struct vg_config config = {};
	struct vg_hook hook;
	enum vg_exit ret;
	int err, lock;

	lock = vg_store_lock();
	if (lock < 0)
		return VG_EXIT_FAILURE;
	ret = vg_lock_settle();
	/* Says what is missing if nothing is. */
	if (!ret)
		ret = vg_store_open_held(&old);
	if (!ret && !vg_store_attached(&old)) {
		vg_error("the loaded policy was detached by someone else; "
			 "run: vfioguard unload, then load it again");
		ret = VG_EXIT_FAILURE;
	}
	if (!ret) {
		vg_store_read_config(&old, &config);
		if (config.learn == on)
			goto out;
		ret = probe_door(config.door, &hook);
	}
	if (!ret && on && hook.locked_down) {
		vg_error("learning needs to know which cgroup a process is in, "
			 "and lockdown keeps BPF programs from reading that; "
			 "boot with lockdown=integrity to learn");
		ret = VG_EXIT_FAILURE;
	}
	if (!ret) {
		switch_learning(&config, &hook, on);
		err = swap_in(&old, &hook, &config, NULL,
			      config.generation + 1);
		if (err)
			ret = load_failed(err, &hook);
	}
out:
	vg_store_close(&old);
	close(lock);
	return ret;
}

enum vg_exit vg_store_unload(void)
{
	enum vg_exit ret;
	int link, lock, err;

	ret = vg_hook_privileges();
	if (ret)
		return ret;
	lock = vg_store_lock();
	if (lock < 0)
		return VG_EXIT_FAILURE;
	ret = vg_lock_settle();
	if (ret) {
		close(lock);
		return ret;
	}

	link = bpf_obj_get(VG_PIN("link"));
	if (link < 0 && errno != ENOENT) {
		vg_error("can't open " VG_PIN("link") ": %s", strerror(errno));
		ret = VG_EXIT_FAILURE;
	} else if (link < 0 && access(VG_PIN_DIR, F_OK)) {
		vg_error("no policy is loaded");
		ret = VG_EXIT_NOT_LOADED;
	} else {
		err = link < 0 ? 0 : vg_object_of_link(link)->withdraw(link);
		if (err) {
			vg_error("the policy can't be taken out of force: %s",
				 strerror(-err));
			ret = VG_EXIT_FAILURE;
		} else {
			vg_pins_remove();
		}
	}
	if (link >= 0)
		close(link);
	close(lock);
	return ret;
}
