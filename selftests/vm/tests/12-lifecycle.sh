#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 12-lifecycle.sh - loading, replacing and removing a policy, the daemon's life
# and death, and every refusal with its exit status (runs in the VM).
#
# vm-args: --timeout 300

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${policy_file=}" "${patched_core:?}" "${daemon_log:?}" "${daemon_pid=}"

default=$VM_SRC/policies/default.policy
pins=/sys/fs/bpf/vfioguard

# refused STATUS REGEX NAME COMMAND...: one sentence on stderr, nothing else
refused()
{
	local status=$1 regex=$2 name=$3 got

	shift 3
	"$@" > /run/vm/refused.out 2> /run/vm/refused.err
	got=$?
	is "$got" "$status" "$name: exit status $status"
	like "$(< /run/vm/refused.err)" "^vfioguard: error: [^"$'\n'"]*${regex}[^"$'\n'"]*\$" "$name: one sentence"
	is "$(< /run/vm/refused.out)" "" "$name: nothing on stdout"
}

# blocked NAME: the policy in force keeps a write from the device, and reports success
blocked()
{
	step_begin "$1"
	is "$(vfio_do "w 80 4 deadbeef")" 4 "$1: the write looks done"
	step_end
	expect_bus none write "$VM_E1000E" 0x80
}

passes()
{
	step_begin "$1"
	is "$(vfio_do "w 80 4 0badcafe")" 4 "$1: the write is done"
	step_end
	expect_bus exactly 1 write "$VM_E1000E" 0x80 0x0badcafe
}

# said REGEX: the daemon did, within ten seconds
said()
{
	wait_for grep -qE "$1" "$daemon_log"
}

# --- Refusals ---------------------------------------------------------------

refused 3 "vfio-pci-core is not loaded; run: modprobe vfio-pci" "no VFIO" guard load "$default"
check "the stock VFIO modules load" load_vfio
bind_vfio "$VM_E1000E"
for command in "load --mode hook $default" "run --mode hook --policy $default"; do
	# shellcheck disable=SC2086 # words
	refused 3 "has no hook .*make module" "stock module, ${command%% *}" guard $command
done
mkdir -p "/lib/modules/$VM_KVER/updates"
touch "/lib/modules/$VM_KVER/updates/vfio-pci-core.ko"
refused 3 "patched one is installed .*updates/vfio-pci-core.ko.*modprobe -r .*update-initramfs" \
	"installed, but not loaded" guard load --mode hook "$default"
rm "/lib/modules/$VM_KVER/updates/vfio-pci-core.ko"
vfio_start "$VM_E1000E"
passes "stock module"
vfio_stop
unbind_vfio "$VM_E1000E"
unload_vfio

# The checkout may be where nobody can go.
install -m 755 "$VM_SRC/build/vfioguard" /run/vm/vfioguard
install -m 644 "$default" /run/vm/default.policy
cp -r "$VM_SRC/policies/devices" /run/vm/devices
nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups /run/vm/vfioguard "$@"
}
for command in "load /run/vm/default.policy" "run --policy /run/vm/default.policy" status unload \
	"allow 8086:10d3"; do
	# shellcheck disable=SC2086 # words
	refused 4 "is missing; run this as root" "not root, ${command%% *}" nobody $command
done
check "a policy can be checked by anyone" nobody check --no-ids /run/vm/default.policy

check "the patched core loads" load_patched
umount /sys/fs/bpf
refused 5 "mount -t bpf bpf /sys/fs/bpf" "no bpffs" guard load "$default"
mount -t bpf bpf /sys/fs/bpf

for command in status "allow 8086:10d3" "deny 8086:10d3" unload events; do
	# shellcheck disable=SC2086 # words
	refused 8 "" "nothing loaded, ${command%% *}" guard $command
done

# --- A malformed policy -----------------------------------------------------

