#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 34-stock-ways.sh - every way there is to config space, on the stock kernel: what is
# blocked reaches the bus by none of them (runs in the VM).
#
# vm-kernels: 6.1 6.12 7.3
# vm-kernels-more: 6.12-rt
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"

ways()
{
	"$VM_SRC/build/vm/bin/vfio-ways" "$VM_E1000E" "$1" | xargs
}

check "the stock VFIO modules load" load_vfio
check "the e1000e is given to vfio-pci" bind_vfio "$VM_E1000E"

step_begin "no policy"
stock=$(ways 80)
diag "stock: $stock"
step_end
like "$stock" '^pwrite 4 pwritev 4 pwritev2 4 noappend -E[A-Z]* int80 4 .* linked 4 uring 4 async 4 sqpoll 4 uring-pwrite 4$' \
	"without a policy they all write"
expect_bus exactly 9 write "$VM_E1000E" 0x80

policy small "default block w unassigned" "default allow r unassigned"
check "a policy loads" guard load "$policy_file"
step_begin "unassigned space"
blocked=$(ways 80)
diag "blocked: $blocked"
step_end
like "$blocked" '^pwrite 4 pwritev -EPERM pwritev2 -EPERM noappend -EOPNOTSUPP int80 -EPERM .* linked -EPERM uring -EPERM async -EPERM sqpoll -EPERM uring-pwrite 4$' \
	"a plain write looks done, the others are refused"
# Opening the device writes elsewhere.
expect_bus none write "$VM_E1000E" 0x80
snapshot
forget_counters
check "they were counted as blocked" test "$(counter "$VM_E1000E" blocked)" -ge 8

# A write by a way that can't be judged is refused wherever it goes.
header=$(ways c)
like "$header" '^pwrite 4 pwritev -EPERM .* linked -EPERM .* uring-pwrite 4$' \
	"a plain write of the header goes through, the others are refused"

# Both doors see what passes, and it is counted once: also of a task with an io_uring, whose
# registers are believed only with its stack.
policy open "default allow rw unassigned"
check "a policy that allows loads" guard load "$policy_file"
snapshot
before=$(counter "$VM_E1000E" allowed)
like "$(ways 80)" '^pwrite 4 pwritev -EPERM .* uring-pwrite 4$' "plain writes go through"
snapshot
is "$(($(counter "$VM_E1000E" allowed) - before))" 2 "each is counted once"
done_testing
