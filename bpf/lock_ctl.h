/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the loader and the daemon ask of the lock.  Anybody who may run BPF
 * programs can call this: each command looks at who asks and at the phase.
 */
#ifndef VFIOGUARD_LOCK_CTL_H
#define VFIOGUARD_LOCK_CTL_H

#define EPERM 1
#define ENOENT 2
#define EBADF 9
#define EBUSY 16
#define EINVAL 22
#define ENOLINK 67

struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;

static bool learn_link(struct vg_lock_state *s, __u32 i, __u32 fd)
{
	struct file *file = file_of(fd);
	struct bpf_link *link;

	/* That of a struct_ops link can be polled; the last is as ours. */
	s->link_fops = (__u64)BPF_CORE_READ(file, f_op);
	link = behind(file, s->link_fops);
	s->links[i] = (__u64)link;
	s->link_ids[i] = BPF_CORE_READ(link, id);
	return link && find_object(VG_LOCK_KIND_SECRET, s->link_ids[i]);
}

static __s32 setup(struct vg_lock_state *s, const struct vg_lock_ask *ask)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *file;

	if (s->phase != VG_LOCK_OPEN)
		return -EBUSY;
	file = file_of(ask->map);
	s->map_fops = (__u64)BPF_CORE_READ(file, f_op);
	if (!learn_link(s, 0, ask->links[0]) ||
	    !learn_link(s, 1, ask->links[1]))
		return -EBADF;

	file = file_of(ask->dir);
	s->dir = (__u64)BPF_CORE_READ(file, f_inode);
	s->sb = (__u64)BPF_CORE_READ(file, f_inode, i_sb);
	s->mount_ns = (__u64)host_mount_ns();
	s->mount = host_mount((struct super_block *)s->sb,
			      (struct mnt_namespace *)s->mount_ns);
	if (!s->dir || !s->mount)
		return -ENOENT;

	s->schema = VG_LOCK_SCHEMA;
	s->locker = task->tgid;
	s->locker_start = BPF_CORE_READ(task, group_leader, start_boottime);
	s->tokens = VG_LOCK_BURST * VG_LOCK_EVENT_NS;
	s->refilled_at = bpf_ktime_get_boot_ns();
	s->phase = VG_LOCK_CLOSING;
	return 0;
}

static bool lives(__u32 tgid, __u64 start)
{
	struct task_struct *task;
	bool yes;

	task = tgid ? bpf_task_from_pid(tgid) : NULL;
	if (!task)
		return false;
	yes = task->start_boottime == start && !task->exit_state;
	bpf_task_release(task);
	return yes;
}

/* Whether the policy's link, as the kernel has it, holds a policy. */
static bool is_attached(const struct vg_lock_state *s)
{
	struct bpf_struct_ops_link *link = (void *)s->links[0];

	/* A stock kernel's can't be detached while it is there. */
	return link &&
	       (BPF_CORE_READ(link, link.type) == BPF_LINK_TYPE_TRACING ||
		BPF_CORE_READ(link, map));
}

/* For VG_LOCK_CMD_TRY all but the last step. */
static __s32 seal(struct vg_lock_state *s, struct vg_lock_ask *ask)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct vg_attempt a;
	__u32 allowed;
	int i;

	if (s->phase != VG_LOCK_CLOSING ||
	    !is_process(task, s->locker, s->locker_start))
		return -EPERM;
	if (!is_attached(s))
		return -ENOLINK;
	/* Who has one open could detach it later. */
	ask->link_refs = 0;
	for (i = 0; i < VG_LOCK_SECRETS; i++) {
		struct bpf_link *link = (void *)s->links[i];

		ask->link_refs += BPF_CORE_READ(link, refcnt.counter) - 1;
	}
	ask->writers = ((struct bpf_map *)&events)->writecnt.counter;
	allowed = lives(s->daemon, s->daemon_start);
	if (ask->link_refs || ask->writers > allowed)
		return -EBUSY;
	if (ask->cmd == VG_LOCK_CMD_TRY)
		return 0;

	s->sealed_at = bpf_ktime_get_boot_ns();
	s->phase = VG_LOCK_SEALED;
	describe(&a, VG_LOCK_LOCKED, 0, s->sealed_at);
	send(s, &a);
	return 0;
}

