// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "world.h"

#define DEPTH 24

struct model_now model_now;
struct model_process model_processes[MODEL_PROCESSES];
struct model_device model_devices[MODEL_DEVICES];

static struct cgroup *root;

static void *zeroed(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		err(2, "world");
	return memory;
}

static struct cgroup *new_cgroup(const char *name, struct cgroup *parent)
{
	static __u64 id;
	struct cgroup *cgroup =
		zeroed(sizeof(*cgroup) + DEPTH * sizeof(cgroup->ancestors[0]));

	cgroup->kn = zeroed(sizeof(*cgroup->kn));
	cgroup->kn->name = name;
	cgroup->kn->id = ++id;
	cgroup->dom_cgrp = cgroup;
	cgroup->level = parent ? parent->level + 1 : 0;
	if (parent)
		memcpy(cgroup->ancestors, parent->ancestors,
		       cgroup->level * sizeof(cgroup->ancestors[0]));
	cgroup->ancestors[cgroup->level] = cgroup;
	return cgroup;
}

/* With all above it; no two processes here share one. */
static struct cgroup *make_cgroups(const char *path)
{
	char *names = strdup(path), *rest = names, *name;
	struct cgroup *cgroup = root;

	while ((name = strsep(&rest, "/")))
		if (name[0])
			cgroup = new_cgroup(name, cgroup);
	return cgroup;
}

static void make_process(struct model_process *process, const char *owner,
			 unsigned int i)
{
	struct css_set *css = zeroed(sizeof(*css));
	struct cred *cred = zeroed(sizeof(*cred));

	process->owner = owner;
	process->cgroup = make_cgroups(owner);
	process->pid = 1000 + 10 * i + 3;
	process->task.tgid = 1000 + 10 * i;
	css->dfl_cgrp = process->cgroup;
	process->task.cgroups = css;
	cred->uid.val = i;
	process->task.cred = cred;
	process->task.loginuid.val = 500 + i;
	process->task.sessionid = 700 + i;
	memset(process->task.comm, 'a' + i, VG_COMM_LEN - 1);
}

void model_replug(struct model_device *device)
{
	struct pci_dev *pdev = zeroed(sizeof(*pdev));

	if (device->pdev)
		pdev->bus = device->pdev->bus;
	pdev->devfn = device->slot & 0xff;
	pdev->vendor = below(2) ? 0x1002 : 0x8086;
	pdev->device = 1 + below(3);
	pdev->subsystem_vendor = below(3) ? 0x1028 : 0;
	pdev->subsystem_device = 1 + below(2);
	pdev->class = random_class();
	/* The old one is not freed: its address is not to come again. */
	device->pdev = pdev;
}

static void make_device(struct model_device *device, __u64 slot)
{
	struct pci_sysdata *sysdata = zeroed(sizeof(*sysdata));
	struct pci_bus *bus = zeroed(sizeof(*bus));

	sysdata->domain = slot >> 16;
	bus->sysdata = sysdata;
	bus->number = slot >> 8 & 0xff;
	device->slot = slot;
	model_replug(device);
	device->pdev->bus = bus;
}

void model_world_init(void)
{
	static char long_name[320];
	/* Rules name those above; deeper, and longer, than rules can follow. */
	static const char *const owners[MODEL_PROCESSES] = {
		"/",
		"/a",
		"/a/b/c/d",
		"/ab",
		"/d/x/y",
		long_name,
		"/a/b/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18",
	};
	/* Some have the same place to start from in map "devices". */
	static const __u64 slots[MODEL_DEVICES] = {
		VG_SLOT(0, 1, 0),    VG_SLOT(0, 2, 0),
		VG_SLOT(1, 1, 0),    VG_SLOT(2, 1, 0),
		VG_SLOT(0, 3, 0x19), VG_SLOT(0x10000, 1, 0),
		VG_SLOT(0, 0xff, 1), VG_SLOT(0, 1, 1),
	};
	unsigned int i;

	memset(long_name, 'n', sizeof(long_name) - 1);
	memcpy(long_name, "/a/b/", 5);
	root = new_cgroup("", NULL);
	for (i = 0; i < MODEL_PROCESSES; i++)
		make_process(&model_processes[i], owners[i], i);
	for (i = 0; i < MODEL_DEVICES; i++)
		make_device(&model_devices[i], slots[i]);
	model_now.process = &model_processes[0];
	model_now.jiffies = 4294937296ULL;
}

struct task_struct *model_task(void)
{
	return &model_now.process->task;
}

__u64 model_pid_tgid(void)
{
	return (__u64)model_now.process->task.tgid << 32 |
	       model_now.process->pid;
}

__u64 model_cgroup_id(void)
{
	return model_now.process->cgroup->kn->id;
}

long model_read(void *to, __u32 size, const void *from)
{
	memcpy(to, from, size);
	return 0;
}

long model_read_string(void *to, __u32 size, const void *from)
{
	size_t len;

	if (model_now.names_unreadable)
		return -EFAULT;
	len = strnlen(from, size - 1);
	memcpy(to, from, len);
	((char *)to)[len] = '\0';
	return len + 1;
}

long model_ring_output(const void *data, __u64 size)
{
	if (model_now.ring_full)
		return -EAGAIN;
	memcpy(&model_now.event, data, size);
	model_now.events++;
	return 0;
}
