#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 00-harness.sh - the harness itself, on the stock modules (runs in the VM).

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

is "$(uname -r)" "$VM_KVER" "the stock kernel is running"
is "$(cat "/sys/bus/pci/devices/$VM_E1000E/device")" 0x10d3 "the e1000e is where it should be"

check "the stock VFIO modules load" load_vfio
bdfs=("$VM_E1000E" "$VM_E1000E_2" "$VM_NVME" "$VM_EDU" "$VM_TESTDEV" "$VM_VIRTIO" "$VM_XHCI" "$VM_SDHCI")
check "all endpoints can be given to vfio-pci" bind_vfio "${bdfs[@]}"
groups=$(for b in "${bdfs[@]}"; do readlink "/sys/bus/pci/devices/$b/iommu_group"; done | sort -u | wc -l)
is "$groups" "${#bdfs[@]}" "each endpoint has an IOMMU group of its own"

check "the e1000e opens" vfio_start "$VM_E1000E"

step_begin "one write of 0x80"
is "$(vfio_do "w 80 4 cafef00d")" 4 "the write says 4 bytes"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80
expect_bus exactly 1 write "$VM_E1000E" 0x80 0xcafef00d
expect_bus none write "$VM_E1000E_2" any
expect_bus none read "$VM_E1000E" 0x80-0x83

step_begin "reads of 0x80 in each width"
like "$(vfio_do "r 80 4")" '^4 [0-9a-f]{8}$' "4 bytes"
like "$(vfio_do "r 80 2")" '^2 [0-9a-f]{4}$' "2 bytes"
like "$(vfio_do "r 80 1")" '^1 [0-9a-f]{2}$' "1 byte"
step_end
expect_bus exactly 3 read "$VM_E1000E" 0x80
expect_bus none write "$VM_E1000E" 0x80

step_begin "odd accesses"
like "$(vfio_do "r 0 4096")" '^4096 8680' "the whole space"
is "$(vfio_do "r 1000 4")" -EFAULT "beyond the end"
is "$(vfio_do "badw 80 4")" -EFAULT "a pointer to nowhere"
is "$(vfio_do "loop 10 w 84 4 01020304")" "4 10" "a loop"
step_end
expect_bus exactly 10 write "$VM_E1000E" 0x84 0x01020304
expect_bus none write "$VM_E1000E" 0x80
vfio_stop

check "the audit daemon starts" start_auditd
check "a record arrives" audit_sync
done_testing
