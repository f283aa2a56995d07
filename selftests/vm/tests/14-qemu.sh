#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 14-qemu.sh - QEMU, unmodified, with a device under a policy (runs in the VM).
#
# No guest runs in it: its processor is stopped, and the test makes the accesses
# of a guest through the qtest port, with the registers of the machine: 0xcf8 and
# 0xcfc for the first 256 bytes, the memory-mapped window for the rest.
#
# In stock mode a read of several registers fails if one of them is blocked. QEMU starts
# with a read of the whole space, so under strict.policy it does not.
#
# vm-modes: hook stock
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

slot=3
window=0xb0000000

# qtest COMMAND: prints the value of a read
qtest()
{
	local answer

	printf '%s\n' "$1" >&"$qtest_in"
	while read -r -t 30 -u "$qtest_out" answer; do
		case $answer in
		OK*) echo "${answer#OK}"; return ;;
		FAIL* | ERR*) echo "$answer"; return 1 ;;
		esac
	done
	return 1
}

start_qemu()
{
	coproc QEMU { exec qemu-system-x86_64 -M q35 -accel tcg -m 64 -S -nodefaults -no-user-config \
		-display none -device "vfio-pci,host=$1,addr=$slot.0,rombar=0" \
		-qtest stdio -qtest-log none 2> /run/vm/qemu.err 9>&-; }
	# shellcheck disable=SC2153 # set by coproc
	qemu_pid=$QEMU_PID
	# Copies, because bash hides a coprocess's own descriptors from $(...).
	exec {qtest_in}>&"${QEMU[1]}" {qtest_out}<&"${QEMU[0]}"
	eval "exec ${QEMU[1]}>&- ${QEMU[0]}<&-"
	qtest "outl 0xcf8 0x80000060" > /dev/null || {
		cat /run/vm/qemu.err
		return 1
	}
	# The window is off until firmware switches it on.
	qtest "outl 0xcfc $((window | 1))" > /dev/null
}

stop_qemu()
{
	exec {qtest_in}>&- {qtest_out}<&-
	kill "$qemu_pid"
	wait "$qemu_pid"
	return 0
}

# config_read OFFSET, config_write OFFSET VALUE: below 0x100
config_read()
{
	qtest "outl 0xcf8 $((0x80000000 | slot << 11 | $1))" > /dev/null
	qtest "inl 0xcfc"
}

config_write()
{
	qtest "outl 0xcf8 $((0x80000000 | slot << 11 | $1))" > /dev/null
	qtest "outl 0xcfc $2"
}

# of OFFSET: its address in the window
of()
{
	echo $((window + (slot << 15) + $1))
}

check "the modules load" load_patched
bind_vfio "$VM_E1000E" "$VM_E1000E_2"
# Something to see where all would be zero.
vfio_cfg "$VM_E1000E" "w 80 4 cafef00d" "w 200 4 12345678" > /dev/null

# Dwords in capabilities: the device library has rules for such registers, of other
# devices, so that the policies are asked about them here too.
caps=34

for name in default strict; do
	guard load "$VM_SRC/policies/$name.policy" > /run/vm/out 2>&1
	is "$?" 0 "$name.policy loads"
	if stock && [ "$name" = strict ]; then
		like "$(< /run/vm/out)" "warning: .*QEMU.* does not start" "$name: the load says what becomes of QEMU"
		step_begin "$name.policy: QEMU starts"
		is "$(start_qemu "$VM_E1000E" > /run/vm/out; echo $?)" 1 "$name: QEMU does not start"
		step_end
		like "$(< /run/vm/qemu.err)" "failed to read device config space" "$name: it says why"
		expect_bus none any "$VM_E1000E" 0x40-0x9f
		break
	fi
	step_begin "$name.policy: QEMU starts"
	check "$name: QEMU starts" start_qemu "$VM_E1000E"
	step_end
	expect_bus none write "$VM_E1000E" 0x40-0x9f
	expect_bus none write "$VM_E1000E" 0x14c-0xfff
	if [ "$name" = default ]; then
		expect_bus exactly 24 read "$VM_E1000E" 0x40-0x9f
		expect_bus exactly 941 read "$VM_E1000E" 0x14c-0xfff
		counted "$VM_E1000E" "$name: its look at the whole space is counted" \
			accesses=$((981 + caps)) allowed=$((981 + caps))
		value="0xcafef00d 0x12345678"
	else
		expect_bus none read "$VM_E1000E" 0x40-0x9f
		expect_bus none read "$VM_E1000E" 0x14c-0xfff
		counted "$VM_E1000E" "$name: its look at the whole space is counted" \
			accesses=$((981 + caps)) blocked=981 allowed=$caps
		value="0x0000000000000000 0x0000000000000000"
	fi

	is "$(printf '%#x' "$(config_read 0)")" 0x10d38086 "$name: the guest would see the device"
	step_begin "$name.policy: the guest reads and writes"
	first=$(config_read 0x80)
	second=$(qtest "readl $(of 0x200)")
	config_write 0x80 0xdeadbeef > /dev/null
	qtest "writel $(of 0x200) 0xdeadbeef" > /dev/null
	qtest "writeb $(of 0x300) 0x55" > /dev/null
	# A register that a guest may write: device control.
	config_write 0xe8 0x0 > /dev/null
	step_end
	is "$((first)) $((second))" "$((${value% *})) $((${value#* }))" "$name: what the guest reads"
	expect_bus none write "$VM_E1000E" 0x80
	expect_bus none write "$VM_E1000E" 0x200
	expect_bus none write "$VM_E1000E" 0x300
	expect_bus some write "$VM_E1000E" 0xe8
	if [ "$name" = default ]; then
		expect_bus exactly 1 read "$VM_E1000E" 0x80
		expect_bus exactly 1 read "$VM_E1000E" 0x200
		counted "$VM_E1000E" "$name: each is counted" accesses=6 allowed=3 blocked=3
	else
		expect_bus none read "$VM_E1000E" 0x80
		expect_bus none read "$VM_E1000E" 0x200
		counted "$VM_E1000E" "$name: each is counted" accesses=6 blocked=5 allowed=1
	fi
	check "$name: QEMU still lives" kill -0 "$qemu_pid"
	is "$(< /run/vm/qemu.err)" "" "$name: QEMU has nothing to complain about"
	check "$name: QEMU stops" stop_qemu
done
done_testing
