# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/lock.sh - for tests of the lock; sourced after guest-lib.sh.
#
#	lock_start		auditd, the module, the daemon with a policy, a guest;
#				$open_file is a policy that allows everything
#	try WAY ARGS...		see lock-try.c
#	hold PIN		a process ($held_pid) opens it, and keeps it
#	held PIN WAY ARGS...	what that does with it now; true if it came through
#	refused OP TEXT COMMAND...	it fails, leaves a record, and the policy blocks
#	still_blocks TEXT	a write of the guest, that must not be on the bus
#	says STATUS LIKE TEXT COMMAND...	it ends with that, and says why
#	records OP		how many there are; more_records OP N: more than N
#
# A test may be refused some fifty times: records are limited to 64 at once, and then to
# ten a minute.

# shellcheck disable=SC2034 # these are for tests
pins=/sys/fs/bpf/vfioguard
bin=$VM_SRC/build/vm/bin
out=/run/vm/out
audit_log=/var/log/audit/audit.log

try()
{
	"$bin/lock-try" "$@"
}

hold()
{
	mkfifo "/run/vm/$1.in"
	"$bin/lock-try" hold "$pins/$1" "/run/vm/$1.in" > "/run/vm/$1.out" 2>&1 9>&- &
	held_pid=$!
	wait_for grep -q '^hold: done' "/run/vm/$1.out"
}

held()
{
	local n

	n=$(wc -l < "/run/vm/$1.out")
	echo "${*:2}" > "/run/vm/$1.in"
	wait_for grows "/run/vm/$1.out" "$n"
	tail -n 1 "/run/vm/$1.out"
	tail -n 1 "/run/vm/$1.out" | grep -q ': done$'
}

grows()
{
	[ "$(wc -l < "$1")" -gt "$2" ]
}

not()
{
	! "$@"
}

# Each write goes to a register of its own: the trace tells them apart.
register=0x200
still_blocks()
{
	register=$(printf '0x%x' $((register + 4)))
	step_begin "after: $*"
	is "$(vfio_do "w ${register#0x} 4 cafef00d")" 4 "after: $*: the guest's write looks done"
	step_end
	expect_bus none write "$VM_E1000E" "$register"
}

# records OP: how many there are
records()
{
	grep -cE "^type=USER_MAC_(CONFIG_CHANGE|STATUS) .*op=$1 .*key=\"vfioguard\"" "$audit_log"
}

# Whoever tries again within a minute is only counted: each try is a process.
more_records()
{
	[ "$(records "$1")" -gt "$2" ]
}

refused()
{
	local op=$1 text=$2 n

	shift 2
	n=$(records "$op")
	if "$@" > "$out" 2>&1; then
		not_ok "$text: refused" "$(< "$out")"
	else
		ok "$text: refused ($(tail -n 1 "$out"))"
	fi
	check "$text: a record" wait_for more_records "$op" "$n"
	still_blocks "$text"
}

# The status of a command that must say why.
says()
{
	local want=$1 like=$2 text=$3

	shift 3
	"$@" > "$out" 2>&1
	is "$?" "$want" "$text: exit status $want"
	like "$(< "$out")" "$like" "$text: it says why"
}

lock_start()
{
	check "auditd runs" start_auditd
	check "the patched module loads" load_patched
	bind_vfio "$VM_E1000E" "$VM_E1000E_2"
	says 8 "no policy is loaded" "lock without a policy" guard lock
	policy locked "default block w unassigned audit" "default allow r unassigned" \
		"allow w 1234:5678"
	policy open "default allow rw unassigned"
	open_file=$policy_file
	policy_file=/run/vm/locked.policy
	check "the daemon runs" start_daemon "$policy_file"
	vfio_start "$VM_E1000E"
}
