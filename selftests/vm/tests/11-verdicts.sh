#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 11-verdicts.sh - every verdict of a policy, in each direction and size (runs
# in the VM).
#
# The e1000e in chunks, which is how vfio cuts an access and what is counted:
#
#	0x40-0x9f unassigned	0xa0 MSI-X	0xac-0xc7 unassigned	0xc8 PM
#	0xd0-0xdd MSI		0xde-0xdf unassigned (half a dword)	0xe0 PCIe
#	0xf4-0xff unassigned	0x100 AER	0x12c-0x13f unassigned
#	0x140 serial number	0x14c-0xfff unassigned
#
# That is 981 chunks of unassigned space of 1025 in all.
#
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"

# The unassigned ranges of the e1000e: first byte, bytes.
gaps="0x40 96 0xac 28 0xde 2 0xf4 12 0x12c 20 0x14c 3764"

# without_gaps HEX: with 0 in unassigned space, as if its reads were blocked
without_gaps()
{
	local hex=$1 zero pos
	local -a g

	read -ra g <<< "$gaps"
	zero=$(printf '%08192d' 0)
	for ((i = 0; i < ${#g[@]}; i += 2)); do
		pos=$((2 * g[i]))
		hex=${hex:0:pos}${zero:0:2*g[i+1]}${hex:pos+2*g[i+1]}
	done
	printf '%s\n' "$hex"
}

# Eight chunks in seven dwords of 0x60-0x97. Both are sizes 1, 2, 4, 8 and an
# odd span, and must say their full size whatever becomes of them.
write_sizes()
{
	echo "$(vfio_do "w 80 1 a1") $(vfio_do "w 84 2 b2b1") $(vfio_do "w 88 4 c4c3c2c1")" \
		"$(vfio_do "w 90 8 d8d7d6d5d4d3d2d1") $(vfio_do "w 61 7 e7e6e5e4e3e2e1")"
}

read_sizes()
{
	echo "$(vfio_do "r 80 1") $(vfio_do "r 84 2") $(vfio_do "r 88 4")" \
		"$(vfio_do "r 90 8") $(vfio_do "r 61 7")"
}
all_written="1 2 4 8 7"
all_read="1 a1 2 b2b1 4 c4c3c2c1 8 d8d7d6d5d4d3d2d1 7 e7e6e5e4e3e2e1"
all_zero="1 00 2 0000 4 00000000 8 0000000000000000 7 00000000000000"

# --- What stock shows -------------------------------------------------------

check "the stock VFIO modules load" load_vfio
bind_vfio "$VM_E1000E"
# Something to see where all would be zero.
stock=$(vfio_cfg "$VM_E1000E" "w 40 96 5a" "w ac 28 5b" "w de 2 5c5c" "w f4 12 5d" "w 12c 20 5e" \
	"w 14c 3764 5f" "r 0 4096" | sed -n 's/^4096 //p')
is "${#stock}" 8192 "stock reads the whole space"
unbind_vfio "$VM_E1000E"
unload_vfio

check "the patched core loads" load_patched
check "the devices are given to vfio-pci" bind_vfio "$VM_E1000E" "$VM_E1000E_2" "$VM_VIRTIO" "$VM_NVME"
check "the e1000e opens" vfio_start "$VM_E1000E"

# --- Whole space ------------------------------------------------------------

policy allow-silent "default allow rw unassigned silent"
check "a policy that allows loads" guard load "$policy_file"
step_begin "the whole space, allowed"
whole=$(vfio_do "r 0 4096")
step_end
expect_bus exactly 24 read "$VM_E1000E" 0x40-0x9f
expect_bus exactly 1 read "$VM_E1000E" 0xde
expect_bus exactly 941 read "$VM_E1000E" 0x14c-0xfff
is "$whole" "4096 $stock" "allowed: the whole space reads as stock"
counted "$VM_E1000E" "allowed: each chunk of unassigned space counts once" \
	accesses=981 allowed=981 silent=981

policy block-silent "default block rw unassigned silent"
check "a policy that blocks loads" guard load "$policy_file"
step_begin "the whole space, blocked"
whole=$(vfio_do "r 0 4096")
step_end
for range in 0x40-0x9f 0xac-0xc7 0xde-0xdf 0xf4-0xff 0x12c-0x13f 0x14c-0xfff; do
	expect_bus none read "$VM_E1000E" "$range"
done
expect_bus exactly 1 read "$VM_E1000E" 0x104
is "${whole:0:13}" "4096 8680d310" "blocked: it reads in full, beginning with the ids"
is "$whole" "4096 $(without_gaps "$stock")" "blocked: all but unassigned space reads as stock"
counted "$VM_E1000E" "blocked: each chunk counts" accesses=981 blocked=981 silent=981

# --- Every verdict ----------------------------------------------------------

# verdict NAME reaches|kept COUNTER REPORTS POLICY-LINE...
verdict()
{
	local name=$1 bus=(none) read=$all_zero counter=$3 reports=$4

	if [ "$2" = reaches ]; then
		bus=(exactly 8)
		read=$all_read
	fi
	shift 4
	policy verdict "$@"
	check "$name: the policy loads" guard load "$policy_file"
	step_begin "$name"
	is "$(write_sizes)" "$all_written" "$name: writes of each size look done"
	# shellcheck disable=SC2086 # words
	counted "$VM_E1000E" "$name: the writes are counted" accesses=8 "$counter=8" $reports
	is "$(read_sizes)" "$read" "$name: reads of each size"
	# shellcheck disable=SC2086 # words
	counted "$VM_E1000E" "$name: the reads are counted" accesses=8 "$counter=8" $reports
	step_end
	expect_bus "${bus[@]}" write "$VM_E1000E" 0x60-0x9f
	expect_bus "${bus[@]}" read "$VM_E1000E" 0x60-0x9f
}

verdict "allow" reaches allowed silent=8 \
	"default allow rw unassigned silent"
verdict "allow audit" reaches allowed "events=7 folded=1" \
	"default allow rw unassigned audit"
verdict "block" kept blocked silent=8 \
	"default block rw unassigned silent"
verdict "block audit" kept blocked "events=7 folded=1" \
	"default block rw unassigned audit"
verdict "would block" reaches would_block silent=8 \
	"mode monitor" "default block rw unassigned silent"
verdict "would block audit" reaches would_block "events=7 folded=1" \
	"mode monitor" "default block rw unassigned audit"

# By rules for a device and a vendor, against the default.
verdict "allow by device" reaches allowed silent=8 \
	"default block rw unassigned audit" "allow rw 8086:10d3"
verdict "allow by vendor" reaches allowed silent=8 \
	"default block rw unassigned audit" "allow rw 8086:*"
verdict "block by device" kept blocked silent=8 \
	"default allow rw unassigned" "block rw 8086:10d3 silent"
verdict "device over vendor" kept blocked silent=8 \
	"default allow rw unassigned" "allow rw 8086:*" "block rw 8086:10d3 silent"
verdict "a rule for another device" kept blocked silent=8 \
	"default block rw unassigned silent" "allow rw 8086:10d4" "allow rw 1af4:*"

# --- Spans across regions ---------------------------------------------------

policy spans "default block rw unassigned audit"
check "the policy for spans loads" guard load "$policy_file"
step_begin "writes that span regions"
is "$(vfio_do "w 9c 16 ff")" 16 "unassigned into MSI-X"
is "$(vfio_do "w c4 12 00")" 12 "unassigned into power management"
is "$(vfio_do "w c6 3 000000")" 3 "odd: 2 bytes unassigned, 1 of power management"
is "$(vfio_do "w dc 4 00000000")" 4 "within a dword: MSI and unassigned"
is "$(vfio_do "w dd 2 0000")" 2 "a byte each"
is "$(vfio_do "w e8 16 00")" 16 "PCIe into unassigned"
is "$(vfio_do "w f3 3 000000")" 3 "odd: 1 byte of PCIe, 2 unassigned"
is "$(vfio_do "w fc 12 00")" 12 "unassigned into AER, across 0x100"
is "$(vfio_do "w 126 42 00")" 42 "AER, unassigned, serial number, unassigned"
step_end
expect_bus none write "$VM_E1000E" 0x40-0x9f
expect_bus none write "$VM_E1000E" 0xc4-0xc7
expect_bus some write "$VM_E1000E" 0xcc
expect_bus none write "$VM_E1000E" 0xde-0xdf
expect_bus some write "$VM_E1000E" 0xe8
expect_bus none write "$VM_E1000E" 0xf4-0xff
expect_bus some write "$VM_E1000E" 0x104
expect_bus none write "$VM_E1000E" 0x12c-0x13f
expect_bus none write "$VM_E1000E" 0x14c-0xfff
# 9c; c4; c6; de; de; f4; f4 (2 bytes); fc; 12c, 130, 134, 138, 13c, 14c
counted "$VM_E1000E" "only the unassigned chunks are counted" accesses=14 blocked=14

zero=$(without_gaps "$stock")
# as_stock OFFSET SIZE: a read with unassigned space blocked, from a span
as_stock()
{
	is "$(vfio_do "r $1 $2")" "$2 ${zero:2*0x$1:2*$2}" "$3"
}
step_begin "reads that span regions"
as_stock 9c 16 "unassigned into MSI-X"
as_stock c4 12 "unassigned into power management"
as_stock fc 20 "unassigned into AER"
as_stock 126 42 "AER, unassigned, serial number, unassigned"
as_stock 39 4000 "most of the space, from an odd byte"
is "$(vfio_do "r dc 4")" "4 0000${zero:2*0xdd:2}${zero:2*0xdc:2}" "within a dword"
step_end
expect_bus none read "$VM_E1000E" 0x40-0x9f
expect_bus none read "$VM_E1000E" 0xde-0xdf
expect_bus none read "$VM_E1000E" 0x12c-0x13f
counted "$VM_E1000E" "and counted"

step_begin "a loop"
is "$(vfio_do "loop 1000 w 200 4 deadbeef")" "4 1000" "no write in a thousand says otherwise"
is "$(vfio_do "loop 1000 r 200 4")" "4 1000" "no read in a thousand"
is "$(vfio_do "badw 200 4")" -EFAULT "a pointer to nowhere is the caller's own error"
is "$(vfio_do "badr 200 4")" -EFAULT "also of a read"
is "$(vfio_do "r 1000 4")" -EFAULT "and beyond the end, as stock"
step_end
expect_bus none any "$VM_E1000E" 0x200
# The bad write is not judged: its data could not be fetched.
counted "$VM_E1000E" "repeats are folded" accesses=2001 blocked=2001 events=1 folded=2000

# --- Module parameters under a policy ---------------------------------------

check "the daemon starts" start_daemon "$policy_file"
last_event()
{
	sleep 0.2
	guard events --json --device "$VM_E1000E" | tail -n 1
}
policy open "default allow rw unassigned"
check "a policy that allows by default loads" guard load "$policy_file"
param block_pci_unassigned_write 1
step_begin "blocked by module parameter, allowed by default"
is "$(vfio_do "w 300 4 deadbeef")" 4 "the write looks done"
is "$(vfio_do "r 300 4")" "4 5f5f5f5f" "a read passes"
step_end
expect_bus none write "$VM_E1000E" 0x300
expect_bus exactly 1 read "$VM_E1000E" 0x300
counted "$VM_E1000E" "it counts as blocked" accesses=2 blocked=1 allowed=1 events=1 silent=1
like "$(last_event)" '"offset": ?768.*"verdict": ?"blocked".*"rule": ?"module-parameters"' \
	"the event names the module parameters"

check "the device is put on the allow list" guard allow w 8086:10d3
step_begin "blocked by module parameter, allowed by an entry"
is "$(vfio_do "w 304 4 0badcafe")" 4 "the write"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x304 0x0badcafe
counted "$VM_E1000E" "an entry overrules the module parameters" accesses=1 allowed=1

check "the device is taken off" guard deny 8086:10d3
param uaccess_allow_ids 8086:10d3
step_begin "exempt by module parameter, allowed by default"
is "$(vfio_do "w 308 4 0badcafe")" 4 "the write"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x308 0x0badcafe
counted "$VM_E1000E" "it counts as allowed" accesses=1 allowed=1

check "a policy that blocks by default loads" guard load /run/vm/spans.policy
step_begin "exempt by module parameter, blocked by the policy"
is "$(vfio_do "w 30c 4 deadbeef")" 4 "the write looks done"
step_end
expect_bus none write "$VM_E1000E" 0x30c
counted "$VM_E1000E" "it counts as blocked" accesses=1 blocked=1
like "$(last_event)" '"offset": ?780.*"verdict": ?"blocked".*"rule": ?"default"' \
	"the event names the default"

param uaccess_allow_ids ''
check "monitor.policy loads" guard load "$VM_SRC/policies/monitor.policy"
step_begin "monitor mode does not undo the module parameters"
is "$(vfio_do "w 310 4 deadbeef")" 4 "the write looks done"
step_end
expect_bus none write "$VM_E1000E" 0x310
counted "$VM_E1000E" "it counts as blocked" accesses=1 blocked=1
param block_pci_unassigned_write 0
stop_daemon

# --- The other regions ------------------------------------------------------

# 0x4 command, 0xcc PM control, 0xe8 device control, 0x108 AER mask; the write to
# MSI-X is dropped by vfio itself, and what it drops is not judged.
policy other "default block w other audit" "default allow rw unassigned"
check "a policy that blocks writes to the rest loads" guard load "$policy_file"
step_begin "writes to header and capabilities, blocked"
is "$(vfio_do "w 4 2 0002")" 2 "command"
is "$(vfio_do "w cc 2 0003")" 2 "PM control"
is "$(vfio_do "w e8 2 0000")" 2 "PCIe device control"
is "$(vfio_do "w 108 4 ffffffff")" 4 "AER mask"
is "$(vfio_do "w a4 4 ffffffff")" 4 "MSI-X"
is "$(vfio_do "w 80 4 600df00d")" 4 "unassigned"
step_end
for off in 0x4 0xcc 0xe8 0x108 0xa4; do
	expect_bus none write "$VM_E1000E" "$off"
done
expect_bus exactly 1 write "$VM_E1000E" 0x80
counted "$VM_E1000E" "the header and capabilities are counted too" \
	accesses=5 blocked=4 allowed=1 events=4 silent=1
is "$(vfio_do "r 0 4")" "4 10d38086" "the ids still read"
counted "$VM_E1000E" "and that is counted" accesses=1 allowed=1

policy nothing "default block rw other silent" "default block rw unassigned silent" \
	"default block rw vendor silent"
check "a policy that blocks everything loads" guard load "$policy_file"
step_begin "everything blocked"
is "$(vfio_do "r 0 4096")" "4096 $(printf '%08192d' 0)" "all reads as 0"
step_end
expect_bus none read "$VM_E1000E" any
counted "$VM_E1000E" "every chunk counts" accesses=1025 blocked=1025
vfio_stop

# --- Vendor capabilities ----------------------------------------------------
#
# VM_VIRTIO has them from 0x84 to 0xdb, between PM (0x7c) and MSI-X (0xdc);
# 0xe8-0xff and everything from 0x104 on is unassigned.

check "strict.policy loads" guard load "$VM_SRC/policies/strict.policy"
check "the virtio-net device opens" vfio_start "$VM_VIRTIO"
counted "$VM_VIRTIO" "opening is no access of the user" accesses=0
step_begin "strict.policy and vendor capabilities"
is "$(vfio_do "w 8c 4 00000000")" 4 "a write into one looks done"
is "$(vfio_do "w 84 16 00")" 16 "over a whole one"
is "$(vfio_do "w 82 4 00000000")" 4 "from power management into one"
is "$(vfio_do "w d8 8 0000000000000000")" 8 "from one into MSI-X"
is "$(vfio_do "w e4 8 0000000000000000")" 8 "from MSI-X into unassigned"
is "$(vfio_do "r 84 4")" "4 01107c09" "their reads pass"
is "$(vfio_do "r e8 4")" "4 00000000" "unassigned reads are blocked"
step_end
expect_bus none write "$VM_VIRTIO" 0x84-0xdb
expect_bus none any "$VM_VIRTIO" 0xe8-0xff
expect_bus exactly 1 read "$VM_VIRTIO" 0x84
# 8c; 84, 88, 8c, 90; 84 (2 bytes); d8; e8; reads: 84; e8
# The library has rules for registers in capabilities, so MSI-X is asked about too.
counted "$VM_VIRTIO" "vendor capabilities are counted" accesses=11 blocked=9 allowed=2

step_begin "default.policy and vendor capabilities"
check "default.policy loads" guard load "$VM_SRC/policies/default.policy"
is "$(vfio_do "w 8c 4 00000000")" 4 "a write"
is "$(vfio_do "w e8 4 00000000")" 4 "a write to unassigned space looks done"
step_end
expect_bus exactly 1 write "$VM_VIRTIO" 0x8c
expect_bus none write "$VM_VIRTIO" 0xe8
counted "$VM_VIRTIO" "one each" accesses=2 blocked=1 allowed=1

check "strict.policy loads again" guard load "$VM_SRC/policies/strict.policy"
check "the device is put on the allow list" guard allow 1af4:1041
step_begin "an entry allows vendor capabilities"
is "$(vfio_do "w 8c 4 00000000")" 4 "a write"
step_end
expect_bus exactly 1 write "$VM_VIRTIO" 0x8c
counted "$VM_VIRTIO" "it counts as allowed" accesses=1 allowed=1
vfio_stop

# --- Devices without extended capabilities ----------------------------------

step_begin "strict.policy and NVMe"
check "NVMe reads in full" vfio_cfg "$VM_NVME" "r 0 4096" "w 100 4 deadbeef" "w ffc 4 deadbeef"
step_end
expect_bus none any "$VM_NVME" 0x104-0xfff
expect_bus none write "$VM_NVME" 0x100
# Past 0x100 it is 959 dwords, for 0x100 itself is vfio's own.
like "$(grep -o '^4096 361b1000' /run/vm/check.out)" "^4096" "beginning with its ids"
done_testing
