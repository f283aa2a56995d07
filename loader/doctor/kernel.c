// SPDX-License-Identifier: GPL-2.0-only
/* The kernel: what it was built with, how it was booted, what it is set to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor/internal.h"
#include "kernel/hook.h"
#include "kernel/sysfs.h"

#define SECURITY "/sys/kernel/security/"
#define NOIOMMU "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

static bool read_line(const char *path, char *buf, size_t len)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, (int)len, f);

	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = '\0';
	else
		buf[0] = '\0';
	return ok;
}

/* "y", "m", "n"; "" where the kernel's configuration can't be read. */
static const char *kernel_config(const struct vg_host *host, const char *option)
{
	static char value[8];
	size_t len = strlen(option), room = 0;
	char path[128], *line = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/boot/config-%s", host->release);
	f = fopen(path, "re");
	if (!f)
		return "";
	strcpy(value, "n");
	while (getline(&line, &room, f) > 0)
		if (!strncmp(line, option, len) && line[len] == '=')
			snprintf(value, sizeof(value), "%.1s", line + len + 1);
	free(line);
	fclose(f);
	return value;
}

static void check_btf(struct vg_host *host)
{
	if (!access("/sys/kernel/btf/vmlinux", R_OK))
		vg_diagnose(host, "btf", VG_HEALTH_OK, NULL,
			    "the kernel describes itself (BTF)");
	else
		vg_diagnose(
			host, "btf", VG_HEALTH_FAULT,
			"apt-get install linux-image-amd64 && reboot",
			"this kernel has no BTF (CONFIG_DEBUG_INFO_BTF), so "
			"no policy can be loaded; only the module's "
			"parameters filter");
}

static void check_modversions(struct vg_host *host)
{
	const char *set = kernel_config(host, "CONFIG_MODVERSIONS");

	vg_diagnose(
		host, "modversions", VG_HEALTH_OK, NULL, "%s",
		!strcmp(set, "y") ?
			"the kernel compares a module's symbols with its own "
			"(CONFIG_MODVERSIONS)" :
		set[0] ? "the kernel has no CONFIG_MODVERSIONS; the build of "
			 "the patched module compares its types instead" :
			 "whether the kernel has CONFIG_MODVERSIONS is not "
			 "known here (no /boot/config)");
}

static void check_lockdown(struct vg_host *host)
{
	char text[64];

	if (!read_line(SECURITY "lockdown", text, sizeof(text)))
		host->lockdown = vg_locked_down() ?
					 VG_LOCKDOWN_CONFIDENTIALITY :
					 VG_LOCKDOWN_UNKNOWN;
	else if (strstr(text, "[confidentiality]"))
		host->lockdown = VG_LOCKDOWN_CONFIDENTIALITY;
	else if (strstr(text, "[integrity]"))
		host->lockdown = VG_LOCKDOWN_INTEGRITY;
	else
		host->lockdown = VG_LOCKDOWN_NONE;

	if (host->lockdown == VG_LOCKDOWN_CONFIDENTIALITY)
		vg_diagnose(
			host, "lockdown", VG_HEALTH_WARNING,
			"sed -i 's/lockdown=confidentiality/"
			"lockdown=integrity/' /etc/default/grub && "
			"update-grub && reboot",
			"locked down for confidentiality: no rules with "
			"owner=, no learning, no lock, and no policy at all "
			"without the hook");
	else
		vg_diagnose(host, "lockdown", VG_HEALTH_OK, NULL, "%s",
			    host->lockdown == VG_LOCKDOWN_INTEGRITY ?
				    "locked down for integrity; all works" :
			    host->lockdown == VG_LOCKDOWN_NONE ?
				    "not locked down" :
				    "not locked down for confidentiality; "
				    "whether for integrity can't be read");
}

const char *vg_lsm_remedy(const struct vg_host *host)
{
	static char line[512];
	/* Always there, and never in the parameter. */
	const char *list = host->lsms;

	if (!strncmp(list, "capability,", 11))
		list += 11;
	if (!list[0])
		list = "landlock,lockdown,yama,integrity,apparmor";
	if (vg_tool_exists("grubby"))
		snprintf(
			line, sizeof(line),
			"grubby --update-kernel=ALL --args=lsm=%s,bpf && reboot",
			list);
	else
		snprintf(line, sizeof(line),
			 "echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX "
			 "lsm=%s,bpf\"' >/etc/default/grub.d/vfioguard.cfg && "
			 "update-grub && reboot",
			 list);
	return line;
}

/* Who needs LSM programs: a lock, and a policy without the hook. */
static void check_lsm(struct vg_host *host)
{
	char text[256 + 2];
	bool has;

	if (!read_line(SECURITY "lsm", host->lsms, sizeof(host->lsms))) {
		vg_diagnose(host, "lsm", VG_HEALTH_WARNING,
			    "mount -t securityfs none /sys/kernel/security",
			    "which LSMs the kernel calls can't be read");
		return;
	}
	snprintf(text, sizeof(text), ",%s,", host->lsms);
	has = strstr(text, ",bpf,");
	if (has)
		vg_diagnose(host, "lsm", VG_HEALTH_OK, NULL,
			    "the kernel calls BPF LSM programs (%s)",
			    host->lsms);
	else
		vg_diagnose(host, "lsm",
			    host->settings.lock ? VG_HEALTH_FAULT :
						  VG_HEALTH_WARNING,
			    vg_lsm_remedy(host),
			    "the kernel calls no BPF LSM programs (%s), so the "
			    "policy can't be locked, and without the hook it "
			    "protects only where the kernel does not preempt",
			    host->lsms);
}

static void check_bpffs(struct vg_host *host)
{
	if (vg_bpffs_mounted())
		vg_diagnose(host, "bpffs", VG_HEALTH_OK, NULL,
			    "there is a BPF file system to keep a policy in");
	else
		vg_diagnose(
			host, "bpffs", VG_HEALTH_FAULT,
			"mount -t bpf bpf /sys/fs/bpf",
			"there is no BPF file system at /sys/fs/bpf to keep "
			"a policy in");
}

static void check_iommu(struct vg_host *host)
{
	char on[8];

	if (read_line(NOIOMMU, on, sizeof(on)) && on[0] == 'Y')
		vg_diagnose(host, "iommu", VG_HEALTH_FAULT, "echo N >" NOIOMMU,
			    "vfio takes devices without an IOMMU: their guests "
			    "can reach all of the host's memory, whatever the "
			    "policy says");
	else
		vg_diagnose(host, "iommu", VG_HEALTH_OK, NULL,
			    "vfio takes no device without an IOMMU");
}

void vg_check_kernel(struct vg_host *host)
{
	struct utsname u;

	uname(&u);
	vg_diagnose(host, "kernel", VG_HEALTH_OK, NULL, "%s %s (%s)", u.sysname,
		    u.release, u.machine);
	check_btf(host);
	check_modversions(host);
	check_lockdown(host);
	check_lsm(host);
	check_bpffs(host);
	check_iommu(host);
}
