#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 12-reload-apart.sh - the daemon's reload of the biggest policy there may be: events are
# drained meanwhile, it has a bound in memory and in time, and whatever ends it half way
# leaves the daemon alive and the policy in force (runs in the VM).
#
# With VM_LONG=1 also that one that never ends is given up after two minutes.
#
# vm-args: --timeout 400

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_log:?}" "${daemon_pid=}"

dir=/run/vm/policy.d
offset=$((0x200))

# 131,071 rules of 4 registers each, which are all that there may be, and the one of
# the small policy; each of a file and a guest of its own as far as there may be some.
big()
{
	mkdir "$dir/big"
	awk -v dir="$dir/big" 'BEGIN {
		for (i = 0; i < 131071; i++) {
			if (i < 60000)
				scope = sprintf("owner=/machine.slice/g%d", i)
			else
				scope = sprintf("slot=%04x:%02x:%02x.1", i / 4096 + 1, i / 32 % 128 + 1, i % 32)
			if (i % 131 == 0) {
				close(file)
				file = sprintf("%s/%d.policy", dir, i / 131)
			}
			printf("block w %s 0x80-0x8f\n", scope) > file
		}
	}'
	printf 'include big\n' > "$dir/20-big.policy"
}

# The process that loads for the daemon, if there is one.
loader()
{
	loader=$(pgrep -P "$daemon_pid" -x vfioguard)
}

# drained NAME: an access of a register nobody touched before is seen, in a second
drained()
{
	local start=${EPOCHREALTIME/./} at took

	at=$(printf '%x' "$offset")
	offset=$((offset + 4))
	vfio_do "w $at 4 cafef00d" > /dev/null
	check "$1: an event arrives" wait_for grep -aq "offset=0x$at \|at 0x$at\|\"offset\": \?$((offset - 4))," "$daemon_log"
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	check "$1: after $took ms" test "$took" -lt 3000
}

generation()
{
	snapshot && [ "$(state generation)" = "$1" ]
}

said()
{
	timeout 60 sh -c "until grep -qE '$1' $daemon_log; do sleep 0.2; done"
}

check "the patched core loads" load_patched
check "a device is bound" bind_vfio "$VM_E1000E"
vfio_start "$VM_E1000E"
mkdir "$dir"
printf '%s\n' "mode enforce" "rate 1000" "default block w unassigned audit" > "$dir/10-small.policy"
# Records go to stderr, where they can be waited for.
printf 'audit = no\n' > /run/vm/daemon.conf
check "the daemon runs" start_daemon "$dir" --config /run/vm/daemon.conf
drained "before"

# --- While it is at work -----------------------------------------------------

big
is "$(guard check "$dir" 2>&1 | tail -n 1)" "$dir: 131071 rules, 0 errors, 0 warnings" \
	"the biggest policy has no mistakes"
# Half of what a reload may take, and the hook's BTF is in it.
check "128 MiB are enough for it" sh -c \
	"ulimit -d 131072; exec '$VM_SRC/build/vfioguard' load '$dir'"
guard load "$dir/10-small.policy"
check "the small one is back" generation 3
check "the daemon has seen it" said "policy generation 3 is in force"

kill -HUP "$daemon_pid"
check "a process of its own loads" wait_for loader
is "$(awk '/^Max data size/ { print $4 }' "/proc/$loader/limits")" $((256 << 20)) "its memory has a bound"
for i in 1 2 3; do
	drained "while it loads ($i)"
done
check "the policy is in force" said "policy generation 4 is in force"
hwm=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$daemon_pid/status")
check "the daemon took $hwm kB at most" test "$hwm" -lt 65536

# --- Stopped, and asked again and again --------------------------------------

rm -r "$dir/big" "$dir/20-big.policy"
kill -HUP "$daemon_pid"
check "another reload" wait_for loader
kill -STOP "$loader"
for i in 1 2 3; do
	kill -HUP "$daemon_pid"
done
drained "a stopped one"
sleep 2
is "$(pgrep -c -P "$daemon_pid" -x vfioguard)" 1 "one at a time"
snapshot
is "$(state daemon)" "true" "the daemon beats"
kill -CONT "$loader"
check "three more make one more" said "policy generation 6 is in force"
sleep 1
check "and no other" generation 6

# --- Killed ---------------------------------------------------------------------

: > "$daemon_log"
kill -HUP "$daemon_pid"
check "another reload" wait_for loader
kill -KILL "$loader"
check "killed: the daemon says so" said "the reload was killed by signal 9"
check "and what it means is on record" said "op=load-policy .*generation=6 "
drained "killed"
kill -HUP "$daemon_pid"
check "the next one works" said "policy generation 7 is in force"

# More memory than there may be is no matter of the host's.
awk 'BEGIN { for (i = 0; i < 131071; i++)
	printf "block rw slot=%04x:%02x:%02x.1 0x0-0xfff\n", i / 4096 + 1, i / 32 % 128 + 1, i % 32 }' \
	> "$dir/30-wide.policy"
: > "$daemon_log"
kill -HUP "$daemon_pid"
check "rules for 268 million registers are refused" said "30-wide.policy:257:.*more than 524288 registers"
drained "refused"
rm "$dir/30-wide.policy"

if [ -n "${VM_LONG:-}" ]; then
	: > "$daemon_log"
	kill -HUP "$daemon_pid"
	check "another reload" wait_for loader
	kill -STOP "$loader"
	sleep 110
	drained "110 s"
	check "it is given up" said "did not come to an end within 120 seconds"
	drained "given up"
fi

# --- The daemon's end ---------------------------------------------------------

kill -HUP "$daemon_pid"
check "another reload" wait_for loader
kill -STOP "$loader"
start=$SECONDS
check "the daemon ends meanwhile" stop_daemon
check "at once" test $((SECONDS - start)) -lt 5
check "and the reload with it" wait_for sh -c "! kill -0 $loader"
is "$(guard status --json | grep -c '"attached": true')" 1 "the policy stays in force"
check "a daemon starts again" start_daemon "$dir/10-small.policy" --config /run/vm/daemon.conf
kill -HUP "$daemon_pid"
kill -KILL "$daemon_pid"
wait "$daemon_pid"
check "killed, it leaves nobody at work" wait_for sh -c "! pgrep -x vfioguard"
vfio_stop
done_testing
