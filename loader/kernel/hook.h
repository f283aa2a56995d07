/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether this kernel, this file system and this process can hold a policy. */
#ifndef VFIOGUARD_KERNEL_HOOK_H
#define VFIOGUARD_KERNEL_HOOK_H

#include <linux/types.h>
#include <stdbool.h>

#include "util/exit_codes.h"

struct vg_hook {
	/* Bits of the kernel's enum vfio_pci_config_region, from its BTF. */
	__u32 header;
	__u32 cap;
	__u32 ext_cap;
	__u32 vendor;
	__u32 unassigned;
	__u32 all;
	bool locked_down; /* see vg_locked_down() */
};

/**
 * vg_hook_probe() - look for all that loading a policy needs
 * @hook: filled in on success
 *
 * Checks, in the order a person would mend them: privileges, bpffs, the hook in
 * vfio-pci-core.  Says in one sentence what is missing and how to get it.
 *
 * Return: VG_EXIT_OK, VG_EXIT_PRIVILEGE, VG_EXIT_NO_BPFFS or VG_EXIT_NO_HOOK.
 */
enum vg_exit vg_hook_probe(struct vg_hook *hook);

/**
 * vg_locked_down() - whether BPF programs are kept from reading kernel memory
 *
 * That is what lockdown=confidentiality does (kernel_lockdown(7)); the integrity
 * mode that Secure Boot brings does not.  Asks the kernel by trying, since
 * /sys/kernel/security need not be mounted or readable.  The caller needs
 * CAP_BPF and CAP_PERFMON: without them it looks locked down to anybody.
 *
 * Return: false also if the kernel can't be asked: then loading says what is wrong.
 */
bool vg_locked_down(void);

/* The privilege part alone, for commands that only read or edit maps. */
enum vg_exit vg_hook_privileges(void);

#endif
