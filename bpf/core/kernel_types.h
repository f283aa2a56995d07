/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types, as far as the program uses them.  Only the names matter:
 * offsets and enum values are taken from the running kernel's BTF at load time
 * (CO-RE), so this is no copy of a header that could go stale.
 */
#ifndef VFIOGUARD_KERNEL_TYPES_H
#define VFIOGUARD_KERNEL_TYPES_H

#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)

/* For the 8 bytes that it begins with. */
struct timespec64 {
	long long tv_sec;
};

struct pci_sysdata {
	int domain;
};

struct pci_bus {
	void *sysdata;
	unsigned char number;
	int domain_nr; /* where PCI domains are generic: not on x86 */
};

struct pci_dev {
	struct pci_bus *bus;
	unsigned int devfn;
	unsigned short vendor;
	unsigned short device;
	unsigned short subsystem_vendor;
	unsigned short subsystem_device;
	unsigned int class;
};

struct kernfs_node {
	const char *name;
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
	int level;
	struct cgroup *dom_cgrp; /* itself, unless its threads are spread */
	struct cgroup *ancestors[];
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

typedef struct {
	unsigned int val;
} kuid_t;

struct cred {
	kuid_t uid;
};

struct task_struct {
	int tgid;
	const struct cred *cred;
	char comm[VG_COMM_LEN];
	kuid_t loginuid;
	unsigned int sessionid;
	struct css_set *cgroups;
};

struct bpf_map {
	_Bool frozen;
};

#pragma clang attribute pop

#endif
