#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 03-kernels.sh - the stock kernels and their stock vfio modules: what a guard that
# changes none of them finds (runs in the VM).
#
# vm-kernels: 6.12
# vm-kernels-more: 6.1 6.12-rt 6.12-cloud 7.3

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

# The model in force: the file shows it in brackets where it can be chosen at boot.
preemption()
{
	local model=/sys/kernel/debug/sched/preempt

	if [ -e "$model" ]; then
		sed 's/.*(\(.*\)).*/\1/' "$model"
	else
		uname -v | grep -o 'PREEMPT[A-Z_]*'
	fi
}

is "$(uname -r)" "$VM_KVER" "the kernel that was asked for is running"
case $VM_FLAVOUR in
*-rt) is "$(cat /sys/kernel/realtime)" 1 "it is the one with PREEMPT_RT" ;;
*) check "it is not the one with PREEMPT_RT" test ! -e /sys/kernel/realtime ;;
esac
# A share by 9p can be mounted once, by virtiofs again and without "ro".
case $VM_FLAVOUR in
*-cloud)
	mkdir /run/vm/root
	check "the root is here by virtiofs" mount -t virtiofs root /run/vm/root
	check "and writable, as far as this kernel knows" mount -o remount,rw /run/vm/root
	like "$(touch /run/vm/root/var/tmp/vm-was-here 2>&1)" 'Read-only file system' \
		"nothing in the VM can write to it"
	;;
esac
diag "release: $(uname -rv)"
diag "preemption: $(preemption)"
diag "active LSMs: $(cat /sys/kernel/security/lsm)"

check "the stock VFIO modules load" load_vfio
for m in vfio vfio_iommu_type1 vfio_pci_core vfio_pci; do
	check "$m is Debian's own" grep -q '^intree:.*Y$' <(modinfo "$m")
done
is "$(cd /sys/kernel/btf && echo vfio*)" \
	"$(cd /sys/module && for m in vfio*; do [ ! -d "$m/sections" ] || echo "$m"; done | xargs)" \
	"each has its types"
check "bpftool reads those of vfio-pci-core" grep -q "STRUCT 'vfio_pci_core_device'" \
	<("$VM_SRC/build/tools/bpftool" btf dump file /sys/kernel/btf/vfio_pci_core -B /sys/kernel/btf/vmlinux)
like "$(grep ' vfio_device_fops' /proc/kallsyms)" '^[0-9a-f]+ [a-z] vfio_device_fops' \
	"the operations of vfio's files have an address"
for f in security_file_permission bpf_lsm_file_permission; do
	like "$(grep " $f\$" /proc/kallsyms)" "^[0-9a-f]+ [tTW] $f" "$f has one"
done

check "the e1000e is given to vfio-pci" bind_vfio "$VM_E1000E"
check "the e1000e opens" vfio_start "$VM_E1000E"
step_begin "one write of 0x80"
is "$(vfio_do "w 80 4 cafef00d")" 4 "the write says 4 bytes"
step_end
expect_bus exactly 1 write "$VM_E1000E" any
expect_bus exactly 1 write "$VM_E1000E" 0x80 0xcafef00d
vfio_stop
done_testing
