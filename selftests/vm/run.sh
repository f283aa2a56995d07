#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh - boot one test VM, run a script in it, judge the bus trace.
#
# Usage: run.sh [OPTIONS] -- SCRIPT [ARGS...]
#
#	--name N		name of the run (default: the script's name)
#	--out DIR		where its files go (default: build/vm/N)
#	--timeout SEC		what the whole run may take (default 240); a busy machine is
#				given twice that before the run counts as hung, and
#				one in stock mode, with its slow loads, four times
#	--append ARGS		more kernel arguments
#	--kernel FLAVOUR	Debian kernel to boot, 6.1, 6.12 or so, or its release
#				(default 6.12: see scripts/vm-image.sh)
#	--disk FILE		a system of its own, with its kernel: see disk.sh
#	--mem MB		memory (default 1024)
#	--smp N			processors (default 2)
#	--secure-boot		firmware (UEFI) with Secure Boot on; the kernel is signed
#				for it, with VM_SIGN/key and VM_SIGN/cert
#	--stock			stock mode: load_patched loads the stock modules
#	--svm			let the VM's KVM run nested guests (AMD SVM)
#	--drivers		devices for drivers (see machine.sh), and a nested guest
#				that has these; with --svm
#	--icount		1 ns of guest time is 1 instruction; one processor
#	--watch-fragile SPEC	machine check when SPEC is written: see fragile.sh
#	--fragile-mode mce|aer	what the fragile device does (default mce)
#	--no-judge		leave the bus expectations to the caller
#	--allow-splats		do not fail because of a kernel splat
#	--boots N		after a failure of the emulator boot again, N boots in all
#				(default 2; with --disk 1, as the disk has changed)
#
# SCRIPT runs as root in the VM, on the host's own root file system (changes go
# to memory) or on the disk, in the top of the checkout, with the variables of machine.sh. Its
# output appears here while it runs. Files of a run, in DIR:
#
#	out.log		what the script wrote		console.log	kernel messages
#	trace.log	config accesses on the bus	status		what the VM declared
#	monitor.log	QEMU monitor's answers		qemu.log	QEMU's own complaints
#	mon.in		FIFO: QEMU monitor commands	share/		/run/vm/share in the VM
#
# Before it boots again it says "# NAME: the emulator failed (WHY), booting again", and
# DIR is kept as DIR.failed.
#
# Exit status: the script's own if the VM ended properly (90 for 90 and above), or 1
# if the script passed but the trace is not what it declared, or JSON that vfioguard
# printed is not what docs/schema/ says. Otherwise:
#
#	93	the emulator failed, not the test, each time: see artefact() below
#	94	the script passed, but the kernel log has a splat (see splats.sh)
#	95	the VM's kernel panicked (the text is in console.log)
#	96	timed out
#	97	the VM ended without reporting a status
#	98	the harness failed (QEMU did not start, marks are missing, ...)
#	99	usage
#
# A VM that crashed is never a pass.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

name='' dir='' timeout=240 append='' flavour='' mem=1024 smp=2
svm='' drivers='' icount='' fragile='' mode=mce judge=1 splats='' disk='' boots='' secure='' stock=''
args_before=("$@")
# Seconds within which a VM has to come to its script; five are usual.
boot_limit=${VM_BOOT_LIMIT:-200}

die()
{
	echo "run.sh: $2" >&2
	exit "$1"
}

usage()
{
	sed -n '/^# Usage/,/^$/{s/^# \{0,1\}//;p}' "$0" >&2
	exit 99
}

while [ $# -gt 0 ]; do
	case $1 in
	--name) name=$2; shift ;;
	--out) dir=$2; shift ;;
	--timeout) timeout=$2; shift ;;
	--append) append=$2; shift ;;
	--kernel) flavour=$2; shift ;;
	--disk) disk=$2; shift ;;
	--mem) mem=$2; shift ;;
	--smp) smp=$2; shift ;;
	--secure-boot) secure=1 ;;
	--stock) stock=1 ;;
	--svm) svm=1 ;;
	--drivers) drivers=1 ;;
	--icount) icount=1 ;;
	--watch-fragile) fragile=$2; shift ;;
	--fragile-mode) mode=$2; shift ;;
	--no-judge) judge='' ;;
	--allow-splats) splats=allowed ;;
	--boots) boots=$2; shift ;;
	--) shift; break ;;
	*) usage ;;
	esac
	shift || usage
