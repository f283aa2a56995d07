#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 23-notices.sh - the daemon notices what others do to the policy, and somebody
# notices when there is no daemon (runs in the VM).
#
# vm-args: --timeout 400

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_log:?}" "${daemon_pid=}" "${policy_file=}"

audit_log=/var/log/audit/audit.log
pins=/sys/fs/bpf/vfioguard
entry="$pins/allowlist key hex 86 80 d3 10"

records()
{
	grep -c "^type=$1 " "$audit_log"
}

# What the newest record of a type says, between op= and key=.
newest()
{
	grep "^type=$1 " "$audit_log" | tail -n 1 | sed "s/.*msg='\(.*\) key=\"vfioguard\".*res=\([a-z]*\)'.*/\1 \2/"
}

said()
{
	wait_for grep -qE "$1" "$daemon_log"
}

# one_record TYPE TEXT NAME COMMAND...: exactly one, also a while later
one_record()
{
	local type=$1 text=$2 name=$3 before

	shift 3
	before=$(records "$type")
	"$@" > /run/vm/out 2>&1 || diag "$(< /run/vm/out)"
	wait_for more_than "$before" "$type"
	sleep 2.2
	audit_sync
	is "$(($(records "$type") - before))" 1 "$name: one record"
	is "$(newest "$type")" "$text" "$name: it says what"
}

more_than()
{
	[ "$(records "$2")" -gt "$1" ]
}

check "auditd runs" start_auditd
check "the patched core loads" load_patched
bind_vfio "$VM_E1000E" "$VM_NVME"
cp -r "$VM_SRC/policies/devices" /run/vm
cp "$VM_SRC/policies/default.policy" /run/vm/the.policy
mkdir /run/vm/collector
cat > /run/vm/guard.conf <<-END
	policy = /run/vm/the.policy
	metrics = /run/vm/collector/vfioguard.prom
	metrics_interval = 1
END
check "the daemon runs" start_daemon /run/vm/the.policy --config /run/vm/guard.conf

# --- Edits of the allow list, with bpftool ----------------------------------

# shellcheck disable=SC2086 # words
{
	one_record USER_MAC_CONFIG_CHANGE "op=allowlist-add ids=8086:10d3 entry=0x3 old-entry=0x0 success" \
		"an entry is added" bpftool map update pinned $entry value hex 03 00 00 00
	one_record USER_MAC_CONFIG_CHANGE "op=allowlist-change ids=8086:10d3 entry=0x1 old-entry=0x3 success" \
		"it is changed" bpftool map update pinned $entry value hex 01 00 00 00
	one_record USER_MAC_CONFIG_CHANGE "op=allowlist-change ids=8086:10d3 entry=0x0 old-entry=0x1 success" \
		"it is made empty" bpftool map update pinned $entry value hex 00 00 00 00
	one_record USER_MAC_CONFIG_CHANGE "op=allowlist-remove ids=8086:10d3 entry=0x0 old-entry=0x0 success" \
		"it is removed" bpftool map delete pinned $entry
}
one_record USER_MAC_CONFIG_CHANGE "op=allowlist-add ids=8086:* entry=0x3 old-entry=0x0 success" \
	"a vendor is added" guard allow "8086:*"

# --- Reloads ----------------------------------------------------------------

echo "nonsense" >> /run/vm/the.policy
one_record USER_MAC_POLICY_LOAD 'op=load-policy policy="/run/vm/the.policy" generation=1 enforcing=1 failed' \
	"a refused reload" kill -HUP "$daemon_pid"
changes=$(records USER_MAC_CONFIG_CHANGE)
cp "$VM_SRC/policies/monitor.policy" /run/vm/the.policy
one_record USER_MAC_STATUS "op=change-mode enforcing=0 old_enforcing=1 success" \
	"a reload to monitor" kill -HUP "$daemon_pid"
is "$(newest USER_MAC_POLICY_LOAD)" 'op=load-policy policy="/run/vm/the.policy" generation=2 enforcing=0 success' \
	"a reload to monitor: the load, too"
is "$(records USER_MAC_CONFIG_CHANGE)" "$changes" "what the reload did to the list is no edit"
one_record USER_MAC_POLICY_LOAD \
	"op=load-policy policy=\"$VM_SRC/policies/default.policy\" generation=3 enforcing=1 success" \
	"a load by hand of another file" guard load "$VM_SRC/policies/default.policy"
is "$(newest USER_MAC_STATUS)" "op=change-mode enforcing=1 old_enforcing=0 success" "back to enforce is recorded"

# --- Unloaded and loaded under the daemon -----------------------------------

