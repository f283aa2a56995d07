// SPDX-License-Identifier: GPL-2.0-only
#include <malloc.h>
#include <string.h>

#include "force/load_file.h"
#include "force/store.h"
#include "lint/lint.h"
#include "util/log.h"
#include "util/pci_ids.h"

/* Loaded to enforce, and it can't: nobody may find out by a guest. */
static void warn_observing(const struct vg_hook *hook)
{
	if (hook->door != VG_DOOR_OBSERVE)
		return;
	vg_warn("THIS HOST IS NOT PROTECTED: the policy only observes");
	if (!hook->stock.lsm && !vg_stock_protects(&hook->stock))
		vg_warn("this kernel calls no BPF LSM programs and preempts "
			"(%s), so accesses could pass the policy by; boot it "
			"with \"bpf\" in the list lsm= (cat "
			"/sys/kernel/security/lsm), or load the patched "
			"vfio-pci-core",
			vg_preemption_word(hook->stock.preemption));
}

enum vg_exit vg_load_file(const char *path)
{
	struct vg_findings findings = {};
	struct vg_policy policy = {};
	enum vg_exit ret = VG_EXIT_POLICY;
	struct vg_hook hook;
	int err;

	/* The text first: its mistakes need neither root nor a kernel. */
	err = vg_policy_read(path, &policy, &findings);
	if (!err)
		err = vg_policy_lint(&policy, &findings);
	vg_findings_print(&findings, stderr);
	/* The kernel's BTF needs the memory next. */
	vg_pci_ids_free();

	if (err && !findings.errors) {
		vg_error("%s can't be read: %s", path, strerror(-err));
		ret = VG_EXIT_FAILURE;
	} else if (err) {
		vg_error("%s is refused; %s", path,
			 vg_store_pinned() ? "the loaded policy stays" :
					     "nothing is loaded");
	} else {
		ret = vg_hook_probe(&hook);
		if (!ret)
			ret = vg_store_load(&policy, &hook);
		if (!ret)
			warn_observing(&hook);
	}
	vg_findings_free(&findings);
	vg_policy_free(&policy);
	/* The daemon goes on with a third of what a load takes. */
	malloc_trim(0);
	return ret;
}
