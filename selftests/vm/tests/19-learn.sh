#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 19-learn.sh - what is learnt is what was done, and what is suggested of it lets
# that through and nothing else (runs in the VM).
#
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}" "${daemon_pid=}" "${daemon_log:?}"

maps=/sys/fs/bpf/vfioguard
scope='machine-qemu\x2d1\x2dweb.scope'
cgroup=/sys/fs/cgroup/machine.slice/$scope

# In unassigned space, by a client in OWNER: "REGISTER WIDTH DIRECTION COUNT" of each.
learnt()
{
	guard learn show | grep -F "] $1; no capability" | awk '{ print $3, $4, $5, $6 }'
}

# of NAME: a word of `learn status`
of()
{
	guard learn status --json | sed -n 's/^[[:space:]]*"'"$1"'": *"\{0,1\}\([^",]*\).*/\1/p'
}

# values REGISTER: that the first owner wrote there
values()
{
	guard learn show | grep -F "$scope; no capability" | awk -v at="$1" '$3 == at && $5 == "write"' |
		sed 's/.*; of //'
}

# in_time FROM TO: first and last times are between them, and in this order
in_time()
{
	guard learn show | awk -v from="$1" -v to="$2" '/^0000:/ && ($7 < from || $8 < $7 || to < $8)' |
		tee /dev/stderr | wc -l
}

# without_complaint POLICY: check has nothing to say, not even a note
without_complaint()
{
	guard check "$1" > /run/vm/check 2>&1 &&
		[ "$(wc -l < /run/vm/check)" = 1 ] && grep -q ' 0 errors, 0 warnings$' /run/vm/check &&
		return
	cat /run/vm/check
	return 1
}

# Accesses of the client, and how often each.
first="w 80 4 cafef00d
w 80 4 00000001
w 89 1 55
w 200 2 1234
r 204 4"
flood=3000

do_all()
{
	local line

	while read -r line; do
		vfio_do "$line" > /run/vm/answer
		read -r size _ < /run/vm/answer
		[ "$size" = "$(cut -d ' ' -f 3 <<< "$line")" ] || return 1
	done <<< "$1"
}

# The accesses again, and their neighbours, under a policy made of what was learnt.
hold_to_learnt()
{
	step_begin "$1: what was learnt"
	check "$1: each looks done" do_all "$first
w 84 4 deadbeef
w 8a 1 66"
	step_end
	expect_bus exactly 2 write "$VM_E1000E" 0x80
	expect_bus exactly 1 write "$VM_E1000E" 0x84 0xdeadbeef
	expect_bus exactly 1 write "$VM_E1000E" 0x89
	expect_bus exactly 1 write "$VM_E1000E" 0x8a
	expect_bus exactly 1 write "$VM_E1000E" 0x200
	expect_bus exactly 1 read "$VM_E1000E" 0x204

	step_begin "$1: what was not"
	check "$1: each of these looks done too" do_all "w 7c 4 00000001
w 80 4 00000002
w 88 4 00000001
w 8b 1 01
w 202 2 0001
w 204 4 00000001
r 80 4
r 208 4
w 304 4 00000001"
	step_end
	expect_bus none any "$VM_E1000E" 0x40-0x9f
	expect_bus none any "$VM_E1000E" 0x14c-0xfff
}

check "the patched core loads" load_patched
bind_vfio "$VM_E1000E" "$VM_VIRTIO"
policy strict "mode enforce" "default block rw unassigned audit" \
	"default block w vendor audit" "default allow rw other"
strict=$policy_file
check "the daemon starts" start_daemon "$strict"
mkdir -p "$cgroup"
echo "$BASHPID" > "$cgroup/cgroup.procs"
check "a client in a machine's cgroup" vfio_start "$VM_E1000E"
echo "$BASHPID" > /sys/fs/cgroup/cgroup.procs

step_begin "before learning"
vfio_do "w 80 4 77777777" > /dev/null
step_end
expect_bus none write "$VM_E1000E" 0x80
is "$(of learning) $(of entries)" "false 0" "nothing is learnt unasked"

# --- What is learnt -------------------------------------------------------------

began=$(date -u +%FT%TZ)
check "learning starts" guard learn start
is "$(of learning) $(of mode) $(of mode_before)" "true monitor enforce" "in monitor mode"
check "starting again changes nothing" guard learn start
is "$(of mode_before)" enforce "nor what it goes back to"

step_begin "learning"
check "the client goes on" do_all "$first"
vfio_do "loop $flood w 84 4 deadbeef" > /dev/null
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2> /dev/null
vfio_do "loop $flood w 84 4 deadbeef" > /dev/null
check "while no daemon lives" do_all "w 8a 1 66"
check "another daemon" start_daemon "$strict"
like "$(< "$daemon_log")" "took over the loaded policy" "takes over"
is "$(of learning)" true "and learning goes on"
vfio_do "w 84 4 11111111" > /dev/null
for i in 1 2 3 4 5 6 7 8 9; do
	vfio_do "w 90 4 0000000$i" > /dev/null
done
step_end
expect_bus exactly 2 write "$VM_E1000E" 0x80
expect_bus exactly $((2 * flood + 1)) write "$VM_E1000E" 0x84
expect_bus exactly 1 write "$VM_E1000E" 0x8a