done
[ $# -gt 0 ] || usage
options=("${args_before[@]:0:${#args_before[@]}-$#-1}")
: "${boots:=$([ -n "$disk" ] && echo 1 || echo 2)}"
[[ $boots =~ ^[1-9]$ ]] || die 99 "--boots is '$boots', not 1 to 9"
script=$(realpath -e "$1" 2>/dev/null) || die 99 "no such script: $1"
shift
: "${name:=$(basename "$script" .sh)}"
: "${dir:=$top/build/vm/$name}"

# One at a time: a run that starts beside this one makes the same files.
mkdir -p "$top/build/vm/images"
exec {images}> "$top/build/vm/images/.lock"
flock "$images"
if [ -n "$disk" ]; then
	image=$("$here/disk.sh" boot "$disk" "$top/build/vm/images") || die 98 "no kernel on $disk"
	initrd=$(sed -n 's/^initrd=//p' <<< "$image")
else
	image=$("$top/scripts/vm-image.sh" ${flavour:+"$flavour"}) || die 98 "no kernel to boot"
fi
kernel=$(sed -n 's/^kernel=//p' <<< "$image")
modules=$(sed -n 's/^modules=//p' <<< "$image")
kver=${modules##*/}
if [ -n "$secure" ]; then
	boot=$("$here/mksigned.sh" "$kernel" "$top/build/vm/images") || die 98 "cannot sign $kernel"
else
	# The kernel without its decompressor: seconds less under emulation.
	boot=$("$here/mkvmlinux.sh" "$kernel" "$top/build/vm/images${disk:+/disk}") ||
		die 98 "cannot unpack $kernel"
fi
[ -n "$disk" ] || initrd=$("$here/mkinitrd.sh" "$modules" "$top/build/vm/images") || die 98 "no initramfs"
"$here/mktools.sh" || die 98 "cannot build the test tools"
[ -z "$svm" ] || "$here/guest/mkguest.sh" "$modules" "$top/build/vm/images" || die 98 "no nested guest"
[ -z "$drivers" ] || "$here/guest/mkdrivers.sh" "$modules" "$top/build/vm/images" ||
	die 98 "no nested guest with drivers"
exec {images}>&-

rm -rf "$dir"
mkdir -p "$dir/share" || die 98 "cannot make $dir"
dir=$(realpath "$dir")
mkfifo "$dir/mon.in" "$dir/mon.out"
: > "$dir/trace.log"
: > "$dir/status"
: > "$dir/console.log"

# shellcheck source=selftests/vm/machine.sh
. "$here/machine.sh"
machine_build "$dir" "$drivers"
# shellcheck source=selftests/vm/shares.sh
. "$here/shares.sh"

modules_share=
[ "$modules" = "/lib/modules/$kver" ] || modules_share=1
# On a system of its own the machine's files are in a folder.
below=${disk:+/run/vm/host}
cat > "$dir/share/run.env" <<-END
	VM_SRC='$below$top'
	VM_KVER='$kver'
	VM_FLAVOUR='$flavour'
	VM_KERNEL='$kernel'
	VM_MODULES_SHARE='$modules_share'
	VM_KEEP='$top $script $kernel'
	VM_STOCK='$stock'
	VM_SVM='$svm'
	VM_SIGN='${secure:+${boot%/*}}'
	VM_DISK='$disk'
	VM_LONG='${VM_LONG:-}'
	LONG_SECONDS='${LONG_SECONDS:-}'
	VM_SHARE=/run/vm/share
END
printf '%s\0' "$below$script" "$@" > "$dir/share/argv"

# loglevel=5 shows warnings (so WARN splats) but not the chatter of a boot,
# which costs a second on an emulated serial port.
# Address randomisation makes the emulator translate each program anew.
args="norandmaps console=ttyS0 earlyprintk=ttyS0 loglevel=5 panic=-1 intel_iommu=on random.trust_cpu=on no_timer_check"
if [ -n "$disk" ]; then
	args+=" root=/dev/vda rw"
	machine_args+=(
		-drive "if=none,id=disk,format=raw,cache=unsafe,file=$disk"
		-device "virtio-blk-pci,bus=pcie.0,addr=6.0,disable-legacy=on,drive=disk"
	)
fi
cpu=EPYC,-svm accel=tcg,thread=multi
[ -z "$svm" ] || cpu=EPYC,+svm
if [ -n "$icount" ]; then
	smp=1 accel=tcg,thread=single
	machine_args+=(-icount "shift=0,sleep=off")
	# Whatever is not the measured path must not move the figures.
	args+=" mitigations=off nokaslr audit=0"
	case $append in
	*audit=1*) args=${args% audit=0} ;;
	esac
fi
machine_args+=(
	-accel "$accel" -cpu "$cpu" -smp "$smp" -m "$mem"
	-kernel "$boot" -initrd "$initrd" -append "$args $append"
	-serial "file:$dir/console.log"
	-device "virtio-serial-pci,bus=pcie.0,addr=2.0,disable-legacy=on"
	-chardev "file,id=out,path=/dev/stdout" -device "virtserialport,nr=1,chardev=out"
	-chardev "file,id=status,path=$dir/status" -device "virtserialport,nr=2,chardev=status"
	-chardev "pipe,id=mon,path=$dir/mon" -mon "chardev=mon,mode=readline"
	-trace 'pci_cfg_*' -D "$dir/trace.log" -msg timestamp=on
)
if [ -n "$secure" ]; then
	cp /usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd "$dir/vars.fd" || die 98 "no firmware"
	machine_args+=(
		-global "driver=cfi.pflash01,property=secure,value=on"
		-drive "if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"
		-drive "if=pflash,unit=1,format=raw,file=$dir/vars.fd"
	)
fi
helpers=()
# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	local p

	for p in "${helpers[@]}"; do
		kill "$p" 2>/dev/null
	done
	wait 2>/dev/null
	rm -f "$dir/mon.in" "$dir/mon.out"
}
trap cleanup EXIT