policy malformed "mode enforce" "default block w unasigned"
guard load "$policy_file" > /run/vm/out 2>&1
is "$?" 2 "a malformed policy: exit status 2"
like "$(< /run/vm/out)" "^$policy_file:2:17: error: .*unasigned" "it says where the mistake is"
like "$(< /run/vm/out)" "unassigned" "and what may have been meant"
check "nothing is loaded" test ! -e "$pins/link"

# --- Another program on the hook --------------------------------------------

bind_vfio "$VM_E1000E" "$VM_E1000E_2"
vfio_start "$VM_E1000E"
object=$VM_SRC/build/bpf/vfioguard.bpf.o
mkdir /sys/fs/bpf/other
# bpftool may crash behind that: it looks for the hook's name in the BTF of the
# kernel, not of the module.
(bpftool struct_ops register "$object" /sys/fs/bpf/other) > /run/vm/out 2>&1
check "bpftool attaches the object by itself" test -e /sys/fs/bpf/other/vfioguard
blocked "a policy without its maps filled fails closed"
refused 9 "another program's policy is attached" "the hook is taken" guard load "$default"
check "a failed load leaves nothing behind" test ! -e "$pins"
rm -r /sys/fs/bpf/other
wait_for sh -c '! '"$VM_SRC"'/build/tools/bpftool link | grep -q struct_ops'
passes "the other policy is gone"

check "default.policy loads" guard load "$default"
check "its files" test -e "$pins/link" -a -e "$pins/allowlist" -a -e "$pins/config"
mkdir /sys/fs/bpf/other
bpftool struct_ops register "$object" /sys/fs/bpf/other > /run/vm/out 2>&1
like "$?:$(< /run/vm/out)" "^[^0].*(Device or resource busy|EBUSY)" "a second policy is refused: EBUSY"
blocked "the first policy stays"

# --- Replacing it under fire ------------------------------------------------

strict=$VM_SRC/policies/strict.policy
step_begin "replaced while a client writes"
vfio_hammer "w 84 4 deadbeef"
for p in "$strict" "$default" "$strict"; do
	check "$(basename "$p") replaces it" guard load "$p"
done
answer=$(vfio_rest)
step_end
like "$answer" '^4 [0-9]{3,}$' "no write of the client failed"
expect_bus none write "$VM_E1000E" 0x84
counted "$VM_E1000E" "not one of them was missed" "accesses=$((${answer#4 } + 1))" "blocked=$((${answer#4 } + 1))"
is "$(state generation)" 4 "each load is a generation"
guard load "$default" 2> /dev/null

check "the malformed policy is refused again" test "$(guard load /run/vm/malformed.policy 2>&1 | grep -c 'the loaded policy stays')" = 1
snapshot
is "$(state generation) $(state attached)" "5 true" "the loaded one stays"
blocked "a refused policy changes nothing"

# --- The allow list, edited while it is in force ----------------------------

line=$(guard allow 8086:10d3 2> /dev/null)
like "$line" "^bpftool map update pinned $pins/allowlist key hex 86 80 d3 10 value hex 03 00 00 00\$" \
	"allow prints what bpftool takes"
passes "allowed"
delete=$(guard deny 8086:10d3 2> /dev/null)
like "$delete" "^bpftool map delete pinned $pins/allowlist key hex 86 80 d3 10\$" "so does deny"
blocked "denied"
check "bpftool takes the line of allow" eval "$line"
passes "allowed by bpftool"
check "bpftool takes the line of deny" eval "$delete"
blocked "denied by bpftool"
like "$(guard deny 8086:10d3 2>&1 > /dev/null; echo $?)" \
	$'^vfioguard: error: 8086:10d3 is not on the allow list\n.*writes blocked.*\n9$' \
	"denied twice"

# --- Detaching --------------------------------------------------------------

