#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test.sh - run VM tests, each in a VM of its own, and count.
#
# Usage: test.sh [--list] [FILE...]	(default: all of tests/)
#
# --list prints the names of what would be run, and runs nothing.
#
# Needs what `make` and `make module` build.  As many tests run at a time as JOBS
# in the environment says; without it two, or one if there is one processor.  The
# report is in the order of the files all the same.
#
# Comment lines in a test say how its VM is run:
#
#	# vm-args: --svm --timeout 60	options for run.sh
#	# vm-panic: TEXT		the kernel must die with TEXT in its panic
#	# vm-kernels: 6.1 6.12 7.3	run it on each of these Debian kernels (see
#					scripts/vm-image.sh) instead of 6.12 only; its
#					name is then NAME@KERNEL
#	# vm-kernels-more: 6.12-rt	and on these if KERNELS asks for them
#	# vm-modes: hook stock		run it with the patched module (hook, which is what
#					is done without this line), and with the stock one,
#					where a policy is in force by its programs alone:
#					that is stock mode, and the name NAME+stock@KERNEL
#	# vm-modes-more: stock		and so if MODE asks for it
#	# vm-host			run the file here instead: it starts VMs itself,
#					of the kernel VM_TEST_KERNEL, if that is not
#					empty, in VM_TEST_MODE (hook or stock), with
#					VM_TEST_NAME in their names
#
# KERNELS="6.1 7.3" in the environment runs what is marked for one of these kernels, on
# these, and KERNELS=all on all that it is marked for.  VM_TEST_KERNEL=KVER runs each
# test once, on that kernel (see run.sh --kernel).
#
# MODE=stock runs what is marked for stock mode, in that mode, MODE=hook what is not only
# for that, and MODE=all both.  In stock mode tests are run on 6.12, and if KERNELS asks
# for them on 6.1, 6.12-rt and 7.3 as well.
#
# Ends with "N passed, N failed"; exit status 1 if anything failed, which includes
# a test that ended in any other way than it should, or without its plan.
#
# Files of test NAME in build/vm: NAME.tap, what it said, of the last boot if it was
# booted again; NAME.result, "PASSED FAILED SECONDS"; NAME/, see run.sh.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
vm=$top/build/vm
list=
if [ "${1:-}" = --list ]; then
	list=1
	shift
