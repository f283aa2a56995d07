/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the pins are in the host's tree of mounts.
 *
 * The pins live as long as their super block, and that as long as a mount of
 * it.  The one in the host's own name space is kept: neither it nor a mount
 * above it goes or moves, and nothing is mounted so that it is hidden.  Mounts
 * of other name spaces come and go as ever, unless they share what becomes of
 * them with the host's (mount_namespaces(7), shared subtrees).
 */
#ifndef VFIOGUARD_LOCK_MOUNT_H
#define VFIOGUARD_LOCK_MOUNT_H

/*
 * How far is looked: who goes beyond is refused, or somebody could hide there.
 * Mounts, or folders, from the pins to the root:
 */
#define MAX_ABOVE 16
#define MAX_MOUNTS 512
/* A slave may have slaves. */
#define MAX_MASTERS 8

/* The mount in which a list has its link at @field. */
#define mount_at(list, field)              \
	((struct mount *)((char *)(list) - \
			  bpf_core_field_offset(struct mount, field)))
#define next_of(mount, field) mount_at(BPF_CORE_READ(mount, field.next), field)

static struct mount *mount_of(const struct vfsmount *mnt)
{
	return (struct mount *)((char *)mnt -
				bpf_core_field_offset(struct mount, mnt));
}

/*
 * The mount of the super block that the first process sees, by either kind of
 * list; 0 if it is not among those looked at, and then nothing is locked and the
 * loader says so.  Not inline, so that the compiler takes nothing of the kind that
 * this kernel does not have out of the branch that is never gone.
 */
static __noinline __u64 host_mount_of_list(struct super_block *sb,
					   struct mnt_namespace *ns)
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
		m = mount_at(at, mnt_instance);
		if (BPF_CORE_READ(m, mnt_ns) == ns)
			return (__u64)m;
		at = BPF_CORE_READ(at, next);
	}
	return 0;
}

static __noinline __u64 host_mount_of_own_list(struct super_block *sb,
					       struct mnt_namespace *ns)
{
	struct super_block___own_list *own = (void *)sb;
	struct mount *m = BPF_CORE_READ(own, s_mounts);
	int i;

	bpf_for(i, 0, MAX_MOUNTS) {
		if (!m || BPF_CORE_READ(m, mnt_ns) == ns)
			return (__u64)m;
		m = BPF_CORE_READ((struct mount___own_list *)m,
				  mnt_next_for_sb);
	}
	return 0;
}

static __u64 host_mount(struct super_block *sb, struct mnt_namespace *ns)
{
	return bpf_core_field_exists(struct mount___own_list, mnt_next_for_sb) ?
		       host_mount_of_own_list(sb, ns) :
		       host_mount_of_list(sb, ns);
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

/* Whether it is @at or one above. */
static __noinline bool is_above(__u64 mount, struct mount *at)
{
	struct mount *parent;
	int i;

	bpf_for(i, 0, MAX_ABOVE) {
		if ((__u64)at == mount)
			return true;
		parent = BPF_CORE_READ(at, mnt_parent);
		if (parent == at)
			return false;
		at = parent;
	}
	return true;
}

/* Whether something is mounted there. */
static __noinline bool is_used(struct mount *mount, struct dentry *dentry)
{
	struct list_head *head, *at;
	int i;

	head = (struct list_head *)((char *)mount +
				    bpf_core_field_offset(struct mount,
							  mnt_mounts));
	at = BPF_CORE_READ(head, next);
	bpf_for(i, 0, MAX_MOUNTS) {
		if (at == head || !at)
			return false;
		if (BPF_CORE_READ(mount_at(at, mnt_child), mnt_mountpoint) ==
		    dentry)
			return true;
		at = BPF_CORE_READ(at, next);
	}
	return true;
}

/* Whether @mount or one below it is at @dentry in @place or a peer of that. */
static __noinline bool is_in_peer(__u64 mount, struct mount *place,
				  struct dentry *dentry)
{
	struct mount *above = BPF_CORE_READ((struct mount *)mount, mnt_parent);
	struct dentry *where =
		BPF_CORE_READ((struct mount *)mount, mnt_mountpoint);
	struct mount *at = place;
	int i;

	bpf_for(i, 0, MAX_MOUNTS) {
		if (at == above && where == dentry)
			return true;
		if (is_above(mount, at) && is_used(at, dentry))
			return true;
		at = next_of(at, mnt_share);
		if (at == place)
			return false;
	}
	return true;
}

/* Whether what is at @dentry in @place goes when @mount does. */
static __noinline bool goes_with(__u64 mount, struct mount *place,
				 struct dentry *dentry)
{
	int i;

	bpf_for(i, 0, MAX_MASTERS) {
		if (!place)
			return false;
		if (is_in_peer(mount, place, dentry))
			return true;
		place = BPF_CORE_READ(place, mnt_master);
	}
	return true;
}

/* Whether the pins go when @mount does, with all that is below it. */
static __noinline bool holds_pins(const struct vg_lock_state *s, __u64 mount)
{
	struct mount *at = (struct mount *)s->mount, *parent;
	int i;

	bpf_for(i, 0, MAX_ABOVE) {
		parent = BPF_CORE_READ(at, mnt_parent);
		if (parent == at)
			return false;
		if (goes_with(mount, parent, BPF_CORE_READ(at, mnt_mountpoint)))
			return true;
		at = parent;
	}
	return true;
}

/* Whether what is mounted in @from is then in @to as well. */
static __noinline bool reaches(struct mount *from, struct mount *to)
{
	int group = BPF_CORE_READ(from, mnt_group_id), i;

	if (from == to)
		return true;
	if (!group)
		return false;
	bpf_for(i, 0, MAX_MASTERS) {
		if (!to)
			return false;
		if (BPF_CORE_READ(to, mnt_group_id) == group)
			return true;
		to = BPF_CORE_READ(to, mnt_master);
	}
	return true;
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

	if (reaches((struct mount *)mount, at))
		return true;
	bpf_for(i, 0, MAX_ABOVE) {
		parent = BPF_CORE_READ(at, mnt_parent);
		if (parent == at)
			return false;
		if (reaches((struct mount *)mount, parent) &&
		    is_below(BPF_CORE_READ(at, mnt_mountpoint), dentry))
			return true;
		at = parent;
	}
	return true;
}

/*
 * Whether @to may be about to join mounts that the pins come and go with, and so to
 * pass on what is unmounted in it (MOVE_MOUNT_SET_GROUP; the hook is not told which
 * move it is).  An unmount that was looked at before would do so unseen.  What @to
 * shares now can be changed by then, and says nothing; root and super block stay.
 */
static __noinline bool joins_pins(const struct vg_lock_state *s,
				  struct mount *from, struct mount *to,
				  struct dentry *dentry)
{
	struct mount *at = (struct mount *)s->mount, *parent;
	int i;

	if (BPF_CORE_READ(to, mnt.mnt_root) != dentry ||
	    BPF_CORE_READ(to, mnt.mnt_sb) != BPF_CORE_READ(from, mnt.mnt_sb))
		return false;
	bpf_for(i, 0, MAX_ABOVE) {
		if (reaches(from, at))
			return true;
		parent = BPF_CORE_READ(at, mnt_parent);
		if (parent == at)
			return false;
		at = parent;
	}
	return true;
}

#endif
