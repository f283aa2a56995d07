/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is counted and what is reported.
 *
 * A guest decides how often it accesses a register, and how many processes do,
 * so a report must not cost the host more the more there are.  The first hit of
 * each (device, register, direction, verdict) gives an event, whoever makes it.
 * The first by another process gives one as well, as long as the device has
 * tokens.  Repeats are counted.  Every access adds one to exactly one counter,
 * so the sums always hold.
 */
#ifndef VFIOGUARD_REPORT_H
#define VFIOGUARD_REPORT_H

#define NSEC_PER_SEC 1000000000ULL
#define TOKEN 1024
/* Time in which a rate of one event a second makes 1/TOKEN of a token. */
#define TICK (NSEC_PER_SEC / TOKEN)
/* What report_first() returns: enum vg_report, and a flag. */
#define REPORT_HOW 0x0f
#define REPORT_KERNEL 0x10 /* the kernel should write a record of its own */
/* Place of a hit of a function that shares the entry of another. */
#define SHARED 0xffff
/* Silence of the daemon after which the kernel's own audit record is asked. */
#define HEARTBEAT_MAX (15 * NSEC_PER_SEC)

/* What came since the last time, for the one who is the first to ask. */
static __always_inline __u64 refill(struct vg_device *dev,
				    const struct vg_config *config, __u64 now)
{
	__u64 old = dev->refilled_at, passed = now - old;

	/* A clock read by another processor is ahead. */
	if (now < old || passed < TICK)
		return 0;
	/* What is left of a tick counts the next time. */
	if (__sync_val_compare_and_swap(&dev->refilled_at, old,
					now - passed % TICK) != old)
		return 0;
	/* A long pause fills the bucket, and must not overflow. */
	if (!old || passed > 3600 * NSEC_PER_SEC)
		return (__u64)config->burst * TOKEN;
	return passed / TICK * config->rate;
}

/*
 * Take one token of the device.  A processor that finds another at it goes
 * without: that costs an event, and no lock in the path of an access, and they
 * can't take one token twice.
 */
static __always_inline bool
take_token(struct vg_device *dev, const struct vg_config *config, __u64 now)
{
	__u64 full = (__u64)config->burst * TOKEN;
	__u64 more = refill(dev, config, now);
	__u64 old = *(volatile __u64 *)&dev->tokens, tokens = old + more;
	bool enough;

	if (tokens > full)
		tokens = full;
	enough = tokens >= TOKEN;
	if (enough)
		tokens -= TOKEN;
	if (__sync_val_compare_and_swap(&dev->tokens, old, tokens) == old)
		return enough;
	__sync_fetch_and_add(&dev->tokens, more);
	return false;
}

/* Which of the owners the folding knows a process is, VG_SEEN_OWNERS if none. */
static __u32 find_owner(const struct vg_device *dev, __u32 tgid)
{
	__u32 i;

	for (i = 0; i < VG_SEEN_OWNERS; i++)
		if (dev->owners[i] == tgid)
			break;
	return i;
}

/* Room for one more process, which another gives up.  Returns as find_owner(). */
static __always_inline __u32 add_owner_seen(struct vg_device *dev, __u32 tgid)
{
	__u32 owner = __sync_fetch_and_add(&dev->next_owner, 1);
	int i;

	owner %= VG_SEEN_OWNERS;
	/* Known to nobody until its bits are clear. */
	dev->owners[owner] = 0;
	LOOP(i, 0, VG_SEEN_WORDS) {
		if (i < VG_SEEN_WORDS)
			dev->seen[owner][i] = 0;
	}
	*(volatile __u32 *)&dev->owners[owner] = tgid;
	return owner;
}

/* What the access itself tells, and the function, which may share an entry. */
static void describe_access(struct vg_event *e, struct pci_dev *pdev,
			    const struct access *access, __u32 plan)
{
	__builtin_memset(e, 0, sizeof(*e));
	e->slot = pci_slot(pdev);
	READ_FIELD(e->vendor, pdev, vendor);
	READ_FIELD(e->device, pdev, device);
	e->offset = access->offset;
	e->size = access->size;
	e->access = access->write;
	e->verdict = plan & PLAN_VERDICT;
	e->reason = (plan & PLAN_REASON) >> PLAN_REASON_SHIFT;
	if (e->reason == 3)
		e->reason = VG_REASON_RULE;
	if (plan & PLAN_NATIVE)
		e->reason = VG_REASON_NATIVE;
	if (plan & PLAN_WAY)
		e->reason = VG_REASON_WAY;
	e->region = access->region;
	e->native = access->native;
	e->cap = access->cap_id;
	e->data = access->write ? access->data : 0;
}

