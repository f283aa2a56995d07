/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of the cgroups that rules name (owner=) the current process is in.
 *
 * Rules name a cgroup by its path, which need not exist when the policy is
 * loaded: a guest's comes with the guest.  So the path is put together here,
 * from the root down, and each prefix is looked up.  That takes some thousand
 * instructions, so the result is kept for the rest of the timer tick.
 * A process deeper than VG_MAX_LEVELS is judged by the cgroups above.
 */
#ifndef VFIOGUARD_OWNERS_H
#define VFIOGUARD_OWNERS_H

struct owner_set {
	__u64 sum; /* see owner_sum() */
	__u32 tick; /* jiffies when it was made */
	__u32 owners[VG_MAX_OWNERS];
	__u32 pad;
};

/* By cgroup id. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct owner_set);
} owner_cache SEC(".maps");

/*
 * Where paths are put together.  One for each task that is at it, not for each
 * processor: the task may be preempted, and go on on another processor.
 */
struct owner_path {
	struct vg_owner owner;
	char room[sizeof(struct vg_owner)]; /* for a name at the end */
	__u32 taken;
	__u32 pad;
};

#define OWNER_PATHS 64

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, OWNER_PATHS);
	__type(key, __u32);
	__type(value, struct owner_path);
} owner_path SEC(".maps");

/*
 * Which of the paths is now the caller's, OWNER_PATHS if there are more tasks in
 * here than paths.  Global: the verifier walks through the loop once.
 */
__noinline __u32 claim_path(void)
{
	__u32 first = bpf_get_smp_processor_id(), index;
	struct owner_path *path;
	int i;

	LOOP(i, 0, OWNER_PATHS) {
		index = (first + i) % OWNER_PATHS;
		path = bpf_map_lookup_elem(&owner_path, &index);
		if (path && !__sync_val_compare_and_swap(&path->taken, 0, 1))
			return index;
	}
	return OWNER_PATHS;
}

/* A path to write to, "/" for now, or NULL.  To be given back by give_path(). */
static __always_inline struct owner_path *take_path(void)
{
	__u32 index = claim_path();
	struct owner_path *path;

	path = bpf_map_lookup_elem(&owner_path, &index);
	if (!path)
		return NULL;
	__builtin_memset(&path->owner, 0, sizeof(path->owner));
	path->owner.path[0] = '/';
	return path;
}

static __always_inline void give_path(struct owner_path *path)
{
	/* With a barrier: all of it was read before another writes. */
	__sync_lock_test_and_set(&path->taken, 0);
}

/*
 * An element of an LRU map may be given to another key while it is read: then
 * the sum is not that of this cgroup and what was read.
 */
static __always_inline __u64 owner_sum(const struct owner_set *set, __u64 id)
{
	__u64 sum = id * 0x9e3779b97f4a7c15ULL ^ set->tick;

	sum = sum * 31 + set->owners[0];
	sum = sum * 31 + set->owners[1];
	sum = sum * 31 + set->owners[2];
	return sum * 31 + set->owners[3];
}

/* One more owner, deeper than those before; the topmost gives way. */
WITH_KEY int add_owner(struct owner_set *set __arg_nonnull,
		       const struct vg_owner *path __arg_nonnull)
{
	__u32 *number = bpf_map_lookup_elem(&owners, path);

	if (!number || !*number)
		return 0;
	set->owners[3] = set->owners[2];
	set->owners[2] = set->owners[1];
	set->owners[1] = set->owners[0];
	set->owners[0] = *number;
	return 0;
}

/* What append_name() returns instead of a length. */
#define PATH_TOO_LONG sizeof(struct vg_owner)
#define PATH_UNREADABLE (sizeof(struct vg_owner) + 1)

/*
 * The name of the cgroup @level levels below the root, "/" before it; @below is
 * the address of one below that.  Global, so that the verifier does not follow it
 * for each level.  Returns the length with it.
 */
__noinline __u32 append_name(struct owner_path *path __arg_nonnull, __u32 at,
			     __u64 below, __u32 level)
{
	struct cgroup *cgroup = (void *)below;
	struct kernfs_node *kn;
	const char *name;
	long len;

	if (!GIVEN(path))
		return PATH_UNREADABLE;
	if (at >= sizeof(path->owner.path))
		return at;
	if (bpf_probe_read_kernel(&cgroup, sizeof(cgroup),
				  &cgroup->ancestors[level]) ||
	    bpf_core_read(&kn, sizeof(kn), &cgroup->kn) ||
	    bpf_core_read(&name, sizeof(name), &kn->name))
		return PATH_UNREADABLE;

	path->owner.path[at++] = '/';
	len = bpf_probe_read_kernel_str(&path->owner.path[at & 0xff],
					sizeof(path->room), name);
	if (len <= 1)
		return PATH_UNREADABLE;
	/* Too long for any rule: what is above it decides. */
	at += len - 1;
	return at < sizeof(path->owner.path) ? at : PATH_TOO_LONG;
}

/* The current process's, or its thread's, see learn(). */
static struct cgroup *current_cgroup(void)
{
	struct task_struct *task =
		untrusted(bpf_get_current_task_btf(), struct task_struct);
	struct cgroup *cgroup = NULL;

	/* Not followed by the verifier: append_name() takes no such pointer. */
	bpf_core_read(&cgroup, sizeof(cgroup), &task->cgroups->dfl_cgrp);
	return cgroup;
}

/* Returns not 0 if they can't be told. */
static int find_owners(struct owner_set *set)
{
	struct cgroup *cgroup = current_cgroup();
	struct owner_path *path;
	int level, depth;
	__u32 at = 0;

	if (bpf_core_read(&depth, sizeof(depth), &cgroup->level))
		return -1;
	path = take_path();
	if (!path)
		return -1;
	add_owner(set, &path->owner);
	LOOP(level, 1, VG_MAX_LEVELS) {
		if (level > depth)
			break;
		at = append_name(path, at, (__u64)cgroup, level);
		if (at >= sizeof(path->owner.path))
			break;
		add_owner(set, &path->owner);
	}
	give_path(path);
	return at == PATH_UNREADABLE ? -1 : 0;
}

/*
 * Fill in @s->owners for the current process.  Returns not 0 if they can't be
 * told: the caller then blocks, as rules without an owner would decide.
 */
__noinline int set_owners(struct subject *s __arg_nonnull)
{
	__u64 id = bpf_get_current_cgroup_id();
	__u32 tick = bpf_jiffies64();
	struct owner_set set, *kept;

	if (!GIVEN(s))
		return -1;
	kept = bpf_map_lookup_elem(&owner_cache, &id);
	if (kept)
		__builtin_memcpy(&set, kept, sizeof(set));
	if (!kept || set.tick != tick || set.sum != owner_sum(&set, id)) {
		__builtin_memset(&set, 0, sizeof(set));
		set.tick = tick;
		if (find_owners(&set))
			return -1;
		set.sum = owner_sum(&set, id);
		bpf_map_update_elem(&owner_cache, &id, &set, BPF_ANY);
	}
	__builtin_memcpy(s->owners, set.owners, sizeof(s->owners));
	return 0;
}

#endif
