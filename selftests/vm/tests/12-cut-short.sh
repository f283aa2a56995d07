#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 12-cut-short.sh - loads, reloads, learning and unloads that are killed in place of one
# of their steps: what the commands say is what the hook does, whatever comes next
# works, and nobody waits for ever for one that was stopped (runs in the VM).
#
# With VM_LONG=1 in the environment of test.sh each step there is; without, each from
# where the link is changed on, and some of those before.
#
# vm-args: --timeout 400

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}" "${daemon_log:?}" "${daemon_pid=}"

kill_at=$VM_SRC/build/vm/bin/kill-at.so
steps=/run/vm/steps

# steps_of COMMAND...: run it to its end, and count
steps_of()
{
	rm -f "$steps"
	KILL_LOG=$steps LD_PRELOAD=$kill_at guard "$@" > /run/vm/out 2>&1
}

# step_of WORD: the number of the first step of that name
step_of()
{
	grep -nm 1 "^$1" "$steps" | cut -d: -f1
}

# some_steps FROM STRIDE: every STRIDEth one before FROM, and all from there on
some_steps()
{
	local n last

	last=$(wc -l < "$steps")
	for ((n = 1; n <= last; n++)); do
		if [ -n "${VM_LONG:-}" ] || [ "$n" -ge "$1" ] || [ $((n % $2)) = 1 ]; then
			echo "$n"
		fi
	done
}

# cut_short N COMMAND...: kill it in place of its step N
cut_short()
{
	local n=$1 got

	shift
	KILL_AT=$n LD_PRELOAD=$kill_at guard "$@" > /run/vm/out 2>&1
	got=$?
	[ "$got" = 137 ] && return
	echo "exit status $got instead of a kill: $(< /run/vm/out)"
	return 1
}

# Commands that may be the first to look.
first=("status" "explain $VM_E1000E 0x80 w" "devices" "metrics" "learn status"
	"check --test /run/vm/met.expect --loaded /run/vm/enforce.policy" "allow r 8086:ffee")
turn=0
echo "expect block 8086:10d3 w 0x80" > /run/vm/met.expect

