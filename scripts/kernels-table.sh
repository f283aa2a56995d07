#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/kernels-table.sh: write docs/kernels.md, which kernel passed which test,
# and in which mode, from what the last runs of selftests/vm/test.sh left in build/vm.
# Only tests that are marked for several kernels are in it, and those in stock mode. To
# fill it: KERNELS=all make test, and MODE=stock KERNELS=all selftests/vm/test.sh.
#
# KERNELS_TABLE=FILE	write there instead

. "$(dirname "$0")/common.sh"

results=$TOP/build/vm
table=${KERNELS_TABLE:-$TOP/docs/kernels.md}

# Both from the names NAME@KERNEL.result.
names()
{
	find "$results" -maxdepth 1 -name '*@*.result' -printf '%f\n' |
		sed -n "s/^\(.*\)@\(.*\)\.result\$/$1/p" | sort -Vu
}

# said KERNEL WORD: what 03-kernels said about it
said()
{
	sed -n "s/^# $2: *//p" "$results/03-kernels@$1.tap" 2>/dev/null | head -n 1
}

# cell TEST KERNEL
cell()
{
	local passed failed

	if ! read -r passed failed _ 2>/dev/null <"$results/$1@$2.result"; then
		echo "-"
	elif [ "$failed" = 0 ]; then
		echo "$passed"
	else
		echo "**$failed of $((passed + failed)) failed**"
	fi
}

mapfile -t kernels < <(names '\2')
mapfile -t tests < <(names '\1')
[ "${#kernels[@]}" -gt 0 ] ||
	die "there are no results of tests on several kernels; run: KERNELS=all make test"

{
	cat <<-'END'
		<!-- Made by scripts/kernels-table.sh from the last VM tests; do not edit. -->
		# Kernels

		Debian's stock kernels, and how many checks of each test passed on them in the last
		run of the VM tests. A test that was not run on a kernel has a dash. In mode "stock"
		a test that was written for the patched module is run on the kernel's own, where the
		policy is in force by BPF programs alone; the others load the modules they are about.

		| kernel | release | preemption | LSMs |
		|---|---|---|---|
	END
	for kernel in "${kernels[@]}"; do
		echo "| $kernel | $(said "$kernel" release) | $(said "$kernel" preemption) | $(said "$kernel" "active LSMs") |"
	done
	echo
	echo "| test | mode |$(printf ' %s |' "${kernels[@]}")"
	echo "|---|---|$(printf -- '---|%.0s' "${kernels[@]}")"
	for test in "${tests[@]}"; do
		mode=
		[[ $test != *+stock ]] || mode=stock
		row="| \`${test%+stock}\` | $mode |"
		for kernel in "${kernels[@]}"; do
			row+=" $(cell "$test" "$kernel") |"
		done
		echo "$row"
	done
} >"$table.new"
mv "$table.new" "$table"
