// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/magic.h>

#include "kernel/core_module.h"
#include "kernel/hook.h"
#include "kernel/hook_btf.h"
#include "util/log.h"

#define BPFFS "/sys/fs/bpf"
#define MODULE "vfio_pci_core"
#define BTF "/sys/kernel/btf/" MODULE
/* Every patched module has it, with BTF or without. */
#define PATCHED "/sys/module/" MODULE "/parameters/block_pci_unassigned_write"

enum vg_exit vg_hook_privileges(void)
{
	static const struct {
		unsigned int cap;
		const char *name;
	} needed[] = {
		{ CAP_BPF, "CAP_BPF" },
		{ CAP_PERFMON, "CAP_PERFMON" },
		/* Module BTF and opening maps by id need it. */
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
	};
	unsigned int i;

	capng_get_caps_process();
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (capng_have_capability(CAPNG_EFFECTIVE, needed[i].cap))
			continue;
		vg_error("%s is missing; run this as root", needed[i].name);
		return VG_EXIT_PRIVILEGE;
	}
	return VG_EXIT_OK;
}

bool vg_bpffs_mounted(void)
{
	struct statfs fs;

	return !statfs(BPFFS, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

static enum vg_exit check_bpffs(void)
{
	if (vg_bpffs_mounted())
		return VG_EXIT_OK;

	vg_error("no BPF file system at %s to keep the policy in; "
		 "run: mount -t bpf bpf %s",
		 BPFFS, BPFFS);
	return VG_EXIT_NO_BPFFS;
}

/* A program of any type is given that helper, or none is. */
bool vg_locked_down(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_SOCKET_FILTER,
				       BPF_FUNC_probe_read_kernel, NULL) == 0;
}

static enum vg_door_wish wished = VG_WISH_AUTO;

static const char *const wishes[] = {
	[VG_WISH_AUTO] = "auto",
	[VG_WISH_HOOK] = "hook",
	[VG_WISH_STOCK] = "stock",
	[VG_WISH_OBSERVE] = "observe",
};

void vg_hook_wish(enum vg_door_wish wish)
{
	wished = wish;
}

int vg_door_wish_parse(const char *word, enum vg_door_wish *wish)
{
	unsigned int i;

	for (i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		if (strcmp(word, wishes[i]))
			continue;
		*wish = i;
		return 0;
	}
	return -EINVAL;
}

const char *vg_door_wish_word(enum vg_door_wish wish)
{
	return wishes[wish];
}

const char *vg_door_word(enum vg_door door)
{
	switch (door) {
	case VG_DOOR_HOOK:
		return "hook";
	case VG_DOOR_STOCK:
		return "stock";
	case VG_DOOR_OBSERVE:
		return "observe";
	}
	return "unknown";
}

/* Those of the stock program, bpf/core/access.h. */
static void stock_regions(struct vg_hook *hook)
{
	hook->header = 1 << 0;
	hook->cap = 1 << 1;
	hook->ext_cap = 1 << 2;
	hook->vendor = 1 << 3;
	hook->unassigned = 1 << 4;
	hook->all = 0x3f;
}

static enum vg_exit no_hook(const struct vg_hook *hook)
{
	struct utsname u;
	char path[160];

	uname(&u);
	if (hook->twice)
		vg_error(
			"the vfio-pci-core that is loaded has the hook's types "
			"twice in its BTF, so the kernel refused the hook (see: "
			"dmesg | grep struct_ops); build it anew with 'make "
			"module', or with vfioguard-dkms, which check that");
	else if (!access(PATCHED, F_OK) && access(BTF, F_OK))
		vg_error("the patched vfio-pci-core is loaded, but without its "
			 "BTF (%s), so it has no hook for a policy; load the "
			 "module that 'make module' built, unstripped",
			 BTF);
	else if (vg_core_patched_file(path, sizeof(path)))
		vg_error("the stock vfio-pci-core is loaded, though the "
			 "patched one is installed (%s); when no guest has a "
			 "device, run: modprobe -r vfio-pci vfio-pci-core && "
			 "modprobe vfio-pci; if the stock one is back after a "
			 "boot, it is in the initramfs: update-initramfs -u",
			 path);
	else
		vg_error("the vfio-pci-core of kernel %s has no hook for a "
			 "policy; build the patched module with 'make module' "
			 "and install it with 'make module-install'",
			 u.release);
	return VG_EXIT_NO_HOOK;
}

/* Why the stock kernel is no good for what is wished, and what would mend it. */
static enum vg_exit not_protected(const struct vg_stock *stock)
{
	if (stock->ftrace_off)
		vg_error("kernel.ftrace_enabled is 0, so the kernel calls no "
			 "BPF program of ours; run: sysctl "
			 "kernel.ftrace_enabled=1");
	else if (stock->trace)
		vg_error("this kernel preempts (%s) and calls no BPF LSM "
			 "programs, so a policy could be passed by; boot it "
			 "with \"bpf\" in the list lsm= (cat "
			 "/sys/kernel/security/lsm), or observe only: --mode "
			 "observe",
			 vg_preemption_word(stock->preemption));
	else
		vg_error("this kernel takes neither tracing nor LSM programs "
			 "on security_file_permission(), so there is no policy "
			 "without the patched vfio-pci-core");
	return VG_EXIT_NO_HOOK;
}

static enum vg_exit probe_stock(struct vg_hook *hook)
{
	int ret;

	stock_regions(hook);
	hook->locked_down = vg_locked_down();
	if (hook->locked_down) {
		vg_error(
			"lockdown keeps BPF programs from reading which device "
			"a file is of, so a stock kernel can't be guarded; "
			"boot with lockdown=integrity, or use the patched "
			"vfio-pci-core");
		return VG_EXIT_NO_HOOK;
	}
	ret = vg_stock_test(&hook->stock);
	if (ret) {
		vg_error("the kernel could not be tried: %s", strerror(-ret));
		return VG_EXIT_FAILURE;
	}
	hook->door = VG_DOOR_STOCK;
	if (wished == VG_WISH_OBSERVE)
		hook->door = VG_DOOR_OBSERVE;
	else if (!vg_stock_protects(&hook->stock))
		hook->door = VG_DOOR_OBSERVE;
	if (!hook->stock.trace && !hook->stock.lsm)
		return not_protected(&hook->stock);
	if (hook->door == VG_DOOR_OBSERVE && wished == VG_WISH_STOCK)
		return not_protected(&hook->stock);
	return VG_EXIT_OK;
}

enum vg_exit vg_hook_of(enum vg_door door, struct vg_hook *hook)
{
	if (door == VG_DOOR_HOOK) {
		if (vg_hook_btf_probe(hook)) {
			hook->door = VG_DOOR_HOOK;
			hook->locked_down = vg_locked_down();
			return VG_EXIT_OK;
		}
		return no_hook(hook);
	}
	memset(hook, 0, sizeof(*hook));
	stock_regions(hook);
	hook->door = door;
	return VG_EXIT_OK;
}

enum vg_exit vg_hook_probe(struct vg_hook *hook)
{
	enum vg_exit ret;
	char path[160];

	memset(hook, 0, sizeof(*hook));
	ret = vg_hook_privileges();
	if (!ret)
		ret = check_bpffs();
	if (ret)
		return ret;
	if (access("/sys/module/" MODULE, F_OK)) {
		vg_error("vfio-pci-core is not loaded; "
			 "run: modprobe vfio-pci");
		return VG_EXIT_NO_HOOK;
	}
	if (wished <= VG_WISH_HOOK && vg_hook_btf_probe(hook)) {
		hook->door = VG_DOOR_HOOK;
		hook->locked_down = vg_locked_down();
		return VG_EXIT_OK;
	}
	/* Without its types nothing of vfio can be found out either. */
	if (wished == VG_WISH_HOOK || access(BTF, F_OK))
		return no_hook(hook);
	if (wished == VG_WISH_AUTO && hook->twice)
		vg_warn("the vfio-pci-core that is loaded has the hook's types "
			"twice in its BTF, which the kernel refuses; the policy "
			"is in force without the hook; see vfioguard status");
	else if (wished == VG_WISH_AUTO &&
		 vg_core_patched_file(path, sizeof(path)))
		vg_warn("the patched vfio-pci-core is installed (%s), but the "
			"stock one is loaded, and the policy is in force "
			"without the hook; see vfioguard status",
			path);
	return probe_stock(hook);
}
