#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 37-stock-lock.sh - a locked policy on a stock kernel: what it stands on there, besides
# what 27-lock.sh tries (runs in the VM).
#
# vm-kernels: 6.12
# vm-kernels-more: 7.3
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/lock.sh
. "$VM_SRC/selftests/vm/lib/lock.sh"
: "${policy_file=}" "${daemon_pid=}" "${daemon_log:?}"

# The same start, on the modules of the stock kernel.
load_patched()
{
	load_vfio
}

lock_start
like "$(guard status --json)" '"door": "stock"' "the policy is in force on the stock kernel"
for door in door_trace door_lsm; do
	check "a process opens $door" hold "$door"
done
behind=$(bpftool -j map dump pinned "$pins/door_lsm" | grep -o '"value":\[[^]]*\]')
stock_id=$(bpftool -j prog show | grep -o '"id":[0-9]*,"type":"lsm","name":"stock_lsm"' | grep -o '[0-9]*' | head -n 1)
passes=$(bpftool -j map show | grep -o '"id":[0-9]*,"type":"array","name":"passes"' | grep -o '[0-9]*' | head -n 1)
check "what one door leaves for the next is pinned" bpftool map pin id "$passes" /sys/fs/bpf/passes

check "it locks" guard lock
snapshot
is "$(state locked) $(state attached)" "true true" "status: locked and attached"
still_blocks "the lock"
says 10 "the policy is locked" "another policy" guard load "$open_file"

# --- The doors, and what is behind them ---------------------------------------

for door in door_trace door_lsm; do
	refused lock-map-write "$door: emptied" bpftool map delete pinned "$pins/$door" key hex 00 00 00 00
	check "$door: by an open descriptor: refused" not held "$door" "delete 00000000"
	check "$door: by one that is swapped: refused" not held "$door" "race 00000000 05000000"
	still_blocks "$door"
done
refused lock-link-open "the link" bpftool link detach pinned "$pins/link"
refused lock-link-write "the link beside it" bpftool link detach pinned "$pins/link_trace"
refused lock-link-write "the link at the module" bpftool link detach pinned "$pins/link_module"
refused lock-prog-extend "a function of the program that judges" \
	try extend "$bin/lock-try-extend.bpf.o" "$stock_id" resolve
refused lock-prog-skip "a program in front of the doors" bpftool prog load "$bin/lock-try-skip.bpf.o" /sys/fs/bpf/skip
refused lock-map-inner "a map of maps with the passes" try inner /sys/fs/bpf/passes
refused lock-map-write "a pass by a system call" bpftool map update pinned /sys/fs/bpf/passes \
	key hex 00 00 00 00 value hex 00 00 00 00 00 00 00 01

# --- Pins, ftrace, the module ---------------------------------------------------

for pin in link_trace door_lsm; do
	refused lock-unlink "unlink $pin" rm "$pins/$pin"
done
refused lock-rename "rename over a door" mv -f /sys/fs/bpf/passes "$pins/door_lsm"
refused lock-sysctl "switch off ftrace" sysctl -w kernel.ftrace_enabled=0
check "the module cannot go" not rmmod vfio_pci_core
is "$(bpftool -j map dump pinned "$pins/door_lsm" | grep -o '"value":\[[^]]*\]')" "$behind" "the same program judges"

# --- The daemon ---------------------------------------------------------------------

kill -KILL "$daemon_pid"
wait "$daemon_pid" 2> /dev/null
still_blocks "kill -9 of the daemon"
check "the daemon starts again" start_daemon "$policy_file"
like "$(< "$daemon_log")" "took over the loaded policy" "it takes over"
check "a record of the new daemon" wait_for more_records lock-daemon 0
like "$(guard status)" "locked      until the next boot" "status says so"
stop_daemon
vfio_stop
done_testing
