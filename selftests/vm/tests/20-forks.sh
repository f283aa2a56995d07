#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 20-forks.sh - a holder that forks for each few accesses, so that each of them is
# the first of its process (runs in the VM).
#
# It costs the daemon next to nothing, and no other device one of its events.  Time
# is instructions here, so that a busy machine changes nothing.
#
# vm-args: --icount --append audit=1 --timeout 400

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_pid=}"

# Of the daemon, in ms.
cpu()
{
	awk -v hz="$(getconf CLK_TCK)" '{ print int(($14 + $15) * 1000 / hz) }' "/proc/$daemon_pid/stat"
}

# shown BDF: how many events of it there are to see
shown()
{
	guard events --json --device "$1" | wc -l
}

# storm MS: the holder forks; meanwhile the other device is touched ten times.
storm()
{
	local i

	vfio_cfg "$VM_E1000E" "fork $1 40 w 200 4 cafef00d" > /run/vm/storm &
	for ((i = 0; i < 10; i++, offset += 4)); do
		vfio_do "w $(printf %x "$offset") 4 00000001" > /dev/null
		sleep 0.3
	done
	wait $!
	read -r processes holder < /run/vm/storm
	diag "$processes processes, $holder ms"
}

check "auditd runs" start_auditd
check "the patched core loads" load_patched
bind_vfio "$VM_E1000E" "$VM_NVME"
check "the daemon runs" start_daemon "$VM_SRC/policies/strict.policy"
check "another device is held" vfio_start "$VM_NVME"
offset=0x200
for ((i = 0; i < 10; i++, offset += 4)); do
	vfio_do "w $(printf %x "$offset") 4 00000001" > /dev/null
done

counted "$VM_E1000E" "nothing of the holder's device yet" accesses=0
before=$(cpu)
sleep 3
diag "$(($(cpu) - before)) ms of the daemon in three seconds without"
before=$(cpu)
step_begin "a holder forks, for three seconds"
expect_bus none write "$VM_E1000E" 0x200-0x2ff
storm 3000
step_end
wait_for [ "$(shown "$VM_NVME")" -ge 20 ]
daemon=$(($(cpu) - before))
check "the daemon took $daemon ms, the holder $holder ms: a tenth at most" test $((daemon * 10)) -le "$holder"
is "$(shown "$VM_NVME")" 20 "every event of the other device is there"
snapshot
sent=$(counter "$VM_E1000E" events)
# Forty first ones, a hundred at once, and ten a second.
check "$sent events of $processes processes" test "$sent" -ge 100 -a "$sent" -le $((140 + 10 * 10))
counted "$VM_E1000E" "each access is counted once" "accesses=$((processes * 40))" "blocked=$((processes * 40))" \
	"events=$sent" "rate_limited=$(counter "$VM_E1000E" rate_limited)"

# With no limit to speak of they are more than the log has room for.
sed 's/^rate .*/rate 1000000 burst 1000000/' "$VM_SRC/policies/strict.policy" > /run/vm/fast.policy
cp -r "$VM_SRC/policies/devices" /run/vm/
guard load /run/vm/fast.policy 2> /dev/null
storm 200
sleep 2
snapshot
sent=$(counter "$VM_E1000E" events)
check "$sent events: the log is full of them" test "$sent" -gt 4096 -a "$(shown "$VM_E1000E")" -gt 3000
is "$(shown "$VM_NVME")" 30 "and has every one of the other device"
vfio_stop
stop_daemon
is "$?" 0 "the daemon ends in order"
done_testing
