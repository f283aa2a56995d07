#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 10-native.sh - the module parameters, without any user space (runs in the VM).
#
# Where the e1000e has nothing: 0x40-0x9f, 0xac-0xc7, 0xde-0xdf, 0xf4-0xff and,
# past its last extended capability, 0x14c-0xfff.
#
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${patched_core:?}"

bdfs=("$VM_E1000E" "$VM_E1000E_2" "$VM_NVME" "$VM_EDU" "$VM_TESTDEV" "$VM_VIRTIO" "$VM_SDHCI")

# size_of BDF: of config space
size_of()
{
	stat -c %s "/sys/bus/pci/devices/$1/config"
}

# The whole space of each device as its user sees it.
read_all()
{
	local b

	for b in "${bdfs[@]}"; do
		vfio_cfg "$b" "r 0 $(size_of "$b")" > "/run/vm/$1.$b"
	done
}

# answers BDF COMMAND...: all the answers on one line
answers()
{
	vfio_cfg "$@" | paste -sd ' '
}

# Records of the kernel in the audit log.
records()
{
	audit_sync
	grep -c 'type=UNKNOWN\[1340\]' /var/log/audit/audit.log
}

# auditd puts what it adds by itself behind this character.
end=$'(\035|$)'

last_record()
{
	audit_sync
	grep 'type=UNKNOWN\[1340\]' /var/log/audit/audit.log | tail -n 1
}

# --- Off: as stock ----------------------------------------------------------

check "the stock VFIO modules load" load_vfio
check "the devices are given to vfio-pci" bind_vfio "${bdfs[@]}"
# Something to see where all would be zero.
vfio_cfg "$VM_E1000E" "w 80 4 cafef00d" "w ac 4 11223344" "w de 2 5566" "w 14c 4 778899aa" "w ffc 4 bbccddee" > /dev/null
read_all stock
unbind_vfio "${bdfs[@]}"
unload_vfio

insmod_bad()
{
	insmod "$patched_core" "$1" 2> /run/vm/insmod.err
	echo "$? $(< /run/vm/insmod.err)"
}
modprobe -a vfio irqbypass
like "$(insmod_bad uaccess_allow_ids=8086:10d3,8086)" '^1 .*Invalid parameters' \
	"a malformed list keeps the module from loading"
like "$(insmod_bad block_pci_unassigned_write=maybe)" '^1 .*Invalid parameters' \
	"a malformed switch keeps the module from loading"
check "nothing of it stays" test ! -e /sys/module/vfio_pci_core
like "$(dmesg | grep uaccess_allow_ids)" "'8086' is not vendor:device, the list is refused" \
	"the kernel log says what was wrong with it"

check "the patched core loads, and the stock vfio-pci on it" load_patched
like "$(modinfo -n vfio-pci 2>/dev/null)" /lib/modules/ "vfio-pci is the stock one"
is "$(param block_pci_unassigned_write)$(param block_pci_unassigned_read)$(param uaccess_allow_ids)" \
	"NN" "everything is off by default"
check "the devices are given to vfio-pci" bind_vfio "${bdfs[@]}"
read_all off
for b in "${bdfs[@]}"; do
	check "off: the space of $b is as stock" cmp "/run/vm/stock.$b" "/run/vm/off.$b"
done

check "the e1000e opens" vfio_start "$VM_E1000E"
step_begin "off"
is "$(vfio_do "w 80 4 cafef00d")" 4 "off: a write says 4 bytes"
is "$(vfio_do "r 80 4")" "4 cafef00d" "off: a read sees it"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0xcafef00d
expect_bus exactly 1 read "$VM_E1000E" 0x80

# --- Writes blocked ---------------------------------------------------------

check "writes can be blocked while a user has the device" param block_pci_unassigned_write 1
is "$(param block_pci_unassigned_write)" Y "the switch reads back"

