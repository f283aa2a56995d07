# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced after common.sh: packages of a Debian suite that this machine's apt need
# not know. They come through lists of their own: the machine's package sources stay
# as they are, and nothing is installed.
#
#	apt_open DIR [SUITE]	from here on take packages from SUITE, with the lists
#				in DIR; without SUITE from the machine's own lists
#	apt_get ARGS...		apt-get with these lists; what it says goes to stderr
#	apt_cache ARGS...	apt-cache with these lists

apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
apt_options=()

# apt_mirror SUITE: where this machine takes Debian itself from, or its security
# updates, which have a place of their own.
apt_mirror()
{
	local uri keep=-v

	case $1 in
	*-security) keep=-e ;;
	esac
	# shellcheck disable=SC2016 # apt's own variable
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 2>/dev/null |
		grep "$keep" security | head -n 1)
	[ -n "$uri" ] || die "apt knows no Debian mirror for $1; run: apt-get update"
	echo "$uri"
}

apt_open()
{
	local dir=$1 suite=${2:-} uri

	apt_options=(-o APT::Sandbox::User=root)
	[ -n "$suite" ] || return 0
	uri=$(apt_mirror "$suite") || exit 1
	[ -f "$apt_keyring" ] ||
		die "$apt_keyring is missing; run: apt-get install debian-archive-keyring"
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	echo "deb [signed-by=$apt_keyring] $uri $suite main" >"$dir/sources.list"
	apt_options+=(-o Dir::Etc::sourcelist="$dir/sources.list"
		-o Dir::Etc::sourceparts=- -o Dir::State::lists="$dir/lists"
		-o Dir::Cache="$dir/cache")
	apt_get update || die "the package lists of $suite can't be had"
}

apt_get()
{
	apt-get -qq "${apt_options[@]}" "$@" >&2
}

apt_cache()
{
	apt-cache "${apt_options[@]}" "$@"
}
