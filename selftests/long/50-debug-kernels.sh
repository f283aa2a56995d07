#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 50-debug-kernels.sh - the tests in selftests/long/tests/ on kernels that look for
# memory errors, wrong locking and data races (see selftests/kernel/). Any report of
# the kernel about itself fails the run.
#
# Usage: 50-debug-kernels.sh [FLAVOUR...]	(default: kasan kcsan)

set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
export SERIES=${SERIES:-7.3}
# Their boot alone takes a minute on an idle machine.
export VM_BOOT_LIMIT=${VM_BOOT_LIMIT:-900}
[ $# -gt 0 ] || set -- kasan kcsan
passed=0 failed=0
if ! "$top/scripts/deps.sh" kernel ||
	! make -s --no-print-directory -C "$top" long-tools; then
	echo "0 passed, 1 failed"
	exit 1
fi

for flavour; do
	kver=$(FLAVOUR=$flavour "$top/scripts/kernel.sh") || {
		echo "not ok - no $flavour kernel"
		failed=$((failed + 1))
		continue
	}
	tests=("$top"/selftests/long/tests/{race,storm}.sh)
	[ "$flavour" = kcsan ] || tests+=("$top/selftests/long/tests/faults.sh"
		"$top/selftests/mainline/tests/30-kselftest.sh"
		"$top/selftests/mainline/tests/31-kunit.sh")
	echo "## $flavour: $kver"
	VM_TEST_KERNEL=$kver "$top/selftests/vm/test.sh" "${tests[@]}" |
		tee "$top/build/vm/long-$flavour.log"
	read -r p _ f _ < <(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$top/build/vm/long-$flavour.log" |
		tail -n 1)
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-1}))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
