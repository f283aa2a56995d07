// SPDX-License-Identifier: GPL-2.0-only
/* What a lock has to protect. */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "force/in_force.h"
#include "force/pins.h"
#include "lock/internal.h"
#include "util/log.h"

static int add(struct vg_lock_list *list, enum vg_lock_kind kind, __u32 id,
	       const char *name, __u32 map_type)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (list->objects[i].kind == kind && list->objects[i].id == id)
			return 0;
	if (i == VG_LOCK_MAX_OBJECTS)
		return -E2BIG;
	list->objects[i] = (struct vg_lock_object){ kind, id };
	list->about[i] = (struct vg_lock_about){ .map_type = map_type };
	snprintf(list->about[i].name, sizeof(list->about[i].name), "%s", name);
	list->nr++;
	return 0;
}

/* Only of what programs may write: the others are safe in any map of maps. */
static void add_shape(struct vg_lock_list *list,
		      const struct bpf_map_info *info)
{
	struct vg_lock_shape *shape = &list->shapes[list->nr_shapes];

	if (info->map_flags & BPF_F_RDONLY_PROG ||
	    info->type == BPF_MAP_TYPE_RINGBUF ||
	    info->type == BPF_MAP_TYPE_PROG_ARRAY ||
	    info->type == BPF_MAP_TYPE_STRUCT_OPS)
		return;
	/*
	 * So common that it would get in the way of others.  Ours of this kind
	 * are the heartbeat and a count, see docs/threat-model.md.
	 */
	if (info->type == BPF_MAP_TYPE_ARRAY && info->value_size <= 8 &&
	    info->max_entries == 1)
		return;
	*shape = (struct vg_lock_shape){
		.map_type = info->type,
		.key_size = info->key_size,
		.value_size = info->value_size,
	};
	if (info->type == BPF_MAP_TYPE_ARRAY)
		shape->max_entries = info->max_entries;
	list->nr_shapes++;
}

int vg_lock_add_map(struct vg_lock_list *list, int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	unsigned int before = list->nr;
	int ret;

	if (bpf_map_get_info_by_fd(fd, &info, &len))
		return -errno;
	ret = add(list, VG_LOCK_KIND_MAP, info.id, info.name, info.type);
	if (!ret && list->nr > before)
		add_shape(list, &info);
	return ret;
}

int vg_lock_add_prog(struct vg_lock_list *list, int fd)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (bpf_prog_get_info_by_fd(fd, &info, &len))
		return -errno;
	return add(list, VG_LOCK_KIND_PROG, info.id, info.name, 0);
}

int vg_lock_add_link(struct vg_lock_list *list, int fd, enum vg_lock_kind kind,
		     const char *name)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	if (bpf_link_get_info_by_fd(fd, &info, &len))
		return -errno;
	return add(list, kind, info.id, name, 0);
}

static int add_map_by_id(struct vg_lock_list *list, __u32 id)
{
	int fd = bpf_map_get_fd_by_id(id), ret;

	if (fd < 0)
		return -errno;
	ret = vg_lock_add_map(list, fd);
	close(fd);
	return ret;
}

int vg_lock_add_prog_maps(struct vg_lock_list *list, int fd)
{
	struct vg_prog_maps maps;
	__u32 i;
	int ret;

	ret = vg_prog_maps_read(fd, &maps);
	if (!ret)
		ret = vg_lock_add_prog(list, fd);
	for (i = 0; !ret && i < maps.nr; i++)
		ret = add_map_by_id(list, maps.ids[i]);
	return ret;
}

/* The map of ops that a link holds, and the program in it. */
static int add_ops(struct vg_lock_list *list, __u32 id)
{
	int map, prog, ret;

	map = bpf_map_get_fd_by_id(id);
	if (map < 0)
		return -errno;
	ret = vg_lock_add_map(list, map);
	prog = ret ? ret : vg_ops_program(map);
	close(map);
	if (prog < 0)
		return prog;
	ret = vg_lock_add_prog_maps(list, prog);
	close(prog);
	return ret;
}

/* A door of a stock kernel, and what is behind it; that at the module has nothing. */
static int add_door(struct vg_lock_list *list, __u32 id)
{
	int door = bpf_prog_get_fd_by_id(id), prog, ret;
	struct vg_prog_maps maps;

	if (door < 0)
		return -errno;
	ret = vg_lock_add_prog_maps(list, door);
	if (!ret)
		ret = vg_prog_maps_read(door, &maps);
	close(door);
	if (ret)
		return ret;
	prog = vg_behind_door(&maps);
	if (prog < 0)
		return prog == -ENOLINK ? 0 : prog;
	ret = vg_lock_add_prog_maps(list, prog);
	close(prog);
	return ret;
}

