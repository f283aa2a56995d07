#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# race.sh - what a policy saw is what reaches the bus, even if the user changes its
# buffer during the write (runs in the VM).
#
# vm-args: --timeout 600

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/long/tests/debug-lib.sh
. "$VM_SRC/selftests/long/tests/debug-lib.sh"

writes=5000
check "the module loads" load_patched
check "the device is bound" bind_vfio "$VM_E1000E"
step_begin "a buffer that changes all the time"
long race "$VM_E1000E" "$writes" > /run/vm/seen 2>&1
rc=$?
step_end
is "$rc" 0 "$writes writes are done"
diag "$(< /run/vm/seen)"
sum=$(awk '{ n += $2 } END { print n + 0 }' /run/vm/seen)
is "$sum" "$writes" "the policy saw each"
check "it saw more than one value" test "$(wc -l < /run/vm/seen)" -gt 1
expect_bus exactly "$writes" write "$VM_E1000E" 0x80
while read -r value count; do
	expect_bus exactly "$count" write "$VM_E1000E" 0x80 "$value"
done < /run/vm/seen
unbind_vfio "$VM_E1000E"
done_testing
