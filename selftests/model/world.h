/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel around the BPF program: devices, tasks, cgroups, the clock. */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include "bpf/vfioguard.h"

#include "bpf/core/kernel_types.h"

/*
 * The enumerators of the hook in this kernel.  Not the numbers that the program
 * was compiled with: it has to take them from the kernel.
 */
enum model_enumerators {
	MODEL_VFIO_PCI_CONFIG_HEADER = 3,
	MODEL_VFIO_PCI_CONFIG_CAP = 4,
	MODEL_VFIO_PCI_CONFIG_EXT_CAP = 0,
	MODEL_VFIO_PCI_CONFIG_VENDOR = 5,
	MODEL_VFIO_PCI_CONFIG_UNASSIGNED = 2,
	MODEL_VFIO_PCI_CONFIG_VIRTUAL = 1,

	MODEL_VFIO_PCI_CONFIG_DEFAULT = 0,
	MODEL_VFIO_PCI_CONFIG_ALLOW = 1,
	MODEL_VFIO_PCI_CONFIG_BLOCK = 2,
	MODEL_VFIO_PCI_CONFIG_AUDIT = 0x200,
};

struct model_process {
	const char *owner; /* path of its cgroup */
	struct cgroup *cgroup;
	__u32 pid;
	struct task_struct task;
};

struct model_device {
	struct pci_dev *pdev; /* another one after model_replug() */
	__u64 slot;
};

#define MODEL_PROCESSES 7
#define MODEL_DEVICES 8

struct model_now {
	__u64 jiffies;
	bool frozen; /* the maps of the policy are */
	__u64 boot_ns;
	__u32 processor;
	struct model_process *process; /* that makes the access */
	bool names_unreadable; /* of cgroups */
	bool ring_full;
	struct vg_event event; /* the last one */
	unsigned long events;
};

extern struct model_now model_now;
extern struct model_process model_processes[MODEL_PROCESSES];
extern struct model_device model_devices[MODEL_DEVICES];

void model_world_init(void);

/* Another function, with random ids, where this one was. */
void model_replug(struct model_device *device);

/* What helpers of the program come to. */
struct task_struct *model_task(void);
__u64 model_pid_tgid(void);
__u64 model_cgroup_id(void);
long model_read(void *to, __u32 size, const void *from);
long model_read_string(void *to, __u32 size, const void *from);
long model_ring_output(const void *data, __u64 size);

#endif
