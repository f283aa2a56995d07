#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 21-daemon.sh - a daemon that nothing can hold up and whose end costs nothing:
# auditd stopped, auditing off, SIGKILL at any moment (runs in the VM).
#
# With VM_LONG=1 in the environment of test.sh, auditd is stopped for two minutes
# instead of twenty seconds, and there are 50 kills instead of ten.
#
# audit=1, as on any host that relies on its audit log: without it the kernel gives
# up records that auditd does not take, without counting them.
#
# vm-args: --timeout 900 --append audit=1

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_log:?}" "${daemon_pid=}" "${auditd_pid=}" "${policy_file=}"

stopped_for=20 kills=10
if [ -n "${VM_LONG:-}" ]; then
	stopped_for=120 kills=50
fi
functions="$VM_E1000E $VM_E1000E_2 $VM_NVME $VM_EDU $VM_VIRTIO $VM_XHCI"

# of NAME: one of the daemon's counts
of()
{
	sed -n '/"records"/,/}/s/^[[:space:]]*"'"$1"'": *\([0-9]*\),\{0,1\}$/\1/p' /run/vm/status.json
}

# events = audit + journal + summarised + queued + held + lost
accounted()
{
	local n sum=0

	snapshot
	for n in audit journal summarised queued held lost; do
		sum=$((sum + $(of "$n")))
	done
	[ "$sum" = "$(of events)" ] && return
	cat /run/vm/status.json
	return 1
}

nothing_waits()
{
	snapshot
	[ "$(of queued) $(of held)" = "0 0" ]
}

# What the kernel's program counted: each access once.
identity()
{
	local n bdf sum verdicts

	snapshot
	for bdf in $functions; do
		sum=0 verdicts=0
		for n in silent events folded rate_limited ring_full; do
			sum=$((sum + $(counter "$bdf" "$n")))
		done
		for n in allowed blocked would_block; do
			verdicts=$((verdicts + $(counter "$bdf" "$n")))
		done
		[ "$sum" = "$(counter "$bdf" accesses)" ] && [ "$verdicts" = "$sum" ] && continue
		echo "$bdf: reports $sum, verdicts $verdicts"
		return 1
	done
}

# total NAME: a counter, over all devices
total()
{
	local bdf sum=0

	for bdf in $functions; do
		sum=$((sum + $(counter "$bdf" "$1")))
	done
	echo "$sum"
}

# Clients one after the other, each with its own process, so that registers are
# first hits again and again, until the file goes.
load_on()
{
	: > /run/vm/load
	: > /run/vm/load.out
	(
		while [ -e /run/vm/load ]; do
			for bdf in $functions; do
				vfio_cfg "$bdf" "loop 40 w b4 4 cafef00d" "w ac 4 cafef00d" \
					"w b0 4 cafef00d" >> /run/vm/load.out 2>&1
			done
		done
	) 9>&- &
	load_pid=$!
}

# load_made prints how many accesses there were, and fails if one failed. Two
# functions, because a subshell could not wait for the clients.
load_off()
{
	rm /run/vm/load
	wait "$load_pid"
}

load_made()
{
	awk '$1 != 4 { bad++ } NF == 2 { n += $2; next } { n++ }
		END { print n + 0; exit bad > 0 }' /run/vm/load.out
}

records()
{
	grep -c "^type=$1 " /var/log/audit/audit.log
}

lost()
{
	auditctl -s | awk '$1 == "lost" { print $2 }'
}

rss()
{
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$daemon_pid/status"
}

small()
{
	local n

	n=$(rss)
	echo "$n kB"
	[ "$n" -lt 16384 ]
}

PATH="$VM_SRC/build:$PATH"
check "auditd runs" start_auditd
check "the patched module loads" load_patched
# shellcheck disable=SC2086 # words
check "six devices are bound" bind_vfio $functions
policy flood "default block w unassigned audit" "default block w vendor audit" \
	"default block w other audit" "rate 1000 burst 1000"
check "the daemon runs" start_daemon "$policy_file"
check "it is small at the start ($(rss) kB resident)" small

# --- auditd stopped ---------------------------------------------------------

