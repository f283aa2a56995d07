// SPDX-License-Identifier: GPL-2.0-only
/* Where registers of a function in a made sysfs lie, hidden capabilities too. */
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

#include "kernel/pci_config.h"
#include "pci_sysfs.h"

static struct pci_sysfs fs;
static struct vg_pci_config config;

static int start(void **state)
{
	(void)state;
	pci_sysfs_start(&fs, SLOT);
	vg_sysfs_use(fs.path);
	return 0;
}

static int end(void **state)
{
	(void)state;
	pci_sysfs_end(&fs);
	return 0;
}

static void look(size_t bytes)
{
	pci_sysfs_write(&fs, bytes);
	vg_pci_config_read(SLOT, &config);
}

static void assert_place(__u16 offset, const char *text)
{
	char place[96];

	vg_pci_place_format(&config, offset, place, sizeof(place));
	assert_string_equal(place, text);
}

static void empty(void **state)
{
	(void)state;
	look(4096);
	assert_true(config.present);
	assert_int_equal(config.function.device, 0x10d3);
	assert_place(0x10, "header");
	assert_place(0x40, "no capability");
	assert_place(0xfff, "no capability");
}

static void absent(void **state)
{
	(void)state;
	vg_pci_config_read(SLOT + 1, &config);
	assert_false(config.present);
	assert_place(0x40, "");
	assert_place(0x20, "header");
	/* As users see it who are not root: the chain can't be followed. */
	pci_sysfs_cap(&fs, 0x34, 0x40, 0x01);
	look(64);
	assert_false(config.present);
}

static void standard(void **state)
{
	(void)state;
	pci_sysfs_cap(&fs, 0x34, 0xc8, 0x01); /* PM, 8 bytes */
	pci_sysfs_cap(&fs, 0xc9, 0x50, 0x0d); /* hidden, 8 bytes */
	pci_sysfs_cap(&fs, 0x51, 0x70, 0x0f); /* hidden, of unknown length */
	pci_sysfs_cap(&fs, 0x71, 0xa0, 0x11);
	look(256);
	assert_place(0xc8, "pm (Power Management) at 0xc8");
	assert_place(0xcf, "pm (Power Management) at 0xc8");
	assert_place(0xd0, "no capability");
	assert_place(0x50, "ssvid (Bridge Subsystem Vendor ID) at 0x50");
	assert_place(0x57, "ssvid (Bridge Subsystem Vendor ID) at 0x50");
	assert_place(0x58, "no capability");
	assert_place(0x70, "secdev (Secure Device) at 0x70 or behind it");
	assert_place(0x9f, "secdev (Secure Device) at 0x70 or behind it");
	assert_place(0xa0, "msix (MSI-X) at 0xa0");
	assert_place(0xac, "no capability");
	assert_place(0x100, "no capability");
}

static void extended(void **state)
{
	(void)state;
	pci_sysfs_cap(&fs, 0x34, 0x80, 0x10);
	fs.config[0x82] = 0x02;
	pci_sysfs_ext_cap(&fs, 0x100, 0x0001, 0x200); /* AER */
	pci_sysfs_ext_cap(&fs, 0x200, 0x001e, 0x300); /* hidden */
	pci_sysfs_ext_cap(&fs, 0x300, 0x000b, 0x400); /* VSEC */
	pci_sysfs_dword(&fs, 0x304, 0x01800000);
	pci_sysfs_ext_cap(&fs, 0x400, 0x0777, 0);
	look(4096);
	/* vfio shows 0x34 bytes of it. */
	assert_place(0xbb, "exp (PCI Express) at 0x80");
	assert_place(0xbc, "no capability");
	assert_place(0x147, "aer (Advanced Error Reporting) at 0x100");
	assert_place(0x148, "no capability");
	assert_place(0x208, "l1ss (L1 PM Substates) at 0x200");
	assert_place(0x214, "no capability");
	assert_place(0x317, "vsec (Vendor-Specific, extended) at 0x300");
	assert_place(0x318, "no capability");
	assert_place(0x404, "ecap=0x777 at 0x400 or behind it");
}

