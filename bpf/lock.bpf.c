// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lock: BPF LSM programs that keep the loaded policy as it is until the
 * next boot, against root too.  docs/threat-model.md says against what, and
 * against what not.
 *
 * What the kernel itself makes impossible for good is left to it: the maps of
 * rules are frozen (no system call writes them any more) and closed to programs
 * (BPF_F_RDONLY_PROG).  These programs do the rest: nobody gets a descriptor of
 * the link, which could be detached with it; the pins stay, and the file system
 * they are in; no program that could write our maps or take the place of our
 * programs is loaded; and every attempt is recorded.
 *
 * A descriptor is a number in a table that other threads may change while a
 * system call runs, so nothing but the record depends on looking one up.  What
 * protects looks at objects: at inodes, files, programs and numbers the kernel
 * has copied.
 */
#include "vmlinux_types.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "vfioguard.h"
#include "lock.h"
#include "lock_types.h"
#include "lock_maps.h"
#include "lock_report.h"
#include "lock_mount.h"
#include "lock_vet.h"
#include "lock_ctl.h"

char _license[] SEC("license") = "GPL";

#define PTRACE_MODE_ATTACH 0x02
#define PROT_WRITE 0x2
#define MAY_WRITE 0x2
#define MAY_READ 0x4
#define MS_REMOUNT 0x20
#define MS_BIND 0x1000
#define MS_MOVE 0x2000
/* MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED: nothing is mounted. */
#define MS_PROPAGATION (0xfULL << 17)

static bool writes_map(int cmd)
{
	return cmd == BPF_MAP_UPDATE_ELEM || cmd == BPF_MAP_DELETE_ELEM ||
	       cmd == BPF_MAP_LOOKUP_AND_DELETE_ELEM || cmd == BPF_MAP_FREEZE ||
	       cmd == BPF_MAP_UPDATE_BATCH || cmd == BPF_MAP_DELETE_BATCH ||
	       cmd == BPF_MAP_LOOKUP_AND_DELETE_BATCH;
}

static bool is_batch(int cmd)
{
	return cmd == BPF_MAP_UPDATE_BATCH || cmd == BPF_MAP_DELETE_BATCH ||
	       cmd == BPF_MAP_LOOKUP_AND_DELETE_BATCH;
}

static __noinline int guard_map(struct vg_lock_state *s, int cmd,
				const __u32 *attr)
{
	__u32 at = is_batch(cmd) ? offsetof(union bpf_attr, batch.map_fd) :
				   offsetof(union bpf_attr, map_fd);
	const struct vg_lock_about *about;
	struct bpf_map *map;
	__u32 fd, id;

	bpf_probe_read_kernel(&fd, sizeof(fd), (const char *)attr + at);
	map = behind(file_of(fd), s->map_fops);
	if (!map)
		return 0;
	id = BPF_CORE_READ(map, id);
	about = find_object(VG_LOCK_KIND_MAP, id);
	if (!about)
		return 0;
	return refuse(s,
		      cmd == BPF_MAP_FREEZE ? VG_LOCK_MAP_FREEZE :
					      VG_LOCK_MAP_WRITE,
		      id, about->name, -EPERM);
}

static __noinline int guard_link(struct vg_lock_state *s, const __u32 *attr)
{
	const struct vg_lock_about *about;
	struct bpf_link *link;
	__u32 fd, id;

	bpf_probe_read_kernel(&fd, sizeof(fd), attr);
	link = behind(file_of(fd), s->link_fops);
	if (!link)
		return 0;
	id = BPF_CORE_READ(link, id);
	about = find_object(VG_LOCK_KIND_LINK, id);
	return about ? refuse(s, VG_LOCK_LINK_WRITE, id, about->name, -EPERM) :
		       0;
}

SEC("lsm/bpf")
int BPF_PROG(lock_bpf, int cmd, union bpf_attr *attr, unsigned int size)
{
	struct vg_lock_state *s = the_lock();
	const struct vg_lock_about *about;
	__u32 id;

	if (!s || !s->phase)
		return 0;
	if (cmd == BPF_LINK_GET_FD_BY_ID) {
		bpf_probe_read_kernel(&id, sizeof(id), attr);
		about = find_object(VG_LOCK_KIND_SECRET, id);
		/* Not EPERM: lists of all links go on with the next. */
		return about ? refuse(s, VG_LOCK_LINK_OPEN, id, about->name,
				      -ENOENT) :
			       0;
	}
	if (s->phase != VG_LOCK_SEALED)
		return 0;
	if (writes_map(cmd))
		return guard_map(s, cmd, (const __u32 *)attr);
	if (cmd == BPF_LINK_DETACH || cmd == BPF_LINK_UPDATE)
		return guard_link(s, (const __u32 *)attr);
	return 0;
}