/* A plan decided: which of the rules it was made from, is looked up again. */
static __noinline void find_rule(struct pci_dev *pdev,
				 const struct access *access, struct answer *a)
{
	struct subject s;
	struct question q;

	ask_who(&s, pdev, NULL);
	CLEAN(q);
	CLEAN(*a);
	ask_about(&q, access);
	decide(&s, &q, a);
}

static __always_inline void describe_rule(struct vg_event *e,
					  const struct answer *a)
{
	e->line = a->line;
	e->file = a->file;
	e->key = a->key;
	e->scope = a->scope;
}

/*
 * By loads where the verifier allows them: cheaper than the helper.
 */
static __always_inline void copy_comm(char comm[VG_COMM_LEN],
				      struct task_struct *task)
{
#ifdef VG_STOCK
	bpf_get_current_comm(comm, VG_COMM_LEN);
#else
	const struct task_struct *from = untrusted(task, struct task_struct);
	const __u32 *words = (const __u32 *)&from->comm;
	int i;

	/* By bytes it would be 16 loads for libbpf and the verifier to look at. */
#pragma unroll
	for (i = 0; i < VG_COMM_LEN / 4; i++)
		((__u32 *)comm)[i] = words[i];
#endif
}

/* Who made it. */
static void describe_task(struct vg_event *e)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 ids = bpf_get_current_pid_tgid();

	e->cgroup = bpf_get_current_cgroup_id();
	e->pid = ids;
	e->tgid = ids >> 32;
	e->uid = untrusted(task, struct task_struct)->cred->uid.val;
	e->loginuid = task->loginuid.val;
	e->sessionid = task->sessionid;
	copy_comm(e->comm, task);
}

/* True if nobody drains the events: then the kernel's own record is wanted. */
static bool daemon_silent(__u64 now)
{
	__u32 zero = 0;
	__u64 *beat = bpf_map_lookup_elem(&heartbeat, &zero);

	return !beat || now - *beat > HEARTBEAT_MAX;
}

/* Put an event into the ring buffer.  Returns as report_first(). */
static __always_inline __u32 send_event(struct vg_device *dev,
					struct vg_event *e,
					const struct vg_config *config,
					__u64 now)
{
	e->time = now;
	e->generation = config->generation;
	e->unreported = __sync_lock_test_and_set(&dev->unreported, 0);
	describe_task(e);
	if (bpf_ringbuf_output(&events, e, sizeof(*e), 0)) {
		__sync_fetch_and_add(&dev->unreported, e->unreported);
		return VG_REPORT_RING_FULL | REPORT_KERNEL;
	}
	return VG_REPORT_SENT | (daemon_silent(now) ? REPORT_KERNEL : 0);
}

/*
 * A hit that the process was not seen to make, out of the way of the repeats.
 * The first of all gets an event whatever was before it: a device has 6,144
 * such hits.  The others cost a token, or processes that take turns would make
 * events without end.  @index: SHARED, of a function without an entry of its
 * own, of which nothing is known: each costs a token.
 *
 * Global for the verifier's sake, as make_plans() is.
 */
