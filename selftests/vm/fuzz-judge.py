#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
fuzz-judge.py - compare two runs of fuzz-vm.sh; TAP on stdout

Usage: fuzz-judge.py STOCK GUARDED COUNT	(the runs' directories)

The stock run says what has to happen. From the bytes of each device's config
space, the policy of a phase and how vfio cuts an access into pieces, a model here
works out which pieces of it must be kept from the device, and what a blocked read
returns. Neither the kernel's nor the policy's own idea of that is asked. Then

  results  each access of the guarded run must have returned what the stock run's
	   did, byte for byte, but for the pieces that are blocked, and for reads
	   of what earlier writes would have changed had they not been blocked
  bus	   the accesses on the bus must be those of the stock run, in their order
	   and with their data, without the blocked ones

Exit status: 0 all equal, 1 not, 2 the runs can't be compared.
"""

import os
import re
import sys

PHASES = ("off", "native", "default", "strict")
DEVICES = ("e1000e", "nvme", "edu", "virtio")

HEADER, CAP, VENDOR, UNASSIGNED = "header", "capability", "vendor", "unassigned"

# What must be kept from the device: (region, is it a write).
BLOCKED = {
	"off": set(),
	"native": {(UNASSIGNED, True)},
	"default": {(UNASSIGNED, True)},
	"strict": {(UNASSIGNED, True), (UNASSIGNED, False), (VENDOR, True)},
}

# Bytes whose value may differ between two boots, by device: none is known.
FREE_RUNNING = {}

# Lengths of the capabilities that vfio shows, from the PCI specifications and
# what vfio's table leaves out of them. Not in here: hidden, hence unassigned.
CAP_LENGTH = {
	0x01: lambda b: 8,		# power management
	0x03: lambda b: 8,		# vital product data
	0x05: lambda b: 10 + (4 if b[2] & 0x80 else 0) + (10 if b[3] & 1 else 0),
	0x09: lambda b: b[2],		# vendor
	0x10: lambda b: 20 if b[2] & 0xf == 1 else 52,
	0x11: lambda b: 12,		# MSI-X
	0x13: lambda b: 6,		# advanced features
}
EXT_CAP_LENGTH = {
	0x01: lambda b: 44,		# errors, without what root ports have
	0x03: lambda b: 12,		# serial number
	0x0b: lambda b: (b[6] | b[7] << 8) >> 4,
	0x0d: lambda b: 8,		# ACS without egress control
	0x0e: lambda b: 8,		# ARI
	0x0f: lambda b: 8,		# ATS
	0x10: lambda b: 64,		# SR-IOV
	0x13: lambda b: 16,		# page requests
	0x18: lambda b: 8,		# latency tolerance
	0x23: lambda b: (b[6] | b[7] << 8) >> 4,
}


def fatal(why):
	print("Bail out! fuzz-judge.py: " + why)
	sys.exit(2)


def regions(image):
	"""What each byte belongs to, as a list of (region, which capability), and where
	the kernel looks by itself when it walks the capabilities of a device, which
	it does at a reset: {offset: bytes it reads}, in space that is passed on raw.
	"""
	walk = {0x100: 4}
	where = [(HEADER, 0)] * 64 + [(UNASSIGNED, 0)] * (len(image) - 64)

	def mark(at, length, region, name):
		for i in range(at, min(at + length, len(image))):
			where[i] = (region, name)

	at = image[0x34] & 0xfc if image[6] & 0x10 else 0
	express = False
	for _ in range(48):
		if not at:
			break
		cap = image[at]
		express |= cap == 0x10
		if cap == 0x09:
			walk[at] = 2
		if cap in CAP_LENGTH:
			mark(at, CAP_LENGTH[cap](image[at:]),
			     VENDOR if cap == 0x09 else CAP, cap)
		at = image[at + 1] & 0xfc

	at = 0x100 if express and len(image) > 256 else 0
	first = True
	for _ in range(960):
		if at < 0x100:
			break
		head = int.from_bytes(image[at:at + 4], "little")
		if not head:
			break
		cap = head & 0xffff
		walk[at] = 4
		if cap in EXT_CAP_LENGTH:
			mark(at, EXT_CAP_LENGTH[cap](image[at:]),
			     VENDOR if cap in (0x0b, 0x23) else CAP, cap)
		elif first:
			# Its head stays visible, to lead to the next one.
			mark(at, 4, CAP, cap)
		first = False
		at = head >> 20 & 0xffc
	return where, walk


def pieces(where, off, size):
	"""Cut an access as vfio does: (offset, size), none if it is out of range."""
	if off + size > len(where):
		return
	end = off + size
	while off < end:
		n = 1
		while (off + n) % 4 and off + n < end and where[off + n] == where[off]:
			n += 1
		if n >= 4 and off % 4 == 0:
			n = 4
		elif n >= 2 and off % 2 == 0:
			n = 2
		else:
			n = 1
		yield off, n
		off += n


class Access:
	"""A line of vfio-fuzz."""

	def __init__(self, line):
		words = line.split()
		self.line = line
		self.write = words[0] == "w"
		self.off = int(words[1], 16)
		self.size = int(words[2])
		self.kind = words[3]
		self.good = int(words[4])
		self.ret = words[5]
		self.data = bytes.fromhex(words[6]) if len(words) > 6 else b""

	def asked(self):
		return "%s %x %d %s %d" % ("w" if self.write else "r", self.off,
					   self.size, self.kind, self.good)

	def reaches(self, where):
		"""The pieces it comes to: (offset, size, place in the buffer, faults)."""
		if self.kind == "k":
			return
		for off, n in pieces(where, self.off, self.size):
			place = off - self.off
			yield off, n, place, place + n > self.good


def read_log(path, count):
	with open(path) as f:
		log = [Access(line) for line in f]
	if len(log) != count:
		fatal("%s has %d accesses of %d" % (path, len(log), count))
	return log


TRACE = re.compile(r"^(?:\d+@[\d.]+:)?pci_cfg_(read|write) \S+ (\S+) @0x([0-9a-f]+) (?:->|<-) 0x([0-9a-f]+)")


def read_steps(run):
	"""The accesses on the bus in each step: {name: [(write, offset, value)]}."""
	env = {}
	with open(os.path.join(run, "share/machine.env")) as f:
		for line in f:
			name, bdf = line.strip().split("=")
			env[name[3:].lower()] = bdf[5:]
	begin, end, name = {}, {}, {}
	with open(os.path.join(run, "status")) as f:
		for line in f:
			words = line.split()
			if words[0] == "begin":
				begin[int(words[2])] = words[1]
				name[words[1]] = tuple(words[3:5])
			elif words[0] == "end":
				end[int(words[2])] = words[1]
	steps = {}
	synced, last, mark, step = False, None, 0, None
	with open(os.path.join(run, "trace.log"), errors="replace") as f:
		for line in f:
			m = TRACE.match(line)
			if not m:
				continue
			op, bdf, off, value = m.groups()
			off, value = int(off, 16), int(value, 16)
			if bdf == env["marker"] and op == "write" and off == 0x3c:
				if not synced:
					synced = last == 165 and value == 90
					last = value
					continue
				mark += 1
				if value != mark % 256:
					fatal("mark %d is %d in the trace" % (mark, value))
				if mark in begin:
					step = name[begin[mark]]
					steps[step] = []
				elif mark in end:
					step = None
			elif step and bdf == env[step[1]]:
				steps[step].append((op == "write", off, value))
	if mark < max(end, default=1):
		fatal("mark %d is not in the trace of %s" % (max(end, default=1), run))
	return steps


class Phase:
	"""One phase on one device, in both runs."""

	def __init__(self, phase, device, stock, guarded, steps, count):
		self.phase = phase
		name = "share/%s.%s" % (phase, device)
		images = []
		for run in stock, guarded:
			with open(os.path.join(run, name + ".image"), "rb") as f:
				images.append(f.read())
		if images[0] != images[1]:
			fatal("%s: the devices do not start as the same" % name)
		self.image = images[0]
		self.where, self.walk = regions(self.image)
		self.stock = read_log(os.path.join(stock, name + ".log"), count)
		self.guarded = read_log(os.path.join(guarded, name + ".log"), count)
		self.bus = [s.get((phase, device), []) for s in steps]
		self.free = FREE_RUNNING.get(device, set())
		self.blocked = 0

	def blocks(self, off, write):
		return (self.where[off][0], write) in BLOCKED[self.phase]

	def read(self, off, n, otherwise):
		"""What a read of one piece must return."""
		if self.blocks(off, False):
			return bytes(n)
		# No write has reached it since the phase began.
		if self.blocks(off, True):
			return self.image[off:off + n]
		return otherwise

	def want_data(self, access):
		"""What a read must leave in the buffer; None for bytes that may vary."""
		if self.phase == "off" or access.write:
			return list(access.data)
		want = list(access.data)
		for off, n, place, bad in access.reaches(self.where):
			if place >= len(want):
				break
			if bad:
				# The part of a piece that fits is nobody's promise.
				for i in range(place, min(place + n, len(want))):
					want[i] = None
				break
			want[place:place + n] = self.read(off, n, access.data[place:place + n])
		return want[:len(access.data)]

	def results(self):
		"""The first difference in what the accesses returned, or None."""
		for i, (a, b) in enumerate(zip(self.stock, self.guarded)):
			if a.asked() != b.asked():
				fatal("access %d is '%s' here and '%s' there" % (i, a.asked(), b.asked()))
			if b.ret != a.ret:
				return "access %d (%s) returned %s, expected %s" % (
					i, a.asked(), b.ret, a.ret)
			want = self.want_data(a)
			if len(want) != len(b.data):
				return "access %d (%s) left %d bytes, expected %d" % (
					i, a.asked(), len(b.data), len(want))
			for k, (w, g) in enumerate(zip(want, b.data)):
				if w is not None and w != g and a.off + k not in self.free:
					return "access %d (%s): byte %#x is %02x, expected %02x" % (
						i, a.asked(), a.off + k, g, w)
		return None

	def walks(self, write, off, value, expected):
		"""Is this the kernel itself?  What may be both is taken for the user's."""
		def is_image(size):
			return value == int.from_bytes(self.image[off:off + size], "little")

		if write or off not in self.walk or not is_image(self.walk[off]):
			return False
		return expected[:2] != (write, off) or not is_image(expected[2])

	def want_bus(self):
		"""What must be on the bus, or a word why the stock trace is not as modelled."""
		# The pieces in space that vfio passes through as it is.
		raw = []
		for access in self.stock:
			for off, n, _, bad in access.reaches(self.where):
				if self.where[off][0] in (UNASSIGNED, VENDOR) and not (bad and access.write):
					raw.append((access.write, off, n))
				if bad:
					break
		want = []
		at = 0
		for write, off, value in self.bus[0]:
			if self.where[off][0] not in (UNASSIGNED, VENDOR):
				want.append((write, off, value))
				continue
			expected = raw[at] if at < len(raw) else (None, None, 0)
			if self.walks(write, off, value, expected):
				want.append((write, off, value))
				continue
			if expected[:2] != (write, off):
				return None, "stock run: %s is on the bus, the model has %s" % (
					show(write, off, value),
					show(*expected) if at < len(raw) else "nothing")
			n = raw[at][2]
			at += 1
			if self.blocks(off, write):
				self.blocked += 1
				continue
			if not write:
				value = int.from_bytes(
					self.read(off, n, value.to_bytes(4, "little")[:n]), "little")
			want.append((write, off, value))
		if at != len(raw):
			return None, "stock run: %s is not on the bus" % show(*raw[at])
		return want, None

	def bus_differs(self):
		"""The first difference on the bus, or None."""
		want, why = self.want_bus()
		if why:
			return why
		got = self.bus[1]
		for i, (w, g) in enumerate(zip(want, got)):
			if w != g and not (w[:2] == g[:2] and w[1] in self.free):
				return "bus access %d is %s, expected %s" % (i, show(*g), show(*w))
		if len(want) != len(got):
			longer = max(want, got, key=len)
			return "%d accesses on the bus, expected %d; %s: %s" % (
				len(got), len(want), "too much" if longer is got else "missing",
				show(*longer[min(len(want), len(got))]))
		if BLOCKED[self.phase] and not self.blocked:
			return "nothing was to be blocked, so nothing was tested"
		return None


def show(write, off, value):
	return "%s @%#x %#x" % ("write" if write else "read", off, value)


def main():
	if len(sys.argv) != 4:
		sys.exit(__doc__)
	stock, guarded, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
	steps = [read_steps(stock), read_steps(guarded)]
	n = failed = accesses = bus = blocked = 0
	for phase in PHASES:
		for device in DEVICES:
			p = Phase(phase, device, stock, guarded, steps, count)
			for what, why in ("results", p.results()), ("bus", p.bus_differs()):
				n += 1
				failed += why is not None
				print("%s %d - %s: %s: %s as expected" % (
					"not ok" if why else "ok", n, phase, device, what))
				if why:
					print("# " + why)
			accesses += len(p.stock) + len(p.guarded)
			bus += len(p.bus[0]) + len(p.bus[1])
			blocked += p.blocked
	print("# %d accesses, %d on the bus, %d to be blocked" % (accesses, bus, blocked))
	print("1..%d" % n)
	sys.exit(failed > 0)


if __name__ == "__main__":
	main()
