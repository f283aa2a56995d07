#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mksigned.sh - sign a kernel for firmware that insists on it.
#
# Usage: mksigned.sh KERNEL OUT_DIR
#
# The key is the one that package ovmf has for tests: its certificate is in the variables
# of OVMF_VARS_4M.snakeoil.fd, and its password is its name. It is put beside the kernel
# as key and cert. Prints the kernel's path.

set -euo pipefail

kernel=$1 out=$2/signed
snakeoil=/usr/share/ovmf/PkKek-1-snakeoil

mkdir -p "$out"
openssl rsa -in "$snakeoil.key" -passin pass:snakeoil -out "$out/key" 2> /dev/null
cp "$snakeoil.pem" "$out/cert"
if [ ! "$out/${kernel##*/}" -nt "$kernel" ]; then
	sbsign --key "$out/key" --cert "$out/cert" --output "$out/kernel.$$" "$kernel" >&2
	mv "$out/kernel.$$" "$out/${kernel##*/}"
fi
echo "$out/${kernel##*/}"
