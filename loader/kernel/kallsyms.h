/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions of the running kernel, as /proc/kallsyms lists them. */
#ifndef VFIOGUARD_KERNEL_KALLSYMS_H
#define VFIOGUARD_KERNEL_KALLSYMS_H

#include <linux/types.h>
#include <stddef.h>

struct vg_function_size {
	const char *name;
	__u32 size; /* bytes up to the next symbol; 0: there is no such function */
};

/**
 * vg_function_sizes() - how long functions of the kernel are
 * @list: names filled in; sizes are set
 *
 * Return: 0, or a negative errno: -EACCES also where addresses are hidden
 * (kernel.kptr_restrict) from this process.
 */
int vg_function_sizes(struct vg_function_size *list, size_t nr);

#endif
