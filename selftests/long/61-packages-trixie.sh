#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 61-packages-trixie.sh - 60-packages.sh on a fresh Debian 13, with dkms 3.2 and the newer
# kernel of the backports.

PACKAGES_SUITE=trixie exec "$(dirname "$0")/60-packages.sh"
