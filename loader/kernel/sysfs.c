// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/sysfs.h"
#include "util/slot.h"

static const char *sysfs = "/sys";

void vg_sysfs_use(const char *root)
{
	sysfs = root;
}

static void path_of(char path[PATH_MAX], const char *bdf, const char *name)
{
	snprintf(path, PATH_MAX, "%s/bus/pci/devices/%s%s%s", sysfs, bdf,
		 name[0] ? "/" : "", name);
}

static bool read_hex(const char *bdf, const char *attribute, __u32 *value)
{
	char path[PATH_MAX];
	unsigned int n = 0;
	FILE *f;

	path_of(path, bdf, attribute);
	f = fopen(path, "re");
	if (f) {
		n = fscanf(f, "%x", value) == 1;
		fclose(f);
	}
	return n;
}

/* A function bound to any driver of vfio has this folder. */
static bool given_to_vfio(const char *bdf)
{
	char path[PATH_MAX];

	path_of(path, bdf, "vfio-dev");
	return !access(path, F_OK);
}

int vg_function_read(const char *bdf, struct vg_function *function)
{
	__u32 vendor, device, subvendor = 0, subdevice = 0, class = 0;
	const char *colon = strchr(bdf, ':');

	memset(function, 0, sizeof(*function));
	if (vg_slot_parse(bdf, &function->slot))
		return -EINVAL;
	/* The domain may be left out, but sysfs never does. */
	snprintf(function->bdf, sizeof(function->bdf), "%s%s",
		 strchr(colon + 1, ':') ? "" : "0000:", bdf);
	if (!read_hex(function->bdf, "vendor", &vendor) ||
	    !read_hex(function->bdf, "device", &device))
		return -ENODEV;
	read_hex(function->bdf, "subsystem_vendor", &subvendor);
	read_hex(function->bdf, "subsystem_device", &subdevice);
	read_hex(function->bdf, "class", &class);
	function->vendor = vendor;
	function->device = device;
	function->subvendor = subvendor;
	function->subdevice = subdevice;
	function->class = class & 0xffffff;
	function->vfio = given_to_vfio(function->bdf);
	return 0;
}

int vg_function_config(const struct vg_function *function, unsigned int *size)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, err;

	path_of(path, function->bdf, "config");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		err = -errno;
		close(fd);
		return err;
	}
	*size = st.st_size;
	return fd;
}

void vg_function_power(const struct vg_function *function,
		       char state[VG_POWER_LEN])
{
	char path[PATH_MAX];
	FILE *f;

	state[0] = '\0';
	path_of(path, function->bdf, "power_state");
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(state, VG_POWER_LEN, f))
		state[strcspn(state, "\n")] = '\0';
	fclose(f);
}

static int any(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int only_vfio(const struct dirent *entry)
{
	return any(entry) && given_to_vfio(entry->d_name);
}

static int functions(int (*select)(const struct dirent *),
		     struct vg_function **list)
{
	struct dirent **entries;
	char path[PATH_MAX];
	int i, n, nr = 0;

	*list = NULL;
	path_of(path, "", "");
	n = scandir(path, &entries, select, alphasort);
	if (n < 0)
		return -errno;
	*list = calloc(n ? n : 1, sizeof(**list));
	for (i = 0; i < n; i++) {
		/* One that was taken out just now is no device any more. */
		if (*list && !vg_function_read(entries[i]->d_name, *list + nr))
			nr++;
		free(entries[i]);
	}
	free(entries);
	return *list ? nr : -ENOMEM;
}

int vg_functions_vfio(struct vg_function **list)
{
	return functions(only_vfio, list);
}

int vg_functions_all(struct vg_function **list)
{
	return functions(any, list);
}

bool vg_core_parameter(const char *name, char *buf, size_t len)
{
	char path[PATH_MAX];
	bool done = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/module/vfio_pci_core/parameters/%s",
		 sysfs, name);
	f = fopen(path, "re");
	if (f) {
		done = fgets(buf, len, f);
		fclose(f);
	}
	if (done)
		buf[strcspn(buf, "\n")] = '\0';
	return done;
}
