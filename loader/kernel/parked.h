/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes that a policy on a stock kernel came too late for. */
#ifndef VFIOGUARD_KERNEL_PARKED_H
#define VFIOGUARD_KERNEL_PARKED_H

/**
 * vg_parked_warn() - name the processes that are in a write to config space
 *
 * The caller of a write decides how long the kernel waits for its data (userfaultfd,
 * FUSE), and a stock kernel asks nobody after that.  To be called when a policy has
 * come into force: whatever is then in such a write is past it.  Goes by
 * /proc/PID/task/TID/syscall (fs/proc/base.c), which has the call and its arguments of
 * a task that waits; what io_uring does is not in it.  Needs CAP_SYS_PTRACE, and says
 * nothing of what it may not read: so does the daemon's reload.
 */
void vg_parked_warn(void);

#endif