# agrees NAME enforce|monitor|none: what is said is what the device sees
agrees()
{
	local name=$1 want=$2 said

	# shellcheck disable=SC2086 # words
	guard ${first[turn++ % ${#first[@]}]} > /run/vm/first 2>&1
	said=$(guard status --json 2>&1 | sed -n 's/^\s*"\(mode\|attached\)": "\{0,1\}\([a-z]*\).*/\2/p' | xargs)
	# A policy whose link is gone, or there and detached, decides nothing.
	case $want:$said in
	none: | "none:"*" false" | "$want:$want true") ;;
	*)
		not_ok "$name: $want" "status says: ${said:-nothing}" "first: $(< /run/vm/first)"
		return
		;;
	esac
	step_begin "$name"
	is "$(vfio_do "w 80 4 deadbeef")" 4 "$name: $want is said, the write is made"
	step_end
	if [ "$want" = enforce ]; then
		expect_bus none write "$VM_E1000E" 0x80
	else
		expect_bus exactly 1 write "$VM_E1000E" 0x80 0xdeadbeef
	fi
	[ "$want" = none ] && return
	like "$(guard explain "$VM_E1000E" 0x80 w)" \
		"^$([ "$want" = enforce ] && echo blocked || echo '(allowed|would)')" "$name: explain says the same"
}

check "the patched core loads" load_patched
check "a device is bound" bind_vfio "$VM_E1000E"
vfio_start "$VM_E1000E"
policy enforce "mode enforce" "default block w unassigned audit"
enforce=$policy_file
policy monitor "mode monitor" "default block w unassigned audit"
monitor=$policy_file

# --- A first load -----------------------------------------------------------

steps_of load "$enforce"
link=$(step_of link)
list=$(some_steps "$link" 6)
guard unload 2> /dev/null
for n in $list; do
	# What the one before left must not be in the way of this one.
	check "first load, step $n" cut_short "$n" load "$enforce"
done
agrees "no first load came to its end" none
check "the next one does" guard load "$enforce"
agrees "loaded" enforce
guard unload 2> /dev/null

# --- A reload ---------------------------------------------------------------

guard load "$monitor" 2> /dev/null
steps_of load "$enforce"
update=$(step_of update)
list=$(some_steps "$update" 5)
is=enforce
for n in $list; do
	other=$([ "$is" = enforce ] && echo monitor || echo enforce)
	check "reload, step $n: killed" cut_short "$n" load "/run/vm/$other.policy"
	[ "$n" -le "$update" ] || is=$other
	agrees "reload, step $n" "$is"
done
check "after all of them a reload works" guard load "$enforce"
agrees "reloaded" enforce

# An edit goes to the list that decides, also if it comes first.
cut_short $((update + 1)) load "$enforce" > /dev/null
check "an edit right behind a reload cut short" guard allow 8086:10d3
step_begin "allowed"
is "$(vfio_do "w 80 4 0badcafe")" 4 "the write is made"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x0badcafe
guard load "$enforce" 2> /dev/null

# A rename that fails is an error of the load, and the next command mends it.
KILL_HOW=fail KILL_AT=$((update + 3)) LD_PRELOAD=$kill_at guard load "$monitor" > /run/vm/out 2>&1
is "$?" 9 "a pin that can't be moved: exit status 9"
like "$(< /run/vm/out)" "in force, but its maps could not be pinned" "it says what is in force"
agrees "a pin that could not be moved" monitor

# --- Learning ---------------------------------------------------------------

guard load "$enforce" 2> /dev/null
steps_of learn start
update=$(step_of update)
list=$(some_steps "$update" 12)
is=monitor
for n in $list; do
	verb=$([ "$is" = monitor ] && echo stop || echo start)
	check "learn $verb, step $n: killed" cut_short "$n" learn "$verb"
	if [ "$n" -gt "$update" ]; then
		is=$([ "$is" = monitor ] && echo enforce || echo monitor)
	fi
	agrees "learn $verb, step $n" "$is"
done

# --- An unload --------------------------------------------------------------

guard load "$enforce" 2> /dev/null
steps_of unload
detach=$(step_of detach)
for n in 1 "$detach" $((detach + 1)) $((detach + 2)) $((detach + 9)) "$(wc -l < "$steps")"; do
	guard load "$enforce" > /run/vm/out 2>&1 || not_ok "loaded before step $n" "$(< /run/vm/out)"
	check "unload, step $n: killed" cut_short "$n" unload
	agrees "unload, step $n" "$([ "$n" -gt "$detach" ] && echo none || echo enforce)"
done
check "an unload ends it" guard unload
check "nothing is left" test ! -e /sys/fs/bpf/vfioguard
is "$(guard unload > /dev/null 2>&1; echo $?)" 8 "and nothing is loaded"

# --- One that is stopped, not killed ----------------------------------------

mkdir /run/vm/policy.d
cp "$enforce" /run/vm/policy.d/10-enforce.policy
check "the daemon runs" start_daemon /run/vm/policy.d
# Behind the update of the link, so that the pins are not those in force.
KILL_HOW=stop KILL_AT=$((update + 2)) LD_PRELOAD=$kill_at "$VM_SRC/build/vfioguard" \
	load "$monitor" > /run/vm/stopped.out 2>&1 9>&- &
stopped=$!
is_stopped()
{
	[ "$(awk '$1 == "State:" { print $2 }' "/proc/$stopped/status")" = T ]
}
check "a load is stopped while it holds the lock" wait_for is_stopped
start=$SECONDS
guard status > /run/vm/status.out 2> /run/vm/status.err &
status_pid=$!
kill -HUP "$daemon_pid"
vfio_do "w 90 4 cafef00d" > /dev/null
drained()
{
	guard events | grep -q 0x090
}
check "the daemon goes on with the events" wait_for drained
check "it says who holds up the reload" \
	timeout 30 sh -c "until grep -q 'process $stopped (vfioguard) is changing the policy' $daemon_log; do sleep 0.2; done"
wait "$status_pid"
is "$?" 9 "status does not say what it can't know"
like "$(< /run/vm/status.err)" "process $stopped \(vfioguard\) is changing the policy" "but who is in its way"
check "it took $((SECONDS - start)) s" test $((SECONDS - start)) -lt 60
check "the daemon is alive" kill -0 "$daemon_pid"
kill -CONT "$stopped"
wait "$stopped"
is "$?" 0 "the load goes on, and ends"
agrees "the load that was stopped" monitor

# --- What is no policy ---------------------------------------------------------

# reload_with NAME REGEX OFFSET: refused, and the daemon goes on with the events
reload_with()
{
	: > "$daemon_log"
	kill -HUP "$daemon_pid"
	check "$1: the daemon says so" wait_for grep -qE "$2" "$daemon_log"
	vfio_do "w $3 4 cafef00d" > /dev/null
	check "$1: and goes on with the events" wait_for sh -c \
		"'$VM_SRC/build/vfioguard' events | grep -q 'at 0x0$3'"
}

mkfifo /run/vm/policy.d/20-fifo.policy
reload_with "a FIFO in policy.d" "20-fifo.policy: error: not a regular file" 94
rm /run/vm/policy.d/20-fifo.policy
head -c 6000000 /dev/urandom > /run/vm/policy.d/20-garbage.policy
reload_with "garbage in policy.d" "[0-9]+ more errors are not shown" 98
check "it said no more than $(stat -c %s "$daemon_log") bytes" test "$(stat -c %s "$daemon_log")" -lt 131072
hwm=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$daemon_pid/status")
check "it took $hwm kB at most" test "$hwm" -lt 65536
stop_daemon
vfio_stop
done_testing
