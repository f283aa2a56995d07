#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 10-more-rounds.sh - the tests of make test that do a thing a few times there, with as
# many times as the figures in docs/ are of: 1,000 reloads, auditd stopped for two
# minutes, 50 kills, 1,000 starts of a guest; and all that doctor finds.
#
# Ends with "N passed, N failed".

vm=$(cd "$(dirname "$0")/../vm" && pwd)
VM_LONG=1 exec "$vm/test.sh" "$vm"/tests/{17-reload,21-daemon,23-starts,31-doctor}.sh