is "$(learnt "/machine.slice/$scope")" "0x080 4 write 2
0x084 4 write $((2 * flood + 1))
0x089 1 write 1
0x08a 1 write 1
0x090 4 write 9
0x200 2 write 1
0x204 4 read 1" "each access was learnt, and how often"
is "$(values 0x080)" "0xcafef00d 0x00000001" "the values"
is "$(values 0x084)" "0xdeadbeef 0x11111111" "of a flood too"
like "$(values 0x090)" "0x00000008 and others" "and that there were more than fit"
is "$(in_time "$began" "$(date -u +%FT%TZ)" 2>&1)" 0 "the times"
check "JSON has the owner's machine" grep -q '"vm": "web"' <(guard learn show --json)

vfio_stop
rmdir "$cgroup"
is "$(learnt "/machine.slice/$scope" | wc -l)" 7 "the owner has a name when its cgroup is gone"
vfio_cfg "$VM_E1000E" "w 84 4 22222222" > /dev/null
is "$(learnt /)" "0x084 4 write 1" "another owner is told apart"

# --- Back to the mode before ------------------------------------------------------

check "learning stops" guard learn stop
is "$(of learning) $(of mode)" "false enforce" "and the mode is as before"
check "the device opens" vfio_start "$VM_E1000E"
step_begin "after learning"
vfio_do "w 80 4 77777777" > /dev/null
step_end
expect_bus none write "$VM_E1000E" 0x80
is "$(learnt /)" "0x084 4 write 1" "what was learnt stays"

# Switched while a client writes: each write is blocked, or learnt and on the bus.
step_begin "switches"
vfio_pace 1 "w a00 4 00000001"
failed=0
for i in 1 2 3 4 5; do
	guard -q learn start || failed=$((failed + 1))
	guard -q learn stop || failed=$((failed + 1))
done
read -r size count <<< "$(vfio_rest)"
step_end
passed=$(learnt / | awk '$1 == "0xa00" { print $4 }')
is "$size $failed" "4 0" "all of $count writes looked done during ten switches"
check "$passed of them were learnt" [ "${passed:-0}" -gt 0 ]
check "and others not" [ "${passed:-0}" -lt "$count" ]
expect_bus exactly "${passed:-0}" write "$VM_E1000E" 0xa00

# --- What is suggested ------------------------------------------------------------

guard suggest --library "$VM_SRC/policies/devices" > /run/vm/whole.policy
check "a policy is suggested" test -s /run/vm/whole.policy
check "check has no complaint" without_complaint /run/vm/whole.policy
check "it loads" guard load /run/vm/whole.policy
hold_to_learnt whole
step_begin "vendor capabilities, which nobody used"
vfio_cfg "$VM_VIRTIO" "w 88 4 00000001" > /dev/null
step_end
expect_bus none write "$VM_VIRTIO" 0x84-0x93
guard suggest --loaded > /run/vm/none
check "nothing is missing in it" grep -q 'there are none\.$' /run/vm/none

check "the first policy again" guard load "$strict"
guard suggest --policy "$strict" --library "$VM_SRC/policies/devices" > /run/vm/missing
cat "$strict" /run/vm/missing > /run/vm/both.policy
check "what it lacks, added to it, passes check" without_complaint /run/vm/both.policy
guard suggest --loaded --library "$VM_SRC/policies/devices" > /run/vm/loaded
is "$(grep -v '^#' /run/vm/loaded)" "$(grep -v '^#' /run/vm/missing)" \
	"the loaded policy and its text lack the same"
check "it loads, too" guard load /run/vm/both.policy
hold_to_learnt both

mkdir /run/vm/known
echo "block w 8086:* 0x84 key=hang-example" > /run/vm/known/x.policy
guard suggest --library /run/vm/known > /run/vm/warned.policy
check "a register known to hang is left out" grep -qx '#allow w 8086:10d3 0x84' /run/vm/warned.policy
check "with a warning" grep -q '^# WARNING: hang-example' /run/vm/warned.policy
check "and without a complaint" without_complaint /run/vm/warned.policy

# --- A full map, a load in between --------------------------------------------------

check "learning again" guard learn start
check "the map is full" "$VM_SRC/build/vm/bin/learn-fill" "$maps/learned"
is "$(of entries)" "$(of room)" "of what it has room for"
vfio_do "loop 5 w c00 4 00000001" > /dev/null
vfio_do "w 84 4 deadbeef" > /dev/null
is "$(of lost)" 5 "what finds no room is counted"
like "$(learnt /)" "0x084 4 write 2" "what has a place goes on"
check "suggest says so" grep -q '^# WARNING: 5 accesses found no room' <(guard suggest)
check "cleared" guard learn clear
is "$(of entries) $(of lost)" "0 0" "nothing is left"
vfio_do "w c00 4 00000001" > /dev/null
is "$(learnt /)" "0xc00 4 write 1" "and there is room"

check "a load while learning" guard load "$strict"
is "$(of learning) $(of mode) $(of entries)" "false enforce 1" \
	"ends it, and what was learnt stays"
check "the daemon is in order" stop_daemon
check "unloaded" guard unload
vfio_stop
done_testing
