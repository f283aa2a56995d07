#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# install.sh: make install over an older version, with blanks in DESTDIR, and where
# builds are cached.  Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"

# A checkout of its own, of which the policies can change.
checkout="$work/check out"
mkdir -p "$checkout/packaging"
cp -r "$top/scripts" "$top/policies" "$checkout"
cp "$top/packaging/vfioguard.conf" "$checkout/packaging"
etc="$work/dest dir/etc/vfioguard"
record="$work/dest dir/share/installed"

install_conf()
{
	"$checkout/scripts/install-conf.sh" "$etc" "$@" >"$work/out" 2>&1
	result $? "$name: it installs"
}

# says PATTERN
says()
{
	grep -qE "$1" "$work/out"
	result $? "$name: says '$1'"
}

name="a first time"
install_conf "$record"
[ ! -s "$work/out" ]
result $? "$name: nothing to say"
diff -r "$top/policies/devices" "$etc/devices" >"$work/out"
result $? "$name: the device library is there"
cmp "$top/packaging/vfioguard.conf" "$etc/vfioguard.conf" >"$work/out"
result $? "$name: so is the configuration"

name="the same again"
install_conf "$record"
[ ! -s "$work/out" ]
result $? "$name: nothing to say"

name="a new version"
device=$(cd "$etc" && find devices -name '*.policy' | sort | head -n 1)
for f in "$device" strict.policy monitor.policy default.policy; do
	echo "# A new version." >>"$checkout/policies/$f"
done
echo "# edited here" >>"$etc/strict.policy"
rm "$etc/monitor.policy"
install_conf "$record"
says "$device follows the new version"
cmp "$checkout/policies/$device" "$etc/$device" >"$work/cmp"
result $? "$name: what nobody edited is new"
says 'strict.policy was edited and stays'
grep -q '^# edited here' "$etc/strict.policy"
result $? "$name: what somebody edited is as it was"
says 'monitor.policy was removed'
[ ! -e "$etc/monitor.policy" ]
result $? "$name: what somebody removed stays away"

name="and again"
install_conf "$record"
says 'strict.policy was edited and stays'
! grep -q follows "$work/out"
result $? "$name: nothing else to do"

# The version before this one was installed without a record.
name="no record"
rm "$record"
echo "# Newer still." >>"$checkout/policies/default.policy"
install_conf "$record"
says 'default.policy was edited and stays'
if git -C "$top" rev-parse HEAD >/dev/null 2>&1; then
	name="no record, but a history"
	git -C "$checkout" init -q
	git -C "$checkout" -c user.name=t -c user.email=t@localhost add .
	git -C "$checkout" -c user.name=t -c user.email=t@localhost commit -qm one
	cp "$checkout/policies/default.policy" "$etc/default.policy"
	echo "# The next." >>"$checkout/policies/default.policy"
	git -C "$checkout" -c user.name=t -c user.email=t@localhost commit -qam two
	rm "$record"
	install_conf "$record"
	says 'default.policy follows the new version'
	says 'strict.policy was edited and stays'
fi

name="make install"
(cd "$top" && env -u MAKEFLAGS -u MAKELEVEL make -s -o all -o build/vfioguard install \
	DESTDIR="$work/a b" prefix=/usr) \
	>"$work/out" 2>&1
result $? "$name: with blanks in DESTDIR"
for f in usr/sbin/vfioguard usr/lib/systemd/system/vfioguard.service etc/vfioguard/vfioguard.conf \
	usr/share/man/man8/vfioguard.8 usr/share/bash-completion/completions/vfioguard \
	usr/share/zsh/site-functions/_vfioguard usr/share/fish/vendor_completions.d/vfioguard.fish \
	usr/share/vfioguard/installed; do
	[ -s "$work/a b/$f" ]
	result $? "$name: $f"
done

# --- Where builds are cached -----------------------------------------------------

# cache WANT ENV...: what the scripts take, in a shell with nothing else
cache()
{
	local want=$1

	shift
	got=$(cd "$work" && env -i PATH="$PATH" "$@" bash -c \
		". '$top/scripts/common.sh' && cd / && bash -c '. $top/scripts/common.sh && echo \$CACHE'" 2>"$work/out")
	[ "$got" = "$want" ]
	result $? "cache with ${*:-nothing set}: $want"
}

cache "$work/home/.cache/vfioguard" HOME="$work/home"
cache "$work/xdg/vfioguard" HOME="$work/home" XDG_CACHE_HOME="$work/xdg"
cache /var/x HOME="$work/home" VFIOGUARD_CACHE=/var/x
cache "$work/rel/ative" VFIOGUARD_CACHE=rel/ative
cache "$top/build/cache"
cache "$top/build/cache" HOME="$work/a b"
cache "$top/build/cache" HOME="$work" XDG_CACHE_HOME="$work/a:b"
cache "" VFIOGUARD_CACHE="$work/a b"
grep -q "take no path with blanks.*VFIOGUARD_CACHE=DIR" "$work/out"
result $? "cache with blanks: says why, and what to do"

done_testing
