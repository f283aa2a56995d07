/* SPDX-License-Identifier: GPL-2.0-only */
/* What the headers of libbpf expect to have been declared. */
#ifndef VFIOGUARD_VMLINUX_TYPES_H
#define VFIOGUARD_VMLINUX_TYPES_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#endif
