#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 31-doctor.sh - a host on which nothing is as it should be: vfioguard doctor finds it,
# and each remedy, run as it is printed, mends what it stands below (runs in the VM).
#
# Many things at a time, in the order in which they are printed, as each look takes
# seconds here.  With VM_LONG=1 also what takes a folder of modules of its own: which one
# is loaded, installed, in force without a hook; learning, the file, the lock.

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=selftests/vm/lib/modules.sh
. "$VM_SRC/selftests/vm/lib/modules.sh"
: "${patched_core:?}"

conf=/etc/vfioguard/vfioguard.conf
said=/run/vm/doctor
noiommu=/sys/module/vfio/parameters/enable_unsafe_noiommu_mode

# look WANTED NAME: its exit status
look()
{
	guard doctor > "$said" 2> /run/vm/doctor.err
	is "$?" "$1" "$2: exit status $1"
}

# finds CHECK HEALTH REGEX: one of its lines says so
finds()
{
	like "$(grep -E "^[a-z]+ +$1 " "$said")" "(^|"$'\n'")$2 +$1 +.*$3" "$1: $2"
}

# remedy CHECK: what it prints below that
remedy()
{
	awk -v check="$1" '$1 ~ /^(ok|warning|fault)$/ { at = $2 == check }
		at && $1 == "->" { sub(/^ *-> /, ""); print; exit }' "$said"
}

# mend CHECK: type it
mend()
{
	# 9 is the harness's own, which nothing that stays may hold.
	check "$1: $(remedy "$1")" bash -c "$(remedy "$1")" 9>&-
}

install -m 755 "$VM_SRC/build/vfioguard" /usr/local/sbin/vfioguard
rm -rf /etc/vfioguard
mkdir -p /etc/vfioguard/policy.d /etc/vfioguard/devices
cp "$VM_SRC/packaging/vfioguard.conf" "$conf"
cp "$VM_SRC/policies/default.policy" /etc/vfioguard
echo 'block w 8086:10d3 0x90-0x93 key=hang-test' > /etc/vfioguard/devices/8086-test.policy
printf 'mode enforce\ndefault block w unassigned audit\nallow w 8086:* 0x90-0x93\n' \
	> /etc/vfioguard/policy.d/10-base.policy
if [ -n "$VM_LONG" ]; then
	small_modules
	install -D "$patched_core" "/lib/modules/$VM_KVER/updates/vfio-pci-core.ko"
	depmod "$VM_KVER"
fi
# The initramfs of this machine is nothing to be emulated.
mount -t tmpfs tmpfs /boot

# --- Nothing is there ------------------------------------------------------------

umount /sys/fs/bpf
echo 'audit = perhaps' >> "$conf"
look 13 "nothing is there"
finds config fault "vfioguard.conf:[0-9]+: .*the daemon does not start"
finds kernel ok "Linux ${VM_KVER//+/.}"
finds module fault "not loaded"
finds bpffs fault "no BPF file system"
finds policy fault "no policy is loaded"
finds btf ok "describes itself"
finds signature ok "not signed"
is "$(remedy module)" "modprobe vfio-pci" "module: its remedy"
if [ -n "$VM_LONG" ]; then
	mend module
else
	check "the patched core loads" load_patched
fi
for one in config bpffs policy; do
	mend "$one"
done

# --- A policy, and all else is wrong ------------------------------------------------

bind_vfio "$VM_E1000E"
# What update-initramfs does, it takes minutes here to do: selftests/long/43-initramfs.sh.
mkdir -p "/run/vm/initrd/lib/modules/$VM_KVER/other"
touch "/run/vm/initrd/lib/modules/$VM_KVER/other/vfio-pci-core.ko"
(cd /run/vm/initrd && find . | cpio --quiet -o -H newc | gzip) > "/boot/initrd.img-$VM_KVER"
check "audit is told what it should not be" auditctl -e 0 -f 2 -b 64
check "and to drop our records" auditctl -a never,exclude -F 'msgtype>=USER_DEVICE' -F 'msgtype<=1200'
# Debian's kernels are built without it.
[ ! -e "$noiommu" ] || echo Y > "$noiommu"
guard allow 8086:10d3 2> /dev/null
look 13 "all else is wrong"
finds config ok "no mistakes"
if [ -n "$VM_LONG" ]; then
	finds module ok "patched .* with the hook"
else
	finds module warning "modprobe would load the stock one"