lost_before=$(lost)
kill -STOP "$auditd_pid"
step_begin "auditd stopped for $stopped_for s"
for bdf in $functions; do
	expect_bus none write "$bdf" any 0xcafef00d
done
load_on
before=0
for ((i = 1; i <= 4; i++)); do
	sleep $((stopped_for / 4))
	snapshot
	now=$(of events)
	if [ "$now" -gt "$before" ]; then
		ok "auditd stopped, part $i: the daemon goes on draining ($now events)"
	else
		not_ok "auditd stopped, part $i: the daemon goes on draining ($now events)"
	fi
	before=$now
	check "part $i: every event is accounted for" accounted
done
load_off
n=$(load_made)
is "$?" 0 "auditd stopped: no access of $n failed"
step_end
check "every access is accounted for" identity
is "$(total accesses)" "$n" "and was decided"
stopped=$(records USER_DEVICE)
kill -CONT "$auditd_pid"
check "auditd goes on: nothing waits any more" wait_for nothing_waits
check "still every event is accounted for" accounted
check "audit is in step again" audit_sync
snapshot
is "$(records USER_DEVICE)" "$(of audit)" "each that went to audit is in its log (there were $stopped when it stopped)"
is "$(lost)" "$lost_before" "none was lost"
is "$(of lost) $(of journal)" "0 0" "none went elsewhere"
check "the daemon stayed small ($(rss) kB resident)" small

# --- Auditing switched off --------------------------------------------------

# Of a device that made no record yet: the others are in a summary just now.
bind_vfio "$VM_TESTDEV"
functions="$functions $VM_TESTDEV"
snapshot
journal=$(of journal) audit=$(of audit)
auditctl -e 0 > /dev/null
vfio_cfg "$VM_TESTDEV" "w 40 4 00000001" "w 44 4 00000001" > /dev/null
check "auditing off: the first event is on stderr as JSON" \
	wait_for grep -q '^{.*"not_in_audit":.*"offset": *64' "$daemon_log"
check "and the second" wait_for grep -q '^{.*"not_in_audit":.*"offset": *68' "$daemon_log"
snapshot
is "$(($(of journal) - journal)) $(($(of audit) - audit))" "2 0" "they are counted there"
check "auditing off: every event is accounted for" accounted
auditctl -e 1 > /dev/null
vfio_cfg "$VM_TESTDEV" "w 48 4 00000001" > /dev/null
check "auditing on: the next is a record" \
	wait_for grep -q "^type=USER_DEVICE .*device=\"$VM_TESTDEV\" .*offset=0x48 " /var/log/audit/audit.log
snapshot
is "$(($(of journal) - journal)) $(($(of audit) - audit))" "2 1" "and is counted there"

# --- SIGKILL ----------------------------------------------------------------

# counters that went back, of all there are
went_back()
{
	awk '{ sub(/,$/, "") }
		/"(device|events|audit|journal|summarised|lost|accesses|allowed|blocked|would_block|silent|folded|rate_limited|ring_full)":/ {
			if ($1 == "\"device\":") { dev = $2; next }
			if (FNR == NR) was[dev $1] = $2
			else if ($2 + 0 < was[dev $1] + 0) print dev, $1, was[dev $1], "then", $2
		}
		FNR == 1 { dev = "" }' /run/vm/status.before /run/vm/status.json
}

step_begin "$kills kills"
for bdf in $functions; do
	expect_bus none write "$bdf" any 0xcafef00d
done
load_on
bad='' gaps=0
RANDOM=4711
for ((i = 1; i <= kills; i++)); do
	snapshot
	cp /run/vm/status.json /run/vm/status.before
	sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
	kill -KILL "$daemon_pid"
	wait "$daemon_pid" 2> /dev/null
	start_daemon "$policy_file" 2>> /run/vm/kill.out || bad+="no start after kill $i"$'\n'
	! grep -qE 'took over the loaded policy; no daemon for [0-9]+ s, [0-9]+ accesses so far, [0-9]+ of them not reported' \
		"$daemon_log" || gaps=$((gaps + 1))
	accounted > /run/vm/kill.out || bad+="kill $i: $(< /run/vm/kill.out)"$'\n'
	bad+=$(went_back)
