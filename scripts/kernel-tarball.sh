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

package=linux-source-$SERIES
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Where a series can be had that Debian 12 does not know.
suite()
{
	case $SERIES in
	7.3) echo trixie-backports ;;
	*) die "the kernel's source is missing; run: apt-get install $package" ;;
	esac
}

# The mirror this machine uses for Debian itself.
mirror()
{
	local uri

	# shellcheck disable=SC2016 # apt's own variable
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 2>/dev/null |
		grep -v security | head -n 1)
	[ -n "$uri" ] || die "apt knows no Debian mirror; run: apt-get update"
	echo "$uri"
}

# apt_of DIR COMMAND...: apt-get with the lists in DIR
apt_of()
{
	local dir=$1

	shift
	apt-get -qq -o Dir::Etc::sourcelist="$dir/sources.list" \
		-o Dir::Etc::sourceparts=- -o Dir::State::lists="$dir/lists" \
		-o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root "$@" >&2
}

download()
{
	local from uri temp deb version

	from=$(suite)
	uri=$(mirror)
	[ -f "$keyring" ] ||
		die "$keyring is missing; run: apt-get install debian-archive-keyring"
	say "downloading $package from $from"
	mkdir -p "$CACHE/source"
	temp=$(mktemp -d "$CACHE/source/.apt-XXXXXX")
	# shellcheck disable=SC2064 # now
	trap "rm -rf '$temp'" EXIT
	mkdir -p "$temp/lists/partial" "$temp/cache/archives/partial"
	echo "deb [signed-by=$keyring] $uri $from main" >"$temp/sources.list"
	apt_of "$temp" update || die "the package lists of $from can't be had"
	(cd "$temp" && apt_of "$temp" download "$package") ||
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