/* A link of the policy's, by its pin, where there is one. */
static int add_link(struct vg_lock_list *list, const char *pin,
		    const char *name, enum vg_lock_kind kind)
{
	struct bpf_link_info info = {};
	int link = bpf_obj_get(pin), ret;
	__u32 len = sizeof(info);

	if (link < 0)
		return errno == ENOENT ? 0 : -errno;
	ret = vg_lock_add_link(list, link, kind, name);
	if (!ret && bpf_link_get_info_by_fd(link, &info, &len))
		ret = -errno;
	close(link);
	if (ret)
		return ret;
	return info.type == BPF_LINK_TYPE_STRUCT_OPS ?
		       add_ops(list, info.struct_ops.map_id) :
		       add_door(list, info.prog_id);
}

int vg_lock_add_policy(struct vg_lock_list *list, struct vg_store *store)
{
	const struct vg_store_map *map;
	int ret;

	ret = add_link(list, VG_PIN("link"), "link", VG_LOCK_KIND_SECRET);
	/* Beside it on a stock kernel; nothing can detach these. */
	if (!ret)
		ret = add_link(list, VG_PIN("link_trace"), "link_trace",
			       VG_LOCK_KIND_LINK);
	if (!ret)
		ret = add_link(list, VG_PIN("link_module"), "link_module",
			       VG_LOCK_KIND_LINK);
	if (!ret)
		ret = vg_lock_add_prog_maps(list, store->ask);
	for (map = vg_store_maps; map->name && !ret; map++)
		ret = vg_lock_add_map(list, *vg_store_map_fd(store, map));
	return ret;
}

/* Maps that libbpf froze, and those of an earlier try. */
static bool is_frozen(int fd)
{
	char path[64], line[128];
	bool frozen = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		frozen |= !strcmp(line, "frozen:\t1\n");
	if (f)
		fclose(f);
	return frozen;
}

int vg_lock_freeze(const struct vg_lock_list *list, const char **name)
{
	unsigned int i;
	int fd, ret = 0;

	for (i = 0; i < list->nr && !ret; i++) {
		/* A ring buffer's reader writes to it, a map of ops can't be. */
		if (list->objects[i].kind != VG_LOCK_KIND_MAP ||
		    list->about[i].map_type == BPF_MAP_TYPE_RINGBUF ||
		    list->about[i].map_type == BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		*name = list->about[i].name;
		fd = bpf_map_get_fd_by_id(list->objects[i].id);
		if (fd < 0)
			return -errno;
		if (bpf_map_freeze(fd) && !is_frozen(fd))
			ret = -errno;
		close(fd);
	}
	return ret;
}

static bool holds_link(const char *path, const struct vg_lock_list *list)
{
	unsigned int id, i;
	char line[128];
	bool holds = false;
	FILE *f;

	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "link_id: %u", &id) != 1)
			continue;
		for (i = 0; i < list->nr; i++)
			holds |= list->objects[i].kind == VG_LOCK_KIND_SECRET &&
				 list->objects[i].id == id;
	}
	if (f)
		fclose(f);
	return holds;
}

static void read_comm(const char *pid, char comm[32])
{
	char path[64];
	FILE *f;

	strcpy(comm, "?");
	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	f = fopen(path, "re");
	if (f && fgets(comm, 32, f))
		comm[strcspn(comm, "\n")] = '\0';
	if (f)
		fclose(f);
}

static void look_at(const char *pid, const struct vg_lock_list *list)
{
	char path[300], comm[32];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.16s/fdinfo", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%.16s/fdinfo/%.16s", pid,
			 entry->d_name);
		if (!holds_link(path, list))
			continue;
		read_comm(pid, comm);
		vg_error("process %s (%s) has the policy's link open as "
			 "descriptor %s",
			 pid, comm, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

void vg_lock_tell_holders(const struct vg_lock_list *list)
{
	struct dirent *entry;
	DIR *proc;

	proc = opendir("/proc");
	while (proc && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look_at(entry->d_name, list);
	if (proc)
		closedir(proc);
}