/* As in the dumps of dead devices that people post: every byte is 0xff. */
static void mute(void **state)
{
	static const size_t sizes[] = { 256, 4096 };
	struct vg_function function;
	char text[VG_MUTE_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		memset(fs.config, 0xff, sizeof(fs.config));
		look(sizes[i]);
		assert_true(config.mute);
		assert_false(config.present);
		assert_place(0x80, "unknown, as it does not answer");
	}
	vg_function_read("0000:01:00.0", &function);
	assert_true(vg_pci_mute(&function));
	vg_pci_mute_format(&function, text);
	assert_non_null(strstr(text, "0000:01:00.0 does not answer"));
	assert_null(strstr(text, "power state"));
	pci_sysfs_file(&fs, "power_state", "D3cold\n", 7);
	vg_pci_mute_format(&function, text);
	assert_non_null(strstr(text, "(power state D3cold)"));

	/* The header alone: capabilities are what the bridge remembered. */
	memset(fs.config + 0x40, 0, sizeof(fs.config) - 0x40);
	look(256);
	assert_true(config.mute);
	/* As not being root. */
	look(64);
	assert_true(config.mute);
	/* Not ready after a reset. */
	pci_sysfs_dword(&fs, 0x00, 0xffff0001);
	pci_sysfs_dword(&fs, 0x04, 0x00100000);
	look(4096);
	assert_true(config.mute);

	/* A virtual function has no ids of its own, and answers. */
	pci_sysfs_dword(&fs, 0x00, 0xffffffff);
	pci_sysfs_dword(&fs, 0x34, 0);
	look(4096);
	assert_false(config.mute);
	assert_true(config.present);
	assert_false(vg_pci_mute(&function));
}

/* The list of capabilities goes out of config space: nothing is guessed. */
static void out_of_space(void **state)
{
	struct vg_layout layout;
	struct vg_function function;
	unsigned int size;
	int fd;

	(void)state;
	fs.config[0x06] = 0x10;
	fs.config[0x34] = 0xff;
	look(256);
	assert_false(config.present);
	assert_false(config.mute);
	vg_function_read("0000:01:00.0", &function);
	fd = vg_function_config(&function, &size);
	assert_int_equal(vg_layout_read(fd, size, &layout), -ERANGE);
	close(fd);
}

/* explain says which capability a byte is physically of, as learn does. */
static void bodies(void **state)
{
	const struct vg_layout_cap *body;
	bool sure;

	(void)state;
	pci_sysfs_cap(&fs, 0x34, 0x80, 0x10);
	fs.config[0x82] = 0x02;
	pci_sysfs_ext_cap(&fs, 0x100, 0x0001, 0x200); /* AER */
	pci_sysfs_ext_cap(&fs, 0x200, 0x0025, 0x300); /* DLF, hidden */
	pci_sysfs_ext_cap(&fs, 0x300, 0x0777, 0);
	look(4096);
	/* AER's tail, of root ports. */
	body = vg_pci_body_at(&config.layout, 0x12c, &sure);
	assert_true(body && body->id == 0x0001 && !body->hidden && sure);
	body = vg_pci_body_at(&config.layout, 0x148, &sure);
	assert_null(body);
	body = vg_pci_body_at(&config.layout, 0x208, &sure);
	assert_true(body && body->id == 0x0025 && body->hidden && sure);
	assert_null(vg_pci_body_at(&config.layout, 0x20c, &sure));
	body = vg_pci_body_at(&config.layout, 0xff0, &sure);
	assert_true(body && body->id == 0x0777 && !sure);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty, start, end),
		cmocka_unit_test_setup_teardown(absent, start, end),
		cmocka_unit_test_setup_teardown(standard, start, end),
		cmocka_unit_test_setup_teardown(extended, start, end),
		cmocka_unit_test_setup_teardown(mute, start, end),
		cmocka_unit_test_setup_teardown(out_of_space, start, end),
		cmocka_unit_test_setup_teardown(bodies, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
