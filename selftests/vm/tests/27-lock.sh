#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 27-lock.sh - a locked policy: each known way round it is tried, is refused and
# leaves a record, and the policy blocks after it (runs in the VM). By mounts:
# 27-lock-mounts.sh.
#
# vm-args: --timeout 600

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/lock.sh
. "$VM_SRC/selftests/vm/lib/lock.sh"
: "${daemon_log:?}" "${daemon_pid=}" "${policy_file=}"

list=$pins/allowlist
key="86 80 d3 10"

map_id()
{
	bpftool map show pinned "$pins/$1" | sed -n 's/^\([0-9]*\):.*/\1/p'
}

lock_start

# --- What stands in the way of a lock ----------------------------------------

check "a process opens the link" hold link
link_holder=$held_pid
says 9 "process $link_holder \(lock-try\) has the policy's link open" \
	"a link that is open elsewhere" guard lock
check "nothing is left of the lock" test ! -e "$pins/lock_ctl" -a ! -e "$pins/lock_bpf"
check "the policy can be edited as ever" guard allow rw 1111:2222
"$VM_SRC/build/vfioguard" lock > /dev/null 2>&1 9>&- &
killed=$!
check "a lock that waits for it" wait_for test -e "$pins/lock_ctl"
check "nobody else makes it give up" not try give-up "$pins/lock_ctl"
kill -KILL "$killed"
wait "$killed" 2> /dev/null
kill "$link_holder"
check "is killed: the policy can be loaded again" guard load "$policy_file"
check "nothing is left of that lock either" test ! -e "$pins/lock_ctl"
snapshot
is "$(state attached)" true "the policy is attached"
check "a process writes to the ring buffer's first page" hold events
check "as the daemon does" held events mmap
says 9 "another process than the daemon reads the policy's events" "a second reader" guard lock
kill "$held_pid"
rm /run/vm/events.in /run/vm/events.out
check "a program that writes to its maps" bpftool prog load "$bin/ring-fill.bpf.o" \
	/sys/fs/bpf/ring-fill map name events pinned "$pins/events"
says 9 "uses a map of the policy" "a program of others with a map of ours" guard lock
rm /sys/fs/bpf/ring-fill
check "a program that passes LSMs by" bpftool prog load "$bin/lock-try-skip.bpf.o" /sys/fs/bpf/skip
says 9 "could make the kernel pass the lock by" "a program that could skip the lock" guard lock
rm /sys/fs/bpf/skip
check "an LSM program of a cgroup" bpftool prog load "$bin/lock-try-cgroup.bpf.o" /sys/fs/bpf/cgroup
says 9 "could make the kernel pass the lock by" "one that may be asked first" guard lock
rm /sys/fs/bpf/cgroup
check "a process opens the allow list" hold allowlist
check "and is in an update of it" held allowlist park 34127856
says 9 'map "allowlist" can.t be frozen: .* in an update of it' "an update that has not ended" guard lock
check "nothing is left of that lock" test ! -e "$pins/lock_ctl"
check "the update ends" held allowlist unpark 34127856 02000000
kill "$held_pid"
rm /run/vm/allowlist.in /run/vm/allowlist.out
check "a load makes the maps anew" guard load "$policy_file"
mkdir /sys/fs/cgroup/other
mount --bind /sys/fs/cgroup/other /sys/fs/cgroup
says 9 "must be the root of cgroup v2" "a cgroup in the place of the root" guard lock
umount /sys/fs/cgroup
check "the policy can be edited as ever" guard allow rw 1111:2222

# Without a lock these ways are open, so it is the lock that closes them.
ask_id=$(bpftool prog show pinned "$pins/ask" | sed -n 's/^\([0-9]*\):.*/\1/p')
check "no lock: a program can be replaced" try extend "$bin/lock-try-extend.bpf.o" "$ask_id" resolve
check "no lock: a map of maps takes the counters" try inner "$pins/devices"
check "no lock: a map iterator" bpftool iter pin "$bin/lock-try-iter.bpf.o" /sys/fs/bpf/iter \
	map pinned "$pins/allowlist"
cat /sys/fs/bpf/iter
rm /sys/fs/bpf/iter
like "$(bpftool map lookup pinned "$pins/allowlist" key hex 34 12 78 56)" '"value": 3' \
	"no lock: it writes what programs must not write"
check "the policy is loaded again" guard load "$policy_file"
guard allow rw 1111:2222 > /dev/null 2>&1

