#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 0-late-source.sh - in a chroot of the fresh system: the source of the kernel comes
# after the packages, which must neither fail nor be silent.

set -u
export DEBIAN_FRONTEND=noninteractive
# shellcheck source=/dev/null
. /root/packages/versions
log=/root/packages/log
kver=$(cd /lib/modules && echo *)

check()
{
	local name=$1

	shift
	if "$@" > /root/packages/out 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		tail -n 20 /root/packages/out | sed 's/^/# /'
	fi
	cat /root/packages/out >> "$log"
}

# shellcheck disable=SC2317 # called by check
built()
{
	dkms status vfioguard | grep -q "vfioguard/$OLD, $kver, x86_64: installed"
}

# shellcheck disable=SC2317 # called by check
not()
{
	! "$@"
}

check "without the source the packages are installed" \
	apt-get -y --no-install-recommends install "linux-headers-$kver" \
	"/root/packages/vfioguard_${OLD}_amd64.deb" "/root/packages/vfioguard-dkms_${OLD}_all.deb"
check "and say what to install" grep \
	"no vfio-pci-core for kernel $kver: its source is missing; run: apt-get install linux-source-" "$log"
check "there is no module" not built
check "the source is installed" apt-get -y --no-install-recommends install "linux-source-${kver%.*+*}"
check "that makes the module" built
check "dpkg has no complaint" test -z "$(dpkg --audit)"
