#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test.sh - run VM tests, each in a VM of its own, and count.
#
# Usage: test.sh [FILE...]		(default: all of tests/)
#
# Needs what `make` and `make module` build. VM_TEST_KERNEL=KVER in the environment
# boots that kernel instead of Debian's newest (see run.sh --kernel).
#
# Comment lines in a test say how its VM is run:
#
#	# vm-args: --svm --timeout 60	options for run.sh
#	# vm-panic: TEXT		the kernel must die with TEXT in its panic
#	# vm-host			run the file here instead: it starts VMs itself
#
# Ends with "N passed, N failed"; exit status 1 if anything failed, which includes
# a test that ended in any other way than it should, or without its plan.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
[ $# -gt 0 ] || set -- "$here"/tests/*.sh

if [ ! -x "$top/build/vfioguard" ] || { [ -z "${VM_TEST_KERNEL:-}" ] &&
	! ls "$top"/build/module/*/vfio-pci-core.ko > /dev/null 2>&1; }; then
	echo "test.sh: nothing to test yet; run: make && make module" >&2
	echo "0 passed, 1 failed"
	exit 1
fi

passed=0 failed=0

header()
{
	sed -n "s/^# $1: *//p" "$2"
}

# The number of lines of the log at hand that match.
count()
{
	grep -cE "$1" "$log"
}

for file; do
	name=$(basename "$file" .sh)
	dir=$top/build/vm/$name
	log=$top/build/vm/$name.tap
	panic=$(header vm-panic "$file")
	read -ra args <<< "$(header vm-args "$file")"
	[ -z "${VM_TEST_KERNEL:-}" ] || args+=(--kernel "$VM_TEST_KERNEL")
	start=$SECONDS

	echo "## $name"
	mkdir -p "$top/build/vm"
	# 93 is the emulator's failure: once more, and then it counts.
	for _ in 1 2; do
		if grep -q '^# vm-host$' "$file"; then
			"$file" 2>&1 | tee "$log"
		else
			"$here/run.sh" --out "$dir" "${args[@]}" -- "$file" 2>&1 |
				if [ -n "$panic" ]; then grep -v '^Bail out! .* 95$'; else cat; fi | tee "$log"
		fi
		rc=${PIPESTATUS[0]}
		[ "$rc" = 93 ] || break
	done

	ok=$(count '^ok ') bad=$(count '^not ok ')
	if [ -n "$panic" ]; then
		if [ "$rc" = 95 ] && grep -q "Kernel panic - not syncing: .*$panic" "$dir/console.log"; then
			echo "ok $((ok + bad + 1)) - the kernel died: $panic"
			ok=$((ok + 1))
		else
			echo "not ok $((ok + bad + 1)) - the kernel died: $panic (exit status $rc)"
			bad=$((bad + 1))
		fi
	elif [ "$(sed -n 's/^1\.\.//p' "$log")" != $((ok + bad)) ] ||
	     { [ "$rc" != 0 ] && [ "$bad" = 0 ]; }; then
		echo "not ok $((ok + bad + 1)) - $name ran to its end (exit status $rc)"
		bad=$((bad + 1))
	fi
	echo "## $name: $ok passed, $bad failed, $((SECONDS - start)) s"
	passed=$((passed + ok))
	failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
