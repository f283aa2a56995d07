// SPDX-License-Identifier: GPL-2.0-only
/* What is in force, by which way, and whether that is what was wanted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor/internal.h"
#include "lint/lint.h"
#include "util/log.h"
#include "util/printable.h"

void vg_check_config(struct vg_host *host)
{
	char said[512];
	unsigned int line;
	enum vg_exit ret;

	vg_config_defaults(&host->settings);
	vg_log_keep(said, sizeof(said));
	ret = vg_config_read(VG_CONFIG_FILE, true, &host->settings);
	vg_log_keep(NULL, 0);
	if (!ret) {
		vg_diagnose(host, "config", VG_HEALTH_OK, NULL,
			    VG_CONFIG_FILE " has no mistakes");
		return;
	}
	/* Half of one must not be used. */
	vg_config_defaults(&host->settings);
	vg_diagnose(host, "config", VG_HEALTH_FAULT,
		    sscanf(said, VG_CONFIG_FILE ":%u:", &line) == 1 ?
			    vg_remedy("sed -i '%us/^/#/' " VG_CONFIG_FILE,
				      line) :
			    "vfioguard check --config " VG_CONFIG_FILE,
		    "%s: the daemon does not start", said);
}

/* The command that puts the service's policy in force. */
static const char *load_remedy(const struct vg_host *host)
{
	char name[VG_QUOTED_LEN];

	return vg_remedy("vfioguard load %s",
			 vg_quoted(host->settings.policy, name));
}

static void check_door_to_be(struct vg_host *host)
{
	char said[512] = "";
	struct vg_hook hook;
	enum vg_exit ret;

	vg_hook_wish(host->settings.mode);
	vg_log_keep(said, sizeof(said));
	ret = vg_hook_probe(&hook);
	vg_log_keep(NULL, 0);
	if (ret && strstr(said, "run: "))
		vg_diagnose_message(host, "door", VG_HEALTH_FAULT, said);
	else if (ret)
		vg_diagnose(host, "door", VG_HEALTH_FAULT,
			    host->lockdown == VG_LOCKDOWN_CONFIDENTIALITY ||
					    host->settings.mode ==
						    VG_WISH_HOOK ?
				    NULL :
				    vg_lsm_remedy(host),
			    "%s", said);
	else if (hook.door == VG_DOOR_HOOK)
		vg_diagnose(host, "door", VG_HEALTH_OK, NULL,
			    "a policy would use the hook");
	else if (hook.door == VG_DOOR_STOCK)
		vg_diagnose(host, "door", VG_HEALTH_OK, NULL,
			    "a policy would use tracing and LSM programs, as "
			    "there is no hook");
	else if (host->settings.mode == VG_WISH_OBSERVE)
		vg_diagnose(
			host, "door", VG_HEALTH_WARNING,
			"sed -i 's/^mode *=.*/mode = auto/' " VG_CONFIG_FILE,
			VG_CONFIG_FILE " says mode = observe: a policy "
				       "would refuse nothing");
	else
		vg_diagnose(host, "door", VG_HEALTH_FAULT, vg_lsm_remedy(host),
			    "a policy could only observe: the kernel preempts "
			    "(%s) and calls no BPF LSM programs",
			    vg_preemption_word(hook.stock.preemption));
}

static void check_observing(struct vg_host *host)
{
	char name[VG_QUOTED_LEN];
	struct vg_stock stock;

	if (!vg_stock_test(&stock) && vg_stock_protects(&stock))
		vg_diagnose(host, "door", VG_HEALTH_FAULT,
			    vg_remedy("vfioguard load --mode stock %s",
				      vg_quoted(host->config.name, name)),
			    "the policy only observes, as --mode observe or "
			    "the configuration says, and refuses nothing");
	else
		vg_diagnose(host, "door", VG_HEALTH_FAULT, vg_lsm_remedy(host),
			    "the policy only observes and refuses nothing: the "
			    "kernel preempts (%s) and calls no BPF LSM "
			    "programs",
			    vg_preemption_word(stock.preemption));
}

void vg_check_door(struct vg_host *host)
{
	const char *trouble;

	if (!host->loaded) {
		/* "module" has said so. */
		if (host->module)
			check_door_to_be(host);
		return;
	}
	trouble = vg_store_trouble(&host->config);
	if (trouble)
		vg_diagnose_message(host, "door", VG_HEALTH_FAULT, trouble);
	else if (host->config.door == VG_DOOR_OBSERVE)
		check_observing(host);
	else if (host->config.door == VG_DOOR_HOOK)
		vg_diagnose(host, "door", VG_HEALTH_OK, NULL,
			    "the policy is in force by the hook");
	else
		vg_diagnose(
			host, "door", VG_HEALTH_OK, NULL,
			"the policy is in force by tracing and LSM "
			"programs, as the vfio-pci-core that was loaded had "
			"no hook: rules about values block, and an access "
			"is blocked as a whole");
}

