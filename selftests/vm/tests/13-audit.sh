#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 13-audit.sh - from a blocked write to a record that ausearch finds, and to
# `vfioguard events` (runs in the VM).
#
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_log:?}" "${policy_file=}" "${vfio_pid=}"

# ausearch reads stdin unless told not to.
search()
{
	audit_sync
	ausearch --input-logs -m "$@" 2> /dev/null
}

# records TYPE: how many there are in the log
records()
{
	search "$1" | grep -c "^type=$1 "
}

# more_than N TYPE: audit runs behind the daemon
more_than()
{
	[ "$(records "$2")" -gt "$1" ]
}

check "the patched core loads" load_patched
bind_vfio "$VM_E1000E" "$VM_NVME"
check "the audit daemon starts" start_auditd
check "the daemon starts, audit required" start_daemon "$VM_SRC/policies/default.policy" --require-audit

# --- Loading a policy -------------------------------------------------------

check "the load is recorded" wait_for more_than 0 USER_MAC_POLICY_LOAD
like "$(search USER_MAC_POLICY_LOAD)" \
	'op=load-policy policy="[^"]*/default.policy" generation=1 enforcing=1 key="vfioguard".* res=success' \
	"with policy, generation and mode"
is "$(records USER_DEVICE)" 0 "no event yet"

# --- One blocked write ------------------------------------------------------

check "the e1000e opens" vfio_start "$VM_E1000E"
step_begin "one blocked write"
is "$(vfio_do "w 80 4 deadbeef")" 4 "the write looks done"
step_end
expect_bus none write "$VM_E1000E" 0x80
check "a record arrives" wait_for more_than 0 USER_DEVICE
is "$(records USER_DEVICE)" 1 "one record"
record=$(search USER_DEVICE | grep '^type=USER_DEVICE')
like "$record" "op=blocked-write device=\"$VM_E1000E\" ids=8086:10d3 offset=0x80 width=4 val=0xdeadbeef " \
	"it says what was blocked"
like "$record" ' region=unassigned rule=default unreported=0 ' "by what"
like "$record" " opid=$vfio_pid .*ouser=0 ocomm=\"vfio-cfg\" cgid=[0-9]+ cgroup=\"/\" key=\"vfioguard\"" "and whose it was"
like "$record" "res=failed'" "it ends in res=failed"
like "$record" ' exe="[^"]*/vfioguard" ' "libaudit adds the daemon"

like "$(ausearch --input-logs -m USER_DEVICE -i 2>&1)" 'op=blocked-write .*res=failed' "ausearch -i reads it"
like "$(ausearch --input-logs -m USER_DEVICE --format text 2>&1)" 'blocked-write' "ausearch --format text reads it"
like "$(ausearch --input-logs -m USER_DEVICE -sv no 2>&1)" 'offset=0x80' "ausearch -sv no finds it"
is "$(grep -c 'type=UNKNOWN\[1340\]' /var/log/audit/audit.log)" 0 "the kernel adds none while the daemon lives"

# --- Repeats ----------------------------------------------------------------

step_begin "a thousand repeats"
is "$(vfio_do "loop 1000 w 80 4 deadbeef")" "4 1000" "all look done"
step_end
expect_bus none write "$VM_E1000E" 0x80
is "$(vfio_do "w 84 2 dead")" 2 "another register"
check "its record arrives" wait_for more_than 1 USER_DEVICE
is "$(records USER_DEVICE)" 2 "the repeats gave none"
like "$(search USER_DEVICE | tail -n 1)" 'offset=0x84 width=2 val=0xdead .*unreported=1000 ' \
	"the next one carries their number"
counted "$VM_E1000E" "the counters know of all" accesses=1002 blocked=1002 events=2 folded=1000

# --- A second device --------------------------------------------------------

vfio_cfg "$VM_NVME" "w 200 1 42" > /dev/null
check "a record of a second device" wait_for more_than 2 USER_DEVICE
like "$(search USER_DEVICE | tail -n 1)" "device=\"$VM_NVME\" ids=1b36:0010 offset=0x200 width=1 val=0x42 .*unreported=0 " \
	"with its own count"

# Whatever a process calls itself, it is one field of the record.
cp "$VM_SRC/build/vm/bin/vfio-cfg" "/run/vm/a res=success"
"/run/vm/a res=success" "$VM_NVME" "w 204 4 00000001" > /dev/null
check "a record of a process with a bad name" wait_for more_than 3 USER_DEVICE
like "$(search USER_DEVICE | tail -n 1)" ' ocomm=61207265733D7375636365737[0-9A-F]* .*res=failed' \
	"the name is encoded"

