#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/kernel-tarball.sh: print "VERSION TARBALL" of Debian's kernel source
# package for the series.
#
# An installed package is used where there is one.  Otherwise the package comes
# from the suite of backports that has the series, through lists of its own: the
# machine's package sources stay as they are, and nothing is installed.  What
# was downloaded once is used until it is removed from the cache.

. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/apt-suite.sh"

package=linux-source-$SERIES

# Where a series can be had that Debian 12 does not know.
suite()
{
	case $SERIES in
	7.3) echo trixie-backports ;;
	*) die "the kernel's source is missing; run: apt-get install $package" ;;
	esac
}

download()
{
	local from temp deb version

	from=$(suite)
	say "downloading $package from $from"
	mkdir -p "$CACHE/source"
	temp=$(mktemp -d "$CACHE/source/.apt-XXXXXX")
	# shellcheck disable=SC2064 # now
	trap "rm -rf '$temp'" EXIT
	apt_open "$temp" "$from"
	(cd "$temp" && apt_get download "$package") ||
		die "$package can't be downloaded from $from"
	deb=$(echo "$temp/$package"_*.deb)
	version=$(dpkg-deb -f "$deb" Version)
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/$package.tar.xz" >"$temp/tarball"
	mv "$temp/tarball" "$CACHE/source/${package}_$version.tar.xz"
}

version=$(package_version "$package" || true)
tarball=/usr/src/$package.tar.xz
if [ -n "$version" ] && [ -f "$tarball" ]; then
	echo "$version $tarball"
	exit 0
fi

cached()
{
	find "$CACHE/source" -maxdepth 1 -name "${package}_*.tar.xz" 2>/dev/null |
		sort -V | tail -n 1
}

tarball=$(cached)
if [ -z "$tarball" ]; then
	download
	tarball=$(cached)
fi
version=${tarball##*/"${package}"_}
echo "${version%.tar.xz} $tarball"
