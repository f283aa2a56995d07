#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mksigned.sh - sign a kernel and our module for firmware that insists on it.
#
# Usage: mksigned.sh KERNEL MODULE OUT_DIR
#
# The key is the one that package ovmf has for tests: its certificate is in the variables
# of OVMF_VARS_4M.snakeoil.fd, and its password is its name. Prints the kernel's path.

set -euo pipefail

kernel=$1 module=$2 out=$3/signed
key=/usr/share/ovmf/PkKek-1-snakeoil
kbuild=$(find /usr/lib/linux-kbuild-* -path '*/scripts/sign-file' | sort -V | tail -n 1)

mkdir -p "$out"
openssl rsa -in "$key.key" -passin pass:snakeoil -out "$out/key" 2> /dev/null
if [ ! "$out/${kernel##*/}" -nt "$kernel" ]; then
	sbsign --key "$out/key" --cert "$key.pem" --output "$out/kernel.$$" "$kernel" >&2
	mv "$out/kernel.$$" "$out/${kernel##*/}"
fi
"$kbuild" sha256 "$out/key" "$key.pem" "$module" "$out/${module##*/}"
echo "$out/${kernel##*/}"