fi
[ $# -gt 0 ] || set -- "$here"/tests/*.sh

if [ -n "$list" ]; then
	:
elif [ ! -x "$top/build/vfioguard" ] || { [ -z "${VM_TEST_KERNEL:-}" ] &&
	! ls "$top"/build/module/*/vfio-pci-core.ko > /dev/null 2>&1; }; then
	echo "test.sh: nothing to test yet; run: make && make module" >&2
	echo "0 passed, 1 failed"
	exit 1
fi

header()
{
	sed -n "s/^# $1: *//p" "$2"
}

# A case is a file, a mode and a kernel, FILE@MODE@KERNEL; with nothing behind the last @
# the kernel is the one that is always taken.
file_of()
{
	echo "${1%@*@*}"
}

mode_of()
{
	local rest=${1%@*}

	echo "${rest##*@}"
}

name_of()
{
	local name mode kernel=${1##*@}

	name=$(basename "$(file_of "$1")" .sh)
	mode=$(mode_of "$1")
	[ "$mode" = hook ] || name+=+$mode
	echo "$name${kernel:+@$kernel}"
}

# modes_of FILE: those that are wanted of it
modes_of()
{
	local default more mode

	default=$(header vm-modes "$1") more=$(header vm-modes-more "$1")
	if [ -z "${MODE:-}" ]; then
		more=
		# A kernel with the series in it.
		[ -z "${VM_TEST_KERNEL:-}" ] || default=hook
	fi
	for mode in ${default:-hook} $more; do
		case ${MODE:-all} in
		all | "$mode") echo "$mode" ;;
		esac
	done
}

# cases_of FILE: those of it that are wanted
cases_of()
{
	local file=$1 mode

	for mode in $(modes_of "$file"); do
		kernels_of "$file" "$mode" | sed "s|^|$file@$mode@|"
	done
}

# kernels_of FILE MODE: those that are wanted, a line each; an empty one is the kernel that
# is always taken
kernels_of()
{
	local default more kernel

	default=$(header vm-kernels "$1") more=$(header vm-kernels-more "$1")
	[ "$2" = hook ] || default=6.12 more="6.1 6.12-rt 7.3"
	if [ -n "${VM_TEST_KERNEL:-}" ]; then
		echo
	elif [ -z "$default$more" ]; then
		[[ " ${KERNELS:-6.12} " =~ \ (6\.12|all)\  ]] && echo
	else
		[ -z "${KERNELS:-}" ] && more=
		for kernel in ${default:-6.12} $more; do
			[[ " ${KERNELS:-all} " == *" $kernel "* || ${KERNELS:-all} = all ]] &&
				echo "$kernel"
		done
	fi
}

# run_test CASE: its output goes to NAME.out, exit status and seconds to NAME.end.
run_test()
{
	local file kernel=${1##*@} name mode panic rc start=$SECONDS
	local -a args

	file=$(file_of "$1")
	name=$(name_of "$1")
	mode=$(mode_of "$1")
	panic=$(header vm-panic "$file")
	read -ra args <<< "$(header vm-args "$file")"
	: "${kernel:=${VM_TEST_KERNEL:-}}"
	if grep -q '^# vm-host$' "$file"; then
		VM_TEST_KERNEL=$kernel VM_TEST_NAME=$name VM_TEST_MODE=$mode "$(realpath "$file")" 2>&1
	else
		[ "$mode" = hook ] || args+=(--stock)
		"$here/run.sh" --name "$name" ${kernel:+--kernel "$kernel"} --out "$vm/$name" "${args[@]}" -- "$file" 2>&1 |
			if [ -n "$panic" ]; then grep -v '^Bail out! .* 95$'; else cat; fi
		(exit "${PIPESTATUS[0]}")
	fi >> "$jobs_dir/$name.out"
	rc=$?
	awk '/^# .*: the emulator failed .*, booting again$/ { said = ""; next }
		{ said = said $0 "\n" }
		END { printf "%s", said }' "$jobs_dir/$name.out" > "$vm/$name.tap"
	echo "$rc $((SECONDS - start))" > "$jobs_dir/$name.end"
}

# work CASE...: run those that no other worker has taken.
work()
{
	local one base

	for one; do
		base=$jobs_dir/$(name_of "$one")
		mkdir "$base.taken" 2> /dev/null || continue
		: > "$base.out"
		run_test "$one" &
		# Whole or not there: somebody waits for it.
		echo $! > "$base.pid.new"
		mv "$base.pid.new" "$base.pid"
		wait
	done
}

# show CASE: what the test says, until it is over.
show()
{
	local base

	base=$jobs_dir/$(name_of "$1")
	until [ -e "$base.pid" ] || [ -z "$(jobs -pr)" ]; do
		sleep 0.2
	done
	if [ -e "$base.end" ]; then
		cat "$base.out"
	else
		# Waited for, because that ends at once with a signal.
		tail -n +1 -f -s 0.2 --pid="$(< "$base.pid")" "$base.out" &
		wait $!
	fi
}

# count REGEX: the lines of the test's log that match
count()
{
	grep -cE "$1" "$vm/$name.tap"
}

passed=0 failed=0

# judge CASE: add what came of it to passed and failed.
judge()
{
	local file name panic rc='' seconds='' ok bad

	file=$(file_of "$1")
	name=$(name_of "$1")
	panic=$(header vm-panic "$file")
	read -r rc seconds < "$jobs_dir/$name.end"
	ok=$(count '^ok ') bad=$(count '^not ok ')
	if [ -n "$panic" ]; then
		if [ "$rc" = 95 ] && grep -q "Kernel panic - not syncing: .*$panic" "$vm/$name/console.log"; then
			echo "ok $((ok + bad + 1)) - the kernel died: $panic"
			ok=$((ok + 1))
		else
			echo "not ok $((ok + bad + 1)) - the kernel died: $panic (exit status $rc)"
			bad=$((bad + 1))
		fi
	elif [ "$(sed -n 's/^1\.\.//p' "$vm/$name.tap")" != $((ok + bad)) ] ||
	     { [ "$rc" != 0 ] && [ "$bad" = 0 ]; }; then
		echo "not ok $((ok + bad + 1)) - $name ran to its end (exit status $rc)"
		bad=$((bad + 1))
	fi
	echo "## $name: $ok passed, $bad failed, $seconds s"
	echo "$ok $bad $seconds" > "$vm/$name.result"
	passed=$((passed + ok))
	failed=$((failed + bad))
}

jobs=${JOBS:-2}
[ "$(nproc)" -gt 1 ] || jobs=${JOBS:-1}
if ! [[ $jobs =~ ^[1-9][0-9]*$ ]]; then
	echo "test.sh: JOBS is '$jobs', not a number above 0" >&2
	exit 1
fi

case ${MODE:-} in
'' | hook | stock | all) ;;
*)
	echo "test.sh: MODE is '$MODE', not hook, stock or all" >&2
	exit 1
	;;
esac
cases=()
for file; do
	mapfile -t -O "${#cases[@]}" cases < <(cases_of "$file")
done
# What was asked for and is not run must not look like a pass.
for kernel in ${KERNELS:-}; do
	case "$kernel: ${cases[*]} " in
	all:* | *"@$kernel "* | 6.12:*"@ "*) ;;
	*)
		echo "test.sh: KERNELS has '$kernel', and none of these tests is marked for it" >&2
		echo "0 passed, 1 failed"
		exit 1
		;;
	esac
done

if [ "${#cases[@]}" = 0 ]; then
	echo "test.sh: none of these tests is marked for ${KERNELS:-6.12} in mode ${MODE:-hook}" >&2
	echo "0 passed, 1 failed"
	exit 1
fi

if [ -n "$list" ]; then
	for one in "${cases[@]}"; do
		name_of "$one"
	done
	exit
fi

mkdir -p "$vm"
jobs_dir=$(mktemp -d "$vm/.jobs.XXXXXX") || exit 1
workers=()
# With all that they started, which is in a process group with them.
# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	local pid

	for pid in "${workers[@]}"; do
		kill -TERM -- "-$pid" 2> /dev/null
	done
	wait
	rm -rf "$jobs_dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
set -m
for ((i = 0; i < jobs; i++)); do
	work "${cases[@]}" < /dev/null &
	workers+=($!)
done
set +m

for one in "${cases[@]}"; do
	echo "## $(name_of "$one")"
	show "$one"
	judge "$one"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
