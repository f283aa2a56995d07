#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 17-config-fuzz.sh - 2,016 random accesses to config space, the stock module beside
# ours: off, by parameter and under two policies (runs on the host). In stock mode, where
# there are no parameters, the stock module with and without vfioguard. The same
# accesses each time; selftests/long/20-config-fuzz.sh makes others, and more.
#
# vm-modes: hook stock
# vm-host

exec "$(dirname "$0")/../config-fuzz.sh" "${VM_TEST_NAME:-17-config-fuzz}" 63 "${SEED:-1}"
