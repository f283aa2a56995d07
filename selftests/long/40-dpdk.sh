#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 40-dpdk.sh - a DPDK application under default.policy: it forwards packets between
# two devices, its write to unassigned space is stopped, and with the policy out of
# force the same write reaches the bus (runs in the VM, which it starts).
#
# The devices hang on one hub, so what testpmd sends from one comes in at the other,
# and with --tx-first a burst goes round for ever. DPDK's driver makes no such write of
# its own, so the process is made to: see vfio-inject.c. Long because of what it
# installs, some 200 packages.
#
# vm-args: --timeout 600

if [ -z "${VM_SRC:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	"$here/../../scripts/deps.sh" dpdk || exit 1
	exec "$here/../vm/test.sh" "$here/${0##*/}"
fi

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/clients.sh
. "$VM_SRC/selftests/vm/lib/clients.sh"
: "${client_log:?}" "${client_pid=}"

# The 200 drivers that are loaded otherwise take a minute under emulation.
drivers=()
for lib in bus_pci bus_vdev mempool_ring net_e1000; do
	drivers+=(-d "librte_$lib.so.23")
done

# packets: what the first port has received by its last report
packets()
{
	client_say "show port stats 0"
	sleep "${1:-2}"
	sed -n 's/^ *RX-packets: *\([0-9]*\).*/\1/p' "$client_log" | tail -n 1
}

more_packets()
{
	local now

	now=$(packets)
	[ "${now:-0}" -gt "$1" ] || return
	last=$now
}

check "the patched core loads" load_patched
bind_vfio "$VM_E1000E" "$VM_E1000E_2"
check "default.policy loads" load_default
CLIENT_LIMIT=240
client_start stdbuf -oL dpdk-testpmd --no-huge --iova-mode=va -m 64 --no-telemetry -l 0-1 \
	"${drivers[@]}" \
	-a "$VM_E1000E" -a "$VM_E1000E_2" -- -i --total-num-mbufs=2048 --forward-mode=io
check "testpmd starts with both devices" client_says 'testpmd> '
is "$(grep -c '^Port [01]: [0-9A-F:]*$' "$client_log")" 2 "it has two ports"
client_say "start tx_first"
last=0
check "packets go round" wait_for more_packets 0
diag "$last packets so far"
inject testpmd "$VM_E1000E" 80
check "they still go round" wait_for more_packets "$last"
diag "$last packets so far"
client_say "stop"
client_say "quit"
check "testpmd ends in order" client_ends
is "$(grep -iE 'cannot|fail|error' "$client_log" | grep -vE '[RT]X-[a-z]*: |(RX|TX)-(error|drop)')" "" \
	"it has nothing to complain about"
done_testing
