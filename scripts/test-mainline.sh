#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/test-mainline.sh: build the small kernel with the series (see
# scripts/kernel.sh) and run on it the tree's own tests, the series' tests, and
# those VM tests of ours that speak of the kernel.
#
# Ends with "N passed, N failed"; exit status 1 if anything failed.

SERIES=${SERIES:-7.3}
. "$(dirname "$0")/common.sh"
export SERIES

# The VM tests of the kernel's part: the parameters, verdicts, life of a policy,
# and what holds if something is damaged.  And those of our programs that depend on
# the kernel's types and hooks.
ours=(10-native 11-verdicts 12-lifecycle 13-audit 15-damaged 15-no-btf 16-rules
	17-config-fuzz 17-reload 18-explain 19-learn 20-flood 27-lock
	27-lock-mounts 29-lockdown)

kver=$("$TOP/scripts/kernel.sh") || {
	echo "0 passed, 1 failed"
	exit 1
}
tests=("$TOP"/selftests/mainline/tests/*.sh)
for name in "${ours[@]}"; do
	tests+=("$TOP/selftests/vm/tests/$name.sh")
done
say "testing on $kver"
VM_TEST_KERNEL=$kver exec "$TOP/selftests/vm/test.sh" "${tests[@]}"
