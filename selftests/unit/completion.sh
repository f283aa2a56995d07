#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# completion.sh PROGRAM: what bash offers behind a command line of vfioguard,
# asked through the function that the completion file registers.  Prints TAP.

set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0
failures=0

# A host with two devices, as sysfs shows them.
for dev in 0000:01:00.0:8086:10d3 0000:02:00.0:15b3:1019; do
	dir=$work/sys/bus/pci/devices/${dev:0:12}
	mkdir -p "$dir"
	echo "0x${dev:13:4}" >"$dir/vendor"
	echo "0x${dev:18:4}" >"$dir/device"
done
export VFIOGUARD_SYSFS=$work/sys
mkdir "$work/bin" "$work/etc"
ln -s "$program" "$work/bin/vfioguard"
PATH=$work/bin:$PATH
touch "$work/etc/site.policy" "$work/etc/site.conf"
cd "$work/etc" || exit 1

# shellcheck source=packaging/bash-completion/vfioguard
. "$top/packaging/bash-completion/vfioguard"
# As in an interactive shell.
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'

result()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failures=$((failures + 1))
	fi
}

# offers LINE WORD...: behind LINE exactly these are offered
offers()
{
	local line=$1 got want

	shift
	COMP_LINE=$line
	COMP_POINT=${#line}
	COMPREPLY=()
	_vfioguard
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd " ")
	want=$(printf '%s\n' "$@" | sort | paste -sd " ")
	[ "$got" = "$want" ]
	result $? "'$line' offers '$want'"
	[ "$got" = "$want" ] || echo "# got '$got'"
}

complete -p vfioguard | grep -q ' -F _vfioguard '
result $? "the function is registered"

mapfile -t all < <("$program" --commands | cut -f 1)
offers "vfioguard " "${all[@]}" help -v -q --help --version
offers "vfioguard -v sta" status
offers "vfioguard help " "${all[@]}"
offers "vfioguard help unl" unload

# Each option of each command, whoever added it.
while IFS= read -r line; do
	name=${line%%$'\t'*}
	synopsis=${line#*$'\t'}
	synopsis=${synopsis%%$'\t'*}
	mapfile -t options < <(grep -oE -e '--[a-z-]+' <<<"$synopsis")
	offers "vfioguard $name -" "${options[@]}" --help
done < <("$program" --commands)

offers "vfioguard events --dev" --device
offers "vfioguard events --device " 0000:01:00.0 0000:02:00.0
# bash replaces what is behind the last colon.
offers "vfioguard events --device 0000:0" 01:00.0 02:00.0
offers "vfioguard events --device 0000:01:" 00.0
offers "vfioguard events --verdict " allowed blocked would-block
offers "vfioguard events --verdict w" would-block
offers "vfioguard events --json --verdict b" blocked
offers "vfioguard allow " r w rw 8086:10d3 15b3:1019
offers "vfioguard allow rw 808" 8086:10d3
offers "vfioguard allow rw 8086:" 10d3
offers "vfioguard deny 1" 15b3:1019
offers "vfioguard load s" site.conf site.policy
offers "vfioguard check site.p" site.policy
offers "vfioguard check --test site.c" site.conf
offers "vfioguard run --config site.c" site.conf
offers "vfioguard explain 0" 0000:01:00.0 0000:02:00.0
offers "vfioguard explain 8" 8086:10d3
offers "vfioguard explain --region " unassigned vendor header cap
offers "vfioguard explain --policy site.p" site.policy
offers "vfioguard nonsense "
offers "vfioguard metrics "

echo "1..$n"
[ "$failures" -eq 0 ]
