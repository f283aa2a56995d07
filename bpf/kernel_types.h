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

/* From kernel-patches/, see the kernel-doc there. */
struct vfio_pci_config_access {
	__u32 data;
	__u16 offset;
	__u16 cap_id;
	__u8 size;
	__u8 region;
	__u8 write;
	__u8 native;
};

struct vfio_pci_config_ops {
	int (*access)(struct pci_dev *pdev,
		      struct vfio_pci_config_access *access);
	__u32 regions;
	char name[16];
};

#pragma clang attribute pop

enum vfio_pci_config_region {
	VFIO_PCI_CONFIG_HEADER = 0,
	VFIO_PCI_CONFIG_VENDOR = 3,
	VFIO_PCI_CONFIG_UNASSIGNED = 4,
};

enum vfio_pci_config_verdict {
	VFIO_PCI_CONFIG_DEFAULT = 0,
	VFIO_PCI_CONFIG_ALLOW = 1,
	VFIO_PCI_CONFIG_BLOCK = 2,
	VFIO_PCI_CONFIG_AUDIT = 0x100,
};

/* The running kernel's value of an enumerator. */
#define KERNEL_ENUM(type, name) bpf_core_enum_value(enum type, name)

#endif
