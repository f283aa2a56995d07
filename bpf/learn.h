/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Learning: every kind of access is recorded in a map, not as an event, so that
 * no flood loses one.  A kind is what struct vg_learn_key holds; a device has at
 * most some thousands.
 */
#ifndef VFIOGUARD_LEARN_H
#define VFIOGUARD_LEARN_H

/* A value that was not written before.  Racy: one may stand there twice. */
static void learn_value(struct vg_learned *l, __u32 value)
{
	__u32 n = l->nr_values, i;

	for (i = 0; i < VG_LEARN_VALUES; i++)
		if (i < n && l->values[i] == value)
			return;
	if (n < VG_LEARN_VALUES) {
		l->values[n] = value;
		l->nr_values = n + 1;
	} else {
		l->nr_values = VG_LEARN_VALUES + 1;
	}
}

static void learn_first(const struct vg_learn_key *key,
			const struct vfio_pci_config_access *access)
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

	bpf_probe_read_kernel_str(l.comm, sizeof(l.comm), task->comm);
	/* Another CPU's is as good. */
	if (!bpf_map_update_elem(&learned, key, &l, BPF_NOEXIST) ||
	    bpf_map_lookup_elem(&learned, key))
		return;
	lost = bpf_map_lookup_elem(&learn_lost, &zero);
	if (lost)
		__sync_fetch_and_add(lost, 1);
}

static __noinline int learn(const struct vg_device *dev,
			    const struct vfio_pci_config_access *access,
			    __u32 plan)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct vg_learn_key key;
	struct vg_learned *l;

	__builtin_memset(&key, 0, sizeof(key));
	/* The process's: its threads may each be in a cgroup of their own. */
	key.cgroup = task->cgroups->dfl_cgrp->dom_cgrp->kn->id;
	key.slot = dev->slot;
	key.vendor = dev->vendor;
	key.device = dev->device;
	key.offset = access->offset;
	key.size = access->size;
	key.access = access->write & 1;

	l = bpf_map_lookup_elem(&learned, &key);
	if (!l) {
		learn_first(&key, access);
		l = bpf_map_lookup_elem(&learned, &key);
	}
	if (!l)
		return 0;
	__sync_fetch_and_add(&l->count, 1);
	l->last = bpf_ktime_get_boot_ns();
	if ((plan & PLAN_VERDICT) != VG_ALLOW)
		__sync_fetch_and_add(&l->blocked, 1);
	if (key.access == VG_WRITE)
		learn_value(l, access->data);
	return 0;
}

#endif
