#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 25-sanitizers.sh - the daemon's whole life, built with the address, leak and
# behaviour sanitizers (runs in the VM). `make unit` builds that binary.
#
# vm-args: --timeout 240

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_log:?}"

binary=$VM_SRC/build/unit/vfioguard
policy=/run/vm/the.policy

run()
{
	"$binary" run --policy "$policy" --config /run/vm/guard.conf >> "$daemon_log" 2>&1 9>&- &
	pid=$!
	said '\<ready;'
}

said()
{
	local end=$((SECONDS + 60))

	while [ "$SECONDS" -lt "$end" ]; do
		! grep -qE "$1" "$daemon_log" || return 0
		sleep 0.1
	done
	cat "$daemon_log"
	return 1
}

# What the sanitizers say, anywhere.
complaints()
{
	cat "$daemon_log" "$daemon_log.2" /run/vm/commands | grep -E 'Sanitizer|runtime error:' | head -n 5
}

command()
{
	"$binary" "$@" >> /run/vm/commands 2>&1
}

if [ ! -x "$binary" ]; then
	skip "sanitizers" "there is no $binary; run: make unit"
	done_testing
fi
: > "$daemon_log"
: > /run/vm/commands
cp -r "$VM_SRC/policies/devices" "${policy%/*}"
cp "$VM_SRC/policies/strict.policy" "$policy"
printf 'metrics = /run/vm/x.prom\nmetrics_interval = 1\n' > /run/vm/guard.conf

check "auditd runs" start_auditd
check "the patched core loads" load_patched
bind_vfio "$VM_E1000E" "$VM_NVME"
check "the daemon starts" run
vfio_start "$VM_E1000E"
vfio_do "r 0 4096" > /dev/null
vfio_do "loop 10000 w 80 4 deadbeef" > /dev/null
for ((i = 0; i < 20; i++)); do
	vfio_cfg "$VM_NVME" "w 200 4 00000001" > /dev/null
done
# A summary of the first device.
check "the flood ends in a summary" said 'more events of registers'
check "a command: allow" command allow 8086:10d3
check "the edit is noticed" said 'allowlist-add'
for args in status "status --json" events "events --json" metrics devices "deny 8086:10d3"; do
	# shellcheck disable=SC2086 # words
	check "a command: $args" command $args
done
auditctl -e 0 > /dev/null
vfio_cfg "$VM_NVME" "w 204 4 00000001" > /dev/null
check "auditing off" said 'not_in_audit'
auditctl -e 1 > /dev/null
cp "$VM_SRC/policies/monitor.policy" "$policy"
kill -HUP "$pid"
check "a reload" said 'policy generation 2 is in force'
echo nonsense >> "$policy"
kill -HUP "$pid"
check "a refused one" said 'the loaded policy stays'
check "a load by hand" command load "$VM_SRC/policies/default.policy"
check "is noticed" said 'policy generation 3 is in force'
check "unloaded by hand" command unload
check "is noticed, too" said 'detached by someone else'
check "loaded by hand" command load "$VM_SRC/policies/strict.policy"
check "the daemon follows" said 'policy generation 1 is in force \(.*strict.policy, enforce\)'
vfio_do "w 84 4 deadbeef" > /dev/null
sleep 2
kill -TERM "$pid"
wait "$pid"
is "$?" 0 "it ends in order"
cp "$VM_SRC/policies/strict.policy" "$policy"
cp "$daemon_log" "$daemon_log.2"
: > "$daemon_log"
check "another takes over" run
sleep 2
kill -TERM "$pid"
wait "$pid"
is "$?" 0 "and ends in order"
vfio_stop
is "$(complaints)" "" "the sanitizers found nothing"
cp "$daemon_log" /run/vm/commands /run/vm/share/
done_testing
