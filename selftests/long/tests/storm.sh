#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# storm.sh - accesses by many threads while policies, devices and the module come
# and go (runs in the VM, on a debug kernel).
#
# vm-args: --timeout 1500 --mem 2048

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/long/tests/debug-lib.sh
. "$VM_SRC/selftests/long/tests/debug-lib.sh"
: "${long_seconds:?}"

out=/run/vm/long
mkdir -p "$out"
check "the module loads" load_patched
leaks_start
check "two devices are bound" bind_vfio "$VM_E1000E" "$VM_E1000E_2"

# --- Everything at once -------------------------------------------------------

long storm "$VM_E1000E" 4 "$long_seconds" 1 reset > "$out/storm" 2>&1 &
pids=($!)
long churn "$long_seconds" > "$out/churn" 2>&1 &
pids+=($!)
rounds=0 failed=''
end=$((SECONDS + long_seconds))
while [ "$SECONDS" -lt "$end" ]; do
	answers=$(vfio_cfg "$VM_E1000E_2" "w 80 4 deadbeef" "r 80 4" | paste -sd ' ')
	[[ $answers == "4 4 "* ]] || failed+="access: $answers"$'\n'
	param block_pci_unassigned_write $((rounds % 2))
	param uaccess_allow_ids "1b36:0010,8086:$(printf %04x "$rounds")"
	{ unbind_vfio "$VM_E1000E_2" && bind_vfio "$VM_E1000E_2"; } 2> "$out/bind" ||
		failed+="bind: $(< "$out/bind")"$'\n'
	! rmmod vfio_pci_core 2> /dev/null || failed+="the module went while in use"$'\n'
	rounds=$((rounds + 1))
done
wait "${pids[@]}"
is "$failed" "" "$rounds rounds of open, unbind, bind, parameters, rmmod"
like "$(< "$out/storm")" '^[0-9]{3,} 0$' "every access of four threads returned its size ($(< "$out/storm"))"
like "$(< "$out/churn")" '^[0-9]+ 0$' "every attach and update was done ($(< "$out/churn"))"
param block_pci_unassigned_write 0
param uaccess_allow_ids ""

# --- Replaced under fire, and never a gap ---------------------------------------

check "default.policy loads" guard load "$VM_SRC/policies/default.policy"
step_begin "policies that block writes replace one another"
long storm "$VM_E1000E" 4 "$long_seconds" 2 > "$out/storm" 2>&1 &
pids=($!)
end=$((SECONDS + long_seconds)) loads=0
while [ "$SECONDS" -lt "$end" ]; do
	for p in strict default; do
		guard -q load "$VM_SRC/policies/$p.policy" 2> /dev/null && loads=$((loads + 1))
	done
done
wait "${pids[@]}"
step_end
expect_bus none write "$VM_E1000E" 0x40-0x9f
like "$(< "$out/storm")" '^[0-9]{3,} 0$' "every access returned its size ($(< "$out/storm"))"
check "policies were replaced $loads times" test "$loads" -gt 1
check "the policy is unloaded" guard unload

# --- The module goes while others attach ------------------------------------------

unbind_vfio "$VM_E1000E" "$VM_E1000E_2"
long churn "$long_seconds" may-fail > "$out/churn" 2>&1 &
pids=($!)
end=$((SECONDS + long_seconds)) gone=0 tried=0
while [ "$SECONDS" -lt "$end" ]; do
	rmmod vfio_pci 2> /dev/null
	tried=$((tried + 1))
	! rmmod vfio_pci_core 2> /dev/null || gone=$((gone + 1))
	modprobe vfio-pci
	sleep 0.$((RANDOM % 10))
done
wait "${pids[@]}"
diag "unloaded $gone of $tried times; rounds of attaching, and failed ones: $(< "$out/churn")"
check "the module was unloaded" test "$gone" -gt 0

# --- Afterwards all of it works ---------------------------------------------------

bind_vfio "$VM_E1000E"
check "default.policy loads again" guard load "$VM_SRC/policies/default.policy"
step_begin "and blocks"
is "$(vfio_cfg "$VM_E1000E" "w 80 4 deadbeef")" 4 "a write looks done"
step_end
expect_bus none write "$VM_E1000E" 0x80
check "it is unloaded" guard unload
unbind_vfio "$VM_E1000E"
wait_for rmmod vfio_pci
check "the module unloads" wait_for rmmod vfio_pci_core
leaks_end
done_testing
