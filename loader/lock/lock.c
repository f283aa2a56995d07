// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a policy is locked.
 *
 * The programs are attached and pinned first, doing nothing.  Then the lock
 * closes: nobody gets the link any more, no harmful program is loaded.  What was
 * there before is looked through, and when nothing is found that could weaken
 * the policy, it is sealed.  Until then everything can be taken back.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "force/lock_state.h"
#include "force/store_lock.h"
#include "lock/internal.h"
#include "lock/lock.h"
#include "util/log.h"
#include "lock.skel.h"

#define CGROUPS "/sys/fs/cgroup"
/* Its inode, the number of the root of each tree of kernfs (fs/kernfs/dir.c). */
#define ROOT_CGROUP 1
#define PATH_LEN 64

struct locking {
	struct vg_store store;
	struct lock_bpf *skel;
	struct vg_lock_list list;
	int ctl;
	int sysctl; /* link */
};

/* bpf_map "lock_state" and link "lock_bpf" keep their names. */
static const char *pin_path(char buf[PATH_LEN], const char *name)
{
	snprintf(buf, PATH_LEN, VG_PIN_DIR "/%s", name);
	return buf;
}

/* A link and its program have the same name: only the link is pinned. */
static bool is_hook(const struct bpf_program *prog)
{
	return bpf_program__type(prog) == BPF_PROG_TYPE_LSM;
}

static bool is_ours(const struct bpf_map *map)
{
	return !bpf_map__is_internal(map) &&
	       !strncmp(bpf_map__name(map), VG_LOCK_PIN, strlen(VG_LOCK_PIN));
}

static bool kernel_has(const struct btf *btf, const char *function)
{
	return btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) > 0;
}

static int load(struct locking *l)
{
	struct btf *btf;
	int ret = 0;

	l->skel = lock_bpf__open();
	if (!l->skel)
		return -errno;
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return -errno;
	/* Loops, of Linux 6.4: the latest that the programs need. */
	if (!kernel_has(btf, "bpf_iter_num_new")) {
		vg_error("the programs of the lock need Linux 6.4 or later");
		ret = -EOPNOTSUPP;
	}
	/* Of 6.12, where verifier.c began to ask for it. */
	l->skel->rodata->lsm_bounded =
		kernel_has(btf, "bpf_lsm_get_retval_range");
	btf__free(btf);
	if (ret)
		return ret;
	ret = bpf_map__reuse_fd(l->skel->maps.heartbeat, l->store.heartbeat);
	if (!ret)
		ret = bpf_map__reuse_fd(l->skel->maps.events, l->store.events);
	return ret ? ret : lock_bpf__load(l->skel);
}

static int attach_hook(struct locking *l, struct bpf_program *prog)
{
	const char *name = bpf_program__name(prog);
	struct bpf_link *link;
	char path[PATH_LEN];
	int ret;

	link = bpf_program__attach_lsm(prog);
	if (!link)
		return -errno;
	ret = vg_lock_add_link(&l->list, bpf_link__fd(link), VG_LOCK_KIND_LINK,
			       name);
	if (!ret)
		ret = bpf_link__pin(link, pin_path(path, name));
	/* Not detached: it is pinned. */
	bpf_link__destroy(link);
	return ret;
}

/* The descriptor stays open until the lock closes, to be told of the link. */
static int attach_sysctl(struct locking *l)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts);
	struct bpf_program *prog = l->skel->progs.lock_sysctl;
	struct statfs fs = {};
	struct stat st = {};
	char path[PATH_LEN];
	int cgroup, ret;

	cgroup = open(CGROUPS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0)
		return -errno;
	if (!fstatfs(cgroup, &fs) &&
	    (unsigned long)fs.f_type != CGROUP2_SUPER_MAGIC)
		errno = ENOTSUP;
	/* What is attached to another holds for the processes below that only. */
	else if (!fstat(cgroup, &st) && st.st_ino != ROOT_CGROUP)
		errno = EXDEV;
	else
		l->sysctl = bpf_link_create(bpf_program__fd(prog), cgroup,
					    BPF_CGROUP_SYSCTL, &opts);
	close(cgroup);
	if (l->sysctl < 0) {
		ret = -errno;
		vg_error("no guard for sysctls in " CGROUPS
			 ": %s; it must be the root of cgroup v2, and not that "
			 "of a cgroup name space or a folder mounted there",
			 strerror(errno));
		return ret;
	}
	if (bpf_obj_pin(l->sysctl, pin_path(path, bpf_program__name(prog))))
		return -errno;
	return vg_lock_add_link(&l->list, l->sysctl, VG_LOCK_KIND_SECRET,
				bpf_program__name(prog));
}

