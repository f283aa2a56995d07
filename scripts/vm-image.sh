#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm-image.sh - find, or fetch, the stock Debian kernel that a VM test boots.
#
# Usage: vm-image.sh [FLAVOUR | KVER]
#
#	6.1, 7.3		Debian 12's own kernel, that of Debian 13's backports
#	6.12			the newest whose headers are installed here, or that
#				runs here: the one `make module` is for. The default.
#	6.1-rt, 6.12-cloud, ...	their variants
#	KVER			a kernel by its release, also one of scripts/kernel.sh
#
# Prints
#
#	kernel=PATH	the bzImage
#	modules=PATH	the matching lib/modules/KVER directory
#
# An installed image is used where there is one. Otherwise the packages are
# downloaded and unpacked into the cache: nothing is installed on this machine,
# whose own boot loader must not notice that tests have been run. Of 6.1 and 7.3 the
# newest that is here is used until it is removed from the cache.
#
# VFIOGUARD_IMAGE_DOWNLOAD=1	use the cache even if the image is installed
# VFIOGUARD_CACHE=DIR		cache (default: ${XDG_CACHE_HOME:-~/.cache}/vfioguard)

. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/apt-suite.sh"

images=$CACHE/images

# suite_of SERIES: which suite has it, empty for what the machine's own has
suite_of()
{
	case $1 in
	6.1) echo bookworm-security ;;
	7.3) echo trixie-backports ;;
	esac
}

# newest SERIES VARIANT: of the releases on stdin the newest stock one; VARIANT is
# empty, -rt or -cloud. The names of our own kernels do not end so.
newest()
{
	grep -E "^${1//./\\.}\.[0-9]+([-+][a-z0-9]+)*$2-amd64\$" |
		{ if [ -n "$2" ]; then cat; else grep -Ev -e '-(cloud|rt)-amd64$'; fi; } |
		sort -V | tail -n 1
}

# Those that can be booted without asking anyone.
here()
{
	if [ -z "${VFIOGUARD_IMAGE_DOWNLOAD:-}" ]; then
		find /boot -maxdepth 1 -name 'vmlinuz-*' -printf '%f\n' 2>/dev/null |
			sed 's/^vmlinuz-//'
	fi
	find "$images" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2>/dev/null
}

# Sets suite and kver from the argument.
choose()
{
	local what=$1 series variant=

	suite=
	if ! [[ $what =~ ^([0-9]+\.[0-9]+)(-rt|-cloud)?$ ]]; then
		kver=$what
		return
	fi
	series=${BASH_REMATCH[1]} variant=${BASH_REMATCH[2]}
	suite=$(suite_of "$series")
	if [ "$series" = 6.12 ]; then
		kver=$(SERIES=6.12 default_kver)
		[ -n "$kver" ] ||
			die "no linux-headers-6.12*-amd64 is installed: name another kernel"
		kver=${kver%-amd64}$variant-amd64
		return
	fi
	[ -n "$suite" ] || die "no kernel '$what'; there are 6.1, 6.12, 7.3, and each with -rt and -cloud"
	kver=$(here | newest "$series" "$variant" || true)
	[ -z "$kver" ] || return 0
	open_apt
	kver=$(apt_cache search --names-only '^linux-image-.*-amd64$' |
		sed 's/^linux-image-//; s/ .*//' | newest "$series" "$variant" || true)
	[ -n "$kver" ] || die "$suite has no kernel $what"
}

work=
open_apt()
{
	[ -z "$work" ] || return 0
	mkdir -p "$images"
	work=$(mktemp -d "$images/.tmp.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	apt_open "$work" "$suite"
}

# The packages that a kernel is in: linux-image alone, or what that depends on of its
# own release.
packages()
{
	local depends

	depends=$(apt_cache show "linux-image-$kver" 2>/dev/null |
		sed -n 's/^Depends: //p' | head -n 1)
	[ -n "$depends" ] ||
		die "apt knows no linux-image-$kver${suite:+ in $suite}: run 'apt-get update', then try again"
	echo "linux-image-$kver"
	tr ',' '\n' <<<"$depends" | awk -v end="-$kver" '
		substr($1, length($1) - length(end) + 1) == end { print $1 }' | sort -u
}

fetch()
{
	local deb root list

	open_apt
	root=$work/root
	list=$(packages)
	say "downloading linux-image-$kver${suite:+ from $suite} into $image"
	# shellcheck disable=SC2086 # words
	(cd "$work" && apt_get download $list) ||
		die "cannot download linux-image-$kver: run 'apt-get update', then try again"
	for deb in "$work"/*.deb; do
		dpkg-deb -x "$deb" "$root"
	done
	# Some have /lib, some /usr/lib, and kmod looks in the one it was built for.
	if [ -d "$root/lib" ]; then
		mkdir -p "$root/usr"
		ln -sT ../lib "$root/usr/lib" 2>/dev/null || die "$image has two places for modules"
	else
		ln -s usr/lib "$root/lib"
	fi
	# Where the kernel is among its modules, it is looked for in /boot all the same.
	if [ ! -e "$root/boot/vmlinuz-$kver" ]; then
		mkdir -p "$root/boot"
		ln "$root/lib/modules/$kver/vmlinuz" "$root/boot/vmlinuz-$kver"
	fi
	# modules.dep is made when the package is installed, so it is not inside.
	depmod -b "$root" "$kver"
	# Renamed into place whole, so that an interrupted run leaves no half image.
	mv -T "$root" "$image"
}

choose "${1:-6.12}"

if [ -z "${VFIOGUARD_IMAGE_DOWNLOAD:-}" ] && [ -r "/boot/vmlinuz-$kver" ] &&
	[ -d "/lib/modules/$kver/kernel" ]; then
	echo "kernel=/boot/vmlinuz-$kver"
	echo "modules=/lib/modules/$kver"
	exit 0
fi

image=$images/$kver
if [ ! -d "$image" ]; then
	mkdir -p "$images"
	# One at a time: they are large, and others may want the same.
	exec 9>"$images/.lock"
	flock 9
	[ -d "$image" ] || fetch
fi

modules=$image/lib/modules/$kver
if [ ! -r "$image/boot/vmlinuz-$kver" ] || [ ! -r "$modules/modules.dep" ]; then
	die "$image is incomplete: remove it and try again"
fi
echo "kernel=$image/boot/vmlinuz-$kver"
echo "modules=$modules"