__noinline __u32 report_first(struct vg_device *dev __arg_nonnull,
			      struct vg_event *e __arg_nonnull, __u32 index)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u64 bit = 1ULL << (index % 64);
	__u64 now = bpf_ktime_get_boot_ns();
	__u32 word = index / 64, owner, how, zero = 0;
	const struct vg_config *c;
	bool first;

	if (!GIVEN(dev) || !GIVEN(e))
		return VG_REPORT_LIMITED | REPORT_KERNEL;
	c = bpf_map_lookup_elem(&config, &zero);
	if (!c || c->schema != VG_SCHEMA)
		return VG_REPORT_LIMITED | REPORT_KERNEL;
	if (word >= VG_SEEN_WORDS)
		return take_token(dev, c, now) ? send_event(dev, e, c, now) :
						 VG_REPORT_LIMITED;
	first = !(__sync_fetch_and_or(&dev->known[word], bit) & bit);
	if (!first && !take_token(dev, c, now))
		return VG_REPORT_LIMITED;
	owner = find_owner(dev, tgid);
	if (owner >= VG_SEEN_OWNERS)
		owner = add_owner_seen(dev, tgid);
	/* Another thread of it was faster. */
	if (__sync_fetch_and_or(&dev->seen[owner][word], bit) & bit)
		return VG_REPORT_FOLDED;

	how = send_event(dev, e, c, now);
	if ((how & REPORT_HOW) == VG_REPORT_RING_FULL) {
		/* Nobody drains: the next hit of this register tries again. */
		__sync_fetch_and_and(&dev->seen[owner][word], ~bit);
		if (first)
			__sync_fetch_and_and(&dev->known[word], ~bit);
		else
			__sync_fetch_and_add(&dev->tokens, TOKEN);
	}
	return how;
}

/*
 * A hit that may be a first one.  Out of line, because of the stack it needs.
 * @where: plan, and the bit's index shifted by 16
 */
static __noinline __u32 report_hit(struct vg_device *dev, struct pci_dev *pdev,
				   const struct access *access,
				   const struct answer *a, __u32 where)
{
	struct vg_event e;

	describe_access(&e, pdev, access, where & 0xffff);
	if (e.reason == VG_REASON_RULE)
		describe_rule(&e, a);
	return report_first(dev, &e, where >> 16);
}

/* One bit for the dword, direction and verdict. */
static __always_inline __u32 seen_index(__u32 offset, __u32 plan, __u32 write)
{
	return ((offset & 0xfff) / 4 * VG_ACCESSES + write) * VG_VERDICTS +
	       (plan & PLAN_VERDICT);
}

/* Whether the current process's hits of it are only counted. */
static __always_inline bool was_seen(const struct vg_device *dev, __u32 index)
{
	__u32 owner = find_owner(dev, bpf_get_current_pid_tgid() >> 32);
	__u32 word = index / 64;

	return owner < VG_SEEN_OWNERS && word < VG_SEEN_WORDS &&
	       dev->seen[owner][word] & 1ULL << (index % 64);
}

static __always_inline void count(struct vg_device *dev, __u32 plan,
				  __u32 write, __u32 how)
{
	__u32 verdict = plan & PLAN_VERDICT;

	if (how != VG_REPORT_SENT && how != VG_REPORT_SILENT)
		__sync_fetch_and_add(&dev->unreported, 1);
	if (verdict < VG_VERDICTS && how < VG_REPORTS)
		__sync_fetch_and_add(&dev->counts[write][verdict][how], 1);
}

/*
 * Count an access that needs no event: it is not to be reported, or was before.
 * False if it does; then nothing was counted.
 */
static __always_inline bool count_repeat(struct vg_device *dev, __u32 plan,
					 __u32 offset, __u32 write)
{
	if (!(plan & PLAN_AUDIT)) {
		count(dev, plan, write, VG_REPORT_SILENT);
		return true;
	}
	if (!was_seen(dev, seen_index(offset, plan, write)))
		return false;
	count(dev, plan, write, VG_REPORT_FOLDED);
	return true;
}

/*
 * Report and count an access that count_repeat() left.  @a tells the rule, if it
 * was one; @own: whether the entry is the function's own.  Returns whether the
 * kernel should write an audit record of its own.
 */
static __always_inline bool report(struct vg_device *dev, struct pci_dev *pdev,
				   const struct access *access,
				   const struct answer *a, __u32 plan, bool own)
{
	__u32 write = access->write & 1, index = SHARED, how;

	if (own)
		index = seen_index(access->offset, plan, write);
	how = report_hit(dev, pdev, access, a, (plan & 0xffff) | index << 16);
	count(dev, plan, write, how & REPORT_HOW);
	return how & REPORT_KERNEL;
}

#endif
