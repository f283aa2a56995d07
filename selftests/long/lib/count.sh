# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# count.sh - what long tests count by that are no VM test themselves (sourced).
#
#	result STATUS NAME [FILE]	a check, passed if STATUS is 0; else the end of FILE
#					is shown
#	count NAME FILE			the checks that NAME has made, TAP in FILE; none is
#					a failure
#	finish				"N passed, N failed", and the test's end

passed=0 failed=0

result()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok - $2"
		return
	fi
	failed=$((failed + 1))
	echo "not ok - $2"
	[ -z "${3:-}" ] || tail -n 20 "$3" | sed 's/^/# /'
}

count()
{
	passed=$((passed + $(grep -c '^ok ' "$2")))
	failed=$((failed + $(grep -c '^not ok ' "$2")))
	grep -q '^ok ' "$2" || result 1 "$1 said something"
}

finish()
{
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
	exit
}
