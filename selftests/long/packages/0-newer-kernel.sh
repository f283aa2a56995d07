#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 0-newer-kernel.sh - in a chroot of a fresh Debian 13: the packages, by the two commands of
# the README, and then the newer kernel of the backports, for which the module is built
# anew. It has no CRCs, and gcc, pahole and libbpf of this release would leave types of its
# module twice. What stays is a disk to boot.

set -u
export DEBIAN_FRONTEND=noninteractive
# shellcheck source=/dev/null
. /root/packages/versions
# shellcheck source=selftests/long/packages/chroot-lib.sh
. /root/packages/chroot-lib.sh
first=$(cd /lib/modules && echo *)

check "the packages are installed" apt-get -y install \
	"/root/packages/vfioguard_${OLD}_amd64.deb" "/root/packages/vfioguard-dkms_${OLD}_all.deb"
check "the module for $first is made" built "$first"
check "by the types of the CRCs" grep "compared with the stock module: CRCs" "$(make_log "$first")"
check "each file of the kernel's packages is as it was" whole
check "the newer kernel's source is installed, and nothing of it else" \
	apt-get -y --no-install-recommends -t trixie-backports install linux-source-7.3
check "the newer kernel is installed, and its headers" \
	apt-get -y --no-install-recommends -t trixie-backports install linux-image-amd64 linux-headers-amd64
newer=$(cd /lib/modules && printf '%s\n' * | sort -V | tail -n 1)
check "it is a newer one" test "$newer" != "$first"
check "the module for $newer is made" built "$newer"
check "its types were compared with the stock module's" \
	grep "compared with the stock module: BTF, as this kernel has no CRCs ([1-9][0-9]* types and [1-9][0-9]* functions)" \
	"$(make_log "$newer")"
check "modprobe takes it" of_module "$newer" filename "/lib/modules/$newer/updates/dkms/vfio-pci-core.ko*"
check "each file of the kernels' packages is as it was" whole
check "dpkg has no complaint" test -z "$(dpkg --audit)"
! grep -q '^not ok' <<<"$said"
