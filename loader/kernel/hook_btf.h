/* SPDX-License-Identifier: GPL-2.0-only */
/* The hook's types in BTF, the kernel's description of itself. */
#ifndef VFIOGUARD_KERNEL_HOOK_BTF_H
#define VFIOGUARD_KERNEL_HOOK_BTF_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/hook.h"

/**
 * vg_hook_btf_find() - look for the hook in raw BTF
 * @data: BTF, as in /sys/kernel/btf/
 * @size: of @data, bytes
 * @base: BTF of the kernel that a module's builds upon, or its first bytes;
 *	  NULL if @data is the kernel's own
 * @base_size: of @base, bytes
 * @hook: filled in if the hook is there
 *
 * libbpf would read all the types of the kernel for that; loading a policy makes
 * it do so once, and this saves the second time, a quarter of a load.
 *
 * Return: whether @data has the hook's struct and enum.  BTF that can't be
 * understood has not.  Nor has what has the struct twice, as a pahole with a libbpf
 * before 1.6 leaves it for kernels since 6.15: the kernel finds types by name, and
 * refuses these; @hook->twice says so.
 */
bool vg_hook_btf_find(const void *data, size_t size, const void *base,
		      size_t base_size, struct vg_hook *hook);

/**
 * vg_hook_btf_probe() - look for the hook in the running kernel
 * @hook: filled in if the hook is there
 *
 * In the BTF of vfio-pci-core, or in the kernel's if that is built in.
 *
 * Return: whether it has the hook.
 */
bool vg_hook_btf_probe(struct vg_hook *hook);

#endif
