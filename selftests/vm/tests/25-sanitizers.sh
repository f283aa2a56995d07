#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 25-sanitizers.sh - the daemon's whole life, built with the address, leak and
# behaviour sanitizers (runs in the VM). `make unit` builds that binary.
#
# vm-args: --timeout 400

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/life.sh
. "$VM_SRC/selftests/vm/lib/life.sh"

binary=$VM_SRC/build/unit/vfioguard
if [ ! -x "$binary" ]; then
	skip "sanitizers" "there is no $binary; run: make unit"
	done_testing
fi
life "$binary"
is "$(cat "$life_log" "$life_commands" | grep -E 'Sanitizer|runtime error:' | head -n 5)" "" \
	"the sanitizers found nothing"
done_testing
