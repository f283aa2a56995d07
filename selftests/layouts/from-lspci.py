#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Make blocks of a .layout file from what `lspci -xxxx` prints: README.md here.

usage: from-lspci.py [--source WORDS] [FILE...]

Of a device's config space only ids and what the place of its capabilities depends on
is taken: no serial number, no address, no register's content.  How much vfio shows of
each capability is worked out here from the PCI specifications and vfio's tables, in
another way than the loader does it, so that the test compares two answers.
"""
import argparse
import re
import sys

HEX_LINE = re.compile(r"^([0-9a-f]{2,3}): ((?:[0-9a-f]{2} ?){1,16})\s*$")
HEADING = re.compile(r"^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] (.*)$")

NAMES = {
    0x00: "null", 0x01: "pm", 0x02: "agp", 0x03: "vpd", 0x04: "slotid", 0x05: "msi",
    0x06: "chswp", 0x07: "pcix", 0x08: "ht", 0x09: "vndr", 0x0A: "dbg", 0x0B: "ccrc",
    0x0C: "shpc", 0x0D: "ssvid", 0x0E: "agp3", 0x0F: "secdev", 0x10: "exp",
    0x11: "msix", 0x12: "sata", 0x13: "af", 0x14: "ea",
}
EXT_NAMES = {
    0x00: "enull", 0x01: "aer", 0x02: "vc", 0x03: "dsn", 0x04: "pb", 0x05: "rclink",
    0x06: "rcilink", 0x07: "rcecoll", 0x08: "mfvc", 0x09: "vc9", 0x0A: "rcrb",
    0x0B: "vsec", 0x0C: "cac", 0x0D: "acs", 0x0E: "ari", 0x0F: "ats", 0x10: "sriov",
    0x11: "mriov", 0x12: "mcast", 0x13: "pri", 0x15: "rebar", 0x16: "dpa", 0x17: "tph",
    0x18: "ltr", 0x19: "secpci", 0x1A: "pmux", 0x1B: "pasid", 0x1C: "lnr", 0x1D: "dpc",
    0x1E: "l1ss", 0x1F: "ptm", 0x21: "frs", 0x22: "rtr", 0x23: "dvsec",
    0x24: "vfrebar", 0x25: "dlf", 0x26: "pl16g", 0x27: "margin", 0x28: "hid",
    0x29: "npem", 0x2A: "pl32g", 0x2B: "aprot", 0x2C: "sfi", 0x2E: "doe",
    0x2F: "dev3", 0x30: "ide", 0x31: "pl64g",
}
# Of a length that does not depend on the device.
FIXED = {0x01: 8, 0x02: 12, 0x03: 8, 0x11: 12, 0x13: 6}
EXT_FIXED = {0x01: 0x2C, 0x03: 12, 0x04: 16, 0x0E: 8, 0x0F: 8, 0x10: 64, 0x12: 40,
             0x13: 16, 0x18: 8}


class Space:
    """A config space, with the fields that were asked for."""

    def __init__(self, data):
        self.data = data

    def get(self, at, size):
        if at + size > len(self.data):
            raise IndexError(f"0x{at:x} is behind the end")
        return int.from_bytes(self.data[at:at + size], "little")


def field(space, at, offset, size, mask=None):
    """A length field, as the block has it, and its value."""
    value = space.get(at + offset, size)
    if mask is not None:
        value &= mask
    return f"+{offset}.{'bwl'[size.bit_length() - 1]}=0x{value:0{2 * size}x}", value


def cap_shown(space, at, ident):
    """Fields and bytes that vfio shows of a standard capability."""
    if ident in FIXED:
        return [], FIXED[ident]
    if ident == 0x05:
        # Without what a driver sets: enable, and how many messages.
        text, flags = field(space, at, 2, 2, 0x018E)
        return [text], {0: 10, 0x80: 14, 0x100: 20, 0x180: 24}[flags & 0x180]
    if ident == 0x07:
        text, command = field(space, at, 2, 2, 0x3000)
        return [text], 24 if command else 8
    if ident == 0x08:
        text, kind = field(space, at, 3, 1)
        # 24 bytes of all but a slave, to vfio, whatever the kind is.
        return [text], 28 if kind >> 5 == 0 else 24
    if ident == 0x09:
        text, length = field(space, at, 2, 1)
        return [text], length
    if ident == 0x10:
        text, flags = field(space, at, 2, 2, 0x00FF)
        links = flags >> 4 & 15 != 9
        if flags & 15 == 1:
            return [text], 20 if links else 12
        return [text], 52 if links else 44
    if ident == 0x12:
        text, where = field(space, at, 4, 1, 0x0F)
        return [text], 16 if where == 0x0F else 8
    return [], 0


def ecap_shown(space, at, ident):
    """The same of an extended one."""
    if ident in EXT_FIXED:
        return [], EXT_FIXED[ident]
    if ident in (0x02, 0x08, 0x09):
        one, cap1 = field(space, at, 4, 4, 0x7)
        two, cap2 = field(space, at, 8, 4, 0xFF)
        bits = next((n for bit, n in ((8, 128), (4, 64), (2, 32)) if cap2 & bit), 0)
        length = 16 + 12 * (1 + cap1)
        if bits:
            length += -length % 16 + bits * 4 // 8
        return [one, two], length
    if ident in (0x0B, 0x23):
        text, head = field(space, at, 4, 4)
        return [text], head >> 20
    if ident == 0x0D:
        one, caps = field(space, at, 4, 1)
        two, egress = field(space, at, 5, 1)
        if not caps & 0x20:
            return [one], 8
        return [one, two], 8 + 4 * ((egress + 31) // 32 if egress else 8)
    if ident == 0x15:
        text, control = field(space, at, 8, 1, 0xE0)
        return [text], 4 + 8 * (control >> 5)
    if ident == 0x16:
        text, cap = field(space, at, 4, 1, 0x1F)
        return [text], 16 + cap + 1
    if ident == 0x17:
        text, cap = field(space, at, 4, 4, 0x07FF0600)
        return [text], 12 + (2 * ((cap >> 16) + 1) if cap & 0x600 == 0x200 else 0)
    return [], 0


def walk(space, first, steps, head):
    """Yield (offset, id, version, next) of a chain until it comes back."""
    seen = set()
    at = first
    while at and at not in seen and steps:
        seen.add(at)
        steps -= 1
        ident, version, following = head(space, at)
        yield at, ident, version, following
        at = following


def std_head(space, at):
    return space.get(at, 1), None, space.get(at + 1, 1)


def ext_head(space, at):
    head = space.get(at, 4)
    following = head >> 20 & 0xFFC
    return head & 0xFFFF, head >> 16 & 15, following if following >= 0x100 else 0


def chain_lines(space, extended):
    """Lines of one chain; and whether it opens the extended one."""
    if extended:
        caps = list(walk(space, 0x100, 960, ext_head))
    elif space.get(6, 2) & 0x10:
        caps = list(walk(space, space.get(0x34, 1), 48, std_head))
    else:
        caps = []
    lines, opens = [], False
    for nr, (at, ident, version, following) in enumerate(caps):
        fields, shown = (ecap_shown if extended else cap_shown)(space, at, ident)
        name = (EXT_NAMES if extended else NAMES).get(ident, "?")
        words = [f"{'ecap' if extended else 'cap'} 0x{at:02x}",
                 f"id=0x{ident:04x} v={version}" if extended else f"id=0x{ident:02x}"]
        words += fields
        after = caps[nr + 1][0] if nr + 1 < len(caps) else 0
        if following != after:
            words.append(f"next=0x{following:02x}")
        if shown:
            words.append(f"shown={shown}")
        else:
            words.append("anchor" if extended and not nr and ident & 0xFF != 0xFF
                         else "hidden")
        lines.append(f"\t{' '.join(words)}\t# {name}")
        opens |= not extended and (ident == 0x10 or (ident == 0x07 and shown == 24))
    return lines, opens


def block(data, name, source):
    """The block of one device."""
    space = Space(data)
    if len(data) not in (256, 4096):
        raise ValueError(f"has {len(data)} bytes instead of 256 or 4096; run lspci "
                         "-xxxx as root")
    if space.get(4, 4) == 0xFFFFFFFF or space.get(0, 4) == 0xFFFF0001:
        raise ValueError("does not answer: its header reads as ones")
    if space.get(14, 1) & 0x7F > 1:
        raise ValueError("is a CardBus bridge, which vfio takes none of")
    lines, opens = chain_lines(space, False)
    if opens and len(data) > 256 and space.get(0x100, 4):
        lines += chain_lines(space, True)[0]
    ids = space.get(0, 2), space.get(2, 2)
    kind = space.get(14, 1) & 0x7F
    head = [f"device {ids[0]:04x}:{ids[1]:04x} class={space.get(9, 3):06x} "
            f"rev={space.get(8, 1):02x} header={kind:02x} size={len(data)}"]
    if kind == 0 and space.get(0x2C, 4) not in (0, 0xFFFFFFFF):
        head[0] += f" subsys={space.get(0x2c, 2):04x}:{space.get(0x2e, 2):04x}"
    if ids == (0xFFFF, 0xFFFF):
        # A virtual function has no ids of its own; lspci -n says which it was given.
        head[0] += " vf"
    if name:
        head.append(f"\tname {name}")
    head.append(f"\tsource {source}")
    return "\n".join(head + lines)


def devices(lines):
    """Yield (name, bytes) of each device in a text."""
    name, data, pending = "", bytearray(), ""
    for line in lines:
        line = line.rstrip()
        found = HEX_LINE.match(line)
        if not found:
            heading = HEADING.match(line)
            if heading:
                pending = heading.group(1)
            elif line.startswith("# ") and not pending and not data:
                pending = line[2:]
            continue
        at = int(found.group(1), 16)
        if at == 0:
            if data:
                yield name, bytes(data)
            name, data, pending = pending, bytearray(), ""
        if at != len(data):
            raise ValueError(f"line {line[:20]!r}: bytes are missing before it")
        data += bytes.fromhex(found.group(2))
    if data:
        yield name, bytes(data)


def main():
    parser = argparse.ArgumentParser(description="blocks from lspci -xxxx")
    parser.add_argument("--source", default="unknown; say where it was seen")
    parser.add_argument("files", nargs="*", default=["-"])
    args = parser.parse_args()
    status = 0
    for path in args.files:
        try:
            with (sys.stdin if path == "-" else open(path, errors="replace")) as text:
                found = list(devices(text))
        except (OSError, ValueError) as err:
            sys.exit(f"from-lspci.py: {path}: {err}")
        if not found:
            sys.exit(f"from-lspci.py: {path}: no config space in it; lspci -xxxx "
                     "prints one")
        for name, data in found:
            try:
                print(block(data, name, args.source), end="\n\n")
            except (ValueError, IndexError) as err:
                print(f"from-lspci.py: {path}: {name or 'a device'} {err}",
                      file=sys.stderr)
                status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
