#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 18-explain.sh - what explain and devices say is what the hook does (runs in the
# VM). Each access is explained first, then made through VFIO; the bus trace
# tells what became of it.
#
# vm-args: --timeout 600

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}"

pins=/sys/fs/bpf/vfioguard
explain_json=/run/vm/explain.json

# explain ARGUMENTS...: keep the answer
explain()
{
	guard explain --json "$@" > "$explain_json"
}

# reads REGEX NAME ARGUMENTS...: what people see of it
reads()
{
	local regex=$1 name=$2

	shift 2
	[ $# = 0 ] || guard explain "$@" > /run/vm/explain.txt
	like "$(< /run/vm/explain.txt)" "$regex" "$name"
}

# says NAME: a member of the answer itself, not of what is nested in it
says()
{
	sed -n 's/^\t"'"$1"'": "\{0,1\}\([^",]*\)"\{0,1\},\{0,1\}$/\1/p' "$explain_json"
}

# Whatever a policy edit or a parameter changed holds from the next tick on.
tick()
{
	sleep 0.02
}

# agrees VERDICT BDF OFFSET[.b|.w] r|w [VALUE]: explain says VERDICT, and the
# device that is open sees what follows from the answer
agrees()
{
	local verdict=$1 dev=$2 where=$3 dir=$4 value=${5:-} size=4 off name answer seen

	name="$dev $where $dir${value:+ $value}"
	case $where in
	*.b) size=1 ;;
	*.w) size=2 ;;
	esac
	off=$(printf %x "${where%.*}")
	# shellcheck disable=SC2086 # no word if there is no value
	explain "$dev" "$where" "$dir" $value || {
		not_ok "$name: explained"
		return
	}
	is "$(says verdict)" "$verdict" "$name: $verdict"
	verdict=$(says verdict)
	step_begin "$name"
	if [ "$dir" = w ]; then
		answer=$(vfio_do "w $off $size $(printf "%0$((2 * size))x" "$value")")
		is "$answer" "$size" "$name: looks done"
		seen=$(printf 0x%x $((value & $(says write_mask))))
	else
		answer=$(vfio_do "r $off $size")
		[ "$verdict" != blocked ] || is "$answer" \
			"$size $(printf "%0$((2 * size))x" "$(says read_value)")" \
			"$name: reads what explain says"
	fi
	step_end
	case $verdict:$dir in
	blocked:w) expect_bus none write "$dev" "0x$off" ;;
	blocked:r) expect_bus none read "$dev" "0x$off" ;;
	*:w) expect_bus exactly 1 write "$dev" "0x$off" "$seen" ;;
	*:r) expect_bus exactly 1 read "$dev" "0x$off" ;;
	esac
}

# by REGEX: the last answer's rule, and where it is written
by()
{
	like "$(says rule) $(says text) $(says file):$(says line)" "$1" "... by ${2:-$1}"
}

devices="$VM_E1000E $VM_VIRTIO $VM_NVME $VM_EDU"
check "the patched core loads" load_patched
# shellcheck disable=SC2086 # words
check "the devices are given to vfio-pci" bind_vfio $devices

guard explain 8086:10d3 0x80 w > /run/vm/out 2>&1
is "$?" 8 "nothing is loaded: exit status 8"
guard devices > /run/vm/out 2>&1
is "$?" 8 "devices, too"

# --- Where a register lies: explain's own look at the device, and the kernel's --

policy watch "default allow rw unassigned audit" "default allow rw vendor audit" \
	"default allow rw other audit" "rate 10000 burst 10000"
check "a policy that reports everything" start_daemon "$policy_file"

# Both edges of capabilities, gaps, hidden and vendor ones.
places_e1000e="3c 40 a0 a8 ac d8 de.w f0 f4 128 12c 148 14c ffc"
places_virtio="70 74 80.w 84 b0 d8 e8 100"
places_nvme="48 4c b0 b4 100"
places_edu="48 4e.w 50"

