#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/test-long.sh [FILE...]: the tests that take too long for `make test`, one
# after the other: all of selftests/long/, or the named ones.
#
# Each ends in a line "N passed, N failed"; one that ends without it, or with an
# error it did not count, is itself a failure.

. "$(dirname "$0")/common.sh"

log=$TOP/build/test-long
passed=0
failed=0
mkdir -p "$log"
[ "$#" -gt 0 ] || set -- "$TOP"/selftests/long/*.sh

for file; do
	name=$(basename "$file" .sh)
	rc=0
	start=$SECONDS
	say "$name"
	"$file" 2>&1 | tee "$log/$name.log" || rc=$?
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log/$name.log" | tail -n 1) || true
	read -r p _ f _ <<<"${line:-0 passed, 1 failed}"
	if [ -z "$line" ]; then
		echo "$name ended without a result (exit $rc)"
	elif [ "$rc" != 0 ] && [ "$f" = 0 ]; then
		echo "$name failed with exit $rc"
		f=1
	fi
	say "$name: $((SECONDS - start)) s"
	passed=$((passed + p))
	failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
