// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook in raw BTF: found as libbpf writes it, beside the kernel's or in it, and
 * not found in what is damaged or says something else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <cmocka.h>
#include <linux/btf.h>

#include "kernel/hook_btf.h"

static const char *const regions[] = {
	"VFIO_PCI_CONFIG_HEADER",     "VFIO_PCI_CONFIG_CAP",
	"VFIO_PCI_CONFIG_EXT_CAP",    "VFIO_PCI_CONFIG_VENDOR",
	"VFIO_PCI_CONFIG_UNASSIGNED", "__VFIO_PCI_CONFIG_REGIONS",
};

#define REGIONS (sizeof(regions) / sizeof(regions[0]))

struct made {
	struct btf *base;
	struct btf *module;
	const void *data;
	const void *base_data;
	__u32 size;
	__u32 base_size;
};

/* One type of each kind, so that all their lengths count. */
static void add_other_types(struct btf *btf)
{
	int i, integer = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int proto, func;

	btf__add_ptr(btf, integer);
	btf__add_array(btf, integer, integer, 3);
	btf__add_struct(btf, "one", 8);
	btf__add_field(btf, "a", integer, 0, 0);
	btf__add_field(btf, "b", integer, 32, 0);
	btf__add_union(btf, "two", 4);
	btf__add_field(btf, "c", integer, 0, 0);
	btf__add_enum(btf, "three", 4);
	btf__add_enum_value(btf, "THREE_A", 7);
	btf__add_enum64(btf, "four", 8, false);
	btf__add_enum64_value(btf, "FOUR_A", 1ULL << 40);
	btf__add_fwd(btf, "five", BTF_FWD_STRUCT);
	btf__add_typedef(btf, "six", integer);
	btf__add_volatile(btf, integer);
	btf__add_const(btf, integer);
	btf__add_restrict(btf, integer);
	btf__add_float(btf, "seven", 8);
	proto = btf__add_func_proto(btf, integer);
	for (i = 0; i < 3; i++)
		btf__add_func_param(btf, "p", integer);
	func = btf__add_func(btf, "eight", BTF_FUNC_STATIC, proto);
	btf__add_var(btf, "nine", BTF_VAR_STATIC, integer);
	btf__add_datasec(btf, ".data", 4);
	btf__add_datasec_var_info(btf, func + 1, 0, 4);
	btf__add_decl_tag(btf, "ten", func, -1);
	btf__add_type_tag(btf, "eleven", integer);
}

/* The hook's types; @without: an enumerator that is left out, or NULL. */
static void add_hook(struct btf *btf, const char *without)
{
	size_t i;

	btf__add_enum(btf, "vfio_pci_config_region", 4);
	for (i = 0; i < REGIONS; i++)
		if (!without || strcmp(without, regions[i]))
			btf__add_enum_value(btf, regions[i], 2 * i + 1);
	btf__add_struct(btf, "vfio_pci_config_ops", 4);
}

/* Adding a type moves both. */
static void look_again(struct made *made)
{
	made->data = btf__raw_data(made->module, &made->size);
	made->base_data = btf__raw_data(made->base, &made->base_size);
	assert_non_null(made->data);
	assert_non_null(made->base_data);
}

static void make(struct made *made, const char *without)
{
	made->base = btf__new_empty();
	assert_non_null(made->base);
	add_other_types(made->base);
	made->module = btf__new_empty_split(made->base);
	assert_non_null(made->module);
	add_other_types(made->module);
	add_hook(made->module, without);
	look_again(made);
}

static void drop(struct made *made)
{
	btf__free(made->module);
	btf__free(made->base);
}

static void check_bits(const struct vg_hook *hook)
{
	assert_int_equal(hook->header, 1 << 1);
	assert_int_equal(hook->cap, 1 << 3);
	assert_int_equal(hook->ext_cap, 1 << 5);
	assert_int_equal(hook->vendor, 1 << 7);
	assert_int_equal(hook->unassigned, 1 << 9);
	assert_int_equal(hook->all, (1 << 11) - 1);
}

static void test_module(void **state)
{
	struct vg_hook hook = {};
	struct made made;

	(void)state;
	make(&made, NULL);
	assert_true(vg_hook_btf_find(made.data, made.size, made.base_data,
				     made.base_size, &hook));
	check_bits(&hook);
	/* Of the kernel's no more than the header is looked at. */
	memset(&hook, 0, sizeof(hook));
	assert_true(vg_hook_btf_find(made.data, made.size, made.base_data,
				     sizeof(struct btf_header), &hook));
	check_bits(&hook);
	/* Without it the names are others. */
	assert_false(vg_hook_btf_find(made.data, made.size, NULL, 0, &hook));
	drop(&made);
}

