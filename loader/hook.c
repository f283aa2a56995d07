// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/btf.h>
#include <cap-ng.h>
#include <stdbool.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/magic.h>

#include "hook.h"
#include "log.h"

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

/* Bit of one enumerator of @btf's enum vfio_pci_config_region, 0 if none. */
static __u32 region_bit(const struct btf *btf, const struct btf_type *type,
			const char *name)
{
	const struct btf_enum *e = btf_enum(type);
	int i;

	for (i = 0; i < btf_vlen(type); i++) {
		const char *n = btf__name_by_offset(btf, e[i].name_off);

		if (n && !strcmp(n, name) && e[i].val >= 0 && e[i].val < 32)
			return 1u << e[i].val;
	}
	return 0;
}

static bool read_regions(const struct btf *btf, struct vg_hook *hook)
{
	const struct btf_type *type;
	__u32 end;
	__s32 id;

	if (btf__find_by_name_kind(btf, "vfio_pci_config_ops",
				   BTF_KIND_STRUCT) < 0)
		return false;
	id = btf__find_by_name_kind(btf, "vfio_pci_config_region",
				    BTF_KIND_ENUM);
	if (id < 0)
		return false;

	type = btf__type_by_id(btf, id);
	hook->header = region_bit(btf, type, "VFIO_PCI_CONFIG_HEADER");
	hook->cap = region_bit(btf, type, "VFIO_PCI_CONFIG_CAP");
	hook->ext_cap = region_bit(btf, type, "VFIO_PCI_CONFIG_EXT_CAP");
	hook->vendor = region_bit(btf, type, "VFIO_PCI_CONFIG_VENDOR");
	hook->unassigned = region_bit(btf, type, "VFIO_PCI_CONFIG_UNASSIGNED");
	/* One past the last kind, so all the bits below are regions. */
	end = region_bit(btf, type, "__VFIO_PCI_CONFIG_REGIONS");
	hook->all = end - 1;
	return hook->header && hook->cap && hook->ext_cap && hook->vendor &&
	       hook->unassigned && end;
}

/* The hook's types are in the module's BTF, or in the kernel's if built in. */
static bool find_hook(struct vg_hook *hook)
{
	struct btf *vmlinux, *module;
	bool found;

	vmlinux = btf__load_vmlinux_btf();
	if (!vmlinux)
		return false;
	found = read_regions(vmlinux, hook);
	if (!found) {
		module = btf__load_module_btf(MODULE, vmlinux);
		if (module) {
			found = read_regions(module, hook);
			btf__free(module);
		}
	}
	btf__free(vmlinux);
	return found;
}

enum vg_exit vg_hook_probe(struct vg_hook *hook)
{
	enum vg_exit ret;
	struct utsname u;

	ret = vg_hook_privileges();
	if (!ret)
		ret = check_bpffs();
	if (ret)
		return ret;
	if (find_hook(hook))
		return VG_EXIT_OK;

	uname(&u);
	if (access("/sys/module/" MODULE, F_OK))
		vg_error("vfio-pci-core is not loaded; "
			 "run: modprobe vfio-pci");
	else if (!access(PATCHED, F_OK) && access(BTF, F_OK))
		vg_error("the patched vfio-pci-core is loaded, but without its "
			 "BTF (%s), so it has no hook for a policy; load the "
			 "module that 'make module' built, unstripped",
			 BTF);
	else
		vg_error("the vfio-pci-core of kernel %s has no hook for a "
			 "policy; build the patched module with 'make module' "
			 "and install it with 'make module-install'",
			 u.release);
	return VG_EXIT_NO_HOOK;
}
