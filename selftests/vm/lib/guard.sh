# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/guard.sh - the patched module, the loader and its daemon.
#
#	load_patched [PARAM=VALUE...]	load vfio-pci on the patched core; in stock mode, for
#			which there are no parameters, on the stock one
#	stock			true in stock mode (see "vm-modes" in test.sh)
#	hook_or_stock A B	prints A, or in stock mode B
#	param NAME [VALUE]	write a parameter of vfio-pci-core, or print it
#	guard ARGS...		run vfioguard; what it prints as JSON is kept
#	keep_json FILE [NAME]	keep a copy of JSON, or of a log that has lines of it:
#				run.sh holds all that against docs/schema/ in the end
#	bpftool ARGS...		the bpftool of the same build
#	policy NAME [LINE...]	write a policy; its path is in $policy_file
#	start_daemon POLICY [OPTIONS...]	and wait until it is ready
#	stop_daemon		SIGTERM; returns its exit status
#	daemon_log		what it said, in a file
#	wait_for COMMAND...	true within ten seconds
#	snapshot		take `status --json`; the next two read from it
#	counter BDF NAME	a counter of a device, 0 if it was never accessed
#	state NAME		a word of the head: generation, mode, attached, ...
#
# counted BDF NAME=N... compares what was added to the counters of a device since
# it was called last, and that they add up. One test line, with TEXT:
#
#	counted "$VM_E1000E" "eight writes" accesses=8 blocked=8 events=1 folded=7
#
# forget_counters: start from 0, because the maps are new.

# shellcheck disable=SC2034 # these are for tests
patched_core=$VM_SRC/build/module/$VM_KVER/vfio-pci-core.ko
# A kernel of scripts/kernel.sh has it among its own modules.
[ -z "${stock_core:-}" ] ||
	patched_core=/lib/modules/$VM_KVER/kernel/drivers/vfio/pci/vfio-pci-core.ko
daemon_log=/run/vm/daemon.log
status_json=/run/vm/status.json

stock()
{
	[ -n "${VM_STOCK:-}" ]
}

hook_or_stock()
{
	if stock; then
		echo "$2"
	else
		echo "$1"
	fi
}

load_patched()
{
	if stock; then
		[ $# = 0 ] && load_vfio
	else
		load_vfio --core "$patched_core" "$@"
	fi
}

param()
{
	local file=/sys/module/vfio_pci_core/parameters/$1

	if [ $# = 1 ]; then
		cat "$file"
	else
		# One write; an empty text is a newline, or there would be none.
		printf '%s' "${2:-$'\n'}" > "$file"
	fi
}

json_kept=0

# json_file NAME: sets $json_to.  Few programs are started: each takes a while in here.
json_file()
{
	[ -d "$VM_SHARE/json" ] || mkdir -p "$VM_SHARE/json"
	# Also from a subshell, where the counter is a copy.
	json_kept=$((json_kept + 1))
	json_to=$VM_SHARE/json/$1.$BASHPID.$json_kept
}

keep_json()
{
	json_file "${2:-${1##*/}}"
	cp "$1" "$json_to"
}

guard()
{
	local rc

	case " $* " in
	*" --follow "*) ;;
	*" --json "*)
		json_file "$1"
		"$VM_SRC/build/vfioguard" "$@" > "$json_to"
		rc=$?
		cat "$json_to"
		# Without a policy it says nothing.
		[ -s "$json_to" ] || rm "$json_to"
		return "$rc"
		;;
	esac
	"$VM_SRC/build/vfioguard" "$@"
}

bpftool()
{
	"$VM_SRC/build/tools/bpftool" "$@"
}

policy()
{
	policy_file=/run/vm/$1.policy
	shift
	printf '%s\n' "$@" > "$policy_file"
}

start_daemon()
{
	local i file=$1

	shift
	: > "$daemon_log"
	# 9 is the harness's own: a daemon that holds it would keep the VM alive.
	"$VM_SRC/build/vfioguard" run --policy "$file" "$@" >> "$daemon_log" 2>&1 9>&- &
	daemon_pid=$!
	for ((i = 0; i < 600; i++)); do
		! grep -q '\<ready;' "$daemon_log" || return 0
		kill -0 "$daemon_pid" 2>/dev/null || break
		sleep 0.05
	done
	echo "start_daemon: it is not ready:" >&2
	cat "$daemon_log" >&2
	return 1
}

stop_daemon()
{
	local rc

	kill -TERM "$daemon_pid" && wait "$daemon_pid"
	rc=$?
	! grep -q '^{' "$daemon_log" || keep_json "$daemon_log"
	return "$rc"
}

# On a busy machine what takes a second here may take twenty.
wait_for()
{
	local end=$((SECONDS + 30))

	while [ "$SECONDS" -lt "$end" ]; do
		! "$@" > /dev/null 2>&1 || return 0
		sleep 0.05
	done
	echo "wait_for: not within thirty seconds: $*" >&2
	return 1
}

snapshot()
{
	guard status --json > "$status_json"
}

# NAME VALUE of each counter of a device. One value a line in the JSON, so awk
# needs to know no more of it.
counters()
{
	sed -n 's/^[[:space:]]*"\([a-z_]*\)": *"\{0,1\}\([^",]*\)"\{0,1\},\{0,1\}$/\1 \2/p' "$status_json" |
		awk -v dev="$1" '
			$1 == "device" { at = $2; next }
			at == dev { print }'
}

counter()
{
	counters "$1" | awk -v name="$2" '$1 == name { n = $2 } END { print n + 0 }'
}

state()
{
	sed -n '/"devices"/q; s/^[[:space:]]*"'"$1"'": *"\{0,1\}\([^",]*\).*/\1/p' "$status_json"
}

declare -A counted_before=()
forget_counters()
{
	counted_before=()
}

counted()
{
	local bdf=$1 text=$2 name want now bad='' sum
	local -A d=([accesses]=0)

	shift 2
	snapshot || bad="no status"$'\n'
	while read -r name now; do
		case $name in
		vendor_id | device_id) continue ;;
		esac
		d[$name]=$((now - ${counted_before["$bdf/$name"]:-0}))
		counted_before["$bdf/$name"]=$now
	done < <(counters "$bdf")
	for want; do
		[ "${d[${want%=*}]:-0}" = "${want#*=}" ] ||
			bad+="${want%=*} grew by ${d[${want%=*}]:-0}, expected ${want#*=}"$'\n'
	done
	sum=$((d[allowed] + d[blocked] + d[would_block]))
	[ "$sum" = "${d[accesses]}" ] ||
		bad+="the verdicts add up to $sum of ${d[accesses]}"$'\n'
	sum=$((d[silent] + d[events] + d[folded] + d[rate_limited] + d[ring_full]))
	[ "$sum" = "${d[accesses]}" ] ||
		bad+="the reports add up to $sum of ${d[accesses]}"$'\n'
	if [ -z "$bad" ]; then
		ok "$text"
	else
		not_ok "$text" "${bad%$'\n'}"
	fi
}
