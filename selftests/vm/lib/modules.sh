# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/modules.sh - for tests that install modules; sourced after guest-lib.sh.
#
#	small_modules		a folder of the kernel's modules that is the test's own, with
#				what vfio-pci needs: depmod opens every module there is,
#				minutes by way of the share

small_modules()
{
	local modules

	modules=$(modprobe -S "$VM_KVER" -D vfio-pci | awk '$1 == "insmod" { print $2 }')
	mkdir /run/vm/modules
	# shellcheck disable=SC2086 # names of modules
	(cd "/lib/modules/$VM_KVER" && cp --parents ${modules//"/lib/modules/$VM_KVER/"/} \
		modules.builtin modules.builtin.modinfo modules.order /run/vm/modules)
	mount --bind /run/vm/modules "/lib/modules/$VM_KVER"
	depmod "$VM_KVER"
}
