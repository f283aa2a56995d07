/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the exit status of vfioguard says.  Scripts and the service unit depend
 * on the numbers: add at the end, never change one.
 */
#ifndef VFIOGUARD_UTIL_EXIT_CODES_H
#define VFIOGUARD_UTIL_EXIT_CODES_H

enum vg_exit {
	VG_EXIT_OK = 0,
	VG_EXIT_USAGE = 1, /* wrong command line */
	VG_EXIT_POLICY = 2, /* policy refused, or an expectation not met */
	VG_EXIT_NO_HOOK = 3, /* no hook, or the kernel refused it */
	VG_EXIT_PRIVILEGE = 4, /* a capability is missing */
	VG_EXIT_NO_BPFFS = 5, /* no BPF file system to pin to */
	VG_EXIT_RUNNING = 6, /* another daemon runs */
	VG_EXIT_AUDIT_OFF = 7, /* auditing is off where it was required */
	VG_EXIT_NOT_LOADED = 8, /* no policy is loaded */
	VG_EXIT_FAILURE = 9, /* anything else; the message says what */
	VG_EXIT_LOCKED = 10, /* the policy is locked until the next boot */
	VG_EXIT_NO_ANSWER = 11, /* a device does not answer */
	VG_EXIT_WARNING = 12, /* of doctor: warnings, and no fault */
	VG_EXIT_FAULT = 13, /* of doctor: a fault */
};

#endif
