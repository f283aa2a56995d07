// SPDX-License-Identifier: GPL-2.0-only
/* vfio-pci-core: what is loaded, what modprobe would load, what the next boot will. */
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/internal.h"
#include "kernel/core_module.h"
#include "kernel/hook_btf.h"
#include "util/text_file.h"

#define LOADED "/sys/module/vfio_pci_core"
/* What only the patched module has, in its text and in sysfs. */
#define PARAMETER "block_pci_unassigned_write"
#define SIGNED "~Module signature appended~\n"
#define MAX_MODULE (32 << 20)
#define MAX_LIST (16 << 20)
#define ID_LEN 20

struct id {
	bool known;
	unsigned char bytes[ID_LEN];
};

/* The file that modprobe would load. */
struct file {
	bool there;
	bool patched;
	bool is_signed;
	bool dkms;
	char name[256]; /* below /lib/modules/RELEASE/ */
	char path[VG_MODULES_LEN + 256];
	struct id id;
	time_t changed;
};

/* A note (elf(5)): three sizes, the name "GNU", the id. */
static void take_id(const char *note, size_t len, struct id *id)
{
	Elf64_Nhdr head;

	if (len < sizeof(head) + 4 + ID_LEN)
		return;
	memcpy(&head, note, sizeof(head));
	if (head.n_namesz != 4 || head.n_descsz != ID_LEN)
		return;
	memcpy(id->bytes, note + sizeof(head) + 4, ID_LEN);
	id->known = true;
}

static void loaded_id(struct id *id)
{
	char note[sizeof(Elf64_Nhdr) + 4 + ID_LEN];
	FILE *f = fopen(LOADED "/notes/.note.gnu.build-id", "re");

	id->known = false;
	if (!f)
		return;
	take_id(note, fread(note, 1, sizeof(note), f), id);
	fclose(f);
}

