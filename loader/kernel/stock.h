/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel without the hook lets BPF programs do: whether a policy can
 * protect it all the same, and what can't be done there.
 */
#ifndef VFIOGUARD_KERNEL_STOCK_H
#define VFIOGUARD_KERNEL_STOCK_H

#include <stdbool.h>

#include "util/exit_codes.h"

/* When a task may be preempted in the kernel. */
enum vg_preemption {
	VG_PREEMPT_NONE,
	VG_PREEMPT_VOLUNTARY,
	VG_PREEMPT_FULL,
	VG_PREEMPT_LAZY,
	VG_PREEMPT_RT,
	VG_PREEMPT_UNKNOWN,
};

struct vg_stock {
	bool trace; /* a tracing program can make a write look done */
	bool lsm; /* LSM programs are called, so they can refuse */
	bool ftrace_off; /* kernel.ftrace_enabled is 0: no program is called */
	enum vg_preemption preemption;
};

/**
 * vg_stock_test() - try the kernel on a file of our own
 *
 * Loads two small programs, attaches them for some milliseconds, and looks at what
 * comes of a write and of a read.  The caller has the privileges for that.
 *
 * Return: 0, or a negative errno if it could not be tried.
 */
int vg_stock_test(struct vg_stock *stock);

/**
 * vg_stock_protects() - whether a policy can be relied on
 *
 * A tracing program alone is passed by whoever runs while another task is preempted
 * in it, so without LSM programs it takes a kernel that does not preempt.
 */
bool vg_stock_protects(const struct vg_stock *stock);

/* "voluntary", "lazy", ... */
const char *vg_preemption_word(enum vg_preemption preemption);

/**
 * vg_stock_trouble() - what keeps programs that are attached from protecting, now
 * @lsm: whether one of them is an LSM program
 *
 * Root can change either of these while a policy is in force.  The first call loads
 * a small program, which stays.
 *
 * Return: a sentence with its remedy, good until the next call, or NULL.
 */
const char *vg_stock_trouble(bool lsm);

#endif
