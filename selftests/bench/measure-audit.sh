#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# measure-audit.sh - the cost of an access while reports have nowhere to go (in the VM).
#
# Prints "KEY READ WRITE" lines as measure.sh does: with auditd and the daemon at
# work; with auditd stopped and as many records waiting as there may be; with the daemon
# stopped as well and the ring buffer full.  A guest must not notice.

# shellcheck source=selftests/bench/measure-lib.sh
. "$VM_SRC/selftests/bench/measure-lib.sh"
: "${auditd_pid=}" "${daemon_pid=}" "${policy_file=}" "${status_json:?}"

fill=$VM_SRC/build/vm/bin/ring-fill
program=/sys/fs/bpf/ring-fill

# rows PREFIX: a blocked register of the e1000e, by one process for all, so that it
# is a repeat, and a vendor capability, allowed
rows()
{
	row "$1-blocked" 80
	row_of "$VM_VIRTIO" "$1-allowed" 88
}

# of NAME: one of the daemon's counts
of()
{
	sed -n '/"records"/,/}/s/^[[:space:]]*"'"$1"'": *\([0-9]*\),\{0,1\}$/\1/p' "$status_json"
}

# shellcheck disable=SC2317 # called by wait_for
# full: the kernel's backlog has all it takes, and the daemon's queue what records of
# all devices at once are limited to while there are events, three quarters of 2,048
full()
{
	snapshot
	[ "$(of queued)" -ge 1200 ]
}

start_auditd || die "no auditd"
load_patched || die "no patched module"
start
policy shut "mode enforce" "default block rw unassigned audit" "default allow rw vendor" \
	"default allow rw other"
start_daemon "$policy_file" || die "no daemon"
bpftool prog load "$VM_SRC/build/vm/bin/ring-fill.bpf.o" "$program" \
	map name events pinned /sys/fs/bpf/vfioguard/events || die "no program to fill the ring"
ask "w 80 4" > /dev/null
ask "r 80 4" > /dev/null
rows audit

kill -STOP "$auditd_pid"
auditctl -b 64 > /dev/null
# As many devices, because the records of one are limited.
"$fill" "$program" 6000 512 > /dev/null || die "the daemon does not take events"
wait_for full || die "too few records wait: $(of queued)"
rows auditd-stopped

kill -STOP "$daemon_pid"
! "$fill" "$program" 100000 512 > /dev/null 2>&1 || die "the daemon takes events"
rows daemon-stopped
# Not as it would end: the daemon would write out its queue.
kill -KILL "$daemon_pid" "$auditd_pid"
exit 0
