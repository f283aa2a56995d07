#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 42-libvirt.sh - a domain of libvirt with a managed hostdev under default.policy
# (runs in the VM, which it starts).
#
# libvirtd, machined, systemd and dbus are real, and so is the guest, which attacks.
# systemd is not the VM's first process, so it has a PID name space of its own, as in
# 24-service; vfioguard and auditd run outside it. What libvirtd's package would bring
# for it, a unit and two lines of configuration, is written here.
#
# vm-args: --svm --timeout 1800 --mem 1536

if [ -z "${VM_SRC:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	"$here/../../scripts/deps.sh" libvirt || exit 1
	exec "$here/../vm/test.sh" "$here/${0##*/}"
fi

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

units=/etc/systemd/system
domain=test-vm
uuid=12345678-9abc-def0-1234-56789abcdef0
audit_log=/var/log/audit/audit.log
# shellcheck disable=SC2034 # of nested.sh; firmware comes first here
NESTED_TIMEOUT=300

start_systemd()
{
	# No other unit of the machine that the root file system is of.
	rm -rf "$units" /etc/libvirt
	mkdir -p "$units" /run/systemd /etc/libvirt /var/log/libvirt/qemu
	for target in sysinit basic; do
		printf '[Unit]\nDefaultDependencies=no\n' > "$units/$target.target"
	done
	for unit in journald.socket journald.service journald-dev-log.socket journald-audit.socket; do
		ln -s /dev/null "$units/systemd-$unit"
	done
	cat > "$units/libvirtd.service" <<-END
		[Unit]
		DefaultDependencies=no
		Requires=dbus.service systemd-machined.service
		After=dbus.service systemd-machined.service
		[Service]
		Type=notify
		ExecStart=/usr/sbin/libvirtd
		KillMode=process
		StandardError=append:/run/vm/share/libvirtd.log
	END
	printf '[Unit]\nDefaultDependencies=no\nRequires=libvirtd.service\n' > "$units/test.target"
	# There is no polkit; the kernel takes no audit record from that name space.
	printf 'auth_unix_rw = "none"\nauth_unix_ro = "none"\naudit_level = 0\n' > /etc/libvirt/libvirtd.conf
	# libvirtd looks for this user before it reads that it needs another.
	echo 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin' >> /etc/passwd
	echo 'libvirt-qemu:x:64055:' >> /etc/group
	# There is no virtlogd.
	printf 'stdio_handler = "file"\nuser = "root"\ngroup = "root"\n' > /etc/libvirt/qemu.conf
	# shellcheck disable=SC2016 # it is the inner shell's
	env -i container=vm PATH="$PATH" unshare --pid --fork --kill-child --mount /bin/bash -c '
		mount -t proc proc /proc
		exec /lib/systemd/systemd --system --unit=test.target --log-target=console --show-status=0' \
		> /run/vm/share/systemd.log 2>&1 < /dev/null 9>&- &
	systemd_pid=$!
}

virsh()
{
	command virsh -q -c qemu:///system "$@"
}

answers()
{
	local i

	for ((i = 0; i < 120; i++)); do
		! grep -qs 'state initialization failed' /run/vm/share/libvirtd.log || break
		if [ -S /run/libvirt/libvirt-sock ] && virsh version > /dev/null 2>&1; then
			return 0
		fi
		sleep 1
	done
	tail -n 20 /run/vm/share/systemd.log /run/vm/share/libvirtd.log
	return 1
}

# Direct boot of the nested guest, and its channel (see guest/init).
define()
{
	local initrd slot

	initrd=$(nested_initrd) || return
	IFS=:. read -r _ slot _ _ <<< "$VM_E1000E"
	cat > /run/vm/domain.xml <<-END
		<domain type='kvm'>
		  <name>$domain</name>
		  <uuid>$uuid</uuid>
		  <memory unit='MiB'>128</memory>
		  <vcpu>1</vcpu>
		  <os>
		    <type arch='x86_64' machine='q35'>hvm</type>
		    <kernel>$VM_KERNEL</kernel>
		    <initrd>$initrd</initrd>
		    <cmdline>console=ttyS0 loglevel=4 panic=-1 norandmaps nokaslr mitigations=off no_timer_check lpj=1000000 tsc=reliable</cmdline>
		  </os>
		  <features><acpi/></features>
		  <cpu mode='host-passthrough' check='none' migratable='off'/>
		  <on_poweroff>destroy</on_poweroff>
		  <devices>
		    <emulator>/usr/bin/qemu-system-x86_64</emulator>
		    <serial type='file'><source path='/run/vm/share/nested.log' append='on'/></serial>
		    <channel type='pipe'>
		      <source path='/run/vm/nested'/>
		      <target type='virtio' name='commands'/>
		    </channel>
		    <hostdev mode='subsystem' type='pci' managed='yes'>
		      <source><address domain='0' bus='0x$slot' slot='0' function='0'/></source>
		      <rom enabled='no'/>
		    </hostdev>
		    <memballoon model='none'/>
		  </devices>
		</domain>
	END
	virsh define /run/vm/domain.xml
}

# start_domain: and wait until the guest answers
start_domain()
{
	nested_fifos
	virsh start "$domain" || {
		tail -n 20 "/var/log/libvirt/qemu/$domain.log"
		return 1
	}
	nested_ready && return
	tail -n 20 "/var/log/libvirt/qemu/$domain.log"
	return 1
}

destroy_domain()
{
	virsh destroy "$domain"
	# shellcheck disable=SC2154 # of nested.sh
	exec {nested_in}>&- {nested_out}>&-
}

driver()
{
	basename "$(readlink "/sys/bus/pci/devices/$VM_E1000E/driver")"
}

# attack REGISTER: as the guest's root; what it prints
attack()
{
	nested "setpci -s \$(lspci -n -d 8086:10d3 | cut -d ' ' -f 1) $1.l=cafef00d"
}

generation()
{
	snapshot
	state generation
}

blocked()
{
	snapshot
	counter "$VM_E1000E" blocked
}

recorded()
{
	grep -q "^type=USER_DEVICE .*op=blocked-write device=\"$VM_E1000E\" .*offset=$1 .*vm=\"$domain\" uuid=$uuid " "$audit_log"
}

check "auditd runs" start_auditd
check "the patched core loads" load_patched
modprobe -a ccp kvm kvm-amd e1000e
check "the daemon runs" start_daemon "$VM_SRC/policies/default.policy"
is "$(driver)" e1000e "the device has the host's driver"
start_systemd
check "libvirtd answers" answers
check "the domain is defined" define
# What follows would only wait.
# shellcheck disable=SC2154 # of tap.sh
[ "$tap_failed" = 0 ] || done_testing
first=$(generation)
seen=0

for round in 1 2 3; do
	check "$round: the domain starts" start_domain
	is "$(driver)" vfio-pci "$round: libvirt gave the device to vfio-pci"
	register=$(printf %x $((0x80 + 4 * round)))
	step_begin "$round: the guest attacks"
	is "$(attack "$register"; echo $?)" 0 "$round: its write looks done"
	step_end
	expect_bus none write "$VM_E1000E" "0x$register"
	check "$round: the record has the domain's name and uuid" wait_for recorded "0x$register"
	now=$(blocked)
	check "$round: the counters go on ($seen, then $now)" test "$now" -gt "$seen"
	seen=$now
	check "$round: the domain is destroyed" destroy_domain
	is "$(driver)" e1000e "$round: the host has its driver back"
	is "$(generation)" "$first" "$round: the policy is the same"
	is "$(blocked)" "$seen" "$round: no counter went back"
done

like "$(grep "^type=USER_DEVICE .*offset=0x84 " "$audit_log" | head -n 1)" \
	" cgroup=\"/machine.slice/machine-qemu[^ /]*\.scope/libvirt/" "the record has the scope that machined made"
is "$(guard events --owner "$domain" | grep -c blocked)" 3 "vfioguard events --owner finds them by name"
is "$(guard events --owner "$uuid" | grep -c blocked)" 3 "and by uuid"

check "the policy goes out of force" guard unload
check "the domain starts" start_domain
step_begin "the guest attacks, no policy"
attack 90
step_end
expect_bus exactly 1 write "$VM_E1000E" 0x90 0xcafef00d
check "the domain is destroyed" destroy_domain
kill -KILL "$systemd_pid"
done_testing