static void test_built_in(void **state)
{
	struct btf *btf = btf__new_empty();
	struct vg_hook hook = {};
	const void *data;
	__u32 size;

	(void)state;
	add_other_types(btf);
	data = btf__raw_data(btf, &size);
	assert_false(vg_hook_btf_find(data, size, NULL, 0, &hook));
	add_hook(btf, NULL);
	data = btf__raw_data(btf, &size);
	assert_true(vg_hook_btf_find(data, size, NULL, 0, &hook));
	check_bits(&hook);
	btf__free(btf);
}

/* The kernel would refuse either; what else is there twice does not matter. */
static void test_twice(void **state)
{
	static const char *const names[] = {
		"vfio_pci_config_ops",
		"bpf_struct_ops_vfio_pci_config_ops",
	};
	struct vg_hook hook = {};
	struct made made;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		make(&made, NULL);
		btf__add_struct(made.module, names[1], 4);
		btf__add_struct(made.module, "vfio_pci_core_device", 4);
		btf__add_struct(made.module, "vfio_pci_core_device", 4);
		look_again(&made);
		assert_true(vg_hook_btf_find(made.data, made.size,
					     made.base_data, made.base_size,
					     &hook));
		assert_false(hook.twice);
		btf__add_struct(made.module, names[i], 4);
		look_again(&made);
		assert_false(vg_hook_btf_find(made.data, made.size,
					      made.base_data, made.base_size,
					      &hook));
		assert_true(hook.twice);
		drop(&made);
	}
}

/* A kind of region this program does not know of is another hook. */
static void test_missing(void **state)
{
	struct vg_hook hook = {};
	struct made made;
	struct btf *btf;
	const void *data;
	__u32 size;
	size_t i;

	(void)state;
	for (i = 0; i < REGIONS; i++) {
		make(&made, regions[i]);
		assert_false(vg_hook_btf_find(made.data, made.size,
					      made.base_data, made.base_size,
					      &hook));
		drop(&made);
	}

	btf = btf__new_empty();
	btf__add_enum(btf, "vfio_pci_config_region", 4);
	for (i = 0; i < REGIONS; i++)
		btf__add_enum_value(btf, regions[i], i);
	data = btf__raw_data(btf, &size);
	assert_false(vg_hook_btf_find(data, size, NULL, 0, &hook));
	btf__add_struct(btf, "vfio_pci_config_ops", 4);
	data = btf__raw_data(btf, &size);
	assert_true(vg_hook_btf_find(data, size, NULL, 0, &hook));
	btf__free(btf);

	btf = btf__new_empty();
	btf__add_struct(btf, "vfio_pci_config_ops", 4);
	data = btf__raw_data(btf, &size);
	assert_false(vg_hook_btf_find(data, size, NULL, 0, &hook));
	btf__add_enum(btf, "vfio_pci_config_region", 4);
	for (i = 0; i < REGIONS; i++)
		btf__add_enum_value(btf, regions[i], i ? i : 32);
	data = btf__raw_data(btf, &size);
	assert_false(vg_hook_btf_find(data, size, NULL, 0, &hook));
	btf__free(btf);
}

/* Cut off anywhere, and with any byte turned over: read within its bounds. */
static void test_damaged(void **state)
{
	struct vg_hook hook = {};
	struct made made;
	char *copy;
	__u32 i;

	(void)state;
	make(&made, NULL);
	for (i = 0; i < made.size; i++) {
		copy = malloc(i ? i : 1);
		memcpy(copy, made.data, i);
		assert_false(vg_hook_btf_find(copy, i, made.base_data,
					      made.base_size, &hook));
		free(copy);
	}
	copy = malloc(made.size);
	for (i = 0; i < made.size; i++) {
		memcpy(copy, made.data, made.size);
		copy[i] = ~copy[i];
		vg_hook_btf_find(copy, made.size, made.base_data,
				 made.base_size, &hook);
	}
	/* The last name loses the byte that ends it. */
	memcpy(copy, made.data, made.size);
	((struct btf_header *)copy)->str_len--;
	assert_false(vg_hook_btf_find(copy, made.size, made.base_data,
				      made.base_size, &hook));
	memcpy(copy, made.data, made.size);
	copy[0] = 0;
	assert_false(vg_hook_btf_find(copy, made.size, made.base_data,
				      made.base_size, &hook));
	assert_false(
		vg_hook_btf_find(made.data, made.size, copy, made.size, &hook));
	free(copy);
	drop(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_module),	cmocka_unit_test(test_built_in),
		cmocka_unit_test(test_twice),	cmocka_unit_test(test_missing),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
