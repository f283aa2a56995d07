// SPDX-License-Identifier: GPL-2.0-only
/* Devices and module parameters, from a folder that looks like /sys. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/native.h"
#include "kernel/sysfs.h"

#define PARAMETERS "module/vfio_pci_core/parameters"

static char root[] = "/tmp/vfioguard-sysfs-XXXXXX";

static void put(const char *path, const char *text)
{
	char name[256], *slash;
	FILE *f;

	snprintf(name, sizeof(name), "%s/%s", root, path);
	for (slash = name + strlen(root) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = '\0';
		mkdir(name, 0755);
		*slash = '/';
	}
	f = fopen(name, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void put_device(const char *bdf, const char *device, bool vfio)
{
	static const char *const names[] = { "vendor", "device",
					     "subsystem_vendor",
					     "subsystem_device", "class" };
	const char *const texts[] = { "0x8086\n", device, "0x1028\n",
				      "0x1fc9\n", "0x020000\n" };
	char path[128];
	size_t i;

	for (i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "bus/pci/devices/%s/%s", bdf,
			 names[i]);
		put(path, texts[i]);
	}
	snprintf(path, sizeof(path), "bus/pci/devices/%s/vfio-dev/vfio0", bdf);
	if (vfio)
		put(path, "");
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	vg_sysfs_use(root);
	put_device("0000:02:00.0", "0x1533\n", true);
	put_device("0000:01:00.0", "0x10d3\n", true);
	put_device("0000:03:00.0", "0x10d3\n", false);
	put_device("10000:01:00.0", "0x10fb\n", true);
	put("bus/pci/devices/0000:01:00.0/config", "0123456789");
	return 0;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void functions(void **state)
{
	struct vg_function f;

	(void)state;
	assert_int_equal(vg_function_read("0000:01:00.0", &f), 0);
	assert_string_equal(f.bdf, "0000:01:00.0");
	assert_int_equal(f.slot, VG_SLOT(0, 1, 0));
	assert_int_equal(f.vendor, 0x8086);
	assert_int_equal(f.device, 0x10d3);
	assert_int_equal(f.subvendor, 0x1028);
	assert_int_equal(f.subdevice, 0x1fc9);
	assert_int_equal(f.class, 0x020000);
	assert_true(f.vfio);
	assert_int_equal(vg_function_read("03:00.0", &f), 0);
	assert_string_equal(f.bdf, "0000:03:00.0");
	assert_false(f.vfio);
	assert_int_equal(vg_function_read("10000:01:00.0", &f), 0);
	assert_int_equal(f.device, 0x10fb);
	assert_int_equal(vg_function_read("0000:04:00.0", &f), -ENODEV);
	assert_int_equal(vg_function_read("8086:10d3", &f), -EINVAL);
	assert_int_equal(vg_function_read("../..:01.0", &f), -EINVAL);
}

static void config(void **state)
{
	struct vg_function f;
	unsigned int size = 0;
	int fd;

	(void)state;
	assert_int_equal(vg_function_read("0000:01:00.0", &f), 0);
	fd = vg_function_config(&f, &size);
	assert_true(fd >= 0);
	assert_int_equal(size, 10);
	close(fd);
	assert_int_equal(vg_function_read("0000:02:00.0", &f), 0);
	assert_int_equal(vg_function_config(&f, &size), -ENOENT);
}

static void given(void **state)
{
	struct vg_function *list;

	(void)state;
	assert_int_equal(vg_functions_vfio(&list), 3);
	assert_string_equal(list[0].bdf, "0000:01:00.0");
	assert_string_equal(list[1].bdf, "0000:02:00.0");
	assert_string_equal(list[2].bdf, "10000:01:00.0");
	free(list);
}

static enum vg_native says(enum vg_where_kind where, enum vg_access access,
			   __u16 device)
{
	const struct vg_query query = {
		.vendor = 0x8086,
		.device = device,
		.access = access,
		.where = where,
	};

	return vg_native_says(&query);
}

static void native(void **state)
{
	(void)state;
	/* the stock module has no such parameters */
	assert_int_equal(says(VG_WHERE_UNASSIGNED, VG_WRITE, 0x10d3),
			 VG_NATIVE_UNKNOWN);
	put(PARAMETERS "/block_pci_unassigned_write", "Y\n");
	put(PARAMETERS "/block_pci_unassigned_read", "N\n");
	assert_int_equal(says(VG_WHERE_UNASSIGNED, VG_WRITE, 0x10d3),
			 VG_NATIVE_UNKNOWN);
	put(PARAMETERS "/uaccess_allow_ids", "\n");
	assert_int_equal(says(VG_WHERE_UNASSIGNED, VG_WRITE, 0x10d3),
			 VG_NATIVE_BLOCK);
	assert_int_equal(says(VG_WHERE_UNASSIGNED, VG_READ, 0x10d3),
			 VG_NATIVE_OPEN);
	assert_int_equal(says(VG_WHERE_VENDOR, VG_WRITE, 0x10d3),
			 VG_NATIVE_OPEN);
	put(PARAMETERS "/uaccess_allow_ids", "1002:10d3,8086:10FB,8086:1533\n");
	assert_int_equal(says(VG_WHERE_UNASSIGNED, VG_WRITE, 0x10d3),
			 VG_NATIVE_BLOCK);
	assert_int_equal(says(VG_WHERE_UNASSIGNED, VG_WRITE, 0x10fb),
			 VG_NATIVE_OPEN);
	assert_int_equal(says(VG_WHERE_UNASSIGNED, VG_WRITE, 0x1533),
			 VG_NATIVE_OPEN);
	/* more ids than sysfs shows */
	put(PARAMETERS "/uaccess_allow_ids", "8086:1533,...\n");
	assert_int_equal(says(VG_WHERE_UNASSIGNED, VG_WRITE, 0x1533),
			 VG_NATIVE_OPEN);
	assert_int_equal(says(VG_WHERE_UNASSIGNED, VG_WRITE, 0x10d3),
			 VG_NATIVE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions),
		cmocka_unit_test(config),
		cmocka_unit_test(given),
		cmocka_unit_test(native),
	};

	return cmocka_run_group_tests_name("sysfs", tests, set_up, tear_down);
}