step_begin "removed while a client writes"
vfio_hammer "w 88 4 0badcafe"
check "it unloads" guard unload
answer=$(vfio_rest)
step_end
like "$answer" '^4 [0-9]+$' "no write of the client failed"
check "its files are gone" test ! -e "$pins"
passes "without a policy"
param block_pci_unassigned_write 1
blocked "without a policy, by module parameter"
param block_pci_unassigned_write 0
vfio_stop

unbind_vfio "$VM_E1000E" "$VM_E1000E_2"
check "a policy loads with no device" guard load "$default"
rmmod vfio_pci
rmmod vfio_pci_core 2> /run/vm/out
like "$?:$(< /run/vm/out)" '^1:.*in use' "the module cannot go while a policy is attached"
guard unload 2> /dev/null
check "it can without one" wait_for rmmod vfio_pci_core

# --- A module without BTF; what works without is in 15-no-btf.sh --------------

objcopy -R .BTF "$patched_core" /run/vm/no-btf.ko
check "the core loads without BTF" load_vfio --core /run/vm/no-btf.ko
for command in "load $default" "run --policy $default"; do
	# shellcheck disable=SC2086 # words
	refused 3 "without its BTF \(/sys/kernel/btf/vfio_pci_core\).* unstripped" \
		"no BTF, ${command%% *}" guard $command
done
unload_vfio
load_patched
bind_vfio "$VM_E1000E"
vfio_start "$VM_E1000E"

# --- The daemon -------------------------------------------------------------

auditctl -e 0 > /dev/null
guard run --policy "$default" --require-audit > /run/vm/out 2>&1
is "$?" 7 "audit required and off: exit status 7"
like "$(< /run/vm/out)" "error: auditing is off and .*required.*; run: auditctl -e 1" "it says so"
check "nothing is loaded" test ! -e "$pins/link"

check "without that the daemon starts" start_daemon "$default"
# Counted from here: the maps are new.
forget_counters
refused 6 "another vfioguard daemon is running" "a second daemon" guard run --policy "$default"
blocked "the daemon loaded its policy"
check "the event is on stderr, as JSON" said '^\{"schema": ?"not-in-audit".*"not_in_audit": ?"auditing is off", ?"event": ?\{.*"verdict": ?"blocked".*\}\}$'
counted "$VM_E1000E" "it is counted" accesses=1 blocked=1 events=1
is "$(state daemon)" true "status knows of the daemon"

check "an edit" guard allow w 8086:10d3
generation=$(state generation)

kill -TERM "$daemon_pid"
wait "$daemon_pid"
is "$?" 0 "SIGTERM: it ends with 0"
passes "SIGTERM: policy and edit stay"
vfio_do "w a0 4 00000000" > /dev/null
check "a new daemon" start_daemon "$default"
check "takes over" said 'took over the loaded policy; no daemon for [0-9]+ s, 2 accesses so far'
passes "a new daemon: the edit stays"
guard deny 8086:10d3 > /dev/null 2>&1

kill -KILL "$daemon_pid"
wait "$daemon_pid" 2> /dev/null
step_begin "SIGKILL"
is "$(vfio_do "w 60 4 deadbeef")" 4 "SIGKILL: the policy stays"
is "$(vfio_do "loop 100 w 80 4 deadbeef")" "4 100" "SIGKILL: also for many"
step_end
expect_bus none write "$VM_E1000E" 0x40-0x9f
check "the next daemon" start_daemon "$default"
check "takes over again" said 'took over the loaded policy; .* 104 accesses so far, 100 of them not reported'
check "and finds what nobody had read" wait_for grep -qE '"offset": ?96\>' "$daemon_log"
blocked "the next daemon"
counted "$VM_E1000E" "counters go on over daemons" accesses=104 blocked=102 allowed=2
is "$(state generation)" "$generation" "taking over is no new load"

check "an edit that a reload will undo" guard allow w 8086:10d3
passes "before the reload"
kill -HUP "$daemon_pid"
check "SIGHUP: it loads the policy again" said "policy generation $((generation + 1)) is in force"
blocked "SIGHUP: an edit does not survive a reload"
counted "$VM_E1000E" "counters go on over reloads" accesses=2 blocked=1 allowed=1
stop_daemon

