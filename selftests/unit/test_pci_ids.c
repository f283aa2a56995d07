// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names from pci.ids, including files that are odd or broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/pci_ids.h"

static char path[64];

/* Use a list of this text from here on. */
static void use(const char *text)
{
	FILE *out;

	snprintf(path, sizeof(path), "/tmp/vfioguard-pci-ids-%d", getpid());
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	vg_pci_ids_use(path);
}

static int clean(void **state)
{
	(void)state;
	vg_pci_ids_free();
	return path[0] ? unlink(path) : 0;
}

static void names(void **state)
{
	char name[64];

	(void)state;
	use("# list\n\n8086  Intel Corporation\n"
	    "\t10d3  82574L Gigabit Network Connection\n"
	    "\t\t1028 1234  A card of somebody\n"
	    "\t1234\n"
	    "\t00ff  Last one\n"
	    "14e4  Broadcom\n"
	    "C 02  Network controller\n"
	    "\t00  Ethernet controller\n");
	assert_true(vg_pci_ids_available());
	assert_string_equal(vg_pci_vendor_name(0x8086, name, sizeof(name)),
			    "Intel Corporation");
	assert_string_equal(vg_pci_device_name(0x8086, 0x10d3, name,
					       sizeof(name)),
			    "82574L Gigabit Network Connection");
	assert_string_equal(vg_pci_device_name(0x8086, 0xff, name,
					       sizeof(name)),
			    "Last one");
	assert_string_equal(vg_pci_vendor_name(0x14e4, name, sizeof(name)),
			    "Broadcom");
	assert_string_equal(vg_pci_device_name(0x8086, 0x10d3, name, 7),
			    "82574L");
	/* neither subsystems nor classes are devices */
	assert_null(vg_pci_device_name(0x1028, 0x1234, name, sizeof(name)));
	assert_null(vg_pci_device_name(0x8086, 0x1234, name, sizeof(name)));
	assert_null(vg_pci_device_name(0x14e4, 0x0000, name, sizeof(name)));
	assert_null(vg_pci_device_name(0x14e4, 0xffff, name, sizeof(name)));
	assert_null(vg_pci_vendor_name(0x1028, name, sizeof(name)));
	assert_true(vg_pci_device_known(0x8086, 0x10d3));
	assert_false(vg_pci_device_known(0x8086, 0x10d4));
	assert_false(vg_pci_device_known(0x8086, 0xffff));
	assert_true(vg_pci_vendor_known(0x8086));
	assert_false(vg_pci_vendor_known(0x8087));
}

/* Ends without a newline, at every byte: nothing is read behind the end. */
static void cut_off(void **state)
{
	static const char whole[] = "8086  Intel\n\t10d3  Gigabit  ";
	char text[sizeof(whole)], name[64];
	size_t len;

	(void)state;
	for (len = 1; len < sizeof(whole); len++) {
		memcpy(text, whole, len);
		text[len] = '\0';
		use(text);
		vg_pci_vendor_name(0x8086, name, sizeof(name));
		vg_pci_device_name(0x8086, 0x10d3, name, sizeof(name));
	}
	assert_string_equal(name, "Gigabit  ");
}

/* Blanks up to the last byte of the last page: behind it nothing is mapped. */
static void full_page(void **state)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *text = malloc(page + 1), name[64];

	(void)state;
	assert_non_null(text);
	memset(text, ' ', page);
	memcpy(text, "8086", 4);
	text[page] = '\0';
	use(text);
	free(text);
	assert_string_equal(vg_pci_vendor_name(0x8086, name, sizeof(name)), "");
}

/* A device before any vendor belongs to nobody. */
static void orphan(void **state)
{
	(void)state;
	use("\t1234  Orphan\n8086  Intel\n");
	assert_false(vg_pci_device_known(0xffff, 0x1234));
	assert_false(vg_pci_device_known(0x8086, 0x1234));
}

/* More entries than the smallest table: it grows and all are found. */
static void many(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	unsigned int i;

	(void)state;
	assert_non_null(out);
	fputs("8086  Intel\n", out);
	for (i = 0; i < 30000; i++)
		fprintf(out, "\t%04x  Device\n", i);
	fclose(out);
	use(text);
	free(text);
	for (i = 0; i < 30000; i++)
		assert_true(vg_pci_device_known(0x8086, i));
	assert_false(vg_pci_device_known(0x8086, 30000));
}

static void none(void **state)
{
	char name[64];

	(void)state;
	vg_pci_ids_use("/nonexistent");
	assert_false(vg_pci_ids_available());
	assert_null(vg_pci_vendor_name(0x8086, name, sizeof(name)));
	use("");
	assert_false(vg_pci_ids_available());
	use("8086  Intel\n");
	vg_pci_ids_off();
	assert_false(vg_pci_ids_available());
	assert_false(vg_pci_vendor_known(0x8086));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),     cmocka_unit_test(cut_off),
		cmocka_unit_test(full_page), cmocka_unit_test(orphan),
		cmocka_unit_test(many),	     cmocka_unit_test(none),
	};

	return cmocka_run_group_tests_name("pci_ids", tests, NULL, clean);
}
