#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/promtool.sh ARGUMENT...: run promtool, of Debian's package prometheus.
#
# Where that is not installed it is taken out of the package, to the cache: the package
# itself would start a server on this machine.

. "$(dirname "$0")/common.sh"

if command -v promtool >/dev/null; then
	exec promtool "$@"
fi
tool=$CACHE/promtool
if [ ! -x "$tool" ]; then
	mkdir -p "$CACHE"
	work=$(mktemp -d "$CACHE/promtool.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && apt-get download -qq prometheus >log 2>&1) || {
		cat "$work/log" >&2
		die "promtool is missing; run: apt-get install prometheus"
	}
	dpkg -x "$work"/prometheus_*.deb "$work/root"
	mv "$work/root/usr/bin/promtool" "$tool"
	rm -rf "$work"
	trap - EXIT
fi
exec "$tool" "$@"
