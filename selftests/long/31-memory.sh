#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 31-memory.sh - ten million events, and the daemon is as small as before and does
# not lose its timer over them (runs in the VM, which it starts).
#
# As many accesses would take days under emulation, so a BPF program writes the
# events into the ring buffer of the policy in force; all behind it is real.
#
# vm-args: --timeout 14400

[ -n "${VM_SRC:-}" ] || exec "$(dirname "$0")/../vm/test.sh" "$(realpath "$0")"

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_pid=}" "${status_json:?}"

devices=16
# With the first thousands the event log is filled, and the tables of the devices.
steps=(20000 1000000 10000000)

# memory NAME: VmRSS, VmHWM in kB
memory()
{
	awk -v name="$1:" '$1 == name { print $2 }' "/proc/$daemon_pid/status"
}

# one of the daemon's counts
of()
{
	sed -n '/"records"/,/}/s/^[[:space:]]*"'"$1"'": *\([0-9]*\),\{0,1\}$/\1/p' "$status_json"
}

# The daemon's beat, which it makes once a second, is under five seconds old.
beats()
{
	snapshot
	[ "$(state daemon)" = true ]
}

taken()
{
	snapshot
	[ "$(of events)" -ge "$1" ]
}

check "auditd runs" start_auditd
check "the patched core loads" load_patched
bind_vfio "$VM_E1000E"
began=$SECONDS
check "the daemon runs" start_daemon "$VM_SRC/policies/default.policy"
check "the filling program loads" bpftool prog load "$VM_SRC/build/vm/bin/ring-fill.bpf.o" \
	/sys/fs/bpf/ring-fill map name events pinned /sys/fs/bpf/vfioguard/events
diag "at the start: $(memory VmRSS) kB resident, $(memory VmHWM) kB at most"
sent=0 first=''
for n in "${steps[@]}"; do
	started=$SECONDS
	"$VM_SRC/build/vm/bin/ring-fill" /sys/fs/bpf/ring-fill $((n - sent)) $devices > /run/vm/filled &
	filler=$!
	if [ $((n - sent)) -gt 100000 ]; then
		sleep 15
		check "$n events: with more than it can take, it looks at its timer" beats
		check "still there is more" kill -0 "$filler"
	fi
	wait "$filler"
	is "$?" 0 "$n events: the daemon takes them ($(< /run/vm/filled), $((SECONDS - started)) s)"
	sent=$n
	check "$n events: none is missing" wait_for taken "$sent"
	is "$(of events)" "$sent" "$n events: none was taken twice"
	rss=$(memory VmRSS)
	check "$n events: $rss kB resident, $(memory VmHWM) kB at most: under 16 MiB" \
		test "$(memory VmHWM)" -lt 16384
	: "${first:=$rss}"
	check "$n events: no growth since the first thousands ($first kB)" test "$rss" -le $((first + 256))
done
sum=0
for name in audit journal summarised queued held lost; do
	sum=$((sum + $(of $name)))
done
is "$sum" "$sent" "every event is accounted for ($(of audit) to audit, $(of summarised) in summaries)"
# loader/daemon/flood.h: 64 for each device at once, and twelve more an hour.
check "they made few records" test "$(of audit)" -le $((devices * (65 + (SECONDS - began) / 300)))
stop_daemon
is "$?" 0 "the daemon ends in order"
done_testing