step_begin "blocked writes"
is "$(vfio_do "w 80 4 deadbeef")" 4 "4 bytes look written"
is "$(vfio_do "w 80 2 dead")" 2 "2 bytes look written"
is "$(vfio_do "w 80 1 de")" 1 "1 byte looks written"
is "$(vfio_do "w 80 8 deadbeefdeadbeef")" 8 "8 bytes look written"
is "$(vfio_do "w 81 3 deadbe")" 3 "3 odd bytes look written"
is "$(vfio_do "w 40 96 de")" 96 "a whole gap looks written"
is "$(vfio_do "w de 2 dead")" 2 "the two bytes behind MSI look written"
is "$(vfio_do "w 14c 3764 de")" 3764 "all past the last extended capability looks written"
is "$(vfio_do "loop 50 w 84 4 deadbeef")" "4 50" "fifty writes look written"
step_end
expect_bus none write "$VM_E1000E" 0x40-0x9f
expect_bus none write "$VM_E1000E" 0xde-0xdf
expect_bus none write "$VM_E1000E" 0x14c-0xfff

step_begin "reads beside blocked writes"
is "$(vfio_do "r 80 4")" "4 cafef00d" "a read still sees what was there"
is "$(vfio_do "r 82 2")" "2 cafe" "in 2 bytes"
is "$(vfio_do "r 81 1")" "1 f0" "in 1 byte"
step_end
expect_bus exactly 3 read "$VM_E1000E" 0x80-0x83

# 0xcc is PM control, 0xe8 device control, 0x108 the AER mask: vfio lets these
# through in part, and reads them first to keep the rest.
step_begin "header and capabilities beside blocked writes"
is "$(vfio_do "w 4 2 0006")" 2 "command"
is "$(vfio_do "w cc 2 0000")" 2 "PM control"
is "$(vfio_do "w e8 2 0000")" 2 "PCIe device control"
is "$(vfio_do "w 108 4 00000000")" 4 "AER mask"
step_end
expect_bus some write "$VM_E1000E" 0x4
expect_bus some write "$VM_E1000E" 0xcc
expect_bus some write "$VM_E1000E" 0xe8
expect_bus some write "$VM_E1000E" 0x108

step_begin "spans of unassigned space and capabilities"
is "$(vfio_do "w c4 12 000000000000000000000000")" 12 "from a gap into power management"
is "$(vfio_do "w e8 16 00000000")" 16 "from PCIe into a gap"
is "$(vfio_do "w dc 4 00000000")" 4 "within a dword: half MSI, half unassigned"
step_end
expect_bus none write "$VM_E1000E" 0xc4-0xc7
expect_bus some write "$VM_E1000E" 0xcc
expect_bus some write "$VM_E1000E" 0xe8
expect_bus none write "$VM_E1000E" 0xf4-0xf7
expect_bus none write "$VM_E1000E" 0xde

# --- Reads blocked ----------------------------------------------------------

param block_pci_unassigned_write 0
param block_pci_unassigned_read 1
is "$(param block_pci_unassigned_write)$(param block_pci_unassigned_read)" NY "reads instead of writes"

step_begin "blocked reads"
is "$(vfio_do "r 80 4")" "4 00000000" "4 bytes read as 0"
is "$(vfio_do "r 80 2")" "2 0000" "2 bytes"
is "$(vfio_do "r 80 1")" "1 00" "1 byte"
is "$(vfio_do "r 80 8")" "8 0000000000000000" "8 bytes"
is "$(vfio_do "r 81 3")" "3 000000" "3 odd bytes"
is "$(vfio_do "badr 80 4")" -EFAULT "only a bad pointer is an error"
step_end
expect_bus none read "$VM_E1000E" 0x40-0x9f

step_begin "writes beside blocked reads"
is "$(vfio_do "w 80 4 01020304")" 4 "a write goes through"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x01020304

step_begin "the whole space with blocked reads"
whole=$(vfio_do "r 0 4096")
step_end
expect_bus none read "$VM_E1000E" 0x40-0x9f
expect_bus none read "$VM_E1000E" 0x14c-0xfff
is "${whole%% *}" 4096 "the whole space reads in full"
is "${whole:5:8}" 8680d310 "it begins with the ids"
stock=$(< "/run/vm/stock.$VM_E1000E")
is "${whole:5+2*0xc8:2*22}" "${stock:5+2*0xc8:2*22}" "capabilities read as stock"
is "${whole:5+2*0x100:2*44}" "${stock:5+2*0x100:2*44}" "extended capabilities read as stock"
zero=$(printf '%0*d' 192 0)
is "${whole:5+2*0x40:192}" "$zero" "the gap reads as 0"

# --- Both, and other kinds of devices ---------------------------------------

param block_pci_unassigned_write 1
step_begin "a device without extended capabilities"
is "$(answers "$VM_NVME" "w 200 4 deadbeef" "r 200 4" "w ffc 4 deadbeef" "r 104 4")" \
	"4 4 00000000 4 4 00000000" "NVMe: past 0x100 everything is blocked"