static int pin_and_attach(struct locking *l)
{
	struct bpf_program *prog;
	struct bpf_map *map;
	char path[PATH_LEN];
	int ret = 0;

	for (map = NULL; (map = bpf_object__next_map(l->skel->obj, map));)
		if (is_ours(map) && !ret)
			ret = bpf_map__pin(map,
					   pin_path(path, bpf_map__name(map)));
	for (prog = NULL;
	     (prog = bpf_object__next_program(l->skel->obj, prog));)
		if (is_hook(prog) && !ret)
			ret = attach_hook(l, prog);
	if (!ret)
		ret = attach_sysctl(l);
	/* Last: the daemon goes by it. */
	if (!ret)
		ret = bpf_program__pin(l->skel->progs.lock_ctl, VG_LOCK_CTL);
	return ret;
}

/* The lists that the programs go by, and then nobody writes them any more. */
static int fill(struct locking *l)
{
	struct lock_bpf *skel = l->skel;
	struct bpf_program *prog;
	struct bpf_map *map;
	__u32 one = 1;
	unsigned int i;
	int ret;

	ret = vg_lock_add_policy(&l->list, &l->store);
	for (prog = NULL; (prog = bpf_object__next_program(skel->obj, prog));)
		if (!ret)
			ret = vg_lock_add_prog_maps(&l->list,
						    bpf_program__fd(prog));
	for (i = 0; i < l->list.nr && !ret; i++)
		ret = bpf_map__update_elem(skel->maps.lock_objects,
					   &l->list.objects[i],
					   sizeof(l->list.objects[i]),
					   &l->list.about[i],
					   sizeof(l->list.about[i]), BPF_ANY);
	for (i = 0; i < l->list.nr_shapes && !ret; i++)
		ret = bpf_map__update_elem(skel->maps.lock_shapes,
					   &l->list.shapes[i],
					   sizeof(l->list.shapes[i]), &one,
					   sizeof(one), BPF_ANY);
	bpf_object__for_each_map(
		map, skel->obj) if (is_ours(map) && !ret &&
				    bpf_map__type(map) != BPF_MAP_TYPE_RINGBUF)
		ret = bpf_map_freeze(bpf_map__fd(map)) ? -errno : 0;
	return ret;
}

