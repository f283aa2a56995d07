#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# prometheus.sh: packaging/prometheus/: promtool takes the rules, each alert fires when
# it should and not before, each is tested, and the metrics are those that there are.
# Prints TAP.

set -u

# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
rules=$top/packaging/prometheus/vfioguard.rules.yml
tests=$top/selftests/unit/prometheus.test.yml
promtool=$top/scripts/promtool.sh

cp "$rules" "$tests" "$work"
"$promtool" check rules "$work/vfioguard.rules.yml" >"$work/out" 2>"$work/err"
result $? "promtool takes the rules"
"$promtool" test rules "$work/prometheus.test.yml" >"$work/out" 2>&1
result $? "each alert fires when it should"

alerts=$(sed -n 's/^  - alert: //p' "$rules" | sort)
is "$(sed -n 's/^    alertname: //p' "$tests" | sort | uniq -c | awk '$1 < 2 { print $2 }')" "" \
	"each is tested where it fires, and where it must not"
is "$(sed -n 's/^    alertname: //p' "$tests" | sort -u)" "$alerts" "each alert has a test"
# head() and gauge() of the loader add vfioguard_.
is "$(grep -o 'vfioguard_[a-z_]*' "$rules" | sort -u | while read -r name; do
	grep -qE "(head|gauge)\(out, \"${name#vfioguard_}\"" "$top/loader/daemon/metrics.c" || echo "$name"
done)" "" "each metric is one that vfioguard prints"
done_testing