cp "$default" /run/vm/reload.policy
check "a daemon with a policy that will change" start_daemon /run/vm/reload.policy
snapshot
generation=$(state generation)
echo "allow w 8086" >> /run/vm/reload.policy
kill -HUP "$daemon_pid"
check "SIGHUP with a malformed policy: it says where" said '/run/vm/reload.policy:[0-9]+:[0-9]+: error:'
check "and that the loaded one stays" said 'the loaded policy stays'
snapshot
is "$(state generation)" "$generation" "it does"
blocked "SIGHUP with a malformed policy"
echo "allow w 8086:10d3" > /run/vm/reload.policy
kill -HUP "$daemon_pid"
check "SIGHUP with another policy" said "policy generation $((generation + 1)) is in force"
passes "SIGHUP with another policy"
check "a load beside the daemon" guard load "$default"
check "is noticed by it" said "policy generation $((generation + 2)) is in force"
blocked "loaded beside the daemon"

link_id()
{
	bpftool link show pinned "$pins/link" | sed -n 's/^\([0-9]*\):.*/\1/p'
}

# trace_daemon 1|0: its reads, writes and waits
trace_daemon()
{
	local event

	[ -d "$tracing/events/syscalls" ] || return 0
	echo "$daemon_pid" > "$tracing/set_event_pid"
	for event in sys_enter_read sys_enter_write sys_exit_epoll_wait; do
		echo "$1" > "$tracing/events/syscalls/$event/enable"
	done
}

# How the daemon came to say something: woken by the link itself, or by its timer,
# which it reads first. No time is measured, so a slow machine makes no difference.
noticed_by()
{
	awk '/ sys_epoll_wait -> / { by = "link" }
		/ sys_read\(/ { by = "timer" }
		/ sys_write\(fd: 2,/ { print by; exit }' "$tracing/trace"
}

tracing=/sys/kernel/tracing
trace_daemon 1
# The timer may come first by chance, but not again and again.
for ((try = 1; try <= 8; try++)); do
	link=$(link_id)
	: > "$daemon_log"
	echo > "$tracing/trace"
	bpftool link detach id "$link" > /run/vm/out 2>&1
	check "bpftool detaches the link" test "$?" = 0
	check "the daemon notices" said 'error: the policy was detached by someone else'
	by=$(noticed_by)
	[ "$by" = timer ] || break
	guard load "$default" 2> /dev/null
	check "loaded once more" said 'policy generation [0-9]+ is in force'
done
trace_daemon 0
if [ -d "$tracing/events/syscalls" ]; then
	is "$by" link "it was the link that woke it"
else
	skip "it was the link that woke it" "this kernel does not trace system calls"
fi
snapshot
is "$(state attached)" false "status says so"
passes "detached by someone else"
sleep 2.5
is "$(grep -c 'detached by someone else' "$daemon_log")" 1 "the daemon does not repeat it"
guard load "$default" > /run/vm/out 2>&1
is "$?" 0 "it can be loaded again"
blocked "loaded again"
counted "$VM_E1000E" "counters go on over that" blocked=3
stop_daemon
vfio_stop

# --- A person who waits ---------------------------------------------------------

# waits TERMINAL: what a load says while another process holds the lock
waits()
{
	local held

	flock /run/vfioguard/load.lock sleep 2.5 9>&- &
	held=$!
	if [ "$1" = terminal ]; then
		TERM=xterm script -qec "$VM_SRC/build/vfioguard load $default" /dev/null 9>&-
	else
		guard load "$default" 2>&1
	fi
	wait "$held"
}

waiting='putting the policy in force \(1 s\)'
like "$(waits terminal)" "$waiting.*generation" "on a terminal it is said that a load waits"
unlike "$(waits log)" "$waiting" "and nowhere else"
check "it unloads" guard unload
done_testing
