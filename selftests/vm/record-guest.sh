#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# record-guest.sh - what a guest's start and I/O make of accesses to config space
# (runs in the VM; needs strace).
#
# QEMU reads the whole space, the guest's kernel scans the bus, its e1000e driver
# probes, sends packets and lets go. What QEMU asked of vfio is written to
# guest.accesses in the run's share, as lines for vfio-cfg:
#
#	selftests/vm/run.sh --svm --drivers --timeout 600 -- selftests/vm/record-guest.sh
#	(sed '/^#/!d' selftests/vm/data/e1000e-guest.accesses
#	 cat build/vm/record-guest/share/guest.accesses) > new && mv new ...

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

# shellcheck disable=SC2034 # for start_nested
NESTED_DRIVERS=1 NESTED_TIMEOUT=200
# shellcheck disable=SC2034 # the same
NESTED_UNDER="strace -f -qq -xx -s 8 -e trace=pread64,pwrite64 -o /run/vm/strace"

check "the patched core loads" load_patched
check "the device is given to vfio-pci" bind_vfio "$VM_E1000E"
check "the guest boots" start_nested "$VM_E1000E"
check "its driver probes" nested "use e1000e"
check "it sends" nested ". /drivers.sh; a=\$(nic 1); ip link set \${a##*/} up;
	for i in \$(seq 50); do [ \$(cat \$a/carrier) = 1 ] && break; sleep 0.2; done;
	ip addr add 10.0.1.1/24 dev \${a##*/}; arping -c 3 -w 3 -I \${a##*/} 10.0.1.9;
	ip link set \${a##*/} down" || true
check "it powers off" stop_nested

# The config space is region 7 of the device: 7 << 40 of the descriptor.
awk -F '[(,)]' '
	function number(bytes, n, i, b, hex) {
		n = split(bytes, b, /\\x/)
		for (i = n; i > 1; i--)
			hex = hex substr(b[i], 1, 2)
		return hex
	}
	/ = -/ || !/7696581/ { next }
	{
		offset = $(NF - 1) - 7696581394432
		size = $(NF - 2) + 0
		if (offset < 0 || offset > 4095)
			next
		if ($1 ~ /pwrite64$/)
			printf("w %x %d %s\n", offset, size, number($3))
		else
			printf("r %x %d\n", offset, size)
	}' /run/vm/strace > "$VM_SHARE/guest.accesses"
diag "$(wc -l < "$VM_SHARE/guest.accesses") accesses of the program, $(grep -c '^w' "$VM_SHARE/guest.accesses") of them writes"
check "there are some" test "$(wc -l < "$VM_SHARE/guest.accesses")" -gt 20
done_testing
