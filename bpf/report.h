/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is counted and what is reported.
 *
 * A guest decides how often it accesses a register, so a report must not cost
 * the host more the more there are: the first hit of each (device, register,
 * direction, verdict) by a process gives an event, repeats are counted.  Every
 * access adds one to exactly one counter, so the sums always hold.
 */
#ifndef VFIOGUARD_REPORT_H
#define VFIOGUARD_REPORT_H

#define NSEC_PER_SEC 1000000000ULL
#define TOKEN 1024
/* Silence of the daemon after which the kernel's own audit record is asked. */
#define HEARTBEAT_MAX (15 * NSEC_PER_SEC)

/* One access and what was decided about it. */
struct decision {
	struct pci_dev *pdev;
	struct vfio_pci_config_access *access;
	const struct vg_config *config;
	enum vg_verdict verdict;
	enum vg_reason reason;
	bool audit;
};

/*
 * Take one token of the device.  Racy on purpose: two vCPUs may take the same
 * one, which costs one event more, not a lock in the path of an access.
 */
static bool take_token(struct vg_device *dev, const struct vg_config *config,
		       __u64 now)
{
	__u64 full = (__u64)config->burst * TOKEN;
	__u64 tokens = dev->tokens;
	__u64 passed = now - dev->refilled_at;

	/* A long pause fills the bucket, and must not overflow below. */
	if (passed > 3600 * NSEC_PER_SEC)
		tokens = full;
	else
		tokens += passed / (NSEC_PER_SEC / TOKEN) * config->rate;
	if (tokens > full)
		tokens = full;

	dev->refilled_at = now;
	if (tokens < TOKEN) {
		dev->tokens = tokens;
		return false;
	}
	dev->tokens = tokens - TOKEN;
	return true;
}

/*
 * Make the folding start anew for another process, if the rate allows: two
 * processes that take turns on one device must not make every access a first.
 */
static bool take_over(struct vg_device *dev, __u32 tgid, __u64 now,
		      const struct vg_config *config)
{
	int i;

	if (dev->owner && !take_token(dev, config, now))
		return false;

	dev->owner = tgid;
	bpf_for(i, 0, VG_SEEN_WORDS)
	{
		if (i < VG_SEEN_WORDS)
			dev->seen[i] = 0;
	}
	return true;
}

static void fill_event(struct vg_event *e, const struct decision *d,
		       const struct vg_device *dev, __u64 now)
{
	struct task_struct *task = bpf_get_current_task_btf();

	__builtin_memset(e, 0, sizeof(*e));
	e->time = now;
	e->cgroup = bpf_get_current_cgroup_id();
	e->generation = d->config->generation;
	e->slot = dev->slot;
	e->vendor = d->pdev->vendor;
	e->device = d->pdev->device;
	e->offset = d->access->offset;
	e->size = d->access->size;
	e->access = d->access->write ? VG_WRITE : VG_READ;
	e->verdict = d->verdict;
	e->reason = d->reason;
	e->region = d->access->region;
	e->native = d->access->native;
	e->cap = d->access->cap_id;
	e->data = d->access->write ? d->access->data : 0;
	e->pid = task->pid;
	e->tgid = task->tgid;
	e->uid = task->cred->uid.val;
	e->loginuid = task->loginuid.val;
	e->sessionid = task->sessionid;
	bpf_probe_read_kernel_str(e->comm, sizeof(e->comm), task->comm);
}

/* One bit for the dword, direction and verdict of an access. */
static __u32 seen_bit(const struct decision *d)
{
	__u32 reg = (d->access->offset & 0xfff) / 4;
	__u32 dir = d->access->write ? VG_WRITE : VG_READ;

	return (reg * VG_ACCESSES + dir) * VG_VERDICTS + d->verdict;
}

static enum vg_report send(struct vg_device *dev, const struct decision *d,
			   __u64 now, __u64 *word, __u64 bit)
{
	struct vg_event *e;

	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		/* Nobody drains: the next hit of this register tries again. */
		__sync_fetch_and_and(word, ~bit);
		return VG_REPORT_RING_FULL;
	}
	fill_event(e, d, dev, now);
	e->unreported = __sync_lock_test_and_set(&dev->unreported, 0);
	bpf_ringbuf_submit(e, 0);
	return VG_REPORT_SENT;
}

static enum vg_report report(struct vg_device *dev, const struct decision *d,
			     bool *first)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u32 index = seen_bit(d);
	__u32 word = index / 64;
	__u64 bit = 1ULL << (index % 64);
	__u64 now;

	if (word >= VG_SEEN_WORDS)
		return VG_REPORT_LIMITED;
	if (dev->owner == tgid) {
		if (dev->seen[word] & bit)
			return VG_REPORT_FOLDED;
		now = bpf_ktime_get_boot_ns();
	} else {
		now = bpf_ktime_get_boot_ns();
		if (!take_over(dev, tgid, now, d->config))
			return VG_REPORT_LIMITED;
	}
	if (__sync_fetch_and_or(&dev->seen[word], bit) & bit)
		return VG_REPORT_FOLDED;

	*first = true;
	return send(dev, d, now, &dev->seen[word], bit);
}

/* True if nobody drains the events: then the kernel's own record is wanted. */
static bool daemon_silent(void)
{
	__u32 zero = 0;
	__u64 *beat = bpf_map_lookup_elem(&heartbeat, &zero);

	return !beat || bpf_ktime_get_boot_ns() - *beat > HEARTBEAT_MAX;
}

/*
 * Count a decision, and report it if it is to be.  Returns whether the kernel
 * should write an audit record of its own.
 */
static bool account(struct vg_device *dev, const struct decision *d)
{
	enum vg_report how = VG_REPORT_SILENT;
	__u32 dir = d->access->write ? VG_WRITE : VG_READ;
	bool first = false;

	if (d->audit) {
		how = report(dev, d, &first);
		if (how != VG_REPORT_SENT)
			__sync_fetch_and_add(&dev->unreported, 1);
	}
	if (d->verdict < VG_VERDICTS && how < VG_REPORTS)
		__sync_fetch_and_add(&dev->counts[dir][d->verdict][how], 1);

	return first && daemon_silent();
}

#endif
