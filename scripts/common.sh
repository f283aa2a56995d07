# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # used by those who source it
#
# Sourced by the scripts here: where things are, and how to stop with a reason.

set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SERIES=${SERIES:-6.12}
# Where Debian puts the kernel's headers; tests name another place.
USR_SRC=${VFIOGUARD_USR_SRC:-/usr/src}

die()
{
	echo "vfioguard: $*" >&2
	exit 1
}

say()
{
	echo "== $*" >&2
}

# Builds and extracts that survive a fresh checkout, named by their content.  Who has
# no home, like a service, or one whose name the kernel's makefiles do not take, gets a
# folder in the checkout.
cache_dir()
{
	local dir=${VFIOGUARD_CACHE:-}

	if [ -z "$dir" ]; then
		dir=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
		dir=${dir:+$dir/vfioguard}
		case $dir in
		"" | *[[:space:]:]*) dir=$TOP/build/cache ;;
		esac
	fi
	[ "${dir#/}" != "$dir" ] || dir=$PWD/$dir
	case $dir in
	*[[:space:]:]*)
		die "the cache would be '$dir', and the kernel's own makefiles take no" \
			"path with blanks or colons; run with VFIOGUARD_CACHE=DIR, another one"
		;;
	esac
	echo "$dir"
}

CACHE=$(cache_dir) || exit 1
# Scripts that are called from another folder mean the same one.
export VFIOGUARD_CACHE=$CACHE

# Newest installed Debian headers of the series, the running kernel's first.
default_kver()
{
	local k

	k=$(uname -r)
	case $k in
	"$SERIES".*)
		if [ -d "$USR_SRC/linux-headers-$k" ]; then
			echo "$k"
			return
		fi
		;;
	esac
	for k in "$USR_SRC"/linux-headers-"$SERIES".*-amd64; do
		case $k in
		*-cloud-amd64 | *-rt-amd64 | *'*'*) continue ;;
		esac
		echo "${k#"$USR_SRC"/linux-headers-}"
	done | sort -V | tail -n 1
}

# The package whose headers go with the series' kernel in this release: Debian 12 has one
# for each, Debian 13's newest kernel is of this series.
headers_package()
{
	if grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release; then
		echo "linux-headers-$SERIES-amd64"
	else
		echo linux-headers-amd64
	fi
}

# Whether the running kernel takes no module that is not signed with a key it knows:
# Secure Boot locks it down, module.sig_enforce says so.
signed_only()
{
	grep -qsE '\[(integrity|confidentiality)\]' /sys/kernel/security/lockdown ||
		grep -qs Y /sys/module/module/parameters/sig_enforce
}

# Version of an installed package, empty when it is not; never an error, which
# would end the caller before it has said what is missing.
package_version()
{
	# shellcheck disable=SC2016 # dpkg's own variables
	dpkg-query -W -f '${db:Status-Abbrev} ${Version}\n' "$1" 2>/dev/null |
		sed -n 's/^ii *//p' || true
}
