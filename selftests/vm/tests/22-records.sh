#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 22-records.sh - what the real tools make of the records: ausearch and aureport
# (runs in the VM).
#
# vm-modes-more: stock

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
: "${daemon_pid=}"

client=$VM_SRC/build/vm/bin/vfio-cfg
uuid=12345678-9abc-def0-1234-56789abcdef0
# libvirt's own, with the dashes as systemd writes them.
cgroup='/machine.slice/machine-qemu\x2d1\x2dtest\x2dvm.scope/libvirt/emulator'
policy_types=USER_MAC_POLICY_LOAD,USER_MAC_STATUS,USER_MAC_CONFIG_CHANGE

# search ARGS...: ausearch, which reads stdin unless told not to
search()
{
	ausearch --input-logs "$@" 2>&1
}

report()
{
	aureport --input-logs "$@" 2>&1
}

records()
{
	grep -c "^type=$1 " /var/log/audit/audit.log
}

arrived()
{
	[ "$(records "$1")" -ge "$2" ]
}

check "auditd runs" start_auditd
check "the modules load" load_patched
bind_vfio "$VM_E1000E" "$VM_NVME"
check "the daemon runs" start_daemon "$VM_SRC/policies/strict.policy"

# --- Whose access it was ----------------------------------------------------

chmod 666 /dev/vfio/*
mkdir -p "/sys/fs/cgroup$cgroup"
name=$'/run/vm/a "b\nc'
cp "$client" "$name"
# It lives until its records are there: they tell of it what /proc does.
mkfifo /run/vm/held
(
	echo "$BASHPID" > "/sys/fs/cgroup$cgroup/cgroup.procs"
	echo 1000 > /proc/self/loginuid
	exec setpriv --reuid 1234 --regid 1234 --clear-groups "$name" "$VM_E1000E" \
		-uuid "$uuid" "w 80 4 deadbeef" "r 84 2" hold < /run/vm/held > /run/vm/out
) &
holder=$!
exec {held}> /run/vm/held
check "two records arrive" wait_for arrived USER_DEVICE 2
exec {held}>&-
wait "$holder"
first=$(grep '^type=USER_DEVICE ' /var/log/audit/audit.log | head -n 1)
# Nothing may be missing or in another order: tools split them by position, too.
number='[0-9]+'
like "$first" "^type=USER_DEVICE msg=audit\($number\.$number:$number\): pid=$daemon_pid uid=0 auid=$number ses=$number (subj=[a-z]+ )?msg='op=blocked-write device=\"$VM_E1000E\" ids=8086:10d3 offset=0x80 width=4 val=0xdeadbeef region=unassigned rule=default unreported=0 opid=$number oauid=1000 oses=$number ouser=1234 ocomm=612022620A63 cgid=$number cgroup=\"[^\"]*\" key=\"vfioguard\" vm=\"test-vm\" uuid=$uuid exe=\"[^\"]*/vfioguard\" hostname=\? addr=\? terminal=\? res=failed'" \
	"the record is complete"
oses=$(sed -n 's/.* oses=\([0-9]*\) .*/\1/p' <<< "$first")
check "it has the session that the login made ($oses)" test "$oses" != 4294967295 -a "$oses" -gt 0
like "$first" " cgroup=\"${cgroup//\\/\\\\}\" " "it has the cgroup as it is"
cgid=$(sed -n 's/.* cgid=\([0-9]*\) .*/\1/p' <<< "$first")
is "$cgid" "$(stat -c %i "/sys/fs/cgroup$cgroup")" "and its number"

# --- Records of every other type --------------------------------------------

vfio_cfg "$VM_NVME" "loop 100 w 200 4 00000001" "w 204 2 0002" > /dev/null
guard allow 8086:10d3 > /dev/null 2>&1
check "the edit is recorded" wait_for arrived USER_MAC_CONFIG_CHANGE 1
guard load "$VM_SRC/policies/monitor.policy" 2> /dev/null
check "the change of mode is recorded" wait_for arrived USER_MAC_STATUS 1
check "and the load" wait_for arrived USER_MAC_POLICY_LOAD 2
for ((i = 0x300; i < 0x500; i += 4)); do
	printf 'w %x 4 00000001\n' "$i"
done | vfio_cfg "$VM_NVME" > /dev/null
check "the summary is recorded" wait_for arrived ANOM_MAX_MAC 1
audit_sync

# --- ausearch ---------------------------------------------------------------

n=$(records USER_DEVICE)
is "$(search -m USER_DEVICE | grep -c '^type=USER_DEVICE ')" "$n" "ausearch -m USER_DEVICE finds all $n"
is "$(search -m "$policy_types" | grep -c '^type=')" 4 "-m of the policy's types finds all"
is "$(search -m ANOM_MAX_MAC | grep -c '^type=')" 1 "-m ANOM_MAX_MAC finds the summary"
is "$(search -m USER_DEVICE -x "$VM_SRC/build/vfioguard" | grep -c '^type=')" "$n" "-x finds the daemon's"
is "$(search -m USER_DEVICE -x /usr/bin/other)" "<no matches>" "-x of another finds none"
is "$(search -m USER_DEVICE -vm test-vm | grep -c '^type=')" 2 "-vm finds a machine's by name"
is "$(search -m USER_DEVICE -uu "$uuid" | grep -c '^type=')" 2 "-uu by uuid"
is "$(search -m USER_DEVICE -sv no | grep -c '^type=')" 4 "-sv no: what was blocked"
is "$(search -m USER_DEVICE -sv yes | grep -c '^type=')" $((n - 4)) "-sv yes: what was let through"
is "$(search -m USER_DEVICE -ui 0 | grep -c '^type=')" "$n" "-ui finds the daemon's user: a uid filter loses none"
is "$(search -m USER_DEVICE -w -c no-such)" "<no matches>" "-c knows only the kernel's comm="
is "$(search -k vfioguard)" "<no matches>" "-k looks at no record from user space (audit 3.0.9)"
is "$(search --raw | grep -c 'key="vfioguard"')" $((n + 5)) "all have the key for grep and auparse"