# --- Locked --------------------------------------------------------------------

# Others' objects, from before.
bpftool map create /sys/fs/bpf/other type hash key 4 value 4 entries 16 name other
check "a process opens the allow list" hold allowlist
check "and one the mode" hold config
check "and one the ring buffer" hold events
snapshot
is "$(state locked)" false "status: not locked"
link=$(bpftool link show pinned "$pins/link")
check "it locks" guard lock
check "a record tells" wait_for more_records lock 0
check "and again: nothing to do" guard lock
snapshot
is "$(state locked) $(state attached)" "true true" "status: locked and attached"
like "$(guard status)" "locked      until the next boot" "status says so in words"
like "$(guard metrics)" "vfioguard_locked 1" "metrics do"
still_blocks "the lock"

# --- Our own commands ----------------------------------------------------------

for command in "load $open_file" unload "allow rw 8086:10d3" "deny 1234:5678" \
	"learn start" "learn clear"; do
	# shellcheck disable=SC2086 # words
	says 10 "the policy is locked" "$command" guard $command
done
kill -HUP "$daemon_pid"
check "a reload is refused, and told" wait_for grep -q 'error: the policy is locked' "$daemon_log"
still_blocks "a reload"

# --- Maps ----------------------------------------------------------------------

# shellcheck disable=SC2086 # words
{
	refused lock-map-write "update by pin" bpftool map update pinned "$list" key hex $key value hex 03 00 00 00
	refused lock-map-write "update by id" bpftool map update id "$(map_id allowlist)" key hex $key value hex 03 00 00 00
	refused lock-map-write "delete" bpftool map delete pinned "$list" key hex 34 12 78 56
}
refused lock-map-write "the mode" try map-by-id "$(map_id config)" 00000000 00
# The same process each time, so only the first has a record of its own.
refused lock-map-write "an open descriptor: update" held allowlist update 8680d310 03000000
snapshot
before=$(state refused)
for way in "update-batch 8680d310 03000000" "delete-batch 34127856" "delete 34127856" "take 34127856"; do
	check "an open descriptor: ${way%% *}: refused" not held allowlist "$way"
done
snapshot
is "$(($(state refused) - before))" 4 "and counted: not only because they are frozen"
refused lock-map-freeze "an open descriptor: freeze" held events freeze
check "an open descriptor, swapped while the kernel looks: refused" not held allowlist "race 8680d310 03000000"
still_blocks "a race"
refused lock-map-mmap "an open descriptor: mmap" held events mmap
refused lock-map-inner "a map of maps" try inner "$pins/devices"
is "$(bpftool -j map dump pinned "$list" | grep -o '"vendor":[0-9]*' | sort -u)" "$(printf '"vendor":4369\n"vendor":4660')" \
	"the list is as it was"

# --- The link --------------------------------------------------------------------

link_id=$(sed -n 's/^\([0-9]*\):.*/\1/p' <<< "$link")
refused lock-link-open "link detach by pin" bpftool link detach pinned "$pins/link"
refused lock-link-open "link by id" try link-by-id "$link_id"
refused lock-link-open "link detach by id" bpftool link detach id "$link_id"
refused lock-link-open "another policy on the link" try hold "$pins/link" /dev/null
refused lock-link-open "the guard of sysctls" bpftool link detach pinned "$pins/lock_sysctl"
refused lock-link-write "link of the lock" bpftool link detach pinned "$pins/lock_bpf"
check "a process opens it" hold lock_bpf
refused lock-link-write "another program on it" held lock_bpf replace "$pins/lock_ctl"
check "another policy can't be attached" not bpftool struct_ops register "$VM_SRC/build/bpf/vfioguard.bpf.o"

# --- Programs ------------------------------------------------------------------------

ask_id=$(bpftool prog show pinned "$pins/ask" | sed -n 's/^\([0-9]*\):.*/\1/p')
refused lock-prog-maps "a program with a map of ours" bpftool prog load "$bin/ring-fill.bpf.o" \
	/sys/fs/bpf/ring-fill map name events pinned "$pins/events"
refused lock-prog-skip "a program that skips the lock" bpftool prog load "$bin/lock-try-skip.bpf.o" /sys/fs/bpf/skip
refused lock-prog-skip "an LSM program of a cgroup" bpftool prog load "$bin/lock-try-cgroup.bpf.o" /sys/fs/bpf/cgroup
refused lock-prog-iterate "a map iterator that writes" bpftool iter pin "$bin/lock-try-iter.bpf.o" \
	/sys/fs/bpf/iter map pinned "$list"
