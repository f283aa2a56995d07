#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# faults.sh - allocations and user copies fail, one after the other, in a load, an
# attach, an update and the first blocked accesses (runs in the VM, on a kernel with
# fault injection).
#
# vm-args: --timeout 3000 --mem 2048

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/long/tests/debug-lib.sh
. "$VM_SRC/selftests/long/tests/debug-lib.sh"

debugfs=/sys/kernel/debug
check "the module loads" load_patched
check "the device is bound" bind_vfio "$VM_E1000E"
check "auditd runs, so that blocked accesses make records" start_auditd
check "this kernel can inject failures" test -w /proc/self/fail-nth

# Also those that may sleep, which can fail as well; and no word of each.
for attr in failslab fail_page_alloc fail_usercopy; do
	for file in ignore-gfp-wait verbose; do
		[ ! -e "$debugfs/$attr/$file" ] || echo 0 > "$debugfs/$attr/$file"
	done
done
echo 0 > "$debugfs/fail_page_alloc/min-order"
leaks_start

# some WHAT: at least one failure was injected, and one made it fail
faults()
{
	local what=$1 got tried failed

	step_begin "$what"
	got=$(long faults "$VM_E1000E" "$what" 2>&1)
	like "$got" '^[0-9]+ [0-9]+$' "$what: right whatever fails"
	step_end
	expect_bus none write "$VM_E1000E" 0x80
	expect_bus none read "$VM_E1000E" 0x80
	read -r tried failed <<< "$got"
	diag "$what: $tried tries, $failed of them failed"
	check "$what: failures were injected" test "${tried:-0}" -gt 1
}

# First, as the audit limiter of the device is made then.
faults write
faults read
faults attach
faults update
faults load

# The loader: what was loaded stays in force, or the new one is.
guard load "$VM_SRC/policies/default.policy"
step_begin "the loader under failures"
refused=0 done=0 RANDOM=7
for ((i = 0; i < 40; i++)); do
	n=$((RANDOM % 4000 + 1))
	# The subshell becomes the loader, so the failure is the loader's own.
	if (echo "$n" > /proc/self/fail-nth; exec "$VM_SRC/build/vfioguard" -q load \
		"$VM_SRC/policies/strict.policy") > /run/vm/loader 2>&1; then
		done=$((done + 1))
	else
		refused=$((refused + 1))
	fi
	answer=$(vfio_cfg "$VM_E1000E" "w 80 4 deadbeef")
	[ "$answer" = 4 ] || not_ok "after failure $n: a write" "$answer"
done
step_end
expect_bus none write "$VM_E1000E" 0x80
diag "$refused loads were refused, $done done"
check "loads were refused and done" test "$refused" -gt 0 -a "$done" -gt 0

check "without failures it loads" guard load "$VM_SRC/policies/default.policy"
check "and is unloaded" guard unload
unbind_vfio "$VM_E1000E"
check "the modules unload" wait_for unload_vfio
leaks_end
stop_auditd
done_testing
