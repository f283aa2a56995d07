#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
bpf-stack.py - do the programs of an object fit the stack that a kernel gives them?

Usage: bpf-stack.py OBJECT...	(build/bpf/*.bpf.o, of the stock kernels' programs)

A program and all functions that call each other have 512 bytes, and each takes what it
uses in steps of 32, as check_max_stack_depth() counts up to 6.6.  Newer kernels count
in steps of 16, so what fits here fits there.  What a kernel leaves out as dead is
counted, too.  And no more than 8 functions may be in each other.  Prints the deepest
chain of each program.

Exit status: 0 all fit, 1 not, 2 an object can't be read.
"""

import re
import subprocess
import sys

STACK = 512
STEP = 32
FRAMES = 8

SYMBOL = re.compile(r"^([0-9a-f]+) .{7} (\S+)\s+[0-9a-f]+ (\S+)$")
SECTION = re.compile(r"^Disassembly of section (\S+):")
INSN = re.compile(r"^\s+(\d+):\t(?:[0-9a-f]{2}\s)+\s*(.*)")
RELOC = re.compile(r"^\t+[0-9a-f]+:\s+R_BPF_64_(32|64)\s+(\S+)")


def objdump(*args):
	try:
		return subprocess.run(("llvm-objdump-19",) + args, check=True, text=True,
				      stdout=subprocess.PIPE).stdout.splitlines()
	except (OSError, subprocess.CalledProcessError) as e:
		print("bpf-stack.py: %s" % e, file=sys.stderr)
		sys.exit(2)


class Function:
	def __init__(self, name, section):
		self.name = name
		self.section = section
		self.stack = 0
		self.calls = []		# names, or places in .text in instructions


def functions(path):
	"""{name: Function}, and the same by (section, first instruction)."""
	by_name, by_place = {}, {}
	for line in objdump("-t", path):
		m = SYMBOL.match(line)
		if m and " F " in line:
			f = Function(m.group(3), m.group(2))
			by_name[f.name] = f
			by_place[f.section, int(m.group(1), 16) // 8] = f
	section = f = None
	copies = set()		# registers that point to the stack's end
	last = None		# a call or an address, until its relocation is seen

	def settle(symbol=None):
		nonlocal last
		if last is None or f is None:
			return
		kind, at, number = last
		last = None
		if kind == "address" and symbol is None:
			return
		if symbol is None:
			f.calls.append((section, at + 1 + number))
		elif symbol != ".text":
			f.calls.append(symbol)
		elif kind == "call":
			f.calls.append((".text", number + 1))
		else:
			f.calls.append((".text", number // 8))

	for line in objdump("-dr", path):
		m = SECTION.match(line)
		if m:
			settle()
			section = m.group(1)
			continue
		m = RELOC.match(line)
		if m:
			settle(m.group(2))
			continue
		m = INSN.match(line)
		if not m:
			continue
		settle()
		at, text = int(m.group(1)), m.group(2)
		if (section, at) in by_place:
			f = by_place[section, at]
			copies = set()
		if f is None:
			continue
		for n in re.findall(r"r10 - (0x[0-9a-f]+)", text):
			f.stack = max(f.stack, int(n, 16))
		if re.fullmatch(r"r\d = r10", text):
			copies.add(text[:2])
		elif re.fullmatch(r"r\d \+= -0x[0-9a-f]+", text) and text[:2] in copies:
			f.stack = max(f.stack, int(text.split("-")[1], 16))
			copies.discard(text[:2])
		m = re.fullmatch(r"call (-?0x[0-9a-f]+)", text)
		if m and line.split()[2] == "10":
			last = "call", at, int(m.group(1), 16)
		m = re.fullmatch(r"r\d = (0x[0-9a-f]+) ll", text)
		if m:
			last = "address", at, int(m.group(1), 16)
	settle()
	return by_name, by_place


def chains(f, by_name, by_place):
	"""All chains of calls from @f on, as lists of functions."""
	others = {by_name.get(c) if isinstance(c, str) else by_place.get(c) for c in f.calls}
	yield [f]
	for other in others - {None}:
		for chain in chains(other, by_name, by_place):
			yield [f] + chain


def taken(f):
	return max(f.stack, 1) + -max(f.stack, 1) % STEP


def main():
	failed = False
	for path in sys.argv[1:]:
		by_name, by_place = functions(path)
		for f in by_name.values():
			if f.section == ".text":
				continue
			found = list(chains(f, by_name, by_place))
			deepest = max(found, key=lambda chain: sum(map(taken, chain)))
			size = sum(map(taken, deepest))
			print("%s: %d of %d bytes: %s" % (f.name, size, STACK, ", ".join(
				"%s %d" % (g.name, taken(g)) for g in deepest)))
			longest = max(found, key=len)
			if len(longest) > FRAMES:
				print("%s: %d functions in each other: %s" % (
					f.name, len(longest), ", ".join(g.name for g in longest)))
			failed |= size > STACK or len(longest) > FRAMES
	return failed


if len(sys.argv) < 2:
	sys.exit(__doc__)
sys.exit(main())