shares_init "$modules"
share_add root / 3 ro
share_add share "$dir/share" 4
[ -z "$modules_share" ] || [ -n "$disk" ] || share_add modules "$modules" 5 ro

# QEMU must not wait for a reader of its answers.
cat "$dir/mon.out" > "$dir/monitor.log" &
helpers+=($!)
if [ -n "$fragile" ]; then
	"$here/fragile.sh" --mode "$mode" "$dir" "$fragile" > "$dir/fragile.log" 2>&1 &
	helpers+=($!)
fi
# Whether the kernel has found twice, a minute apart, that one of its timers never came.
timer_lost()
{
	[ "$(grep -c 'rcu: .*Possible timer handling issue' "$dir/console.log")" -ge 2 ]
}
# Of a machine that stalls the test's own limit is not waited for.
{
	for ((i = 0; ; i++)); do
		sleep 1
		[ "$i" -ne "$boot_limit" ] || grep -q 'vm: running' "$dir/console.log" || break
		! timer_lost || break
	done
	: > "$dir/stalled"
	echo quit 1<> "$dir/mon.in"
} > /dev/null 2>&1 &
helpers+=($!)

limit=$((2 * timeout))
timeout --foreground -k 5 "$limit" qemu-system-x86_64 "${machine_args[@]}" \
	< /dev/null 2> "$dir/qemu.log" | tee "$dir/out.log"
qrc=${PIPESTATUS[0]}

# artefact: say which of the things it was that QEMU's multi-threaded emulation does
# once in some fifty boots, with the stock kernel too: one processor runs a breakpoint
# of the kernel's own code patching after the other has removed it; a boot, or a test,
# stalls for a lost timer; QEMU itself crashes.
artefact()
{
	if grep -q 'Oops: int3' "$dir/console.log"; then
		echo "a breakpoint that was gone"
	elif [ -e "$dir/stalled" ] && timer_lost; then
		echo "a timer that never came"
	elif [ -e "$dir/stalled" ] ||
	     { [ "$qrc" = 124 ] && ! grep -q 'vm: running' "$dir/console.log"; }; then
		echo "a boot that stalled"
	elif [[ $qrc =~ ^(132|134|135|136|139)$ ]]; then
		echo "QEMU died of SIG$(kill -l "$qrc")"
	else
		return 1
	fi
}

if why=$(artefact); then
	if [ "$boots" = 1 ]; then
		echo "# $name: the emulator failed ($why)"
		exit 93
	fi
	echo "# $name: the emulator failed ($why), booting again"
	trap - EXIT
	cleanup
	rm -rf "$dir.failed"
	mv "$dir" "$dir.failed"
	exec "$0" "${options[@]}" --boots $((boots - 1)) -- "$script" "$@"
fi

status=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$dir/status" | tail -n 1)
if grep -q 'Kernel panic - not syncing' "$dir/console.log"; then
	panic=$(grep -o 'Kernel panic - not syncing.*' "$dir/console.log" | head -n 1)
	echo "# the VM's kernel died: $panic"
	rc=95
elif [ "$qrc" = 124 ] || [ "$qrc" = 137 ]; then
	echo "# timed out after $limit s"
	rc=96
elif [ "$qrc" != 0 ]; then
	tail -n 5 "$dir/qemu.log" >&2
	die 98 "QEMU ended with $qrc"
elif [ -z "$status" ]; then
	echo "# the VM ended without reporting a status (see $dir/console.log)"
	rc=97
elif [ "$status" -ge 90 ]; then
	rc=90
else
	rc=$status
fi

if [ -n "$judge" ]; then
	"$here/judge.sh" "$dir"
	jrc=$?
	[ "$jrc" -le 1 ] || [ "$rc" != 0 ] || rc=98
	[ "$jrc" = 0 ] || [ "$rc" != 0 ] || rc=1
fi
# What vfioguard printed as JSON in there, see lib/guard.sh.
if [ -d "$dir/share/json" ] &&
	! json=$("$top/scripts/schemas.py" --documents "$dir/share/json" 2>&1); then
	printf '# JSON: %s\n' "${json//$'\n'/$'\n'# JSON: }"
	[ "$rc" != 0 ] || rc=1
fi
if [ -z "$splats" ] && ! "$here/splats.sh" "$dir" && [ "$rc" = 0 ]; then
	rc=94
fi
[ "$rc" -lt 94 ] || echo "Bail out! $name: exit status $rc"
exit "$rc"
