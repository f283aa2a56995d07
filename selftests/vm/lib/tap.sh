# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/tap.sh - test lines in TAP form.
#
#	ok NAME				a test that passed
#	not_ok NAME [DETAIL...]		one that did not, with diagnostics
#	is GOT EXPECTED NAME
#	like GOT REGEX NAME
#	skip NAME WHY
#	check NAME COMMAND [ARGS...]	passes if the command does
#	diag TEXT...
#	done_testing			must be the last: without it the run fails
#
# No plan is printed here: judge.sh adds the lines about the bus to it. Call
# these from the script's main shell, since a subshell cannot count.

tap_n=0
tap_failed=0
tap_done=

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

ok()
{
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $*"
}

not_ok()
{
	tap_n=$((tap_n + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_n - $1"
	shift
	[ $# = 0 ] || diag "$@"
	return 0
}

is()
{
	if [ "$1" = "$2" ]; then
		ok "$3"
	else
		not_ok "$3" "got:      $1"$'\n'"expected: $2"
	fi
}

like()
{
	if [[ $1 =~ $2 ]]; then
		ok "$3"
	else
		not_ok "$3" "got:       $1"$'\n'"not like:  $2"
	fi
}

# unlike TEXT REGEX NAME: the opposite
unlike()
{
	if [[ $1 =~ $2 ]]; then
		not_ok "$3"
		echo "# like:      $2"
	else
		ok "$3"
	fi
}

skip()
{
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

check()
{
	local name=$1

	shift
	# Not in a subshell: COMMAND may start things that this shell must know.
	if "$@" > /run/vm/check.out 2>&1; then
		ok "$name"
	else
		not_ok "$name" "$* failed:"$'\n'"$(< /run/vm/check.out)"
	fi
}

done_testing()
{
	tap_done=1
	bus_status "plan $tap_n"
	[ "$tap_failed" = 0 ] || exit 1
	exit 0
}

# A script that stops half way must not pass by having said nothing bad.
tap_exit()
{
	local rc=$?

	if [ "$tap_n" -gt 0 ] && [ -z "$tap_done" ]; then
		echo "not ok $((tap_n + 1)) - the script ended before done_testing"
		[ "$rc" != 0 ] || rc=1
	fi
	exit "$rc"
}
trap tap_exit EXIT