# places BDF OFFSET...
places()
{
	local dev=$1 where off size answers='' events words

	shift
	vfio_start "$dev"
	for where; do
		size=4
		case $where in
		*.w) size=2 ;;
		*.b) size=1 ;;
		esac
		off=${where%.*}
		vfio_do "r $off $size" > /dev/null
		explain "$dev" "0x$where" r
		words=$(sed -n '/"capability"/,/}/s/.*"id": \([0-9]*\).*/\1/p' "$explain_json")
		case $(says region) in
		header) words=0 ;;
		# Its hidden capability is nothing the kernel tells.
		unassigned) words=255 ;;
		esac
		answers+="$((16#$off)) $size $(says region) $words"$'\n'
	done
	vfio_stop
	told()
	{
		events=$(guard events --json --device "$dev" | python3 -c '
import json, sys
for line in sys.stdin:
	e = json.loads(line)
	if e["access"] == "read" and e["comm"] == "vfio-cfg" and (e["offset"], e["size"]) != (0, 2):
		print(e["offset"], e["size"], e["region"], e["capability"])')
		[ "$(grep -c . <<< "$events")" = $# ]
	}
	wait_for told "$@"
	is "$events" "${answers%$'\n'}" "$dev: $# places are what the kernel takes them for"
}
# shellcheck disable=SC2086 # words
{
	places "$VM_E1000E" $places_e1000e
	places "$VM_VIRTIO" $places_virtio
	places "$VM_NVME" $places_nvme
	places "$VM_EDU" $places_edu
}
guard explain "$VM_EDU" 0x100 r 2> /run/vm/out
is "$?" 1 "behind the end of config space: exit status 1"
like "$(< /run/vm/out)" "ends at 0xff" "it says where that is"
guard explain "$VM_E1000E" 0xdc r 2> /run/vm/out
is "$?" 1 "an access that vfio cuts: exit status 1"
like "$(< /run/vm/out)" "each of 0xdc\.w, 0xde\.w" "it says into what"
check "the daemon stops" stop_daemon

# --- Verdicts: rules of every kind --------------------------------------------

rules=(
	"default block w unassigned audit"			# 1
	"allow w 8086:10d3 0x80-0x83 wmask=0xff00ff"		# 2
	"block w 8086:10d3 0x84 value=0x39d5e86b key=deadly"	# 3
	"allow w 8086:10d3 0x84"				# 4
	"block r 8086:10d3 0x88 read=0xdeadbeef"		# 5
	"block r 8086:* 0x8c-0x8d read=ones"			# 6
	"allow w class=0200 0x90"				# 7
	"allow w slot=$VM_E1000E 0x94"				# 8
	"allow w owner=/machine.slice 0x98"			# 9
	"allow rw 1af4:1041 cap=vndr"				# 10
	"block rw 1af4:*"					# 11
	"block w 8086:10d3 cap=msix silent"			# 12
)
policy rules "${rules[@]}"
rules_file=$policy_file
check "the rules load" guard load "$rules_file"
check "the e1000e opens" vfio_start "$VM_E1000E"
agrees blocked "$VM_E1000E" 0x40 w 0xcafe0001
by "^default default block w unassigned" "the default"
agrees allowed "$VM_E1000E" 0x80 w 0xffffffff
by "^rule allow w 8086:10d3 0x80 wmask=0xff00ff $rules_file:2\$" "line 2"
agrees allowed "$VM_E1000E" 0x82.w w 0xffff
agrees blocked "$VM_E1000E" 0x84 w 0x39d5e86b
by "^rule block w 8086:10d3 0x84 value=0x39d5e86b $rules_file:3\$" "line 3"
is "$(says key)" deadly "... and its key"
agrees blocked "$VM_E1000E" 0x84.b w 0x11
agrees allowed "$VM_E1000E" 0x84 w 0x11111111
by ":4\$" "line 4"
agrees blocked "$VM_E1000E" 0x88 r
agrees blocked "$VM_E1000E" 0x8a.w r
agrees blocked "$VM_E1000E" 0x8c r
by ":6\$" "line 6"
agrees allowed "$VM_E1000E" 0x8e.w r
agrees allowed "$VM_E1000E" 0x90 w 0x1
by ":7\$" "line 7: the class was read from the device"
agrees allowed "$VM_E1000E" 0x94 w 0x1
by ":8\$" "line 8: its slot"
agrees blocked "$VM_E1000E" 0x98 w 0x1
reads "note +rules for an owner= are left out" "... owners were left out" "$VM_E1000E" 0x98 w 0x1
explain "$VM_E1000E" 0x98 w 0x1 --owner /machine.slice/vm1.scope
is "$(says verdict)" allowed "the owner's verdict"
by ":9\$" "line 9"
explain "$VM_E1000E" 0xa0 w 0x1
is "$(says verdict) $(says audit)" "blocked false" "a named capability"
by ":12\$" "line 12"
step_begin "a named capability"
is "$(vfio_do "w a2 2 0001")" 2 "it looks done"
step_end
expect_bus none write "$VM_E1000E" 0xa2
# The type alone: what is not said is not known.
explain 8086:10d3 0x90 w 0x1
is "$(says verdict)" blocked "of the type alone the class is not known"
reads "note +rules for a class= are left out" "... and explain says so" 8086:10d3 0x90 w 0x1
explain 8086:10d3 0x90 w 0x1 --class 020000
is "$(says verdict)" allowed "with it it is"
vfio_stop

check "the virtio device opens" vfio_start "$VM_VIRTIO"
agrees allowed "$VM_VIRTIO" 0xcc r
by ":10\$" "line 10"
agrees blocked "$VM_VIRTIO" 0x74 r
by "^allowlist-vendor 1af4:\* block rw" "the allow list"
vfio_stop

# --- devices --------------------------------------------------------------------

guard devices > /run/vm/devices.txt
row()
{
	awk -v dev="$1" '$1 == dev { print $3, $4, $5, $6, $7 }' /run/vm/devices.txt
}
is "$(row "$VM_E1000E")" "r- rw rw 8+1 slot=$VM_E1000E" "devices: the e1000e"
is "$(row "$VM_VIRTIO")" "-- -- rw 3+1 1af4:1041" "devices: virtio, all but what its capability may"
is "$(row "$VM_NVME")" "r- rw rw 0+1 -" "devices: nvme, which was never opened"
snapshot
like "$(grep "^$VM_E1000E" /run/vm/devices.txt)" \
	" $(counter "$VM_E1000E" blocked) +$(counter "$VM_E1000E" accesses)  82574L" "devices: counters and the name"
guard devices --json > /run/vm/devices.json
check "devices --json is JSON" python3 -m json.tool /run/vm/devices.json
check "the e1000e goes back to its driver" unbind_vfio "$VM_E1000E"
like "$(guard devices)" "$VM_E1000E .*not given to vfio now" "a device that is not given any more"
check "and comes again" bind_vfio "$VM_E1000E"

# --- Edits, by vfioguard, by bpftool, and of the file ---------------------------

check "the e1000e opens again" vfio_start "$VM_E1000E"
change=("$VM_E1000E" 0x40 w 0x2)
reads "differs +no, the maps are as the file says" "nothing differs" "${change[@]}"
reads "at +$rules_file:1"$'\n' "a default has the line that sets it"
check "8086:10d3 is allowed with vfioguard" guard allow w 8086:10d3
tick
agrees allowed "$VM_E1000E" 0x40 w 0x3
by "^allowlist-device 8086:10d3 allow w" "the allow list"
reads "8086:10d3: 'allow w' is loaded, and not in the file" "... which is not in the file" "${change[@]}"
reads "file +says otherwise: blocked" "... and what the file says is told"
check "and denied" guard deny 8086:10d3
echo "# a comment" | cat - "$rules_file" > /run/vm/moved && mv /run/vm/moved "$rules_file"
reads "differs +lines of the file have moved" "lines that moved" "${change[@]}"
echo "allow w 8086:10d3 0x40" >> "$rules_file"
reads "differs +the file has changed since it was loaded" "a file that changed" "${change[@]}"
reads "'allow w 8086:10d3 0x40' is in the file, and not loaded" "... and how"
reads "file +says otherwise: allowed.* by allow w 8086:10d3 0x40" "... and what it says"
echo "nonsense" >> "$rules_file"
reads "differs +not known: the file can't be read or has mistakes" "a file with mistakes" "${change[@]}"
agrees blocked "$VM_E1000E" 0x40 w 0x4
printf '%s\n' "${rules[@]}" > "$rules_file"

# --- Monitor mode and the module parameters --------------------------------------

policy monitor "mode monitor" "${rules[@]}"
check "the rules load in monitor mode" guard load "$policy_file"
agrees would-block "$VM_E1000E" 0x40 w 0x5
agrees would-block "$VM_E1000E" 0x84 w 0x39d5e86b
agrees allowed "$VM_E1000E" 0x80 w 0xffffffff
like "$(guard devices | grep "^$VM_E1000E")" " rw!  +rw  +rw " "devices: monitor mode"
param block_pci_unassigned_write 1
agrees blocked "$VM_E1000E" 0x40 w 0x6
by "^module-parameters" "the module parameters, that monitor mode leaves it to"
agrees allowed "$VM_E1000E" 0x90 w 0x7
param uaccess_allow_ids 8086:10d3
agrees would-block "$VM_E1000E" 0x40 w 0x8
param uaccess_allow_ids ""
policy open "default allow rw unassigned" "allow w 8086:10d3 0x90-0x91"
check "a policy that allows by default" guard load "$policy_file"
agrees blocked "$VM_E1000E" 0x40 w 0x9
agrees blocked "$VM_E1000E" 0x90 w 0xa
agrees allowed "$VM_E1000E" 0x90.w w 0xb
agrees allowed "$VM_E1000E" 0x40 r
param block_pci_unassigned_write 0
agrees allowed "$VM_E1000E" 0x40 w 0xc
vfio_stop

# --- The lines of bpftool in the manual, as they stand there ----------------------

mkdir /run/vm/lines
awk -v dir=/run/vm/lines -f "$VM_SRC/selftests/unit/examples.awk" "$VM_SRC/man/vfioguard.policy.5.scd"
mapfile -t lines < <(grep -l '^bpftool$' /run/vm/lines/*.kind | while read -r kind; do
	cat "${kind%.kind}"
done)
ran=0

# manual REGEX: run the next line, which must be about that
manual()
{
	local line=${lines[ran]:-}

	ran=$((ran + 1))
	like "$line" "$1" "manual, line $ran"
	check "... and bpftool takes it" eval "$line"
	tick
}

check "the e1000e opens for the manual" vfio_start "$VM_E1000E"
policy manual "default block w unassigned"
check "a policy to edit" guard load "$policy_file"
manual "update .*/allowlist"
agrees allowed "$VM_E1000E" 0x40 w 0x21
manual "update .*/allowlist key hex e4 14 ff ff"
explain 14e4:1657 0x40 r
by "^allowlist-vendor 14e4:\* allow r" "every device of a vendor"
manual "update .*/allowlist"
agrees blocked "$VM_E1000E" 0x40 w 0x22
by "^allowlist-device 8086:10d3 block w silent"
manual "dump .*/allowlist"
manual "delete .*/allowlist"
agrees blocked "$VM_E1000E" 0x40 w 0x23
by "^default "

policy manual "default allow rw unassigned"
check "another policy to edit" guard load "$policy_file"
manual "update .*/rules"
manual "update .*/scopes"
manual "update .*/scope_kinds"
agrees blocked "$VM_E1000E" 0x80 w 0x24
by "^rule block w 8086:10d3 0x80 "
agrees allowed "$VM_E1000E" 0x84 w 0x39d5e86b
manual "update .*/rules"
agrees blocked "$VM_E1000E" 0x84 w 0x39d5e86b
by "^rule block w 8086:10d3 0x84 value=0x39d5e86b "
agrees allowed "$VM_E1000E" 0x84 w 0x25
reads "'block w 8086:10d3 0x80' is loaded, and not in the file" "... and explain tells of the edits" \
	"$VM_E1000E" 0x84 w 0x25
manual "dump .*/rules"
manual "delete .*/rules"
agrees allowed "$VM_E1000E" 0x80 w 0x26
manual "update .*/config"
agrees would-block "$VM_E1000E" 0x84 w 0x39d5e86b
is "$(says mode)" monitor "... in monitor mode"
manual "update .*/config"
agrees blocked "$VM_E1000E" 0x84 w 0x39d5e86b
manual "update .*/config"
agrees blocked "$VM_E1000E" 0x48 w 0x27
is "$(says text) $(says audit)" "default block w unassigned silent false" "... by the edited default"
is "$ran" "${#lines[@]}" "every line of bpftool in the manual was run"
vfio_stop

# --- Detached by somebody ----------------------------------------------------------

bpftool link detach pinned "$pins/link"
check "the e1000e opens" vfio_start "$VM_E1000E"
agrees allowed "$VM_E1000E" 0x40 w 0xd
reads "by +nobody: the policy was detached" "detached by somebody" "$VM_E1000E" 0x40 w 0xd
vfio_stop
done_testing
