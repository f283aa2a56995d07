#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 24-service.sh - the unit, as it is installed, under systemd (runs in the VM).
#
# systemd is not the VM's first process, so it gets a PID name space of its own and
# just this one unit. The kernel answers no audit request from such a name space,
# which makes the daemon write its records to stderr.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

units=/etc/systemd/system
log=/run/vm/service.log

start_systemd()
{
	# No other unit of the machine that the root file system is of.
	rm -rf "$units"
	mkdir -p "$units/vfioguard.service.d" /run/systemd /run/vm/collector
	sed -e 's|@sbindir@|/usr/local/sbin|' -e 's|@sysconfdir@|/etc|' \
		"$VM_SRC/packaging/vfioguard.service.in" > "$units/vfioguard.service"
	printf '[Service]\nStandardError=append:%s\nReadWritePaths=/run/vm/collector\n' "$log" \
		> "$units/vfioguard.service.d/test.conf"
	for target in sysinit basic; do
		printf '[Unit]\nDefaultDependencies=no\n' > "$units/$target.target"
	done
	printf '[Unit]\nDefaultDependencies=no\nRequires=vfioguard.service\n' > "$units/test.target"
	for unit in journald.socket journald.service journald-dev-log.socket journald-audit.socket; do
		ln -s /dev/null "$units/systemd-$unit"
	done
	# shellcheck disable=SC2016 # it is the inner shell's
	env -i container=vm PATH="$PATH" unshare --pid --fork --kill-child --mount /bin/bash -c '
		mount -t proc proc /proc
		exec /lib/systemd/systemd --system --unit=test.target --log-target=console --show-status=0' \
		> /run/vm/systemd.log 2>&1 < /dev/null 9>&- &
	systemd_pid=$!
}

said()
{
	local end=$((SECONDS + 60))

	while [ "$SECONDS" -lt "$end" ]; do
		! grep -qE "$1" "$log" 2> /dev/null || return 0
		sleep 0.2
	done
	cat "$log" /run/vm/systemd.log
	return 1
}

# The daemon's number out here.
daemon()
{
	pgrep -x vfioguard
}

if [ ! -x /lib/systemd/systemd ]; then
	skip "the unit" "there is no systemd here"
	done_testing
fi
install -D -m 755 "$VM_SRC/build/vfioguard" /usr/local/sbin/vfioguard
mkdir -p /etc/vfioguard
cp -r "$VM_SRC"/policies/{*.policy,devices,policy.d} "$VM_SRC/packaging/vfioguard.conf" /etc/vfioguard
sed -i 's|^#metrics =.*|metrics = /run/vm/collector/x.prom|; s|^#metrics_interval.*|metrics_interval = 1|' \
	/etc/vfioguard/vfioguard.conf

check "the patched core loads" load_patched
bind_vfio "$VM_E1000E"
# ExecStartPre= has to load it.
rmmod vfio_pci 2> /dev/null || true
start_systemd
check "the service starts" said '\<ready;'
like "$(lsmod)" "vfio_pci " "it loaded the module"
check "its policy is pinned" test -e /sys/fs/bpf/vfioguard/link
pid=$(daemon)
is "$(sed -n 's/^CapEff:\t*//p' "/proc/$pid/status")" "$(sed -n 's/^CapBnd:\t*//p' "/proc/$pid/status")" \
	"it has the capabilities the unit leaves, and no other"
is "$(sed -n 's/^Seccomp:\t*//p' "/proc/$pid/status")" 2 "the seccomp filter is on"
is "$(sed -n 's/^NoNewPrivs:\t*//p' "/proc/$pid/status")" 1 "it gains no privileges"
check "the device is bound" bind_vfio "$VM_E1000E"

step_begin "the service's policy"
expect_bus none write "$VM_E1000E" 0x80
vfio_cfg "$VM_E1000E" "w 80 4 deadbeef" hold < <(sleep 1) > /dev/null
step_end
check "the event arrives" said '"offset": ?128,.*"comm": ?"vfio-cfg"'
like "$(guard events)" "by default; vfio-cfg" "vfioguard events has it"
check "metrics are written" wait_for grep -q vfioguard_events_total /run/vm/collector/x.prom

kill -HUP "$pid"
check "it reloads" said 'policy generation 2 is in force'
kill -KILL "$pid"
check "killed, it is started again and takes over" said 'took over the loaded policy'
kill -STOP "$(daemon)"
: > "$log"
# WatchdogSec=30, and systemd's own patience.
check "hung, it is started again" said 'took over the loaded policy'
is "$(guard status --json | grep -c '"attached": true')" 1 "the policy was in force all the time"

# Last: it can't be taken back.
echo 'lock = yes' >> /etc/vfioguard/vfioguard.conf
: > "$log"
kill -KILL "$(daemon)"
check "lock = yes: it locks the policy in its sandbox" said 'locked the policy until the next boot'
is "$(guard status --json | grep -c '"locked": true')" 1 "status knows"
: > "$log"
kill -KILL "$(daemon)"
check "killed, it is started again and takes the locked policy over" said 'took over the loaded policy'
check "it is the daemon" wait_for guard status --json
like "$(guard status)" "daemon      running" "and beats"
kill -KILL "$systemd_pid"
done_testing
