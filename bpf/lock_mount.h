/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the pins are in the host's tree of mounts.
 *
 * The pins live as long as their super block, and that as long as a mount of
 * it.  The one in the host's own name space is kept: neither it nor a mount
 * above it goes or moves, and nothing is mounted so that it is hidden.  Mounts
 * of other name spaces come and go as ever.
 */
#ifndef VFIOGUARD_LOCK_MOUNT_H
#define VFIOGUARD_LOCK_MOUNT_H

/* Mounts, or folders, from the pins to the root. */
#define MAX_ABOVE 16
#define MAX_MOUNTS 512

static struct mount *mount_of(const struct vfsmount *mnt)
{
	return (struct mount *)((char *)mnt -
				bpf_core_field_offset(struct mount, mnt));
}

/* The mount of the super block that the first process sees. */
static __u64 host_mount(struct super_block *sb, struct mnt_namespace *ns)
{
	struct list_head *head, *at;
	struct mount *m;
	int i;

	head = (struct list_head *)((char *)sb +
				    bpf_core_field_offset(struct super_block,
							  s_mounts));
	at = BPF_CORE_READ(head, next);
	bpf_for(i, 0, MAX_MOUNTS) {
		if (at == head || !at)
			break;
		m = (struct mount *)((char *)at -
				     bpf_core_field_offset(struct mount,
							   mnt_instance));
		if (BPF_CORE_READ(m, mnt_ns) == ns)
			return (__u64)m;
		at = BPF_CORE_READ(at, next);
	}
	return 0;
}

/* Of the first process of all, whatever the caller is shut in. */
static struct mnt_namespace *host_mount_ns(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	int i;

	bpf_for(i, 0, 64) {
		if (BPF_CORE_READ(task, pid) == 1)
			return BPF_CORE_READ(task, nsproxy, mnt_ns);
		task = BPF_CORE_READ(task, real_parent);
	}
	return NULL;
}

/* Whether it is the mount of the pins, or one above. */
static __noinline bool holds_pins(const struct vg_lock_state *s, __u64 mount)
{
	struct mount *at = (struct mount *)s->mount, *parent;
	int i;

	bpf_for(i, 0, MAX_ABOVE) {
		if ((__u64)at == mount)
			return true;
		parent = BPF_CORE_READ(at, mnt_parent);
		if (parent == at)
			break;
		at = parent;
	}
	return false;
}

static bool is_below(struct dentry *at, __u64 top)
{
	struct dentry *parent;
	int i;

	bpf_for(i, 0, MAX_ABOVE) {
		if ((__u64)at == top)
			return true;
		parent = BPF_CORE_READ(at, d_parent);
		if (parent == at)
			break;
		at = parent;
	}
	return false;
}

/* Whether what is mounted at a place hides the pins, or is in their midst. */
static __noinline bool hides_pins(const struct vg_lock_state *s, __u64 mount,
				  __u64 dentry)
{
	struct mount *at = (struct mount *)s->mount, *parent;
	int i;

	if (mount == s->mount)
		return true;
	bpf_for(i, 0, MAX_ABOVE) {
		parent = BPF_CORE_READ(at, mnt_parent);
		if (parent == at)
			break;
		if ((__u64)parent == mount)
			return is_below(BPF_CORE_READ(at, mnt_mountpoint),
					dentry);
		at = parent;
	}
	return false;
}

#endif