static int close_lock(struct locking *l)
{
	struct vg_lock_ask ask = {
		.cmd = VG_LOCK_CMD_SETUP,
		.links = { l->store.link, l->sysctl },
		.map = l->store.config,
	};
	int ret;

	ask.dir = open(VG_PIN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if ((int)ask.dir < 0)
		return -errno;
	ret = vg_lock_call(l->ctl, &ask);
	close(ask.dir);
	close(l->store.link);
	l->store.link = -1;
	close(l->sysctl);
	l->sysctl = -1;
	return ret;
}

/* The kernel attaches LSM programs also where it never calls them. */
static bool hooks_work(const struct locking *l)
{
	unsigned int i;
	int fd;

	for (i = 0; i < l->list.nr; i++) {
		if (l->list.objects[i].kind != VG_LOCK_KIND_SECRET)
			continue;
		fd = bpf_link_get_fd_by_id(l->list.objects[i].id);
		if (fd >= 0) {
			close(fd);
			vg_error("this kernel does not call BPF LSM programs; "
				 "boot it with \"bpf\" in the list lsm= "
				 "(cat /sys/kernel/security/lsm), and leave "
				 "the sysctl kernel.ftrace_enabled at 1");
			return false;
		}
	}
	return true;
}

/* Once no other process holds on to what could be used against it. */
static int seal(const struct locking *l, enum vg_lock_cmd cmd)
{
	struct vg_lock_ask ask = { .cmd = cmd };
	int i, ret = 0;

	for (i = 0; i < VG_LOCK_TRIES; i++) {
		ret = vg_lock_call(l->ctl, &ask);
		if (ret != -EBUSY)
			return ret;
		vg_lock_wait();
	}
	if (ask.link_refs) {
		vg_lock_tell_holders(&l->list);
		vg_error("the policy's link is open %u more times (a process, "
			 "or another pin), and could be detached by that; end "
			 "what holds it",
			 ask.link_refs);
	} else {
		vg_error("another process than the daemon reads the policy's "
			 "events (map \"events\" is mapped for writing); end "
			 "it");
	}
	return ret;
}

/*
 * Before it is sealed: who is in the middle of an update then, which waits for its
 * data, would end it later.  The kernel freezes no map that one is at.
 */
static int freeze(const struct locking *l)
{
	const char *name = NULL;
	int i, ret = -EBUSY;

	for (i = 0; i < VG_LOCK_TRIES && ret == -EBUSY; i++) {
		if (i)
			vg_lock_wait();
		ret = vg_lock_freeze(&l->list, &name);
	}
	if (ret)
		vg_error(
			"map \"%s\" can't be frozen: %s; if a process is in an "
			"update of it, end that. Maps that are frozen already "
			"can't be edited until the policy is loaded again",
			name, strerror(-ret));
	return ret;
}

static int lock_policy(struct locking *l)
{
	int ret;

	ret = load(l) ?: pin_and_attach(l) ?: fill(l);
	if (ret)
		return ret;
	l->ctl = bpf_program__fd(l->skel->progs.lock_ctl);
	ret = close_lock(l);
	if (ret)
		return ret;
	if (!hooks_work(l) || !vg_lock_vet(l->ctl))
		return -EBUSY;
	/* What can be found out first, is: a map that is frozen stays so. */
	return seal(l, VG_LOCK_CMD_TRY) ?:
		       freeze(l)	?:
					  seal(l, VG_LOCK_CMD_SEAL);
}

static enum vg_exit lock_loaded(struct locking *l)
{
	struct vg_config config;
	int ret;

	if (vg_locked_down()) {
		vg_error("the policy can't be locked: its lock has to read "
			 "kernel memory, from which lockdown keeps BPF "
			 "programs; boot with lockdown=integrity, or without "
			 "the lock");
		return VG_EXIT_FAILURE;
	}
	vg_store_read_config(&l->store, &config);
	if (!vg_store_attached(&l->store)) {
		vg_error("the loaded policy was detached by someone else; "
			 "run: vfioguard unload, then load it again");
		return VG_EXIT_FAILURE;
	}
	if (config.learn) {
		vg_error("the policy is learning; end that first");
		return VG_EXIT_FAILURE;
	}
	if (config.mode == VG_MODE_MONITOR || config.door == VG_DOOR_OBSERVE)
		vg_warn("the policy is in monitor mode, or only observes, and "
			"blocks nothing; so it will be until the next boot");
	ret = lock_policy(l);
	if (ret) {
		if (l->skel)
			vg_lock_remove_pins();
		vg_error("the policy could not be locked: %s "
			 "(-v shows what the kernel says)",
			 strerror(-ret));
		return VG_EXIT_FAILURE;
	}
	return VG_EXIT_OK;
}

enum vg_exit vg_lock(void)
{
	struct locking l = { .store = VG_STORE_CLOSED, .sysctl = -1 };
	enum vg_exit ret;
	int lock;

	ret = vg_hook_privileges();
	if (ret)
		return ret;
	lock = vg_store_lock();
	if (lock < 0)
		return VG_EXIT_FAILURE;
	if (vg_lock_sealed()) {
		close(lock);
		return VG_EXIT_OK;
	}
	ret = vg_lock_settle();
	if (!ret)
		ret = vg_store_open_held(&l.store);
	if (!ret)
		ret = lock_loaded(&l);
	if (l.sysctl >= 0)
		close(l.sysctl);
	lock_bpf__destroy(l.skel);
	vg_store_close(&l.store);
	close(lock);
	return ret;
}