interpreted=$(search -m USER_DEVICE -i | head -n 2)
like "$interpreted" "op=blocked-write device=$VM_E1000E ids=8086:10d3 offset=0x80 " "-i shows the device"
like "$interpreted" ' ocomm=a "b\\012c ' "-i shows the name decoded"
like "$interpreted" " cgroup=${cgroup//\\/\\\\} key=vfioguard vm=test-vm uuid=$uuid exe=" "-i shows cgroup, machine and uuid"
like "$(search -m ANOM_MAX_MAC -i)" "op=summary device=$VM_NVME ids=1b36:0010 events=[0-9]+ accesses=[0-9]+ first=0x[0-9a-f]+ last=0x4fc seconds=[0-9]+ " \
	"-i shows the summary"

text=$(search -m USER_DEVICE --format text)
is "$(wc -l <<< "$text")" "$n" "--format text: a line each"
like "$text" "acting as root, unsuccessfully blocked-write $VM_E1000E using [^ ]*/vfioguard" "that says what became of which device"
like "$text" "successfully would-block-write $VM_NVME using " "and what would have"
text=$(search -m "$policy_types" --format text)
for words in "loaded-mac-policy" "changed-mac-configuration" "changed-selinux-enforcement-to"; do
	like "$text" "acting as root, successfully $words" "--format text: $words"
done
csv=$(search -m USER_DEVICE --format csv)
is "$(wc -l <<< "$csv")" $((n + 1)) "--format csv: a line each below the head"
is "$(awk -F , 'NF != 16' <<< "$csv")" "" "each has all columns"
like "$csv" ",USER_DEVICE,[^,]*,[^,]*,[0-9]+,[^,]*,[^,]*,system,root,privileged-acct,blocked-write,failed,$VM_E1000E,,[^,]*,[^,]*/vfioguard" \
	"--format csv: action, result and device"

# --- aureport ---------------------------------------------------------------

like "$(report)" "Number of anomaly events: 1"$'\n' "aureport counts the summary as an anomaly"
is "$(report -e | grep -c ' USER_DEVICE ')" "$n" "aureport -e has them all"
like "$(report -e --summary)" $'\n'"$n  1137"$'\n' "aureport -e --summary counts them"
like "$(report --anomaly)" "ANOM_MAX_MAC [^ ]*/vfioguard " "aureport --anomaly has the summary"
is "$(report --mac | grep -cE ' USER_MAC_(POLICY_LOAD|STATUS|CONFIG_CHANGE) yes ')" 4 "aureport --mac has the policy's"
# The kernel's records of the BPF programs it loaded are its own as well.
total=$(report -x --summary | sed -n 's|^\([0-9]*\)  [^ ]*/vfioguard$|\1|p')
check "aureport -x --summary counts the daemon's" test "${total:-0}" -ge $((n + 5))

# --- Somebody else has its number -------------------------------------------

# taken OFFSET CGROUP: an access at OFFSET by a process that is gone before the
# daemon sees it, and its number that of another, in CGROUP, that looks like a
# guest.
taken()
{
	local pid other try

	kill -STOP "$daemon_pid"
	(
		echo "$BASHPID" > /run/vm/pid
		exec "$client" "$VM_E1000E" "w $1 4 00000001" > /dev/null
	)
	pid=$(< /run/vm/pid)
	# It may be given to a third.
	for ((try = 0; try < 50; try++)); do
		echo $((pid - 1)) > /proc/sys/kernel/ns_last_pid
		sh -c 'read -r line' -name other -uuid "$uuid" < <(sleep 3) &
		other=$!
		[ "$other" != "$pid" ] || break
		kill "$other"
		wait "$other" 2> /dev/null
	done
	[ "$other" = "$pid" ] || return
	echo "$pid" > "/sys/fs/cgroup$2/cgroup.procs"
	kill -CONT "$daemon_pid"
	wait_for grep -q "^type=USER_DEVICE .* offset=0x$1 " /var/log/audit/audit.log
	kill "$other"
	wait "$other" 2> /dev/null
	grep "^type=USER_DEVICE .* offset=0x$1 " /var/log/audit/audit.log
}

offset=90
for where in "$cgroup" ""; do
	record=$(taken "$offset" "$where")
	offset=94
	like "$record" ' cgroup="" key="vfioguard" exe=' \
		"a number that another has in cgroup ${where:-/}: nobody is named"
	like "$record" ' opid=[0-9]+ .* ocomm="vfio-cfg" cgid=1 ' "but what the access itself tells is there"
done

stop_daemon
done_testing
