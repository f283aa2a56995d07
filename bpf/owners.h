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
	__u32 tick; /* jiffies when it was made */
	__u32 owners[VG_MAX_OWNERS];
};

/* By cgroup id. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct owner_set);
} owner_cache SEC(".maps");

/* Where a path is put together; the hook runs with preemption disabled. */
struct owner_path {
	struct vg_owner owner;
	char room[sizeof(struct vg_owner)]; /* for a name at the end */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct owner_path);
} owner_path SEC(".maps");

/*
 * One more owner, deeper than those before; the topmost gives way.  Global as
 * append_name().
 */
__noinline int add_owner(struct owner_set *set __arg_nonnull,
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

/*
 * The name of the cgroup @level levels below the root, "/" before it; @below is
 * the address of one below that.  Global, so that the verifier does not follow it
 * for each level.
 */
__noinline __u32 append_name(struct owner_path *path __arg_nonnull, __u32 at,
			     __u64 below, __u32 level)
{
	struct cgroup *cgroup = (void *)below;
	struct kernfs_node *kn;
	const char *name;
	long len;

	if (at >= sizeof(path->owner.path))
		return sizeof(path->owner.path);
	if (bpf_probe_read_kernel(&cgroup, sizeof(cgroup),
				  &cgroup->ancestors[level]) ||
	    bpf_core_read(&kn, sizeof(kn), &cgroup->kn) ||
	    bpf_core_read(&name, sizeof(name), &kn->name))
		return sizeof(path->owner.path);

	path->owner.path[at++] = '/';
	len = bpf_probe_read_kernel_str(&path->owner.path[at & 0xff],
					sizeof(path->room), name);
	if (len <= 1)
		return sizeof(path->owner.path);
	/* Too long for any rule: what is above it decides. */
	return at + len - 1;
}

/* The current process's, or its thread's, see learn(). */
static struct cgroup *current_cgroup(void)
{
	struct task_struct *task =
		untrusted(bpf_get_current_task_btf(), struct task_struct);
	struct cgroup *cgroup = NULL;

	/*
	 * Not followed by the verifier: append_name() takes no such pointer.  Each
	 * task has one; if this failed, rules without an owner would decide.
	 */
	bpf_core_read(&cgroup, sizeof(cgroup), &task->cgroups->dfl_cgrp);
	return cgroup;
}

static void find_owners(struct owner_set *set)
{
	struct cgroup *cgroup = current_cgroup();
	__u32 zero = 0, at = 0;
	int level, depth = BPF_CORE_READ(cgroup, level);
	struct owner_path *path;

	path = bpf_map_lookup_elem(&owner_path, &zero);
	if (!path)
		return;
	__builtin_memset(path, 0, sizeof(*path));
	path->owner.path[0] = '/';
	add_owner(set, &path->owner);
	bpf_for(level, 1, VG_MAX_LEVELS) {
		if (level > depth)
			break;
		at = append_name(path, at, (__u64)cgroup, level);
		if (at >= sizeof(path->owner.path))
			break;
		add_owner(set, &path->owner);
	}
}

/* Fill in @s->owners for the current process. */
__noinline int set_owners(struct subject *s __arg_nonnull)
{
	struct owner_set set = { .tick = bpf_jiffies64() }, *kept;
	__u64 id = bpf_get_current_cgroup_id();

	kept = bpf_map_lookup_elem(&owner_cache, &id);
	if (!kept || kept->tick != set.tick) {
		find_owners(&set);
		bpf_map_update_elem(&owner_cache, &id, &set, BPF_ANY);
		kept = &set;
	}
	__builtin_memcpy(s->owners, kept->owners, sizeof(s->owners));
	return 0;
}

#endif
