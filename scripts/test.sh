#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/test.sh: everything `make test` runs, counted in one last line.
#
# Each part ends in a line "N passed, N failed"; a part that ends without one,
# or with an error it did not count, is itself a failure.

. "$(dirname "$0")/common.sh"

log=$TOP/build/test
passed=0
failed=0
mkdir -p "$log"

part()
{
	local name=$1 rc=0 line p f

	shift
	say "$name"
	"$@" 2>&1 | tee "$log/$name.log" || rc=$?
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log/$name.log" | tail -n 1)
	if [ -z "$line" ]; then
		echo "$name ended without a result (exit $rc)"
		failed=$((failed + 1))
		return
	fi
	read -r p _ f _ <<<"$line"
	passed=$((passed + p))
	failed=$((failed + f))
	if [ "$rc" != 0 ] && [ "$f" = 0 ]; then
		echo "$name failed with exit $rc"
		failed=$((failed + 1))
	fi
}

part check make -s --no-print-directory -C "$TOP" check
part packages make -s --no-print-directory -C "$TOP" deb-check
part vm "$TOP/selftests/vm/test.sh"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