/* By whoever closes the lock, or anybody if that one is gone. */
static __s32 give_up(struct vg_lock_state *s)
{
	if (s->phase != VG_LOCK_CLOSING ||
	    (!is_process(bpf_get_current_task_btf(), s->locker,
			 s->locker_start) &&
	     lives(s->locker, s->locker_start)))
		return -EPERM;
	s->phase = VG_LOCK_OPEN;
	return 0;
}

/* What was not told yet, once it is quiet. */
static void tell_rest(struct vg_lock_state *s, __u64 now)
{
	struct vg_attempt a;

	if (!s->unreported || now - s->last < QUIET || !take_token(s, now))
		return;
	describe(&a, VG_LOCK_SUMMARY, 0, now);
	send(s, &a);
}

static __s32 be_daemon(struct vg_lock_state *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 now = bpf_ktime_get_boot_ns();
	__u32 zero = 0;

	if (s->phase == VG_LOCK_OPEN)
		return -EINVAL;
	if (!is_daemon(s, task)) {
		if (lives(s->daemon, s->daemon_start))
			return refuse(s, VG_LOCK_ROLE, 0, NULL, -EBUSY);
		s->daemon = task->tgid;
		s->daemon_start =
			BPF_CORE_READ(task, group_leader, start_boottime);
		if (s->phase == VG_LOCK_SEALED)
			tell(s, VG_LOCK_DAEMON, 0, NULL);
	}
	bpf_map_update_elem(&heartbeat, &zero, &now, BPF_ANY);
	tell_rest(s, now);
	return 0;
}

static __s32 vet_prog(struct vg_lock_ask *ask)
{
	struct file *file = file_of(ask->prog);
	struct vg_lock_about about = {};
	struct bpf_prog *prog;

	/* The loader has just opened a program there. */
	prog = BPF_CORE_READ(file, private_data);
	if (!prog)
		return -EBADF;
	ask->op = vet(prog, &about);
	return 0;
}

static __s32 vet_map(const struct vg_lock_state *s, struct vg_lock_ask *ask)
{
	struct bpf_map *map = behind(file_of(ask->map), s->map_fops);

	if (!map)
		return -EBADF;
	ask->op = takes_ours(map) ? VG_LOCK_MAP_INNER : VG_LOCK_OPS;
	return 0;
}

SEC("syscall")
int lock_ctl(struct vg_lock_ask *ask)
{
	struct vg_lock_state *s = the_lock();
	__s32 result = 0;

	if (!s)
		return 0;
	if (ask->cmd == VG_LOCK_CMD_SETUP)
		result = setup(s, ask);
	else if (ask->cmd == VG_LOCK_CMD_VET)
		result = vet_prog(ask);
	else if (ask->cmd == VG_LOCK_CMD_VET_MAP)
		result = vet_map(s, ask);
	else if (ask->cmd == VG_LOCK_CMD_SEAL || ask->cmd == VG_LOCK_CMD_TRY)
		result = seal(s, ask);
	else if (ask->cmd == VG_LOCK_CMD_GIVE_UP)
		result = give_up(s);
	else if (ask->cmd == VG_LOCK_CMD_BEAT)
		result = be_daemon(s);
	else if (ask->cmd != VG_LOCK_CMD_STATE)
		result = -EINVAL;

	ask->result = result;
	ask->phase = s->phase;
	ask->attached = is_attached(s);
	ask->daemon = lives(s->daemon, s->daemon_start) ? s->daemon : 0;
	ask->sealed_at = s->sealed_at;
	ask->refused = s->refused;
	ask->unreported = s->unreported;
	return 0;
}

#endif