static void elf_id(char *image, size_t len, struct id *id)
{
	Elf_Scn *section = NULL;
	Elf_Data *data;
	size_t names;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_memory(image, len);
	if (!elf || elf_getshdrstrndx(elf, &names)) {
		elf_end(elf);
		return;
	}
	while ((section = elf_nextscn(elf, section))) {
		const char *name;
		GElf_Shdr head;

		if (!gelf_getshdr(section, &head))
			continue;
		name = elf_strptr(elf, names, head.sh_name);
		if (!name || strcmp(name, ".note.gnu.build-id"))
			continue;
		data = elf_getdata(section, NULL);
		if (data && data->d_buf)
			take_id(data->d_buf, data->d_size, id);
	}
	elf_end(elf);
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

/* Distributions compress them. */
static int read_module(const struct file *file, char **image, size_t *len)
{
	const char *xz[] = { "xz", "-dc", file->path, NULL };
	const char *zstd[] = { "zstd", "-dcq", file->path, NULL };
	const char *gzip[] = { "gzip", "-dc", file->path, NULL };
	struct stat st;
	int fd, ret;

	if (ends_with(file->name, ".xz"))
		return vg_tool(xz, MAX_MODULE, image, len);
	if (ends_with(file->name, ".zst"))
		return vg_tool(zstd, MAX_MODULE, image, len);
	if (ends_with(file->name, ".gz"))
		return vg_tool(gzip, MAX_MODULE, image, len);
	fd = vg_text_open(file->path, &st);
	if (fd < 0)
		return fd;
	ret = vg_text_read(fd, st.st_size, MAX_MODULE, image, len);
	close(fd);
	return ret;
}

static void find_file(struct file *file)
{
	char dir[VG_MODULES_LEN], *image = NULL;
	struct stat st;
	size_t len;

	memset(file, 0, sizeof(*file));
	if (!vg_core_chosen_file(file->name, sizeof(file->name)))
		return;
	vg_modules_dir(dir);
	snprintf(file->path, sizeof(file->path), "%s%s", dir, file->name);
	if (stat(file->path, &st) || read_module(file, &image, &len))
		return;
	file->there = true;
	file->changed = st.st_mtime;
	file->dkms = strstr(file->name, "/dkms/");
	file->patched = memmem(image, len, PARAMETER, strlen(PARAMETER));
	file->is_signed =
		len > strlen(SIGNED) &&
		!memcmp(image + len - strlen(SIGNED), SIGNED, strlen(SIGNED));
	elf_id(image, len, &file->id);
	free(image);
}

/*
 * Another vfio-pci-core in place of the loaded one, and the policy back in force.  The
 * daemon has to let go of the programs, and the kernel does a while later.
 */
static const char *reload_remedy(const struct vg_host *host)
{
	static const char swap[] =
		"modprobe -r --wait 5000 vfio-pci vfio-pci-core && "
		"modprobe vfio-pci";
	char name[VG_QUOTED_LEN];

	if (!host->loaded)
		return swap;
	if (host->locked)
		return "reboot";
	if (vg_systemd_runs())
		return vg_remedy("systemctl stop vfioguard; vfioguard unload; "
				 "%s; systemctl start vfioguard",
				 swap);
	return vg_remedy("pkill -x vfioguard; vfioguard unload; %s; vfioguard "
			 "load %s",
			 swap, vg_quoted(host->config.name, name));
}

static const char *build_remedy(const struct vg_host *host)
{
	if (vg_tool_exists("dkms") && !access("/etc/dkms", F_OK))
		return vg_remedy("dkms autoinstall -k %s", host->release);
	return "make module && make module-install";
}

static void check_hooked(struct vg_host *host, const struct file *file)
{
	struct id id;

	loaded_id(&id);
	if (file->there && !file->patched)
		vg_diagnose(
			host, "module", VG_HEALTH_WARNING, build_remedy(host),
			"the patched vfio-pci-core is loaded, but modprobe "
			"would load the stock one (%s), and so will the next "
			"boot",
			file->path);
	else if (id.known && file->id.known &&
		 memcmp(id.bytes, file->id.bytes, ID_LEN))
		vg_diagnose(host, "module", VG_HEALTH_WARNING,
			    reload_remedy(host),
			    "another build of the patched vfio-pci-core is "
			    "installed (%s) than the one that is loaded",
			    file->path);
	else
		vg_diagnose(
			host, "module", VG_HEALTH_OK, NULL,
			"the patched vfio-pci-core is loaded, with the hook");
}

static void check_loaded(struct vg_host *host, const struct file *file)
{
	struct vg_hook hook = {};

	host->module = !access(LOADED, F_OK);
	host->hook = host->module && vg_hook_btf_probe(&hook);
	if (!host->module)
		vg_diagnose(
			host, "module", VG_HEALTH_FAULT, "modprobe vfio-pci",
			"vfio-pci-core is not loaded, so nothing can be put "
			"in force");
	else if (host->hook)
		check_hooked(host, file);
	else if (hook.twice)
		vg_diagnose(host, "module", VG_HEALTH_WARNING,
			    build_remedy(host),
			    "the patched vfio-pci-core is loaded, with the "
			    "hook's types twice in its BTF, so the kernel "
			    "refuses the hook; build it anew");
	else if (!access(LOADED "/parameters/" PARAMETER, F_OK))
		vg_diagnose(host, "module", VG_HEALTH_FAULT, build_remedy(host),
			    "the patched vfio-pci-core is loaded without its "
			    "BTF, so it has no hook; build it anew, and do not "
			    "strip it");
	else if (file->patched)
		vg_diagnose(
			host, "module", VG_HEALTH_WARNING, reload_remedy(host),
			"the stock vfio-pci-core is loaded, and the patched "
			"one is installed (%s); when no guest has a device, "
			"load it",
			file->path);
	else
		vg_diagnose(
			host, "module", VG_HEALTH_OK, NULL,
			"the stock vfio-pci-core is loaded, and no other is "
			"installed");
}

/* Without what it is compressed with, which an initramfs may have undone. */
static size_t plain_len(const char *path)
{
	const char *end = strstr(path, ".ko");

	return end ? (size_t)(end + 3 - path) : strlen(path);
}

/* The line of the list that has the module, below lib/modules/RELEASE/. */
static char *find_listed(char *list)
{
	char *line, *rest = list, *at;

	while ((line = strsep(&rest, "\n"))) {
		if (!strstr(line, "/vfio-pci-core.ko"))
			continue;
		at = strstr(line, "lib/modules/");
		at = at ? strchr(at + strlen("lib/modules/"), '/') : NULL;
		if (at)
			return at + 1;
	}
	return NULL;
}

static void judge_listed(struct vg_host *host, const struct file *file,
			 const char *initrd, const char *listed)
{
	const char *remedy =
		vg_remedy("update-initramfs -u -k %s", host->release);
	struct stat st;

	if (!listed)
		vg_diagnose(host, "initramfs", VG_HEALTH_OK, NULL,
			    "%s has no vfio-pci-core", initrd);
	else if (file->there &&
		 (plain_len(listed) != plain_len(file->name) ||
		  strncmp(listed, file->name, plain_len(listed))))
		vg_diagnose(host, "initramfs", VG_HEALTH_WARNING, remedy,
			    "%s has another vfio-pci-core (%s) than modprobe "
			    "would load (%s); the next boot may load that one",
			    initrd, listed, file->name);
	else if (file->there && !stat(initrd, &st) &&
		 st.st_mtime < file->changed)
		vg_diagnose(host, "initramfs", VG_HEALTH_WARNING, remedy,
			    "%s has a vfio-pci-core and is older than %s",
			    initrd, file->path);
	else
		vg_diagnose(host, "initramfs", VG_HEALTH_OK, NULL,
			    "%s has the same vfio-pci-core that modprobe would "
			    "load",
			    initrd);
}

static void check_initramfs(struct vg_host *host, const struct file *file)
{
	char initrd[128], *list;
	const char *argv[] = { "lsinitramfs", initrd, NULL };
	size_t len;
	int ret;

	snprintf(initrd, sizeof(initrd), "/boot/initrd.img-%s", host->release);
	if (access(initrd, F_OK)) {
		vg_diagnose(host, "initramfs", VG_HEALTH_OK, NULL,
			    "there is no %s", initrd);
		return;
	}
	ret = vg_tool(argv, MAX_LIST, &list, &len);
	if (ret) {
		vg_diagnose(host, "initramfs", VG_HEALTH_WARNING,
			    ret == -ENOENT ?
				    "apt-get install initramfs-tools" :
				    vg_remedy("update-initramfs -u -k %s",
					      host->release),
			    "lsinitramfs can't tell whether %s has a "
			    "vfio-pci-core",
			    initrd);
		return;
	}
	judge_listed(host, file, initrd, find_listed(list));
	free(list);
}

static bool enforced(void)
{
	FILE *f = fopen("/sys/module/module/parameters/sig_enforce", "re");
	bool on = f && fgetc(f) == 'Y';

	if (f)
		fclose(f);
	return on;
}

/* It would be the module that modprobe takes and the kernel does not. */
static void check_signature(struct vg_host *host, const struct file *file)
{
	bool signed_only = host->lockdown == VG_LOCKDOWN_INTEGRITY ||
			   host->lockdown == VG_LOCKDOWN_CONFIDENTIALITY ||
			   enforced();

	if (!signed_only)
		vg_diagnose(host, "signature", VG_HEALTH_OK, NULL,
			    "the kernel takes modules that are not signed");
	else if (!file->there || file->is_signed)
		vg_diagnose(host, "signature", VG_HEALTH_OK, NULL,
			    "the kernel takes signed modules only, and "
			    "vfio-pci-core is signed");
	else
		vg_diagnose(host, "signature", VG_HEALTH_WARNING,
			    file->dkms ?
				    "mokutil --import /var/lib/dkms/mok.pub && "
				    "dkms install --force vfioguard && reboot" :
				    "make module-install SIGN_KEY=FILE "
				    "SIGN_CERT=FILE",
			    "the kernel takes signed modules only, and %s is "
			    "not: after the next boot vfio-pci does not load",
			    file->path);
}

void vg_check_module(struct vg_host *host)
{
	struct file file;

	find_file(&file);
	host->patched_file = file.patched;
	check_loaded(host, &file);
	check_initramfs(host, &file);
	check_signature(host, &file);
}
