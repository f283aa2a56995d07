# shellcheck shell=bash disable=SC2154 # mem, dir: of run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# shares.sh - folders of this machine in the VM.
#
# Sourced by run.sh. By 9p where the kernel has it, or else by virtiofs, as a cloud
# kernel has only that; initrd-init.sh sees what there is by itself.
#
#	shares_init MODULES	find out which; MODULES is the lib/modules/KVER that
#				vm-image.sh prints, or on a disk of the VM's own: 9p
#	share_add TAG PATH SLOT [ro]
#				PATH as TAG, with a device at pcie.0 SLOT
#
# Fill machine_args; what must be ended with the run goes to the array helpers.

# shellcheck source=selftests/vm/modules.sh
. "$here/modules.sh"

shares_fs=9p

shares_init()
{
	if [ ! -d "$1" ] || list_modules "$1" 9p > /dev/null 2>&1; then
		return
	fi
	shares_fs=virtiofs
	# The server reads and writes the VM's memory.
	machine_args+=(
		-object "memory-backend-memfd,id=mem,size=${mem}M,share=on"
		-machine "memory-backend=mem"
	)
}

# serve PATH SOCKET [ro]: become its server, which ends with QEMU. It knows no option
# against writing, so it sees a view of PATH that can't be written to: a test in the VM
# is root there, and PATH may be this machine's root.
serve()
{
	local path=$1 socket=$2 cache=none mount view=$2.view
	# QEMU's own until Debian 12, then one of a package of its own.
	local old=/usr/lib/qemu/virtiofsd new=/usr/libexec/virtiofsd

	if [ -n "${3:-}" ]; then
		mkdir -p "$view" && mount --rbind "$path" "$view" || exit
		findmnt -rno TARGET -R "$view" | while read -r mount; do
			mount -o remount,bind,ro "$(printf %b "$mount")" || exit
		done || exit
		path=$view cache=always
	fi
	[ ! -x "$old" ] ||
		exec "$old" --socket-path="$socket" -o "source=$path,sandbox=chroot,cache=$cache"
	exec "$new" --socket-path="$socket" --shared-dir "$path" --sandbox chroot --cache "${cache/none/never}"
}

share_add()
{
	local tag=$1 path=$2 slot=$3 ro=${4:-} socket=$dir/$1.socket i
	# Without event_idx, which lets the guest leave out calls: QEMU's 9p says what it
	# has seen and looks for more with no barrier between, so a request that comes just
	# then is never seen.
	local p9=virtio-9p-pci,bus=pcie.0,disable-legacy=on,event_idx=off

	if [ "$shares_fs" = 9p ]; then
		machine_args+=(
			-fsdev "local,id=$tag,path=$path,security_model=none,multidevs=remap${ro:+,readonly=on}"
			-device "$p9,addr=$slot.0,fsdev=$tag,mount_tag=$tag"
		)
		return
	fi
	# In a mount namespace of its own, for the view.
	unshare --mount --propagation private bash -c \
		"$(declare -f serve); serve \"\$@\"" serve "$path" "$socket" "$ro" \
		> "$dir/$tag.log" 2>&1 &
	helpers+=($!)
	for ((i = 0; i < 100; i++)); do
		[ ! -S "$socket" ] || break
		sleep 0.1
	done
	[ -S "$socket" ] || die 98 "no virtiofs server for $path: $(tail -n 1 "$dir/$tag.log")"
	machine_args+=(
		-chardev "socket,id=$tag,path=$socket"
		-device "vhost-user-fs-pci,bus=pcie.0,addr=$slot.0,chardev=$tag,tag=$tag"
	)
}
