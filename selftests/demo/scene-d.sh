#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scene-d.sh - no user space at all: the module parameters.

. "$(dirname "$0")/scene-lib.sh"

parameters=/sys/module/vfio_pci_core/parameters

say "No daemon, no policy: vfio-pci-core block_pci_unassigned_write=1."
prepare block_pci_unassigned_write=1
boot_guest

step_begin "blocked by the parameter"
expect_bus none write "$VM_E1000E" 0x80
guest "setpci -s $dev 80.l=cafef00d"
step_end
is "$(nested "setpci -s $dev 0.l")" 10d38086 "the guest goes on"

say "The device is exempt once its id is in uaccess_allow_ids."
echo "host# echo 8086:10d3 > $parameters/uaccess_allow_ids"
echo 8086:10d3 > $parameters/uaccess_allow_ids
host cat $parameters/uaccess_allow_ids
step_begin "allowed by uaccess_allow_ids"
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x44444444
guest "setpci -s $dev 80.l=44444444"
step_end
check "the guest powers itself off" stop_nested
done_testing
