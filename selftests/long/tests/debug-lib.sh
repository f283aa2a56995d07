# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# debug-lib.sh - for tests on debug kernels. Source it behind guest-lib.sh.
#
#	leaks_start	forget what kmemleak has found so far
#	leaks_end	one test line: no leak since then, as far as the kernel can tell
#	long PROGRAM ARGS...	a program of build/long
#	$long_seconds	how long a storm lasts

# shellcheck disable=SC2034 # for the tests
long_seconds=${LONG_SECONDS:-60}
kmemleak=/sys/kernel/debug/kmemleak

long()
{
	local program=$1

	shift
	"$VM_SRC/build/long/$program" "$@"
}

leaks_start()
{
	[ -e "$kmemleak" ] || return 0
	echo scan > "$kmemleak"
	echo clear > "$kmemleak"
}

leaks_end()
{
	local found

	if [ ! -e "$kmemleak" ]; then
		skip "no memory leaks" "this kernel does not look for them"
		return
	fi
	# What is younger than 5 s is not told, and one scan may miss a pointer
	# that moves.
	for _ in 1 2; do
		sleep 6
		echo scan > "$kmemleak"
	done
	found=$(< "$kmemleak")
	is "$found" "" "no memory leaks"
}
