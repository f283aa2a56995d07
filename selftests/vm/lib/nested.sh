# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lib/nested.sh - a real KVM guest inside the VM, with devices passed through.
#
#	start_nested BDF...	boot it (run.sh needs --svm) and wait until it answers
#	nested COMMAND...	run a shell command in it; prints its output, returns
#				its exit status
#	nested_bdf N		address in the guest of the Nth device, from 1
#	NESTED_DRIVERS=1	before start_nested: the guest that has drivers
#				("use NAME" in it; run.sh needs --drivers)
#	NESTED_UNDER=COMMAND	before start_nested: run QEMU under it
#	stop_nested		let it power off by itself; fails if it does not
#
# The guest is an unmodified Debian kernel with busybox and setpci (guest/). Its
# console is /run/vm/share/nested.log, so it outlives a panic of the VM. More
# vfio-pci properties for each device: NESTED_DEVOPTS=",x=y".
#
# Other machines start this guest by its parts: nested_initrd prints the path of its
# initramfs, nested_fifos makes its port (/run/vm/nested.in and .out), nested_ready
# waits until it answers.

nested_bdf()
{
	printf '00:%02x.0\n' $((2 + $1))
}

nested_initrd()
{
	local initrd=nested-initrd

	[ -z "${NESTED_DRIVERS:-}" ] || initrd=nested-drivers
	initrd=$(cat "$VM_SRC/build/vm/images/$initrd-$VM_KVER") || return
	echo "$VM_SRC/build/vm/images/$initrd"
}

# Opened to read and write: neither open nor a dead guest may block this shell.
nested_fifos()
{
	rm -f /run/vm/nested.in /run/vm/nested.out
	mkfifo /run/vm/nested.in /run/vm/nested.out
	exec {nested_in}<> /run/vm/nested.in {nested_out}<> /run/vm/nested.out
}

nested_ready()
{
	local i line='' part

	for ((i = 0; i < ${NESTED_TIMEOUT:-60}; i++)); do
		# The second may end in the midst of a line; that part is not read again.
		if read -r -t 1 -u "$nested_out" part; then
			[[ $line$part != *"##ready"* ]] || return 0
			line=''
		else
			line+=$part
		fi
		[ -z "${nested_pid:-}" ] || kill -0 "$nested_pid" 2>/dev/null || break
	done
	echo "nested_ready: the guest does not answer:" >&2
	tail -n 5 /run/vm/share/nested-qemu.log /run/vm/share/nested.log >&2
	return 1
}

# The emulated SVM does not tell KVM that the guest has written XCR0. From 7.x on KVM
# then answers with the size of an XSAVE area that is not the guest's, and 7.3 as a
# guest dies of that in its start.
nested_cpu()
{
	case $VM_KVER in
	6.*) echo host ;;
	*) echo host,-xsave,-avx,-avx2,-fma,-f16c ;;
	esac
}

start_nested()
{
	local bdf n=3 initrd
	local -a devs=()

	modprobe -a ccp kvm kvm-amd || return
	for bdf; do
		devs+=(-device "vfio-pci,host=$bdf,addr=$(printf %x $n).0,rombar=0${NESTED_DEVOPTS:-}")
		n=$((n + 1))
	done
	initrd=$(nested_initrd) || return
	nested_fifos
	# shellcheck disable=SC2086 # words
	${NESTED_UNDER:-} qemu-system-x86_64 -M "${NESTED_MACHINE:-q35,smm=off,sata=off,smbus=off,hpet=off,vmport=off}" -accel kvm -cpu "$(nested_cpu)" -m "${NESTED_MEM:-128}" \
		-nodefaults -no-user-config -display none -no-reboot \
		-kernel "$VM_KERNEL" -initrd "$initrd" \
		-append "console=ttyS0 loglevel=4 panic=-1 norandmaps nokaslr mitigations=off no_timer_check lpj=1000000 tsc=reliable pci=lastbus=0" \
		-serial file:/run/vm/share/nested.log \
		-device virtio-serial-pci,addr=2.0,disable-legacy=on \
		-chardev pipe,id=cmd,path=/run/vm/nested -device virtserialport,chardev=cmd,nr=1 \
		"${devs[@]}" < /dev/null > /run/vm/share/nested-qemu.log 2>&1 9>&- &
	nested_pid=$!
	nested_ready
}

nested()
{
	local line

	printf '%s\n' "$*" >&"$nested_in"
	while read -r -t "${NESTED_TIMEOUT:-60}" -u "$nested_out" line; do
		line=${line%$'\r'}
		if [[ $line == "##rc="* ]]; then
			return "${line#*=}"
		fi
		printf '%s\n' "$line"
	done
	echo "nested: no answer to: $*" >&2
	return 124
}

stop_nested()
{
	local i

	printf 'poweroff -f\n' >&"$nested_in"
	for ((i = 0; i < 200; i++)); do
		if ! kill -0 "$nested_pid" 2>/dev/null; then
			exec {nested_in}>&- {nested_out}>&-
			wait "$nested_pid"
			return
		fi
		sleep 0.1
	done
	echo "stop_nested: the guest did not power off" >&2
	kill -KILL "$nested_pid"
	return 1
}
