#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scene-c.sh - while the guest runs, the allow list is edited with bpftool.

. "$(dirname "$0")/scene-lib.sh"

list=/sys/fs/bpf/vfioguard/allowlist

say "A sound device this time, whose driver needs the register."
prepare
host vfioguard load policies/default.policy
boot_guest

step_begin "blocked at first"
expect_bus none write "$VM_E1000E" 0x80
guest "setpci -s $dev 80.l=11111111"
step_end

say "The administrator puts 8086:10d3 on the allow list, with the guest running."
host bpftool map update pinned $list key hex 86 80 d3 10 value hex 03 00 00 00
step_begin "allowed now"
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x22222222
expect_bus exactly 1 write "$VM_E1000E" 0x80-0x83
guest "setpci -s $dev 80.l=22222222"
step_end
host vfioguard devices

say "... and takes it off again."
host bpftool map delete pinned $list key hex 86 80 d3 10
step_begin "blocked again"
expect_bus none write "$VM_E1000E" 0x80
guest "setpci -s $dev 80.l=33333333"
check "the guest powers itself off" stop_nested
step_end
host vfioguard status
done_testing
