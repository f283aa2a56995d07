/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refuse, count and tell.
 *
 * A refused attempt is always counted.  The first of its kind by a process
 * makes an event, and again after a minute; all events together are limited, so
 * that no flood of attempts drowns other records.  What made none is told in
 * numbers with the next event, or in a summary.
 */
#ifndef VFIOGUARD_LOCK_REPORT_H
#define VFIOGUARD_LOCK_REPORT_H

#define SECOND 1000000000ULL
#define TELL_AGAIN (60 * SECOND)
/* Quiet for so long: time for the summary. */
#define QUIET (2 * SECOND)

static struct vg_lock_state *the_lock(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&lock_state, &zero);
}

static bool is_process(const struct task_struct *task, __u32 tgid, __u64 start)
{
	return tgid && (__u32)BPF_CORE_READ(task, tgid) == tgid &&
	       BPF_CORE_READ(task, group_leader, start_boottime) == start;
}

static bool is_daemon(const struct vg_lock_state *s,
		      const struct task_struct *task)
{
	return is_process(task, s->daemon, s->daemon_start);
}

/* One event's worth of the rate limit, if there is as much. */
static bool take_token(struct vg_lock_state *s, __u64 now)
{
	const __u64 most = VG_LOCK_BURST * VG_LOCK_EVENT_NS;
	__u64 tokens = s->tokens + (now - s->refilled_at);

	/* Two at once may both take the same one: one event more. */
	s->refilled_at = now;
	if (tokens > most)
		tokens = most;
	if (tokens < VG_LOCK_EVENT_NS) {
		s->tokens = tokens;
		return false;
	}
	s->tokens = tokens - VG_LOCK_EVENT_NS;
	return true;
}

static void describe(struct vg_attempt *a, __u32 op, __u32 number, __u64 now)
{
	struct task_struct *task = bpf_get_current_task_btf();

	__builtin_memset(a, 0, sizeof(*a));
	a->time = now;
	a->op = op;
	a->number = number;
	a->pid = task->pid;
	a->tgid = task->tgid;
	a->uid = task->cred->uid.val;
	a->loginuid = task->loginuid.val;
	a->sessionid = task->sessionid;
	bpf_probe_read_kernel_str(a->comm, sizeof(a->comm), task->comm);
}

static void send(struct vg_lock_state *s, struct vg_attempt *a)
{
	a->unreported = __sync_lock_test_and_set(&s->unreported, 0);
	/* Full, also of what it would have told. */
	if (bpf_ringbuf_output(&lock_attempts, a, sizeof(*a), 0))
		__sync_fetch_and_add(&s->unreported, a->unreported + 1);
}

/* @name: of the kernel, or NULL */
static __noinline int tell(struct vg_lock_state *s, __u32 op, __u32 number,
			   const void *name)
{
	struct lock_try key = { .op = op, .number = number };
	__u64 now = bpf_ktime_get_boot_ns(), *told;
	struct vg_attempt a;

	key.tgid = bpf_get_current_task_btf()->tgid;
	told = bpf_map_lookup_elem(&lock_tries, &key);
	if ((told && now - *told < TELL_AGAIN) || !take_token(s, now)) {
		__sync_fetch_and_add(&s->unreported, 1);
		return 0;
	}
	bpf_map_update_elem(&lock_tries, &key, &now, BPF_ANY);
	describe(&a, op, number, now);
	if (name)
		bpf_probe_read_kernel_str(a.object, sizeof(a.object), name);
	send(s, &a);
	return 0;
}

/*
 * @error: negative, what the caller gets to see.  While the lock closes,
 * nothing is recorded: whoever is refused then did not know better.
 */
static int refuse(struct vg_lock_state *s, __u32 op, __u32 number,
		  const void *name, int error)
{
	if (s->phase == VG_LOCK_SEALED) {
		__sync_fetch_and_add(&s->refused, 1);
		s->last = bpf_ktime_get_boot_ns();
		tell(s, op, number, name);
	}
	return error;
}

static const struct vg_lock_about *find_object(__u32 kind, __u32 id)
{
	struct vg_lock_object key = { .kind = kind, .id = id };

	return bpf_map_lookup_elem(&lock_objects, &key);
}

/* Of the process that runs; NULL if there is none. */
static struct file *file_of(__u32 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *file = NULL;
	struct fdtable *fdt;
	struct file **files;

	fdt = BPF_CORE_READ(task, files, fdt);
	if (fd >= BPF_CORE_READ(fdt, max_fds))
		return NULL;
	files = BPF_CORE_READ(fdt, fd);
	bpf_probe_read_kernel(&file, sizeof(file), &files[fd]);
	return file;
}

/* What is behind a file of a BPF object, NULL if it is of another kind. */
static void *behind(const struct file *file, __u64 fops)
{
	if (!file || !fops || (__u64)BPF_CORE_READ(file, f_op) != fops)
		return NULL;
	return BPF_CORE_READ(file, private_data);
}

#endif