# --- vfioguard events -------------------------------------------------------

is "$(guard events | wc -l)" 4 "events shows them all"
like "$(guard events | head -n 1)" \
	"blocked write of deadbeef at 0x080 \(4 bytes, unassigned\) of $VM_E1000E \[8086:10d3\] by default; vfio-cfg\[$vfio_pid\] uid 0" \
	"in words"
is "$(guard events --device "$VM_NVME" | wc -l)" 2 "of one device"
is "$(guard events --device 03:00.0 | wc -l)" 2 "its address without the domain"
is "$(guard events --verdict blocked | wc -l)" 4 "of one verdict"
is "$(guard events --verdict allowed | wc -l)" 0 "of another"
guard events --device nonsense > /run/vm/out 2>&1
is "$?" 1 "an address that is none: exit status 1"
events=$(guard events --json)
is "$(wc -l <<< "$events")" 4 "as JSON, one line each"
for field in '"device": ?"'"$VM_E1000E"'"' '"vendor_id": ?"8086"' '"device_id": ?"10d3"' '"access": ?"write"' \
	'"offset": ?128' '"size": ?4' '"data": ?3735928559' '"region": ?"unassigned"' '"verdict": ?"blocked"' \
	'"rule": ?"default"' '"pid": ?'"$vfio_pid" '"uid": ?0' '"comm": ?"vfio-cfg"' '"cgroup": ?"/"'; do
	like "$(head -n 1 <<< "$events")" "$field" "JSON has ${field//\?/}"
done

# All ways to choose at once, while they come.
guard events --follow --json --device "$VM_NVME" --verdict blocked --owner / > /run/vm/follow 9>&- &
follow_pid=$!
follow_has()
{
	[ "$(wc -l < /run/vm/follow)" -ge "$1" ]
}
check "events --follow starts with those that were" wait_for follow_has 2
vfio_do "w 88 4 deadbeef" > /dev/null
vfio_cfg "$VM_NVME" "w 208 4 deadbeef" > /dev/null
check "and goes on with those that come" wait_for follow_has 3
is "$(grep -o '"device": *"[^"]*","vendor_id\|"offset": *[0-9]*' /run/vm/follow | tr -d '\n" ')" \
	"$(printf 'device:%s,vendor_idoffset:%d' "$VM_NVME" 512 "$VM_NVME" 516 "$VM_NVME" 520)" \
	"of the one device, in order, each once"
kill "$follow_pid"
wait "$follow_pid" 2> /dev/null
is "$(guard events --owner /no/such | wc -l)" 0 "nobody's"
is "$(guard events --follow | head -n 1 | wc -l)" 1 "with its reader gone it ends"

# --- Other verdicts ---------------------------------------------------------

check "monitor.policy loads beside the daemon" guard load "$VM_SRC/policies/monitor.policy"
check "that is recorded" wait_for more_than 1 USER_MAC_POLICY_LOAD
like "$(search USER_MAC_POLICY_LOAD | tail -n 1)" 'generation=2 enforcing=0 ' "with the mode"
step_begin "monitor.policy"
is "$(vfio_do "w 80 4 0badcafe")" 4 "a write passes"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x0badcafe
check "a record of it" wait_for more_than 6 USER_DEVICE
like "$(search USER_DEVICE | tail -n 1)" "op=would-block-write device=\"$VM_E1000E\" .*val=0xbadcafe .*res=success" \
	"op=would-block-write, res=success"
is "$(guard events --verdict would-block | wc -l)" 1 "events --verdict would-block"

policy audited "default allow rw unassigned" "allow rw 8086:10d3 audit"
guard load "$policy_file" 2> /dev/null
vfio_do "r 90 4" > /dev/null
check "a record of an allowed read" wait_for more_than 7 USER_DEVICE
like "$(search USER_DEVICE | tail -n 1)" "op=allowed-read .*offset=0x90 .*rule=allowlist-device .*res=success" \
	"op=allowed-read, res=success"

# --- Auditing switched off under the daemon ---------------------------------

auditctl -e 0 > /dev/null
vfio_do "r 94 4" > /dev/null
check "auditing off: events go to stderr" wait_for grep -q '^{.*"not_in_audit":.*"offset": *148' "$daemon_log"
like "$(grep -c 'auditing was switched off; events go to stderr' "$daemon_log")" 1 "and that is said"
auditctl -e 1 > /dev/null
n=$(records USER_DEVICE)
vfio_do "r 98 4" > /dev/null
check "auditing on again: records again" wait_for more_than "$n" USER_DEVICE
stop_daemon
is "$?" 0 "the daemon stops"
vfio_stop
done_testing