fi
finds bpffs ok "to keep a policy"
finds initramfs warning "has another vfio-pci-core .other/vfio-pci-core.ko. than modprobe"
is "$(remedy initramfs)" "update-initramfs -u -k $VM_KVER" "initramfs: its remedy"
finds policy ok "in force"
finds door ok "by the hook"
finds file warning "policy.d in 1 thing: 8086:10d3: 'allow rw' is loaded"
finds lock ok "need not be"
finds daemon warning "no daemon"
[ -e "$noiommu" ] && iommu=iommu || iommu=
finds iommu "$([ -n "$iommu" ] && echo fault || echo ok)" "without an IOMMU"
finds audit warning "auditing is off"
finds audit-backlog warning "lets 64 records wait"
finds audit-failure warning "failure mode 2"
finds audit-rules fault "drops our records of type USER_DEVICE"
finds device warning "$VM_E1000E .*pass"
finds dangerous fault "$VM_E1000E .*hang-test at .*8086-test.policy:1"
is "$(remedy device)" "vfioguard deny 8086:10d3" "what the allow list opens is closed there"
guard doctor --json > "$said.json"
is "$?" 13 "as JSON: exit status 13"
is "$(grep -c '"health": "fault"' "$said.json") $(grep -c '"health": "warning"' "$said.json")" \
	"$(grep -c '^fault' "$said") $(grep -c '^warning' "$said")" "and the same findings"
rm "/boot/initrd.img-$VM_KVER"
for one in $iommu daemon audit audit-backlog audit-failure audit-rules device dangerous; do
	mend "$one"
done
is "$(auditctl -l | grep -c exclude)" 0 "auditctl has no such rule any more"
[ -z "$iommu" ] || is "$(< "$noiommu")" N "vfio takes no device without an IOMMU"
like "$(cat /etc/vfioguard/policy.d/50-local.policy)" "^block w 8086:10d3 0x90 key=hang-test" \
	"the rule is in the policy"
look 12 "mended"
finds initramfs ok "there is no"
finds audit warning "no auditd"
finds audit-backlog ok "8192 may wait"
finds audit-failure ok "goes on"
finds audit-rules ok "no rule"
finds file ok "says what is loaded"
finds dangerous ok "blocks them"
finds device ok "are blocked"
finds daemon ok runs
mend audit
check "auditd takes records" wait_for grep -qs DAEMON_START /var/log/audit/audit.log
[ -n "$VM_LONG" ] || done_testing

look 0 "all is well"
is "$(grep -c -- '->' "$said")" 0 "nothing to be mended is printed"
finds audit ok "auditd takes"

# --- The mode, the file, another policy -----------------------------------------------

guard learn start 2> /dev/null
echo 'nonsense' >> /etc/vfioguard/policy.d/50-local.policy
look 12 "learning, and a file with a mistake"
finds policy warning "learning"
finds device warning "pass"
finds file warning "can't be loaded"
mend policy
sed -i '$d' /etc/vfioguard/policy.d/50-local.policy
guard load /etc/vfioguard/default.policy 2> /dev/null
look 12 "another policy than the service's"
finds file warning "policy of the service is another"
mend file

# --- Another module, without a hook ---------------------------------------------------

guard unload 2> /dev/null
mv "/lib/modules/$VM_KVER/updates" /run/vm/updates
depmod "$VM_KVER"
modprobe -r vfio-pci vfio-pci-core && modprobe vfio-pci
bind_vfio "$VM_E1000E"
look 13 "the stock module, and no policy"
finds module ok "stock vfio-pci-core is loaded"
finds door ok "would use tracing and LSM programs"
finds device fault "nothing covers it"
finds dangerous fault "no policy is loaded"
mend policy
mv /run/vm/updates "/lib/modules/$VM_KVER/updates"
depmod "$VM_KVER"
sysctl -qw kernel.ftrace_enabled=0
look 13 "programs that are not called, and the patched module in wait"
finds door fault "ftrace_enabled is 0"
finds module warning "stock .* is loaded, and the patched one is installed"
mend door
mend module
bind_vfio "$VM_E1000E"
look 12 "the patched module again"
finds door ok "by the hook"
finds module ok "with the hook"
mend daemon
sleep 2
look 0 "all is well again"

# --- The lock, which can't be taken back ------------------------------------------------

echo 'lock = yes' >> "$conf"
look 13 "a lock that is missing"
finds lock fault "not locked"
mend lock
look 0 "locked"
finds lock ok "until the next boot"
echo 'block w 8086:10d3 0xa0' >> /etc/vfioguard/policy.d/50-local.policy
look 12 "a file that is not what is locked"
finds file warning "differs"
is "$(remedy file)" reboot "file: what mends that is a boot"
check "audit is told what it should not be, until the next boot" auditctl -f 2 -e 2
look 12 "what auditctl can't change"
like "$(remedy audit-failure)" "^grep .*rules.d" "audit-failure: where it is set"
done_testing
