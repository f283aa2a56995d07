#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# module_refusals.sh: scripts/module.sh where something it needs is missing. It
# must stop before it builds, say what is missing in one line and how to get it.
# Headers and package versions are made up here; nothing is built.  Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
kver=6.12.999-refusals-amd64

# The commands that module.sh may find; more are put there by the cases.
bin=$work/bin
mkdir "$bin"
for tool in bash basename dirname sed grep awk sort head tail tr uname readelf \
	cat mkdir mktemp rm cp git sha256sum cut find; do
	ln -s "$(command -v "$tool")" "$bin/$tool"
done

# package VERSION-OF-HEADERS VERSION-OF-SOURCE: what dpkg knows; "" is not installed
package()
{
	cat >"$bin/dpkg-query" <<-END
		#!/bin/bash
		case \${!#} in
		linux-headers-*) version='$1' ;;
		linux-source-*) version='$2' ;;
		esac
		[ -n "\$version" ] && echo "ii  \$version"
	END
	chmod +x "$bin/dpkg-query"
}

# headers KVER: an empty folder of headers
headers()
{
	mkdir -p "$work/src/linux-headers-$1"
	: >"$work/src/linux-headers-$1/Makefile"
	: >"$work/src/linux-headers-$1/Module.symvers"
}

# refused NAME PATTERN [KVER]: exit 1, and exactly one complaint, which is PATTERN
refused()
{
	local name=$1 pattern=$2

	shift 2
	PATH=$bin VFIOGUARD_USR_SRC=$work/src VFIOGUARD_CACHE=$work/cache \
		SERIES=6.12 "$top/scripts/module.sh" "$@" >"$work/out" 2>"$work/err" </dev/null
	[ $? -eq 1 ] && [ ! -s "$work/out" ]
	result $? "$name: refused"
	[ "$(grep -vc '^==' "$work/err")" -eq 1 ] && grep -qE "^vfioguard: $pattern\$" "$work/err"
	result $? "$name: says what is missing and how to get it"
	[ ! -e "$top/build/module/$kver" ]
	result $? "$name: nothing is built"
}

package '' ''
mkdir "$work/src"
refused "no headers" 'no kernel headers of 6\.12 are installed; run: apt-get install linux-headers(-6\.12)?-amd64'
refused "other headers" "the headers of $kver are missing; run: apt-get install linux-headers-$kver" "$kver"

headers 5.10.0-1-amd64
refused "a kernel without a series" 'there is no series for 5\.10\.0-1-amd64; kernel-patches/ has: .*6\.12.*' 5.10.0-1-amd64

headers "$kver"
refused "no source" "the kernel's source is missing; run: apt-get install linux-source-6\\.12" "$kver"
package 6.12.1-1 6.12.2-1
refused "source of another version" 'headers \(6\.12\.1-1\) and source \(6\.12\.2-1\) do not match; run: apt-get install .*' "$kver"

package 6.12.1-1 6.12.1-1
# As if it had been extracted before.
mkdir -p "$work/cache/source/linux-source-6.12-6.12.1-1"
: >"$work/cache/source/linux-source-6.12-6.12.1-1/MAINTAINERS"
vmlinux=$work/src/linux-headers-$kver/vmlinux
refused "no vmlinux" "$vmlinux has no BTF, .*; reinstall .*headers.*" "$kver"
cp /bin/true "$vmlinux"
refused "a vmlinux without BTF" "$vmlinux has no BTF, .*; reinstall .*headers.*" "$kver"

echo BTF >"$work/btf"
objcopy --add-section .BTF="$work/btf" "$vmlinux"
refused "no pahole" 'pahole is missing; run: apt-get install pahole' "$kver"

printf '#!/bin/bash\necho v1.19\n' >"$bin/pahole"
chmod +x "$bin/pahole"
echo CONFIG_PAHOLE_VERSION=124 >"$work/src/linux-headers-$kver/.config"
refused "an old pahole" 'pahole 119 is older than the kernel.s \(124\); install a newer pahole' "$kver"

printf '#!/bin/bash\necho v1.30\n' >"$bin/pahole"
BPFTOOL=$work/none refused "no bpftool" 'bpftool is missing; run: apt-get install bpftool' "$kver"

done_testing
