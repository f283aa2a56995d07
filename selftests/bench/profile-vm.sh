#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# profile-vm.sh - repeat one access until the machine is switched off (in the VM).
#
# Usage: profile-vm.sh stock|off|native|POLICY r|w OFFSET hook|stock [uring]

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

what=$1
line="$2 $3 4"

echo 0 >/proc/sys/kernel/kptr_restrict
echo 1 >/proc/sys/net/core/bpf_jit_kallsyms
case $what:$4 in
stock:* | *:stock) load_vfio ;;
native:*) load_patched block_pci_unassigned_write=1 block_pci_unassigned_read=1 ;;
*) load_patched ;;
esac || exit 1
bind_vfio "$VM_E1000E" || exit 1
case $what in
stock | off | native) ;;
*) guard -q load "$what" || exit 1 ;;
esac
# In one piece: the share is slow for small ones.
grep '^f.* [tTwW] ' /proc/kallsyms >/run/vm/kallsyms
dd if=/run/vm/kallsyms of="$VM_SHARE/kallsyms" bs=16M status=none || exit 1

yes "$line" | "$VM_SRC/build/bench/access-cost" "$VM_E1000E" ${5:+"$5"} >/run/vm/costs &
# Not by a limit of time: virtual time is no measure for it.
until [ -s /run/vm/costs ]; do
	sleep 0.1
done
echo RUNNING
wait