# vfio keeps a header there by itself, and nobody else decides about it.
is "$(answers "$VM_NVME" "r 100 4" "w 100 4 deadbeef")" "4 00000000 4" \
	"NVMe: the empty list of extended capabilities reads as empty"
step_end
expect_bus none any "$VM_NVME" 0x104-0xfff
expect_bus none write "$VM_NVME" 0x100

step_begin "devices with 256 bytes"
is "$(answers "$VM_EDU" "w 60 4 deadbeef" "r 60 4" "r 100 4" "w 100 4 deadbeef")" \
	"4 4 00000000 -EFAULT -EFAULT" "conventional: blocked below, an error beyond the end, as stock"
is "$(answers "$VM_TESTDEV" "w 40 4 deadbeef" "r 40 4" "r 0 4")" \
	"4 4 00000000 4 00051b36" "no capabilities: all past the header is blocked"
step_end
expect_bus none any "$VM_EDU" 0x60
expect_bus none any "$VM_TESTDEV" 0x40-0xff

step_begin "vendor capabilities"
is "$(answers "$VM_VIRTIO" "w 8c 4 00000000" "r 84 4")" "4 4 01107c09" \
	"a vendor capability is not unassigned space"
step_end
expect_bus some write "$VM_VIRTIO" 0x8c

# --- The list of exempt ids -------------------------------------------------

check "the list can be set at run time" param uaccess_allow_ids 8086:10d3
step_begin "an exempt id"
is "$(vfio_do "w 80 4 0badcafe")" 4 "its write"
is "$(vfio_do "r 80 4")" "4 0badcafe" "its read"
is "$(answers "$VM_E1000E_2" "w 80 4 0badcafe")" 4 "another device of that id"
is "$(answers "$VM_NVME" "w 200 4 deadbeef" "r 200 4")" "4 4 00000000" "another id is blocked"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x0badcafe
expect_bus exactly 1 read "$VM_E1000E" 0x80
expect_bus exactly 1 write "$VM_E1000E_2" 0x80 0x0badcafe
expect_bus none any "$VM_NVME" 0x200

is "$(param uaccess_allow_ids)" 8086:10d3 "the list reads back"
before=8086:10d3
# One write, as long as the list is.
refused()
{
	local got

	got=$(printf '%s' "$1" | dd of=/sys/module/vfio_pci_core/parameters/uaccess_allow_ids \
		bs=64k iflag=fullblock conv=notrunc 2>&1)
	like "$got" 'Invalid argument' "refused: $2"
	is "$(param uaccess_allow_ids)" "$before" "the old list stays: $2"
	param uaccess_allow_ids "$before"
}
refused 808610d3 "no colon"
refused 8086:10d3xyz "junk behind an id"
refused 8086:10d3, "a comma at the end"
refused ,8086:10d3 "a comma at the start"
refused 8086:10d3,,1b36:0010 "two commas"
refused 80860:10d3 "a vendor of five digits"
refused 8086:10d30 "a device of five digits"
refused 0000:10d3 "vendor 0000"
refused ffff:10d3 "vendor ffff"
refused "8086:10d3 1b36:0010" "a blank in place of a comma"
refused "8086: 10d3" "a blank in an id"
refused "8086:10d3, 1b36:0010" "a blank behind a comma"
refused "8086:" "no device"
refused ":10d3" "no vendor"
refused "8086:g0d3" "not hexadecimal"
refused "8086:-0d3" "a sign"
refused "0x80:10d3" "a prefix"
refused "1b36:0010,8086:10d3,nonsense" "good ids before a bad one"
long=$(for ((i = 0; i < 500; i++)); do printf '1b36:%04x,' $((i + 0x2000)); done)
refused "${long%,}" "5000 bytes, more than a write to a parameter can take"

step_begin "after the refused lists"
is "$(vfio_do "w 80 4 0badf00d")" 4 "the id on the old list"
is "$(answers "$VM_NVME" "w 200 4 deadbeef")" 4 "one of the refused lists"
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x80 0x0badf00d
expect_bus none write "$VM_NVME" 0x200

