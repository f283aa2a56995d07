#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 30-valgrind.sh - the daemon's whole life under valgrind's memcheck (runs in the VM,
# which it starts). The binary is the one that is installed. Zero findings, leaks
# among them; what is left out has its reason in valgrind-bpf.c.
#
# Long, because libbpf reads the kernel's BTF with each load of a policy.
#
# vm-args: --timeout 3600 --mem 2048

if [ -z "${VM_SRC:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	"$here/../../scripts/deps.sh" long || exit 1
	exec "$here/../vm/test.sh" "$here/${0##*/}"
fi

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/life.sh
. "$VM_SRC/selftests/vm/lib/life.sh"

# On the share: to be looked at while it runs.
logs=$VM_SHARE/valgrind
mkdir "$logs"
LIFE_LIMIT=900
check "what tells valgrind about bpf(2) is built" \
	cc -shared -fPIC -O1 -Wall -Wextra -Werror -o /run/vm/valgrind-bpf.so "$VM_SRC/selftests/long/valgrind-bpf.c"
# Findings give an exit status of their own, so life() notices them as well.
life env LD_PRELOAD=/run/vm/valgrind-bpf.so valgrind --quiet --error-exitcode=86 --leak-check=full \
	--errors-for-leak-kinds=definite,indirect,possible --log-file="$logs/%p" "$VM_SRC/build/vfioguard"
check "each run was watched" test "$(find "$logs" -type f | wc -l)" -gt 10
# Lines with dashes are valgrind's about itself: that it does not know a command.
is "$(cat "$logs"/* | grep -v '^--.*unhandled eBPF command' | head -n 40)" "" "valgrind found nothing"
done_testing
