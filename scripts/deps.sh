#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/deps.sh GROUP...: install the Debian packages a part needs.
#
# In a package build, where VFIOGUARD_DEPS is "installed", it does nothing.
# Says what it installs, and does nothing when all is there.  Needs root only
# when something is missing.
#
#   build   BPF program and loader
#   module  the patched vfio-pci-core
#   vm      virtual machines of the demo and the tests
#   check   linters and unit tests
#   kernel  a whole kernel for the tests on 7.3
#   man     manual pages
#   libvirt the long test with libvirtd, which is not started on this machine
#   dpdk    the long test with DPDK, some 200 packages
#   deb     Debian packages, and what installing them takes
#   fuzz    fuzzing of the policy language
#   long    what only selftests/long/ needs
#   image   a Debian system of its own for that

. "$(dirname "$0")/common.sh"

# The one that Debian 12 and 13 have packages of; others come by
# scripts/kernel-tarball.sh.
SERIES=6.12

# Headers and source of the same version, or `make module` refuses them.
kernel_packages()
{
	local headers

	if [ -n "$(default_kver)" ] && [ -n "$(package_version "linux-source-$SERIES")" ]; then
		return
	fi
	headers=$(apt-cache search --names-only "^linux-headers-$SERIES\.[0-9]+[^ ]*-amd64\$" |
		awk '{ print $1 }' | grep -Ev -e '-(cloud|rt)-amd64$' |
		sort -V | tail -n 1)
	# Without lists nothing is found; they are fetched, and then it is.
	echo "${headers:-$(headers_package)} linux-source-$SERIES"
}

packages()
{
	case $1 in
	build)
		echo make gcc libc6-dev pkg-config clang-19 llvm-19 libelf-dev \
			zlib1g-dev python3 libaudit-dev libcap-ng-dev xz-utils patch \
			linux-source-"$SERIES"
		;;
	module)
		echo make gcc pahole bpftool xz-utils patch git kmod
		kernel_packages
		;;
	vm)
		echo qemu-system-x86 qemu-utils busybox-static cpio zstd kmod auditd \
			pciutils procps ovmf sbsigntool openssl debian-archive-keyring \
			python3-jsonschema
		# Debian 12 has it in QEMU's package.
		grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release || echo virtiofsd
		;;
	check)
		echo libcmocka-dev shellcheck clang-format-19 cppcheck sparse \
			pci.ids pciutils perl scdoc mandoc man-db zsh fish python3-jsonschema
		;;
	man)
		echo scdoc
		;;
	kernel)
		echo make gcc flex bison bc pahole libelf-dev xz-utils zstd git \
			kmod python3 uuid-dev debian-archive-keyring
		;;
	libvirt)
		echo libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients \
			systemd-container dbus
		;;
	dpdk)
		echo dpdk-dev
		;;
	deb)
		echo build-essential debhelper dh-dkms dpkg-dev lintian dkms pahole bpftool
		;;
	fuzz)
		echo clang-19 libclang-rt-19-dev
		;;
	long)
		echo valgrind libc6-dbg
		;;
	image)
		echo mmdebstrap e2fsprogs
		;;
	*)
		die "no package group '$1'; there are build, module, vm, check, man, deb, kernel, libvirt, dpdk, fuzz, long, image"
		;;
	esac
}

missing()
{
	local p

	for p in "$@"; do
		[ -n "$(package_version "$p")" ] || echo "$p"
	done
}

[ "${VFIOGUARD_DEPS:-}" != installed ] || exit 0
command -v dpkg-query >/dev/null ||
	die "this needs Debian's package manager; see README.md for what to install elsewhere"

want=()
for group in "$@"; do
	read -r -a list <<<"$(packages "$group" | tr '\n' ' ')"
	want+=("${list[@]}")
done

mapfile -t need < <(missing "${want[@]}")
[ "${#need[@]}" -gt 0 ] || exit 0

say "installing: ${need[*]}"
[ "$(id -u)" -eq 0 ] ||
	die "root is needed to install packages; run: sudo apt-get install ${need[*]}"

export DEBIAN_FRONTEND=noninteractive
# A fresh machine has no package lists, and the kernel's package names are in
# them.
if ! apt-cache show "${need[0]}" >/dev/null 2>&1 ||
	[ -z "$(find /var/lib/apt/lists -name '*Packages*' -print -quit)" ]; then
	apt-get update -qq
	mapfile -t need < <(for group in "$@"; do packages "$group"; done |
		tr ' ' '\n' | sort -u | while read -r p; do missing "$p"; done)
fi
log=$(mktemp)
apt-get install -y -qq --no-install-recommends "${need[@]}" >"$log" 2>&1 || {
	tail -n 20 "$log" >&2
	die "apt-get could not install: ${need[*]} (whole log: $log)"
}
rm -f "$log"
