#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
#
# btf-edit.py KERNEL FILE name STRUCT NEW: give a struct in raw BTF of a module the name that
#	another type in it has
# btf-edit.py KERNEL FILE member STRUCT NUMBER TYPE_ID: give a member another type
#
# KERNEL is the BTF that the module's builds upon, /sys/kernel/btf/vmlinux. FILE is what objcopy --dump-section .BTF makes, and is changed. So a test has a module
# that the kernel really refuses the hook of.

import struct
import sys

HEADER = struct.Struct("<HBBIIIII")
TYPE = struct.Struct("<III")
# Bytes behind a type: as a number, or for each of its members.
FIXED = {1: 4, 3: 12, 14: 4, 17: 4}
EACH = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
STRUCT = 4


def types(data, first, length):
    at = first
    while at < first + length:
        name, info, _ = TYPE.unpack_from(data, at)
        kind, members = info >> 24 & 0x1f, info & 0xffff
        yield at, kind, name
        at += TYPE.size + FIXED.get(kind, EACH.get(kind, 0) * members)


def main():
    kernel, path, what, wanted = sys.argv[1:5]
    with open(path, "rb") as f:
        data = bytearray(f.read())
    magic, _, _, hdr, type_off, type_len, str_off, str_len = HEADER.unpack_from(data)
    if magic != 0xeb9f:
        sys.exit(path + ": no BTF")
    strings = bytes(data[hdr + str_off:hdr + str_off + str_len])
    listed = list(types(data, hdr + type_off, type_len))
    # A module's names go on behind the kernel's.
    with open(kernel, "rb") as f:
        head = HEADER.unpack(f.read(HEADER.size))
    if head[0] != 0xeb9f:
        sys.exit(kernel + ": no BTF")
    base = head[7]

    def name_of(offset):
        if offset < base:
            return None
        end = strings.index(b"\0", offset - base)
        return strings[offset - base:end].decode()

    places = [at for at, kind, n in listed if kind == STRUCT and n and name_of(n) == wanted]
    if len(places) != 1:
        sys.exit("%s: %d times struct %s" % (path, len(places), wanted))
    if what == "name":
        new = [n for _, _, n in listed if n and name_of(n) == sys.argv[5]]
        if not new:
            sys.exit("%s: no type %s" % (path, sys.argv[5]))
        struct.pack_into("<I", data, places[0], new[0])
    else:
        number, type_id = map(int, sys.argv[5:7])
        struct.pack_into("<I", data, places[0] + TYPE.size + 12 * number + 4, type_id)
    with open(path, "wb") as f:
        f.write(data)


main()
