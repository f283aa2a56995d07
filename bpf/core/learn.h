/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Learning: every kind of access is recorded in a map, not as an event, so that
 * no flood loses one.  A kind is what struct vg_learn_key holds; a device has at
 * most some thousands.
 */
#ifndef VFIOGUARD_LEARN_H
#define VFIOGUARD_LEARN_H

/*
 * Keep a value that was not written before.  A place is taken before it is
 * filled, so no value is lost to another processor's; one may stand there
 * twice.
 */
static void learn_value(struct vg_learned *l, __u32 value)
{
	__u32 taken = *(volatile __u32 *)&l->taken, i;

	for (i = 0; i < VG_LEARN_VALUES; i++)
		if (taken & 1 << (16 + i) && l->values[i] == value)
			return;
	/* Counted once past the end: there were others. */
	if ((taken & 0xffff) > VG_LEARN_VALUES)
		return;
	i = __sync_fetch_and_add(&l->taken, 1) & 0xffff;
	if (i >= VG_LEARN_VALUES)
		return;
	l->values[i] = value;
	__sync_fetch_and_or(&l->taken, 1 << (16 + i));
}

/* The path, because the cgroup of a guest ends with the guest. */
static void learn_owner(__u64 id, struct cgroup *cgroup)
{
	__u32 at = 0;
	int level, depth = BPF_CORE_READ(cgroup, level);
	struct owner_path *path;

	if (bpf_map_lookup_elem(&learned_owners, &id))
		return;
	/* Without room, as without room in the map: a number and no path. */
	path = take_path();
	if (!path)
		return;
	LOOP(level, 1, VG_MAX_LEVELS) {
		if (level > depth)
			break;
		at = append_name(path, at, (__u64)cgroup, level);
		if (at >= sizeof(path->owner.path))
			break;
	}
	path->owner.path[sizeof(path->owner.path) - 1] = '\0';
	bpf_map_update_elem(&learned_owners, &id, &path->owner, BPF_NOEXIST);
	give_path(path);
}

static void learn_first(const struct vg_learn_key *key,
			const struct access *access)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct vg_learned l = {
		.first = bpf_ktime_get_boot_ns(),
		.region = access->region,
		.cap = access->cap_id,
		.tgid = task->tgid,
	};
	__u32 zero = 0;
	__u64 *lost;

	copy_comm(l.comm, task);
	/* Another CPU's is as good. */
	if (!bpf_map_update_elem(&learned, key, &l, BPF_NOEXIST) ||
	    bpf_map_lookup_elem(&learned, key))
		return;
	lost = bpf_map_lookup_elem(&learn_lost, &zero);
	if (lost)
		__sync_fetch_and_add(lost, 1);
}

static __noinline int learn(struct pci_dev *pdev, const struct access *access,
			    __u32 plan)
{
	/* The process's: its threads may each be in a cgroup of their own. */
	struct cgroup *cgroup = BPF_CORE_READ(current_cgroup(), dom_cgrp);
	struct vg_learn_key key;
	struct vg_learned *l;

	__builtin_memset(&key, 0, sizeof(key));
	key.cgroup = BPF_CORE_READ(cgroup, kn, id);
	key.slot = pci_slot(pdev);
	READ_FIELD(key.vendor, pdev, vendor);
	READ_FIELD(key.device, pdev, device);
	key.offset = access->offset;
	key.size = access->size;
	key.access = access->write & 1;

	l = bpf_map_lookup_elem(&learned, &key);
	if (!l) {
		learn_owner(key.cgroup, cgroup);
		learn_first(&key, access);
		l = bpf_map_lookup_elem(&learned, &key);
	}
	if (!l)
		return 0;
	__sync_fetch_and_add(&l->count, 1);
	l->last = bpf_ktime_get_boot_ns();
	if ((plan & PLAN_VERDICT) != VG_ALLOW)
		__sync_fetch_and_add(&l->blocked, 1);
	if (key.access == VG_WRITE && access->has_data)
		learn_value(l, access->data);
	return 0;
}

#endif