vfio_do "w 80 4 01020304" > /dev/null
long=$(for ((i = 0; i < 399; i++)); do printf '1b36:%04x,' $((i + 0x2000)); done)1b36:0010
is "${#long}" 3999 "a list of about 4000 bytes"
check "is taken" param uaccess_allow_ids "$long"
is "$(param uaccess_allow_ids)" "$long" "and reads back"
step_begin "a long list"
is "$(vfio_do "w 80 4 deadbeef")" 4 "off the list again"
is "$(answers "$VM_NVME" "w 200 4 0badcafe")" 4 "last on the list"
step_end
expect_bus none write "$VM_E1000E" 0x80
expect_bus exactly 1 write "$VM_NVME" 0x200 0x0badcafe

check "a list with a newline, as echo writes it" param uaccess_allow_ids $'8086:10d3,1b36:0010\n'
is "$(param uaccess_allow_ids)" 8086:10d3,1b36:0010 "is the same list"
check "an empty list" param uaccess_allow_ids $'\n'
is "$(param uaccess_allow_ids)" "" "is empty"
step_begin "an emptied list"
is "$(vfio_do "w 80 4 deadbeef")" 4 "no id is exempt"
step_end
expect_bus none write "$VM_E1000E" 0x80

# --- The audit record -------------------------------------------------------

check "the audit daemon starts" start_auditd
step_begin "200 blocked writes under audit"
is "$(vfio_do "w 90 2 1234")" 2 "the first"
first=$(last_record)
is "$(vfio_do "loop 199 w 94 4 deadbeef")" "4 199" "the rest"
step_end
expect_bus none write "$VM_E1000E" 0x90-0x97

like "$first" "op=write device=\"$VM_E1000E\" ids=8086:10d3 offset=0x90 size=2 suppressed=0 .* res=0$end" \
	"a record says what was blocked, res=0 last"
like "$first" ' pid=[0-9]+ .* uid=0 .*comm="vfio-cfg"' "and by whom"
like "$(ausearch -i 2> /dev/null | grep 'UNKNOWN\[1340\]' | head -n 1)" \
	"op=write device=$VM_E1000E ids=" "ausearch -i shows the device"
n=$(records)
check "200 blocked writes give at most 11 records ($n)" test "$n" -gt 0 -a "$n" -le 11
# The limit is in ticks, which a busy emulator loses: until one is recorded.
for ((more = 0; more < 60; more++)); do
	vfio_do "w 90 4 deadbeef" > /dev/null
	[[ $(last_record) != *"offset=0x90 size=4"* ]] || break
	sleep 0.5
done
like "$(last_record)" "offset=0x90 size=4 suppressed=$((200 - n + more)) " \
	"the next record after the pause carries the number of those left out"

# Another device has a limit of its own, and what is let through is recorded too.
param uaccess_allow_ids 1b36:0010
answers "$VM_NVME" "w 200 4 0badcafe" "r 204 1" > /dev/null
like "$(last_record)" "op=read device=\"$VM_NVME\" ids=1b36:0010 offset=0x204 size=1 suppressed=0 .* res=1$end" \
	"an exempt access is recorded with res=1"
n=$(records)
vfio_do "r a0 4" > /dev/null
vfio_do "w 4 2 0006" > /dev/null
is "$(records)" "$n" "header and capabilities are not recorded"
param block_pci_unassigned_write 0
param block_pci_unassigned_read 0
answers "$VM_NVME" "w 200 4 0badcafe" > /dev/null
is "$(records)" "$n" "nothing is recorded while nothing is blocked"
vfio_stop

# --- Given at load ----------------------------------------------------------

unbind_vfio "${bdfs[@]}"
check "the modules unload" unload_vfio
check "they load again with parameters" load_patched block_pci_unassigned_write uaccess_allow_ids=1b36:0010
is "$(param block_pci_unassigned_write)$(param block_pci_unassigned_read) $(param uaccess_allow_ids)" \
	"YN 1b36:0010" "and have them"
bind_vfio "$VM_E1000E" "$VM_NVME"
step_begin "parameters given at load"
is "$(answers "$VM_E1000E" "w 80 4 deadbeef" "r 80 4")" "4 4 01020304" "blocked"
is "$(answers "$VM_NVME" "w 200 4 0badcafe")" 4 "exempt"
step_end
expect_bus none write "$VM_E1000E" 0x80
expect_bus exactly 1 read "$VM_E1000E" 0x80
expect_bus exactly 1 write "$VM_NVME" 0x200 0x0badcafe
done_testing