static void check_loaded(struct vg_host *host)
{
	if (host->why_not[0]) {
		vg_diagnose_message(host, "policy", VG_HEALTH_FAULT,
				    host->why_not);
	} else if (!host->loaded) {
		vg_diagnose(host, "policy", VG_HEALTH_FAULT, load_remedy(host),
			    "no policy is loaded");
	} else if (!vg_store_attached(&host->store)) {
		vg_diagnose(host, "policy", VG_HEALTH_FAULT, load_remedy(host),
			    "the policy was detached, and nothing is filtered");
	} else if (host->config.learn) {
		vg_diagnose(host, "policy", VG_HEALTH_WARNING,
			    "vfioguard learn stop",
			    "the policy is learning, and blocks nothing");
	} else if (host->config.mode == VG_MODE_MONITOR) {
		vg_diagnose(
			host, "policy", VG_HEALTH_WARNING,
			"vfioguard load /etc/vfioguard/default.policy",
			"the policy is in monitor mode, and blocks nothing");
	} else {
		vg_diagnose(host, "policy", VG_HEALTH_OK, NULL,
			    "a policy is in force, generation %llu",
			    host->config.generation);
	}
}

/* Whether both are the same file. */
static bool same_file(const char *a, const char *b)
{
	struct stat one, two;

	return !stat(a, &one) && !stat(b, &two) && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

static void judge_differences(struct vg_host *host,
			      const struct vg_policy *policy)
{
	char said[512], shown[256], name[VG_QUOTED_LEN];
	struct vg_differences d;
	int ret;

	vg_log_keep(said, sizeof(said));
	ret = vg_loaded_diff(&host->maps, policy, &host->regions, &d);
	vg_log_keep(NULL, 0);
	vg_quoted(host->config.name, name);
	if (ret)
		vg_diagnose(host, "file", VG_HEALTH_WARNING,
			    vg_remedy("vfioguard load %s", name),
			    "what is loaded can't be compared with %s: %s",
			    name, said[0] ? said : strerror(-ret));
	else if (d.nr)
		vg_diagnose(host, "file", VG_HEALTH_WARNING,
			    vg_remedy("vfioguard load %s", name),
			    "what is loaded differs from %s in %zu thing%s: %s",
			    name, d.nr, d.nr == 1 ? "" : "s",
			    d.texts[0] ? vg_shorten(d.texts[0], shown,
						    sizeof(shown)) :
					 "?");
	else
		vg_diagnose(host, "file", VG_HEALTH_OK, NULL,
			    "%s says what is loaded", name);
	vg_differences_free(&d);
}

/* Against the file that it was loaded from, as that is now. */
static void check_file(struct vg_host *host)
{
	struct vg_findings findings = {};
	struct vg_policy policy = {};
	char name[VG_QUOTED_LEN];
	int err;

	if (!same_file(host->config.name, host->settings.policy)) {
		vg_diagnose(host, "file", VG_HEALTH_WARNING, load_remedy(host),
			    "the policy of the service is another: %s, and not "
			    "%s",
			    host->settings.policy, host->config.name);
		return;
	}
	err = vg_policy_read(host->config.name, &policy, &findings);
	if (!err)
		err = vg_policy_lint(&policy, &findings);
	if (err)
		vg_diagnose(host, "file", VG_HEALTH_WARNING,
			    vg_remedy("vfioguard check %s",
				      vg_quoted(host->config.name, name)),
			    "%s can't be loaded: the next boot has no policy",
			    host->config.name);
	else
		judge_differences(host, &policy);
	vg_findings_free(&findings);
	vg_policy_free(&policy);
}

static void check_lock(struct vg_host *host)
{
	if (host->locked)
		vg_diagnose(host, "lock", VG_HEALTH_OK, NULL,
			    "the policy is locked until the next boot");
	else if (host->settings.lock)
		vg_diagnose(host, "lock", VG_HEALTH_FAULT, "vfioguard lock",
			    VG_CONFIG_FILE
			    " says lock = yes, and the policy is "
			    "not locked");
	else
		vg_diagnose(host, "lock", VG_HEALTH_OK, NULL,
			    "the policy is not locked, and need not be");
}

void vg_check_policy(struct vg_host *host)
{
	check_loaded(host);
	if (!host->loaded)
		return;
	check_file(host);
	check_lock(host);
}