SEC("lsm/bpf_prog")
int BPF_PROG(lock_bpf_prog, struct bpf_prog *prog)
{
	struct vg_lock_state *s = the_lock();
	struct vg_lock_about about = {};
	__u32 op;

	/* The loader looks through them itself, to say what is wrong. */
	if (!s || !s->phase ||
	    (s->phase == VG_LOCK_CLOSING &&
	     is_process(bpf_get_current_task_btf(), s->locker,
			s->locker_start)))
		return 0;
	op = vet(prog, &about);
	return op == VG_LOCK_OPS ? 0 : refuse(s, op, 0, about.name, -EPERM);
}

/* A map of maps would take ours, and its program could write them. */
SEC("lsm/bpf_map_create")
int BPF_PROG(lock_map_create, struct bpf_map *map)
{
	struct vg_lock_state *s = the_lock();

	if (!s || !s->phase || !takes_ours(map))
		return 0;
	return refuse(s, VG_LOCK_MAP_INNER, 0, map->name, -EPERM);
}

/* The link's pin; asked for each part of each path, so kept short. */
SEC("lsm/inode_permission")
int BPF_PROG(lock_inode_permission, struct inode *inode, int mask)
{
	struct vg_lock_state *s = the_lock();
	__u64 link;

	if (!s || !s->phase || (__u64)inode->i_sb != s->sb)
		return 0;
	if (!(mask & (MAY_READ | MAY_WRITE)))
		return 0;
	link = (__u64)inode->i_private;
	if (!link || (link != s->links[0] && link != s->links[1]))
		return 0;
	return refuse(s, VG_LOCK_LINK_OPEN, s->link_ids[link == s->links[1]],
		      link == s->links[0] ? "link" : "lock_sysctl", -EPERM);
}

static bool is_pin(const struct vg_lock_state *s, struct dentry *dentry)
{
	return (__u64)BPF_CORE_READ(dentry, d_parent, d_inode) == s->dir;
}

static bool is_dir(const struct vg_lock_state *s, struct dentry *dentry)
{
	return (__u64)BPF_CORE_READ(dentry, d_inode) == s->dir;
}

SEC("lsm/inode_unlink")
int BPF_PROG(lock_unlink, struct inode *dir, struct dentry *dentry)
{
	struct vg_lock_state *s = the_lock();

	if (!s || s->phase != VG_LOCK_SEALED || (__u64)dir != s->dir)
		return 0;
	return refuse(s, VG_LOCK_UNLINK, 0, BPF_CORE_READ(dentry, d_name.name),
		      -EPERM);
}

SEC("lsm/inode_rename")
int BPF_PROG(lock_rename, struct inode *old_dir, struct dentry *old_dentry,
	     struct inode *new_dir)
{
	struct vg_lock_state *s = the_lock();

	if (!s || s->phase != VG_LOCK_SEALED)
		return 0;
	if ((__u64)old_dir != s->dir && (__u64)new_dir != s->dir &&
	    !is_dir(s, old_dentry))
		return 0;
	return refuse(s, VG_LOCK_RENAME, 0,
		      BPF_CORE_READ(old_dentry, d_name.name), -EPERM);
}

SEC("lsm/inode_setattr")
int BPF_PROG(lock_setattr, struct mnt_idmap *idmap, struct dentry *dentry)
{
	struct vg_lock_state *s = the_lock();

	if (!s || s->phase != VG_LOCK_SEALED)
		return 0;
	if (!is_pin(s, dentry) && !is_dir(s, dentry))
		return 0;
	return refuse(s, VG_LOCK_SETATTR, 0, BPF_CORE_READ(dentry, d_name.name),
		      -EPERM);
}

SEC("lsm/sb_umount")
int BPF_PROG(lock_umount, struct vfsmount *mnt, int flags)
{
	struct vg_lock_state *s = the_lock();

	if (!s || s->phase != VG_LOCK_SEALED)
		return 0;
	if (!holds_pins(s, (__u64)mount_of(mnt)))
		return 0;
	return refuse(s, VG_LOCK_UMOUNT, 0, NULL, -EPERM);
}

/*
 * The old way of moving a mount names it by a text, which may lead anywhere: so
 * it is closed for the host's mounts.  move_mount(2) is there for the others.
 */
static bool moves_host_mount(const struct vg_lock_state *s,
			     struct mount *target, unsigned long flags)
{
	return flags & MS_MOVE &&
	       (__u64)BPF_CORE_READ(target, mnt_ns) == s->mount_ns;
}