refused lock-prog-extend "a program in place of ours" try extend "$bin/lock-try-extend.bpf.o" "$ask_id" resolve

# --- Pins ---------------------------------------------------------------------------------

for pin in link allowlist events lock_bpf lock_ctl lock_state; do
	refused lock-unlink "unlink $pin" rm "$pins/$pin"
done
refused lock-unlink "rm -r" rm -r "$pins"
refused lock-rename "rename a pin" mv "$pins/config" /sys/fs/bpf/config
refused lock-rename "rename over a pin" mv -f /sys/fs/bpf/other "$pins/config"
refused lock-rename "rename the folder" mv "$pins" /sys/fs/bpf/gone
refused lock-setattr "chmod" chmod 777 "$pins"
refused lock-sysctl "switch off ftrace" sysctl -w kernel.ftrace_enabled=0
check "the module cannot go" not rmmod vfio_pci_core

# --- The daemon ---------------------------------------------------------------------------

refused lock-ptrace "strace" strace -p "$daemon_pid" -o /dev/null
refused lock-ptrace "ptrace" try ptrace "$daemon_pid"
refused lock-ptrace "its descriptors" try steal "$daemon_pid"
refused lock-ptrace "its memory" try memory "$daemon_pid"
check "it can be looked at" ls "/proc/$daemon_pid/fd"
refused lock-role "a second daemon behind its back" try role "$pins/lock_ctl"

# Killed it may be: the policy holds, the next takes over, both are on record.
kills=$(records lock-kill) daemons=$(records lock-daemon)
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2> /dev/null
still_blocks "kill -9 of the daemon"
bpftool map delete pinned "$pins/allowlist" key hex 34 12 78 56 > /dev/null 2>&1
check "the daemon starts again" start_daemon "$policy_file"
like "$(< "$daemon_log")" "took over the loaded policy" "it takes over"
check "a record of the signal" wait_for more_records lock-kill "$kills"
check "a record of the new daemon" wait_for more_records lock-daemon "$daemons"
still_blocks "another daemon"
snapshot
is "$(state daemon)" true "its heartbeat is there"
stop_daemon
check "with another policy in its file, too" start_daemon "$open_file"
like "$(< "$daemon_log")" "is locked and not what .*open.policy says" "it says that the locked one stays"
still_blocks "a daemon with another policy"

# --- What goes on as before ------------------------------------------------------------------

for args in status "status --json" events "events --json" metrics devices; do
	# shellcheck disable=SC2086 # words
	check "reads: $args" guard $args
done
for args in "map dump pinned $pins/allowlist" "map dump pinned $pins/config" "map show" "prog show" "link show" \
	"prog show pinned $pins/ask"; do
	# shellcheck disable=SC2086 # words
	check "reads: bpftool ${args%% pinned*}" bpftool $args
done
other="pinned /sys/fs/bpf/other"
# shellcheck disable=SC2086 # words
{
	check "others' maps: update" bpftool map update $other key hex 01 00 00 00 value hex 02 00 00 00
	check "others' maps: delete" bpftool map delete $other key hex 01 00 00 00
}
check "others' maps: create" bpftool map create /sys/fs/bpf/new type array key 4 value 4 entries 1 name new
check "others' pins: rename" mv /sys/fs/bpf/new /sys/fs/bpf/newer
check "others' pins: remove" rm /sys/fs/bpf/newer /sys/fs/bpf/other
check "other sysctls" sysctl -w kernel.panic=0
check "other processes can be traced" strace -o /dev/null true
check "a program of others" bpftool prog load "$bin/ring-fill.bpf.o" /sys/fs/bpf/ring-fill
rm /sys/fs/bpf/ring-fill

# --- A flood -----------------------------------------------------------------------------------

snapshot
before=$(state refused)
n=$(grep -c 'op=lock-' "$audit_log")
for ((i = 0; i < 120; i++)); do
	rm "$pins/link" 2> /dev/null
done
snapshot
is "$(($(state refused) - before))" 120 "120 attempts are counted"
# The burst is 64, less what was told above; the others are in a summary.
check "the rest is in a summary" wait_for more_records lock-summary 0
audit_sync
n=$(($(grep -c 'op=lock-' "$audit_log") - n))
check "they make few records ($n)" test "$n" -le 65
still_blocks "a flood"
stop_daemon
vfio_stop
done_testing
