// SPDX-License-Identifier: GPL-2.0-only
/* Where registers of a function in a made sysfs lie, hidden capabilities too. */
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty, start, end),
		cmocka_unit_test_setup_teardown(absent, start, end),
		cmocka_unit_test_setup_teardown(standard, start, end),
		cmocka_unit_test_setup_teardown(extended, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