done
load_off
n2=$(load_made)
is "$?" 0 "$kills kills: no access of $n2 failed"
step_end
is "$bad" "" "$kills kills: each start succeeds, every event is accounted for, no counter goes back"
is "$gaps" "$kills" "each new daemon takes over and tells the gap"
check "every access is accounted for" identity
is "$(total accesses)" "$((n + n2 + 3))" "and was decided"
is "$(total blocked)" "$((n + n2 + 3))" "as ever"
check "nothing waits in the end" wait_for nothing_waits
check "every event is accounted for" accounted
snapshot
# One that was in the hand of a daemon when it was killed may be taken twice.
sent=$(total events)
if [ "$(of events)" -ge "$sent" ] && [ "$(of events)" -le $((sent + kills)) ]; then
	ok "the daemons took each event of the kernel ($sent events, $(of events) taken, $(of lost) without a record)"
else
	not_ok "the daemons took each event of the kernel" "$sent sent, $(of events) taken"
fi
# With events that wait for their summary, so that a kill loses some for certain.
for ((i = 0x200; i < 0x400; i += 4)); do
	printf 'w %x 4 cafef00d\n' "$i"
done | vfio_cfg "$VM_E1000E_2" > /dev/null
snapshot
lost=$(of lost) waiting=$(($(of held) + $(of queued)))
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2> /dev/null
check "$waiting events wait for their summary" test "$waiting" -gt 0
start_daemon "$policy_file"
said=$(sed -n 's/.*the last daemon ended with \([0-9]*\) events that got no record.*/\1/p' "$daemon_log")
check "killed with them: the next daemon says that ${said:-none} got no record" test "${said:-0}" -gt 0
check "every event is accounted for" accounted
is "$(($(of lost) - lost))" "${said:-0}" "they are counted"
check "the daemon is still small ($(rss) kB resident)" small

# --- The daemon's own end while audit holds it up ---------------------------

stop_daemon
is "$?" 0 "SIGTERM ends it"
check "after its end every event is accounted for" accounted
check "and nothing waits" nothing_waits

# --- A journal that hangs ---------------------------------------------------

# Its stderr is a pipe that nobody reads, and audit is off: nowhere to put a record.
mkfifo /run/vm/stuck
exec {stuck}<> /run/vm/stuck
"$VM_SRC/build/vfioguard" run --policy "$policy_file" 2>&"$stuck" 9>&- &
daemon_pid=$!
beats()
{
	snapshot
	[ "$(state daemon)" = true ]
}
check "a daemon starts with a stderr that nobody reads" wait_for beats
auditctl -e 0 > /dev/null
check "the program that fills its ring loads" bpftool prog load "$VM_SRC/build/vm/bin/ring-fill.bpf.o" \
	/sys/fs/bpf/ring-fill map name events pinned /sys/fs/bpf/vfioguard/events
snapshot
events=$(of events) journal=$(of journal) lost=$(of lost)
# More than its queue holds; of many devices, because each has a limit.
check "five thousand events" "$VM_SRC/build/vm/bin/ring-fill" /sys/fs/bpf/ring-fill 5000 512
all_taken()
{
	snapshot
	[ "$(of events)" = $((events + 5000)) ]
}
check "the daemon takes them all the same" wait_for all_taken
# What is over the bound of all devices waits for its summary.
none_queued()
{
	snapshot
	[ "$(of queued)" = 0 ]
}
# It asks audit for each whether it is on.
for _ in 1 2; do
	! wait_for none_queued 2> /dev/null || break
done
check "none waits for the pipe any more" none_queued
check "some are in the pipe, the others are counted as lost" \
	test "$(of journal)" -gt "$journal" -a "$(of lost)" -gt "$lost"
check "every event is accounted for" accounted
# Older than any beat from before.
sleep 6
check "it is alive" beats
auditctl -e 1 > /dev/null
stop_daemon
is "$?" 0 "and ends when it is told to"
exec {stuck}>&-
done_testing
