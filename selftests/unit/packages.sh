#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# packages.sh - what is in the packages that `make deb` built, and whether the
# dkms package's own script makes the module. Installs nothing; see
# selftests/long/60-packages.sh for that. Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
deb=$top/build/deb
version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$top/packaging/debian/changelog")
main=$deb/vfioguard_${version}_amd64.deb
dkms=$deb/vfioguard-dkms_${version}_all.deb

# Files and links of an unpacked package, without the folder it is in.
contents()
{
	(cd "$1" && find . ! -type d -printf '/%P\n' | sort)
}

dpkg-deb -R "$main" "$work/main" 2>"$work/log" && dpkg-deb -R "$dkms" "$work/dkms" 2>>"$work/log"
result $? "both packages are there" "$work/log"
lintian --allow-root --fail-on error,warning "$main" "$dkms" >"$work/log" 2>&1
result $? "lintian has neither error nor warning" "$work/log"

# --- vfioguard ------------------------------------------------------------------

# Where units are in this release.
unit=/usr/lib/systemd/system/vfioguard.service
[ -e "$work/main$unit" ] || unit=${unit#/usr}
{
	echo "$unit"
	echo /usr/sbin/vfioguard
	echo /usr/share/bash-completion/completions/vfioguard
	echo /usr/share/fish/vendor_completions.d/vfioguard.fish
	echo /usr/share/zsh/vendor-completions/_vfioguard
	(cd "$top/policies" && find . -name '*.policy' -printf '/etc/vfioguard/%P\n')
	echo /etc/vfioguard/vfioguard.conf
	for page in "$top"/man/*.[0-9].scd; do
		page=$(basename "$page" .scd)
		echo "/usr/share/man/man${page##*.}/$page.gz"
	done
	printf '/usr/share/doc/vfioguard/%s\n' README.md.gz changelog.gz copyright
	echo /usr/share/vfioguard/vfioguard.rules.yml
} | sort >"$work/want"
contents "$work/main" | grep -v '^/DEBIAN/' | diff "$work/want" - >"$work/log"
result $? "vfioguard has binary, unit, policies, manuals and completion" "$work/log"
is "$(sort "$work/main/DEBIAN/conffiles" | xargs)" \
	"$(contents "$work/main" | grep '^/etc/' | xargs)" \
	"what an administrator edits is kept"
is "$("$work/main/usr/sbin/vfioguard" --version 2>&1)" "vfioguard $version" \
	"the binary runs, and has the package's version"
is "$(objdump -T "$work/main/usr/sbin/vfioguard" | grep -oE 'GLIBC_[0-9.]+' | sort -Vu |
	awk -F '[_.]' '$2 > 2 || $3 > 36' | xargs)" "" "it needs no newer libc than Debian 12's"
is "$(grep -o 'libelf1[a-z0-9]*' "$work/main/DEBIAN/control" | head -n 1)" libelf1 \
	"nor a name of another release"
python3 - "$work/main/usr/sbin/vfioguard" "$deb/source/build/bpf/vfioguard.bpf.o" \
	>"$work/log" 2>&1 <<-'END'
	import sys
	binary, bpf = (open(f, "rb").read() for f in sys.argv[1:])
	sys.exit(0 if len(bpf) > 1000 and bpf in binary else "it is not")
END
result $? "the BPF object is in the binary" "$work/log"
"$work/main/usr/sbin/vfioguard" check --no-ids "$work/main/etc/vfioguard"/*.policy >"$work/log" 2>&1
result $? "it takes the policies that are shipped" "$work/log"
is "$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$work/main$unit")" \
	/usr/sbin/vfioguard "the unit starts it"
is "$(zcat "$work"/main/usr/share/man/man*/*.gz | grep -c "^\.TH .*\"vfioguard $version\"")" \
	"$(grep -c '/man/' "$work/want")" "the manuals have the package's version"

# --- vfioguard-dkms -------------------------------------------------------------

src=$work/dkms/usr/src/vfioguard-$version
is "$(cd "$src/kernel-patches" && find . -name '*.patch' | sort | xargs)" \
	"$(cd "$top/kernel-patches" && find . -name '*.patch' | sort | xargs)" \
	"vfioguard-dkms has each series"
is "$(contents "$src" | grep -v '\.patch$' | xargs)" "/dkms-build /dkms.conf /module-build.sh /module-types.awk" \
	"and no source of a kernel"
is "$(contents "$work/dkms" | grep '\.ko' | xargs)" "" "nor a module"

# Parameters and symbols of a module.
parts()
{
	modinfo -p "$1"
	nm "$1" | awk '{ print $(NF - 1), $NF }' | sort
}

refused()
{
	local name=$1 kver=$2 text=$3

	! "$src/dkms-build" check "$kver" >"$work/log" 2>&1 && grep -q -e "$text" "$work/log"
	result $? "$name" "$work/log"
}

refused "a kernel without a series is refused" 6.1.0-1-amd64 \
	"kernel 6.1.0-1-amd64: there is no series for it; there are: 6.12"
refused "a kernel without headers is, with what to install" 6.12.1-none-amd64 \
	"apt-get install linux-headers-6.12.1-none-amd64"

kver=$(cd "$top/build/module" 2>/dev/null && printf '%s\n' 6.12.*-amd64 | sort -V | tail -n 1)
if [ -e "/lib/modules/$kver/build/Module.symvers" ]; then
	"$src/dkms-build" build "$kver" >"$work/log" 2>&1
	result $? "the dkms package builds the module for $kver" "$work/log"
	is "$(parts "$src/out/vfio-pci-core.ko")" \
		"$(parts "$top/build/module/$kver/vfio-pci-core.ko")" \
		"it is the one that make module builds"
	grep -q "^vfioguard: compared with the stock module: " "$work/log"
	result $? "and says how it was compared with the stock one" "$work/log"

	# What bpftool says of the real module, with one type more or less of it.
	cat >"$work/bpftool" <<-'END'
		#!/bin/sh
		PATH=$PATH:/usr/sbin
		bpftool "$@" | sed "$TYPES_EDIT"
	END
	chmod +x "$work/bpftool"
	export BPFTOOL=$work/bpftool
	TYPES_EDIT="/STRUCT 'vfio_pci_config_ops'/p" "$src/dkms-build" build "$kver" >"$work/log" 2>&1
	[ $? = 1 ] && grep -q "the module's BTF has 2 times STRUCT 'vfio_pci_config_ops', so the kernel would refuse the hook" "$work/log"
	result $? "a module with two types of the hook's name is refused" "$work/log"
	TYPES_EDIT="s/'bpf_struct_ops_vfio_pci_config_ops'/'another'/" \
		"$src/dkms-build" build "$kver" >"$work/log" 2>&1
	[ $? = 1 ] && grep -q "has no STRUCT 'bpf_struct_ops_vfio_pci_config_ops', so it would have no hook" "$work/log"
	result $? "so is one without it" "$work/log"
	unset BPFTOOL
fi

done_testing
