#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/deb.sh [VERSION]: Debian packages, to build/deb/.  VERSION, if given,
# is another than that of packaging/debian/changelog.
#
# Built in a copy of the tree, so that the checkout needs no debian/ and stays as
# it is.  What was compiled there for the last package is used again.

. "$(dirname "$0")/common.sh"

version=${1:-}
out=$TOP/build/deb
copy=$out/source

mkdir -p "$copy"
# What is not there any more must not be packaged.
find "$copy" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
tar -C "$TOP" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
cd "$copy"
if [ -n "$version" ]; then
	{
		printf 'vfioguard (%s) bookworm; urgency=medium\n\n  * Built from the tree.\n\n' "$version"
		sed -n '/^ -- /{p;q}' packaging/debian/changelog
		echo
		cat packaging/debian/changelog
	} >changelog.new
	mv changelog.new packaging/debian/changelog
fi
rm -rf debian
cp -r packaging/debian debian
# The version is compiled in, and the last package may have had another.
touch packaging/debian/changelog
log=$out/build.log
# -nc: what is compiled stays.
DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage -b -nc -us -uc >"$log" 2>&1 || {
	tail -n 30 "$log" >&2
	die "the packages did not build (whole log: $log)"
}
version=$(dpkg-parsechangelog -S Version)
ls "$out/vfioguard_${version}_amd64.deb" "$out/vfioguard-dkms_${version}_all.deb" \
	"$out/vfioguard_$version.spdx.json"
