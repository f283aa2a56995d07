# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# packages/lib.sh - sourced by the steps of 60-packages.sh, in the VM.
#
#	apt ARGS...		apt-get without questions; its words go to the share
#	stock, patched		the files of the two vfio-pci-core
#	loaded FILE		the loaded one is from FILE
#	present NAME VERSION	the package is installed in this version
#	whole			each file of the kernels' packages is as it was

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"
# shellcheck source=/dev/null
. /root/packages/versions

# Until then udev may be giving a driver to the very device that a step takes.
udevadm settle -t 300

# shellcheck disable=SC2034 # for the steps
stock=/lib/modules/$VM_KVER/kernel/drivers/vfio/pci/vfio-pci-core.ko
patched=/lib/modules/$VM_KVER/updates/dkms/vfio-pci-core.ko
# dkms compresses as the kernel does, and its file is not there before it has.
[ ! -e "$stock.xz" ] || { stock=$stock.xz; patched=$patched.xz; }

apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=900 "$@" 2>&1 | tee -a "$VM_SHARE/apt.log"
	return "${PIPESTATUS[0]}"
}

# By its build id: Debian's modules have no other mark of their own. With the xz of
# the machine that runs the VM: a fresh system has none.
loaded()
{
	local id

	id=$(od -An -v -tx1 /sys/module/vfio_pci_core/notes/.note.gnu.build-id | tr -d ' \n')
	case $1 in
	*.xz) chroot /run/vm/host xz -dc < "$1" ;;
	*) cat "$1" ;;
	esac | od -An -v -tx1 | tr -d ' \n' | grep -q "${id:?no module}"
}

present()
{
	# shellcheck disable=SC2016 # dpkg's own variables
	[ "$(dpkg-query -W -f '${db:Status-Abbrev} ${Version}' "$1" 2> /dev/null)" = "ii  $2" ]
}

# Not from the checkout: what the packages have installed.
guard()
{
	/usr/sbin/vfioguard "$@"
}

# dpkg misses nothing of the kernels' packages, nor of the module's.
whole()
{
	local -a list

	# shellcheck disable=SC2016 # dpkg's own variables
	mapfile -t list < <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 'linux-*' vfioguard-dkms 2> /dev/null |
		sed -n 's/^ii *//p')
	[ -z "$(dpkg -V "${list[@]}" | tee -a "$VM_SHARE/apt.log")" ]
}

not()
{
	! "$@"
}

reload_core()
{
	modprobe -r vfio-pci vfio-pci-core && modprobe vfio-pci
}
