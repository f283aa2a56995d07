#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 33-stock.sh - a policy on the stock kernel with its stock modules: verdicts, live
# edits, reload, learning, unload (runs in the VM).
#
# vm-kernels: 6.12
# vm-kernels-more: 6.1 6.12-rt 7.3
# vm-args: --timeout 600

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}" "${daemon_log=}"

check "the stock VFIO modules load" load_vfio
check "the devices are given to vfio-pci" bind_vfio "$VM_E1000E" "$VM_NVME"
check "the e1000e opens" vfio_start "$VM_E1000E"

step_begin "no policy"
is "$(vfio_do "w 80 4 11223344")" 4 "a write without a policy says 4 bytes"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x11223344

# --- Load -------------------------------------------------------------------------

policy small "default block w unassigned" "default allow r unassigned"
check "a policy loads" guard load "$policy_file"
snapshot
is "$(state mode)" enforce "it is in force"
is "$(state door)" stock "by the programs of the stock kernel"
is "$(state attached)" true "and attached"
forget_counters

step_begin "unassigned writes"
is "$(vfio_do "w 80 4 cafef00d")" 4 "a blocked write looks done"
is "$(vfio_do "w 84 2 beef") $(vfio_do "w 86 1 aa")" "2 1" "so do smaller ones"
is "$(vfio_do "w 80 8 0102030405060708")" 8 "and one of two dwords"
is "$(vfio_do "w 9e 4 01020304")" 4 "and one that is unassigned only in part"
step_end
expect_bus none write "$VM_E1000E" any
snapshot
counted "$VM_E1000E" "each is counted once" accesses=5 blocked=5

step_begin "reads and ordinary writes"
is "$(vfio_do "r 80 4")" "4 11223344" "a read of unassigned space is the device's"
like "$(vfio_do "w 4 2 0000")" '^2$' "the command register can be written"
step_end
expect_bus exactly 1 read "$VM_E1000E" 0x80
snapshot
counted "$VM_E1000E" "what the policy has a say in is counted once" accesses=1 allowed=1

is "$(vfio_do "r 0 4096")" "$(vfio_do "r 0 4096")" "the whole space can be read at once"

# --- What stock says is wrong stays wrong -------------------------------------------

is "$(vfio_do "w 1000 4 00000000")" -EFAULT "a write behind the end is vfio's to refuse"
is "$(vfio_do "w ffe 4 00000000")" -EFAULT "so is one across it"

# --- Live edits, reload, learning ---------------------------------------------------

guard allow w 8086:10d3 > /dev/null
sleep 0.1
step_begin "the device is let through"
is "$(vfio_do "w 80 4 00c0ffee")" 4 "a write of an allowed device"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x00c0ffee
check "its entry goes" guard deny 8086:10d3
sleep 0.1

policy monitor "mode monitor" "default block w unassigned" "default allow r unassigned"
check "another policy takes its place" guard load "$policy_file"
step_begin "monitor"
is "$(vfio_do "w 80 4 0badcafe")" 4 "in monitor mode a write"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x0badcafe
snapshot
is "$(counter "$VM_E1000E" would_block)" 1 "it would have been blocked"

check "learning starts" guard learn start
is "$(vfio_do "w 44 4 00000005")" 4 "a write while learning"
check "learning stops" guard learn stop
like "$(guard learn show 2>&1)" '0x044|0x44' "it was learnt"

# --- Rules that a stock kernel can't keep -------------------------------------------

policy value "allow w 8086:10d3 0x80 value=0x1" "default block w unassigned"
guard load "$policy_file" > /run/vm/out 2>&1
is "$?" 2 "a rule about a value is refused"
like "$(cat /run/vm/out)" "value.policy:1:.*stock-value block" "with its place and what to do"
sed -i '1i stock-value block' "$policy_file"
check "with stock-value block it loads" guard load "$policy_file"
like "$(guard explain "$VM_E1000E" 0x80 w 0x1)" '^blocked: write' "explain says that a write of the allowed value is blocked"
step_begin "a register with a value"
is "$(vfio_do "w 80 4 00000001")" 4 "a write of the allowed value"
step_end
expect_bus none write "$VM_E1000E" any

policy reads "default block r unassigned" "default block w unassigned"
check "a policy that blocks reads loads" guard load "$policy_file"
step_begin "blocked read"
is "$(vfio_do "r 80 4")" "4 00000000" "the reader gets zeros"
step_end
expect_bus none read "$VM_E1000E" 0x80

# --- Daemon, take-over, unload ------------------------------------------------------

policy small "default block w unassigned" "default allow r unassigned"
check "the daemon starts" start_daemon "$policy_file"
is "$(vfio_do "w 80 4 0000cafe")" 4 "a write under the daemon"
check "it is reported" wait_for grep -q "blocked write" <(guard events)
# 7.3 refuses that while a program is attached; before, it takes it at any time.
if err=$(sysctl -q kernel.ftrace_enabled=0 2>&1); then
	check "programs are switched off, and the daemon says so" \
		wait_for grep -q "NOTHING IS FILTERED" "$daemon_log"
	check "they are switched on again" sysctl -q kernel.ftrace_enabled=1
	check "it says that, too" wait_for grep -q "lets the policy filter again" "$daemon_log"
else
	like "$err" "Operation not supported" "programs can't be switched off here"
	is "$(cat /proc/sys/kernel/ftrace_enabled)" 1 "and are on"
fi
check "the daemon stops" stop_daemon
step_begin "no daemon"
is "$(vfio_do "w 80 4 0000cafe")" 4 "a write without a daemon"
step_end
expect_bus none write "$VM_E1000E" any
check "the daemon takes over" start_daemon "$policy_file"
like "$(cat "$daemon_log")" "took over" "and says so"
check "the policy is unloaded under it" guard unload
step_begin "unloaded"
is "$(vfio_do "w 80 4 01020304")" 4 "a write after that"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x01020304
stop_daemon
vfio_stop

# --- A write that is under way when the policy comes --------------------------------

coproc PARK { exec "$VM_SRC/build/vm/bin/vfio-park" "$VM_E1000E" 80 2>&1; }
# shellcheck disable=SC2153 # set by coproc
exec {park_in}>&"${PARK[1]}" {park_out}<&"${PARK[0]}"
read -r -t 30 -u "$park_out" line
is "$line" parked "a write waits for its data"
guard load "$policy_file" > /run/vm/out 2>&1
like "$(cat /run/vm/out)" "process $PARK_PID \(vfio-park\) is in a write to config space at 0x80" \
	"the load names who is in it"
step_begin "parked"
echo 0badcafe >&"$park_in"
read -r -t 30 -u "$park_out" line
step_end
exec {park_in}>&- {park_out}<&-
wait "$PARK_PID" 2> /dev/null
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x0badcafe
guard load "$policy_file" > /run/vm/out 2>&1
unlike "$(cat /run/vm/out)" "is in a write" "nobody is named when nobody is in one"
guard -q unload
check "the module can be unloaded" eval "unbind_vfio $VM_E1000E $VM_NVME; unload_vfio"
done_testing
