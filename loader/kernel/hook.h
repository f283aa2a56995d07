/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether this kernel, this file system and this process can hold a policy. */
#ifndef VFIOGUARD_KERNEL_HOOK_H
#define VFIOGUARD_KERNEL_HOOK_H

#include <linux/types.h>
#include <stdbool.h>

#include "kernel/stock.h"
#include "util/exit_codes.h"

/* By what a policy comes into force.  In struct vg_config, so numbers stay. */
enum vg_door {
	VG_DOOR_HOOK, /* of the patched vfio-pci-core */
	VG_DOOR_STOCK, /* tracing and LSM programs on a stock kernel */
	VG_DOOR_OBSERVE, /* the same, where they can't be relied on: no refusal */
};

/* Which of them is wanted. */
enum vg_door_wish {
	VG_WISH_AUTO, /* the hook where there is one, else what works */
	VG_WISH_HOOK,
	VG_WISH_STOCK,
	VG_WISH_OBSERVE,
};

struct vg_hook {
	enum vg_door door;
	struct vg_stock stock; /* unless the door is the hook */
	/* Bits of the kernel's enum vfio_pci_config_region, from its BTF. */
	__u32 header;
	__u32 cap;
	__u32 ext_cap;
	__u32 vendor;
	__u32 unassigned;
	__u32 all;
	bool locked_down; /* see vg_locked_down() */
	bool twice; /* BTF has the hook's types twice, so the kernel takes none */
};

/**
 * vg_hook_probe() - look for all that loading a policy needs
 * @hook: filled in on success
 *
 * Checks, in the order a person would mend them: privileges, bpffs, the hook in
 * vfio-pci-core, and without it what the stock kernel can do.  Says in one sentence
 * what is missing and how to get it.
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

/* Whether there is a BPF file system where policies are kept. */
bool vg_bpffs_mounted(void);

/* What vg_hook_probe() is to find; VG_WISH_AUTO as long as nobody says. */
void vg_hook_wish(enum vg_door_wish wish);

/* "auto", "hook", "stock" or "observe".  Return: 0 or -EINVAL. */
int vg_door_wish_parse(const char *word, enum vg_door_wish *wish);
const char *vg_door_wish_word(enum vg_door_wish wish);

/**
 * vg_hook_of() - the regions of a policy that is loaded already
 * @door: of its config
 *
 * Return: as vg_hook_probe() for the hook; for others nothing is tried, and it is
 * VG_EXIT_OK.
 */
enum vg_exit vg_hook_of(enum vg_door door, struct vg_hook *hook);

const char *vg_door_word(enum vg_door door); /* "hook", "stock", "observe" */

/* The privilege part alone, for commands that only read or edit maps. */
enum vg_exit vg_hook_privileges(void);

#endif
