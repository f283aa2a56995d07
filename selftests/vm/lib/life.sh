# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/life.sh - the daemon's whole life, for a checker that watches it.
#
#	life COMMAND...	run it; COMMAND is what runs vfioguard: the binary, or a
#			checker and the binary
#
# Start, events, a flood, edits, auditing off, reloads good and bad, a load by
# hand, unloaded and loaded again, the end, and another start that takes over;
# beside it each command. All that was said is in $life_log and $life_commands
# afterwards. LIFE_LIMIT: seconds to wait for something to be said, more than 120 for
# a slow checker. Not among the parts of guest-lib.sh: few tests need it.

life_log=/run/vm/life.log
life_commands=/run/vm/life.commands
life_policy=/run/vm/life.policy

life_run()
{
	# 9 is the harness's own, see start_daemon.
	"${life_with[@]}" run --policy "$life_policy" --config /run/vm/life.conf >> "$life_log" 2>&1 9>&- &
	life_pid=$!
	life_said "$1"
}

life_said()
{
	local end=$((SECONDS + ${LIFE_LIMIT:-120}))

	while [ "$SECONDS" -lt "$end" ]; do
		! grep -qE "$1" "$life_log" || return 0
		sleep 0.1
	done
	cat "$life_log"
	return 1
}

life_command()
{
	"${life_with[@]}" "$@" >> "$life_commands" 2>&1
}

life_ends()
{
	kill -TERM "$life_pid"
	wait "$life_pid"
	is "$?" 0 "$1"
}

life()
{
	local i args

	life_with=("$@")
	: > "$life_log"
	: > "$life_commands"
	cp -r "$VM_SRC/policies/devices" "${life_policy%/*}"
	cp "$VM_SRC/policies/strict.policy" "$life_policy"
	printf 'metrics = /run/vm/x.prom\nmetrics_interval = 1\n' > /run/vm/life.conf

	check "auditd runs" start_auditd
	check "the patched core loads" load_patched
	bind_vfio "$VM_E1000E" "$VM_NVME"
	check "the daemon starts" life_run '\<ready;'
	vfio_start "$VM_E1000E"
	vfio_do "r 0 4096" > /dev/null
	vfio_do "loop 10000 w 80 4 deadbeef" > /dev/null
	for ((i = 0; i < 20; i++)); do
		vfio_cfg "$VM_NVME" "w 200 4 00000001" > /dev/null
	done
	# A summary of the first device.
	check "the flood ends in a summary" life_said 'more events of registers'
	check "a command: allow" life_command allow 8086:10d3
	check "the edit is noticed" life_said 'allowlist-add'
	for args in status "status --json" events "events --json" metrics devices "deny 8086:10d3"; do
		# shellcheck disable=SC2086 # words
		check "a command: $args" life_command $args
	done
	auditctl -e 0 > /dev/null
	vfio_cfg "$VM_NVME" "w 204 4 00000001" > /dev/null
	check "auditing off" life_said 'not_in_audit'
	auditctl -e 1 > /dev/null
	cp "$VM_SRC/policies/monitor.policy" "$life_policy"
	kill -HUP "$life_pid"
	check "a reload" life_said 'policy generation 2 is in force'
	echo nonsense >> "$life_policy"
	kill -HUP "$life_pid"
	check "a refused one" life_said 'the loaded policy stays'
	check "a load by hand" life_command load "$VM_SRC/policies/default.policy"
	check "is noticed" life_said 'policy generation 3 is in force'
	check "unloaded by hand" life_command unload
	check "is noticed, too" life_said 'detached by someone else'
	check "loaded by hand" life_command load "$VM_SRC/policies/strict.policy"
	check "the daemon follows" life_said 'policy generation 1 is in force \(.*strict.policy, enforce\)'
	vfio_do "w 84 4 deadbeef" > /dev/null
	sleep 2
	life_ends "it ends in order"
	cp "$VM_SRC/policies/strict.policy" "$life_policy"
	check "another takes over" life_run 'took over the loaded policy'
	sleep 2
	life_ends "and ends in order"
	vfio_stop
	cp "$life_log" "$life_commands" /run/vm/share/
}
