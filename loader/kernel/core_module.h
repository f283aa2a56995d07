/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of the module vfio-pci-core: which is installed, which would be loaded. */
#ifndef VFIOGUARD_KERNEL_CORE_MODULE_H
#define VFIOGUARD_KERNEL_CORE_MODULE_H

#include <stdbool.h>
#include <stddef.h>

/* Of the running kernel, with a slash at its end: modules.dep names files below it. */
#define VG_MODULES_LEN 128
void vg_modules_dir(char dir[VG_MODULES_LEN]);

/**
 * vg_core_patched_file() - whether the patched module is installed for this kernel
 * @path: where
 */
bool vg_core_patched_file(char *path, size_t len);

/**
 * vg_core_chosen_file() - the file that modprobe would load
 * @path: gets it, below vg_modules_dir() and as modules.dep has it
 *
 * Return: false if modules.dep names none, as where it is built in.
 */
bool vg_core_chosen_file(char *path, size_t len);

#endif
