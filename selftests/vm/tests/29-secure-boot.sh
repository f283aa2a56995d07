#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 29-secure-boot.sh - a hardened host, with Secure Boot on: the module loads when it is
# signed and not otherwise, and then policy, daemon and lock work as ever (runs in the
# VM).
#
# vm-args: --secure-boot --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/modules.sh
. "$VM_SRC/selftests/vm/lib/modules.sh"
: "${daemon_log:?}" "${patched_core:?}"

recorded()
{
	audit_sync
	ausearch --input-logs -m USER_DEVICE 2> /dev/null | grep -q "^type=USER_DEVICE .*$1"
}

like "$(dmesg)" 'secureboot: Secure boot enabled' "Secure Boot is on"
like "$(cat /sys/kernel/security/lockdown)" '\[integrity\]' "and locks the kernel down"

# What hardened hosts set besides.
check "the sysctls of hardening are set" sysctl -qw kernel.kptr_restrict=2 \
	net.core.bpf_jit_harden=2 kernel.unprivileged_bpf_disabled=1 \
	kernel.perf_event_paranoid=3 kernel.yama.ptrace_scope=3 kernel.dmesg_restrict=1

# --- The module ---------------------------------------------------------------

# install_module [SIGN_KEY=FILE SIGN_CERT=FILE]: as make module-install does it
install_module()
{
	# Without the machine's own tool for its initramfs, which this machine does
	# not boot from, and which takes minutes here.
	env PATH="/run/vm/bin:$PATH" "$@" "$VM_SRC/scripts/module-install.sh" "$VM_KVER" 2>&1
}

updates=/lib/modules/$VM_KVER/updates
small_modules
mkdir -p /run/vm/bin
ln -sf /bin/true /run/vm/bin/update-initramfs
said=$(load_patched 2>&1)
like "$said" 'Key was rejected by service' "the module, unsigned, is rejected"
is "$(ls -d /sys/module/vfio_pci_core 2> /dev/null)" "" "and is not there"
said=$(install_module)
is $? 1 "it is not installed either"
like "$said" 'takes signed modules only .*make module-install SIGN_KEY=FILE' "and what is missing is said"
said=$(install_module "SIGN_KEY=$VM_SIGN/cert" "SIGN_CERT=$VM_SIGN/cert")
is $? 1 "nor with a key that is none"
is "$(ls "$updates" 2> /dev/null)" "" "nothing is left of that"
said=$(install_module "SIGN_KEY=$VM_SIGN/key" "SIGN_CERT=$VM_SIGN/cert")
is $? 0 "signed with a key of the firmware's it is"
check "modprobe loads it" modprobe vfio-pci
check "and not the stock one" test -e /sys/module/vfio_pci_core/parameters/block_pci_unassigned_write
check "the e1000e is given to vfio-pci" bind_vfio "$VM_E1000E"
check "marks go through vfio" bus_marks_by_vfio
check "auditd starts" start_auditd
check "and what it does can't be changed" auditctl -e 2

# --- Lockdown closes sysfs, and not vfio --------------------------------------

step_begin "without a policy"
said=$(setpci -s "$VM_E1000E" 80.l=11111111 2>&1)
is "$(vfio_cfg "$VM_E1000E" "w 80 4 22222222")" 4 "a holder of the device writes"
step_end
like "$said" 'Operation not permitted' "root can't write through sysfs"
expect_bus none write "$VM_E1000E" 0x80 0x11111111
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x22222222

# --- Policy, daemon, lock -----------------------------------------------------

check "the daemon starts" start_daemon "$VM_SRC/policies/default.policy" --require-audit
step_begin "with the default policy"
is "$(vfio_cfg "$VM_E1000E" "w 80 4 33333333")" 4 "its write looks done"
step_end
expect_bus none write "$VM_E1000E" 0x80
check "and is recorded" wait_for recorded 'offset=0x80 width=4 val=0x33333333'
check "the allow list can be edited" guard allow 8086:10d3
step_begin "allowed"
vfio_cfg "$VM_E1000E" "w 80 4 44444444" > /dev/null
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x44444444
check "and back" guard deny 8086:10d3
check "the policy is locked" guard lock
said=$(guard allow 8086:10d3 2>&1)
is $? 10 "no edit after that"
step_begin "locked"
vfio_cfg "$VM_E1000E" "w 80 4 55555555" > /dev/null
step_end
expect_bus none write "$VM_E1000E" 0x80
check "the daemon stops" stop_daemon

done_testing