one_record USER_MAC_STATUS "op=detached enforcing=0 old_enforcing=1 success" "unloaded by hand" guard unload
: > "$daemon_log"
check "loaded by hand" guard load "$VM_SRC/policies/default.policy"
check "the daemon follows" said "policy generation 1 is in force"
before=$(records USER_DEVICE)
vfio_cfg "$VM_E1000E" "w 60 4 deadbeef" > /dev/null
check "events of the new ring buffer are delivered" wait_for more_than "$before" USER_DEVICE
like "$(newest USER_DEVICE)" 'op=blocked-write .* offset=0x60 .* failed$' "the right one"
link=$(bpftool link show pinned "$pins/link" | sed -n 's/^\([0-9]*\):.*/\1/p')
one_record USER_MAC_STATUS "op=detached enforcing=0 old_enforcing=1 success" "detached with bpftool" \
	bpftool link detach id "$link"
is "$(grep -c 'detached by someone else' "$daemon_log")" 1 "it is said once"
: > "$daemon_log"
check "loaded again" guard load "$VM_SRC/policies/default.policy"
check "the daemon follows again" said "policy generation [0-9]+ is in force .*default.policy, enforce"
before=$(records USER_DEVICE)
vfio_cfg "$VM_E1000E" "w 64 4 deadbeef" > /dev/null
check "events are delivered" wait_for more_than "$before" USER_DEVICE

# --- Metrics ----------------------------------------------------------------

prom=/run/vm/collector/vfioguard.prom
same_metrics()
{
	diff <(guard metrics) "$prom"
}
check "the file is what 'vfioguard metrics' says" wait_for same_metrics
is "$(stat -c %a "$prom")" 644 "a collector may read it"
vfio_start "$VM_E1000E"
vfio_hammer "w 68 4 deadbeef"
torn=0
end=$((SECONDS + 5))
while [ "$SECONDS" -lt "$end" ]; do
	text=$(< "$prom")
	[[ $text == "# HELP vfioguard_attached "*$'\n'"vfioguard_held_events "[0-9]* ]] || torn=$((torn + 1))
done
vfio_rest > /dev/null
vfio_stop
is "$torn" 0 "it is never half written"
is "$(awk '/^#/ { next } !/^vfioguard_[a-z_]+({[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*})? [0-9]+$/' "$prom")" "" "every sample has the form of one"
is "$(sed -n 's/^\([^#].*\) [0-9]*$/\1/p' "$prom" | sort | uniq -d)" "" "no series is there twice"
check "and again it is what 'vfioguard metrics' says" wait_for same_metrics
# A new one may just be made.
alone()
{
	[ "$(ls /run/vm/collector)" = vfioguard.prom ]
}
check "nothing else is left beside it" wait_for alone

# --- In a network of its own, as the service unit has it --------------------

stop_daemon
: > "$daemon_log"
unshare -n "$VM_SRC/build/vfioguard" run --policy "$VM_SRC/policies/default.policy" >> "$daemon_log" 2>&1 9>&- &
daemon_pid=$!
check "a daemon in another network name space is ready" said '\<ready;'
before=$(records USER_DEVICE)
vfio_cfg "$VM_NVME" "w 300 4 deadbeef" > /dev/null
check "its records reach audit" wait_for more_than "$before" USER_DEVICE
stop_daemon

# --- No daemon: the kernel's own record -------------------------------------

kernel_records()
{
	audit_sync
	grep -c '^type=UNKNOWN\[1340\] ' "$audit_log"
}

is "$(kernel_records)" 0 "with a daemon the kernel writes no record of its own"
vfio_cfg "$VM_E1000E" "w 70 4 deadbeef" > /dev/null
is "$(kernel_records)" 0 "nor right after its end"
sleep 16
vfio_cfg "$VM_E1000E" "w 74 4 deadbeef" "w 74 4 deadbeef" > /dev/null
is "$(kernel_records)" 1 "no daemon for 15 s: the kernel writes one"
like "$(grep '^type=UNKNOWN\[1340\] ' "$audit_log" | tail -n 1)" "op=write device=\"?$VM_E1000E\"? .*offset=0x74 .*res=0" "of what was blocked"
guard unload 2> /dev/null
check "a policy without any daemon" guard load "$VM_SRC/policies/default.policy"
vfio_cfg "$VM_E1000E" "w 78 4 deadbeef" > /dev/null
is "$(kernel_records)" 2 "a daemon that never ran: the kernel writes one"
cp "$audit_log" "$prom" "$daemon_log" /run/vm/share/
done_testing
