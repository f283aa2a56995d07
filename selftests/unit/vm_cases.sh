#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm_cases.sh: which tests does selftests/vm/test.sh run, on which kernels, in which
# modes?  Of files that are marked in each way.  Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
unset KERNELS MODE VM_TEST_KERNEL

# marked NAME LINE...: a test with these lines in its head
marked()
{
	local name=$1

	shift
	printf '#!/bin/bash\n#\n' >"$work/$name.sh"
	[ $# = 0 ] || printf '# %s\n' "$@" >>"$work/$name.sh"
}

marked plain
marked kernels "vm-kernels: 6.1 6.12" "vm-kernels-more: 7.3"
marked both "vm-modes: hook stock"
marked more "vm-modes-more: stock"

# lists WANTED NAME [VARIABLE=VALUE...]
lists()
{
	local wanted=$1 name=$2

	shift 2
	is "$(env "$@" "$top/selftests/vm/test.sh" --list "$work"/*.sh 2>"$work/err" | xargs)" "$wanted" "$name"
}

lists "both both+stock@6.12 kernels@6.1 kernels@6.12 more plain" "by default"
lists "both+stock@6.12 more+stock@6.12" "in stock mode" MODE=stock
lists "both kernels@6.1 kernels@6.12 more plain" "with the patched module" MODE=hook
lists "both both+stock@6.12 kernels@6.1 kernels@6.12 more more+stock@6.12 plain" "in all modes" MODE=all
lists "both+stock@7.3 kernels@7.3" "on one kernel" KERNELS=7.3
lists "both+stock@6.1 both+stock@6.12-rt more+stock@6.1 more+stock@6.12-rt" "in stock mode on two" \
	MODE=stock "KERNELS=6.1 6.12-rt"
lists "both both+stock@6.12 both+stock@6.1 both+stock@6.12-rt both+stock@7.3 kernels@6.1 kernels@6.12 kernels@7.3 more plain" \
	"on all kernels" KERNELS=all
lists "both kernels more plain" "on a kernel of our own" VM_TEST_KERNEL=x
# What was asked for and is not run must not look like a pass.
lists "0 passed, 1 failed" "on a kernel that none is marked for" KERNELS=5.10
lists "" "in no mode that there is" MODE=none
rm "$work/both.sh" "$work/more.sh"
lists "0 passed, 1 failed" "none in that mode" MODE=stock
done_testing
