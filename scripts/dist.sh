#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/dist.sh [OUT]: the tree as a tarball and as a Debian source package, to
# build/dist/ or OUT. The same tree gives the same bytes, whoever packs it, when and where.
#
#	vfioguard-VERSION.tar.xz	all files, and debian/, so that dpkg-buildpackage
#					makes the packages of it
#	vfioguard_VERSION.dsc, .tar.xz	the same for Debian's tools
#
# Neither git nor the network is needed to build from them: what Build-Depends names has
# the rest, the kernel's source of which libbpf and bpftool are made among it.

. "$(dirname "$0")/common.sh"

out=${1:-$TOP/build/dist}
mkdir -p "$out"
out=$(cd "$out" && pwd)
version=$(dpkg-parsechangelog -l "$TOP/packaging/debian/changelog" -S Version)
epoch=$(dpkg-parsechangelog -l "$TOP/packaging/debian/changelog" -S Timestamp)
export SOURCE_DATE_EPOCH=$epoch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/vfioguard-$version

mkdir "$tree"
tar -C "$TOP" --exclude=./build --exclude=./.git --exclude=./debian -cf - . | tar -C "$tree" -xf -
cp -r "$TOP/packaging/debian" "$tree/debian"
# What a checkout leaves to the umask.
chmod -R u=rwX,go=rX "$tree"
find "$tree" -exec touch -h -d "@$epoch" {} +

tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu \
	--mtime="@$epoch" -cf - "vfioguard-$version" |
	xz -6 -T1 >"$out/vfioguard-$version.tar.xz.new"
mv "$out/vfioguard-$version.tar.xz.new" "$out/vfioguard-$version.tar.xz"
(cd "$work" && dpkg-source -b "vfioguard-$version" >"$work/log" 2>&1) || {
	cat "$work/log" >&2
	die "the source package could not be made"
}
mv "$work/vfioguard_$version.dsc" "$work/vfioguard_$version.tar.xz" "$out"
ls "$out/vfioguard-$version.tar.xz" "$out/vfioguard_$version.dsc" "$out/vfioguard_$version.tar.xz"
