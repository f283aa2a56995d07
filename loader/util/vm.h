/* SPDX-License-Identifier: GPL-2.0-only */
/* Which virtual machine a process runs, as far as it can be told. */
#ifndef VFIOGUARD_UTIL_VM_H
#define VFIOGUARD_UTIL_VM_H

#include <linux/types.h>
#include <stddef.h>

#define VG_VM_NAME_LEN 64
#define VG_VM_UUID_LEN 37

/**
 * vg_vm_from_cgroup() - the name libvirt gave the machine's cgroup
 * @cgroup: path, .../machine-qemu\x2d1\x2dNAME.scope/...
 * @name: gets NAME unescaped and cut to fit, "" if the path has none
 */
void vg_vm_from_cgroup(const char *cgroup, char *name, size_t len);

/**
 * vg_vm_from_cmdline() - what QEMU was told on its command line
 * @cmdline: arguments, each ended by NUL, as in /proc/PID/cmdline
 * @bytes: of @cmdline
 * @name: gets the guest of -name, unless it holds something already
 * @uuid: gets the argument of -uuid if it has the form of one, else ""
 */
void vg_vm_from_cmdline(const char *cmdline, size_t bytes, char *name,
			size_t len, char uuid[VG_VM_UUID_LEN]);

#endif
