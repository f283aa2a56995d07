#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# completion.sh PROGRAM: what bash offers behind a command line of vfioguard,
# asked through the function that the completion file registers, and a few lines of
# fish and zsh; and that no name is ever run.  Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
program=$(realpath "$1")

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

# --- Names are never evaluated ------------------------------------------------------

mkdir "$work/evil"
cd "$work/evil" || exit 1
# What a guest's disk or a download may be called.
# shellcheck disable=SC2016 # not by this shell
evil=('$(touch hit).policy' '`touch hit`.policy' 'a;touch hit;.policy' '$HOME.policy')
touch "${evil[@]}"
mkdir -p "$VFIOGUARD_SYSFS/bus/pci/devices/\$(touch hit)"
offers "vfioguard load " "${evil[@]}"
# shellcheck disable=SC2016
for line in 'vfioguard load $(touch hit' 'vfioguard `touch hit` ' 'vfioguard load "$(touch hit)' \
	'vfioguard check --[x $(touch hit' 'vfioguard events --device $(touch hit)' 'vfioguard $(touch hit)/x '; do
	offers "$line"
done
offers "vfioguard events --device " 0000:01:00.0 0000:02:00.0
[ -z "$(find "$work" -name 'hit*' ! -name '*.policy')" ]
result $? "nothing of that was run"

# --- The other shells -----------------------------------------------------------------

cd "$work/etc" || exit 1
# shellcheck disable=SC2016
cp "$work/evil/"*'$(touch hit).policy' .

# fish_offers LINE WORD...
fish_offers()
{
	local line=$1 got want

	shift
	got=$(HOME=$work fish --no-config -c "source '$top/packaging/fish-completion/vfioguard.fish'
		complete -C '$line'" 2>&1 | cut -f 1 | sort | paste -sd " ")
	want=$(printf '%s\n' "$@" | sort | paste -sd " ")
	[ "$got" = "$want" ]
	result $? "fish: '$line' offers '$want'"
	[ "$got" = "$want" ] || echo "# got '$got'"
}

if command -v fish >/dev/null; then
	fish_offers "vfioguard sta" status
	fish_offers "vfioguard -v sta" status
	fish_offers "vfioguard help unl" unload
	fish_offers "vfioguard events --device " 0000:01:00.0 0000:02:00.0
	fish_offers "vfioguard events --verdict w" would-block
	fish_offers "vfioguard learn st" start status stop
	fish_offers "vfioguard allow " r w rw 8086:10d3 15b3:1019
	fish_offers "vfioguard check site.p" site.policy
	# shellcheck disable=SC2016
	fish_offers "vfioguard load " site.conf site.policy '$(touch hit).policy'
else
	result 0 "fish # SKIP there is none here"
fi

# zsh_makes LINE BUFFER: what the line is after Tab
zsh_makes()
{
	local got

	rm -f "$work/buffer"
	LINE=$1 WORK=$work DIR=$top/packaging/zsh-completion timeout 60 zsh -f >"$work/zsh.out" 2>&1 <<'ZSH'
zmodload zsh/zpty
zpty z "cd $PWD; PATH=$PATH exec zsh -f -i"
zpty -w z 'PS1= PROMPT_EOL_MARK=; unsetopt beep; stty -echo'
zpty -w z "fpath=(${(q)DIR} \$fpath); autoload -Uz compinit; compinit -u -d ${(q)WORK}/zcompdump"
zpty -w z "show() { print -rn -- \$BUFFER >${(q)WORK}/buffer.new; mv ${(q)WORK}/buffer.new ${(q)WORK}/buffer; BUFFER= }"
zpty -w z "zle -N show; bindkey '^X' show; bindkey '^I' complete-word; : >${(q)WORK}/ready"
for i in {1..400}; do [[ -e $WORK/ready ]] && break; sleep 0.05; done
sleep 0.2
zpty -w -n z "$LINE"$'\t'$'\x18'
for i in {1..400}; do [[ -e $WORK/buffer ]] && break; sleep 0.05; done
zpty -d z
ZSH
	got=$(cat "$work/buffer" 2>/dev/null)
	[ "$got" = "$2" ]
	result $? "zsh: '$1' becomes '$2'"
	[ "$got" = "$2" ] || echo "# got '$got'"
}

if command -v zsh >/dev/null; then
	zsh_makes "vfioguard sta" "vfioguard status "
	zsh_makes "vfioguard events --dev" "vfioguard events --device "
	zsh_makes "vfioguard events --device 0000:01" "vfioguard events --device 0000:01:00.0 "
	zsh_makes "vfioguard check site.p" "vfioguard check site.policy "
	# shellcheck disable=SC2016
	zsh_makes 'vfioguard load \$' 'vfioguard load \$\(touch\ hit\).policy '
else
	result 0 "zsh # SKIP there is none here"
fi
[ -z "$(find "$work" -name 'hit*' ! -name '*.policy')" ]
result $? "nothing of that was run either"

done_testing