SEC("lsm/sb_mount")
int BPF_PROG(lock_mount, const char *dev_name, const struct path *path,
	     const char *type, unsigned long flags)
{
	struct vg_lock_state *s = the_lock();
	__u64 mount, dentry;

	if (!s || s->phase != VG_LOCK_SEALED)
		return 0;
	mount = (__u64)mount_of(BPF_CORE_READ(path, mnt));
	dentry = (__u64)BPF_CORE_READ(path, dentry);
	/* The kernel looks at the other two first, and passes these by then. */
	if (flags & MS_PROPAGATION && !(flags & (MS_REMOUNT | MS_BIND)))
		return 0;
	if (flags & MS_REMOUNT) {
		if (mount != s->mount)
			return 0;
	} else if (!hides_pins(s, mount, dentry) &&
		   !moves_host_mount(s, (struct mount *)mount, flags)) {
		return 0;
	}
	return refuse(s, VG_LOCK_MOUNT, 0,
		      BPF_CORE_READ((struct dentry *)dentry, d_name.name),
		      -EPERM);
}

SEC("lsm/move_mount")
int BPF_PROG(lock_move_mount, const struct path *from, const struct path *to)
{
	struct vg_lock_state *s = the_lock();
	struct mount *moved, *target;
	struct dentry *dentry;

	if (!s || s->phase != VG_LOCK_SEALED)
		return 0;
	moved = mount_of(BPF_CORE_READ(from, mnt));
	target = mount_of(BPF_CORE_READ(to, mnt));
	dentry = BPF_CORE_READ(to, dentry);
	if (!is_above((__u64)moved, (struct mount *)s->mount) &&
	    !hides_pins(s, (__u64)target, (__u64)dentry) &&
	    !joins_pins(s, moved, target, dentry))
		return 0;
	return refuse(s, VG_LOCK_MOUNT, 0, BPF_CORE_READ(dentry, d_name.name),
		      -EPERM);
}

/* Containers do this too, in name spaces of their own. */
SEC("lsm/sb_pivotroot")
int BPF_PROG(lock_pivot_root, const struct path *old_path)
{
	struct vg_lock_state *s = the_lock();
	struct task_struct *task = bpf_get_current_task_btf();

	if (!s || s->phase != VG_LOCK_SEALED ||
	    (__u64)BPF_CORE_READ(task, nsproxy, mnt_ns) != s->mount_ns)
		return 0;
	return refuse(s, VG_LOCK_MOUNT, 0, "/", -EPERM);
}

/* Asked for each mmap(); the kernel gives NULL for a file where there is none. */
SEC("lsm/mmap_file")
int BPF_PROG(lock_mmap, struct file *file, unsigned long reqprot,
	     unsigned long prot)
{
	struct vg_lock_state *s = the_lock();
	const struct vg_lock_about *about;
	struct bpf_map *map;
	__u32 id;

	if (!s || !s->phase || !(prot & PROT_WRITE))
		return 0;
	map = behind(file, s->map_fops);
	if (!map)
		return 0;
	id = BPF_CORE_READ(map, id);
	about = find_object(VG_LOCK_KIND_MAP, id);
	if (!about || is_daemon(s, bpf_get_current_task_btf()))
		return 0;
	return refuse(s, VG_LOCK_MAP_MMAP, id, about->name, -EPERM);
}

/* Its memory and its descriptors; ps and the like may look on. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(lock_ptrace, struct task_struct *child, unsigned int mode)
{
	struct vg_lock_state *s = the_lock();

	if (!s || s->phase != VG_LOCK_SEALED || !(mode & PTRACE_MODE_ATTACH) ||
	    !is_daemon(s, child))
		return 0;
	return refuse(s, VG_LOCK_PTRACE, child->tgid, child->comm, -EPERM);
}

/*
 * The daemon can be killed: a service manager must be able to, and without it
 * the policy holds and the kernel writes records of its own.  But not unseen.
 */
SEC("lsm/task_kill")
int BPF_PROG(lock_kill, struct task_struct *p, struct kernel_siginfo *info,
	     int sig)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct vg_lock_state *s = the_lock();

	/* 1 is SIGHUP, its reload. */
	if (s && s->phase == VG_LOCK_SEALED && sig > 1 && is_daemon(s, p) &&
	    !is_daemon(s, task))
		tell(s, VG_LOCK_KILL, sig, p->comm);
	return 0;
}

/* Without ftrace the kernel calls no LSM program. */
SEC("cgroup/sysctl")
int lock_sysctl(struct bpf_sysctl *ctx)
{
	static const char guarded[] = "ftrace_enabled";
	struct vg_lock_state *s = the_lock();
	char name[sizeof(guarded) + 1] = {};
	int i;

	if (!s || !s->phase || !ctx->write)
		return 1;
	if (bpf_sysctl_get_name(ctx, name, sizeof(name),
				BPF_F_SYSCTL_BASE_NAME) != sizeof(guarded) - 1)
		return 1;
	for (i = 0; i < (int)sizeof(guarded); i++)
		if (name[i] != guarded[i])
			return 1;
	refuse(s, VG_LOCK_SYSCTL, 0, guarded, -EPERM);
	return 0;
}
