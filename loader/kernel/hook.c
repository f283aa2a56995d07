// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <stdio.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/magic.h>

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

static enum vg_exit check_bpffs(void)
{
	struct statfs fs;

	if (!statfs(BPFFS, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC)
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

/* Whether the patched module is installed for this kernel; @path: where. */
static bool find_installed(const char *release, char *path, size_t len)
{
	/* Of make module-install, and of dkms, which may compress it. */
	static const char *const names[] = { "vfio-pci-core.ko",
					     "dkms/vfio-pci-core.ko",
					     "dkms/vfio-pci-core.ko.xz",
					     "dkms/vfio-pci-core.ko.zst" };
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, len, "/lib/modules/%s/updates/%s", release,
			 names[i]);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

enum vg_exit vg_hook_probe(struct vg_hook *hook)
{
	enum vg_exit ret;
	struct utsname u;
	char path[160];

	ret = vg_hook_privileges();
	if (!ret)
		ret = check_bpffs();
	if (ret)
		return ret;
	if (vg_hook_btf_probe(hook)) {
		hook->locked_down = vg_locked_down();
		return VG_EXIT_OK;
	}

	uname(&u);
	if (access("/sys/module/" MODULE, F_OK))
		vg_error("vfio-pci-core is not loaded; "
			 "run: modprobe vfio-pci");
	else if (!access(PATCHED, F_OK) && access(BTF, F_OK))
		vg_error("the patched vfio-pci-core is loaded, but without its "
			 "BTF (%s), so it has no hook for a policy; load the "
			 "module that 'make module' built, unstripped",
			 BTF);
	else if (find_installed(u.release, path, sizeof(path)))
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
