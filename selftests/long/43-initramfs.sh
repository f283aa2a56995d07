#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 43-initramfs.sh - make module-install where vfio-pci is in the initramfs: the next boot
# loads the patched module from there, and after going back the stock one (runs in the VM,
# which it starts).
#
# The machine's root is a copy that is gone with it, /boot too.  The initramfs is made by
# Debian's own tools, of a few modules, as emulated all of them would take an hour.
#
# vm-args: --timeout 1800

[ -n "${VM_SRC:-}" ] || exec "$(dirname "$0")/../vm/test.sh" "$(realpath "$0")"

# shellcheck source=selftests/vm/guest-lib.sh
. "$VM_SRC/selftests/vm/guest-lib.sh"

initrd=/boot/initrd.img-$VM_KVER
updates=/lib/modules/$VM_KVER/updates

# in_initramfs: which vfio-pci-core would be loaded of it: its path, and whether it has
# the parameters of the series
in_initramfs()
{
	rm -rf /run/vm/unpacked
	unmkinitramfs "$initrd" /run/vm/unpacked
	found=$(find /run/vm/unpacked -name 'vfio-pci-core.ko*')
	loads=$(sed -n 's|^\(.*vfio-pci-core\.ko[.a-z]*\):.*|\1|p' \
		"$(find /run/vm/unpacked -name modules.dep)")
	patched=$(for ko in $found; do modinfo -p "$ko"; done | grep -c block_pci_unassigned_write)
}

if ! command -v update-initramfs > /dev/null || ! command -v unmkinitramfs > /dev/null; then
	skip "the initramfs" "there is no initramfs-tools here"
	done_testing
fi
mkdir -p /etc/initramfs-tools/conf.d
echo "MODULES=list" > /etc/initramfs-tools/conf.d/vfioguard
echo "COMPRESS=gzip" >> /etc/initramfs-tools/conf.d/vfioguard
printf 'vfio_pci\n' > /etc/initramfs-tools/modules
rm -f "$updates"/vfio-pci-core.ko "$initrd"
check "an initramfs with the stock module" update-initramfs -c -k "$VM_KVER"
in_initramfs
is "$patched" 0 "has no other"

said=$("$VM_SRC/scripts/module-install.sh" "$VM_KVER" 2>&1)
is "$?" 0 "make module-install"
is "$(grep -cF "update-initramfs: Generating $initrd" <<< "$said")" 1 "makes it anew"
in_initramfs
is "$patched" 1 "and the patched module is in it"
like "$loads" "updates/vfio-pci-core.ko" "as the one that is loaded"

back=$(sed -n 's/^== to go back: //p' <<< "$said")
like "$back" "update-initramfs" "it says how to go back"
check "which does" bash -c "$back"
in_initramfs
is "$patched" 0 "the stock module is in it again"

printf '#!/bin/sh\nexit 1\n' > /etc/initramfs-tools/hooks/broken
chmod +x /etc/initramfs-tools/hooks/broken
said=$("$VM_SRC/scripts/module-install.sh" "$VM_KVER" 2>&1)
is "$?" 1 "an initramfs that can't be made is an error"
like "$said" "could not be made anew.*next boot loads the stock module" "that says what it means"
done_testing
