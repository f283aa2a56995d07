/* SPDX-License-Identifier: GPL-2.0-only */
/* What the headers of libbpf expect to have been declared. */
#ifndef VFIOGUARD_VMLINUX_TYPES_H
#define VFIOGUARD_VMLINUX_TYPES_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

/* State of bpf_for(). */
struct bpf_iter_num {
	__u64 __opaque[1];
} __attribute__((aligned(8)));

#endif
