# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/clients.sh - a VFIO client that is driven by its standard input.
#
#	client_start COMMAND...	start it; what it says goes to $client_log
#	client_say LINE		give it a line
#	client_says REGEX	true within a minute, or CLIENT_LIMIT seconds
#	client_ask LINE REGEX	both, of what it says from then on
#	client_ends		wait for its end; true if it ends well
#	load_default		default.policy is put in force, with a daemon that
#				takes its events
#	attributed PID COMM BDF OFFSET NAME
#				the event of a blocked write names the process
#	inject NAME BDF OFFSET	the client is made to write to unassigned space,
#				first under the policy and then without it
#
# Not among the parts of guest-lib.sh: few tests need it.

client_log=/run/vm/client.log

client_start()
{
	local in=/run/vm/client.in

	rm -f "$in"
	mkfifo "$in"
	: > "$client_log"
	# Read and write: neither open nor a dead client may block this shell.
	exec {client_in}<> "$in"
	"$@" < "$in" > "$client_log" 2>&1 9>&- &
	client_pid=$!
}

client_say()
{
	printf '%s\n' "$1" >&"$client_in"
}

client_says()
{
	local end=$((SECONDS + ${CLIENT_LIMIT:-60})) from=${2:-1}

	while [ "$SECONDS" -lt "$end" ]; do
		! tail -n "+$from" "$client_log" | grep -qE -e "$1" || return 0
		kill -0 "$client_pid" 2> /dev/null || break
		sleep 0.2
	done
	tail -n 30 "$client_log"
	return 1
}

client_ask()
{
	local from

	from=$(($(wc -l < "$client_log") + 1))
	client_say "$1"
	client_says "$2" "$from"
}

client_ends()
{
	local i

	for ((i = 0; i < 300; i++)); do
		if ! kill -0 "$client_pid" 2> /dev/null; then
			exec {client_in}>&-
			wait "$client_pid"
			return
		fi
		sleep 0.1
	done
	echo "still there after 30 s:"
	tail -n 30 "$client_log"
	kill -KILL "$client_pid"
	return 1
}

load_default()
{
	# shellcheck disable=SC2154 # of guard.sh
	[ -n "${daemon_pid:-}" ] && kill -0 "$daemon_pid" 2> /dev/null &&
		{ guard load "$VM_SRC/policies/default.policy"; return; }
	start_daemon "$VM_SRC/policies/default.policy"
}

# JSON, because the table shortens names.
event_of()
{
	guard events --json | tr -d ' \n' | sed 's/{/\n{/g' |
		grep -qE "\"device\":\"$2\".*\"access\":\"write\",\"offset\":$3,.*\"verdict\":\"blocked\".*\"pid\":$1,.*\"comm\":\"$4\""
}

attributed()
{
	check "$5: the event names the process" wait_for event_of "$1" "$3" "$4" "$2"
}

inject()
{
	local name=$1 bdf=$2 offset=$3 tool=$VM_SRC/build/vm/bin/vfio-inject

	step_begin "$name is made to write, default.policy"
	is "$("$tool" "$client_pid" "$bdf" "$offset" 4 cafef00d 2>&1)" 4 "$name: its write looks done"
	step_end
	expect_bus none write "$bdf" "0x$offset"
	attributed "$client_pid" "$(< "/proc/$client_pid/comm")" "$bdf" $((16#$offset)) "$name"
	check "$name: the policy goes out of force" guard unload
	step_begin "$name is made to write, no policy"
	is "$("$tool" "$client_pid" "$bdf" "$offset" 4 cafef00d 2>&1)" 4 "$name: it writes again"
	step_end
	expect_bus exactly 1 write "$bdf" "0x$offset" 0xcafef00d
	check "$name: the policy is put in force again" load_default
}
