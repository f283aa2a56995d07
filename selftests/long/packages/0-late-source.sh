#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 0-late-source.sh - in a chroot of the fresh system: the source of the kernel comes
# after the packages, which must neither fail nor be silent. And before it a key of
# the host's own to sign modules with, which is what firmware would have been told.

set -u
export DEBIAN_FRONTEND=noninteractive
# shellcheck source=/dev/null
. /root/packages/versions
# shellcheck source=selftests/long/packages/chroot-lib.sh
. /root/packages/chroot-lib.sh
kver=$(cd /lib/modules && echo *)

check "without the source the packages are installed" \
	apt-get -y --no-install-recommends install "linux-headers-$kver" \
	"/root/packages/vfioguard_${OLD}_amd64.deb" "/root/packages/vfioguard-dkms_${OLD}_all.deb"
check "and say what to install" grep \
	"no vfio-pci-core for kernel $kver: its source is missing; run: apt-get install linux-source-" "$log"
check "there is no module" not built "$kver"
check "openssl is installed" apt-get -y --no-install-recommends install openssl
check "the host has a key" openssl req -new -x509 -nodes -newkey rsa:2048 -subj "/CN=Key of this host" \
	-keyout /var/lib/dkms/mok.key -outform DER -out /var/lib/dkms/mok.pub
check "the source is installed" apt-get -y --no-install-recommends install "linux-source-${kver%.*+*}"
check "that makes the module" built "$kver"
check "modprobe takes it from now on" of_module "$kver" filename "/lib/modules/$kver/updates/dkms/vfio-pci-core.ko*"
check "it is signed with the host's key" of_module "$kver" signer "Key of this host"
check "each file of the kernel's packages is as it was" whole
check "dpkg has no complaint" test -z "$(dpkg --audit)"
! grep -q '^not ok' <<<"$said"
