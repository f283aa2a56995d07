#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
fuzz-stock.py - judge two runs of fuzz-vm.sh in stock mode; TAP on stdout

Usage: fuzz-stock.py plan GUARDED COUNT SKIPS		(directories)
       fuzz-stock.py judge STOCK GUARDED COUNT

In stock mode an access of which any piece is blocked is blocked as a whole.  So
what the policy leaves of a run can be had without a policy: by not making those
accesses.  "plan" works out which they are, by the model of fuzz-judge.py, and
writes their numbers to a file for each phase and device; the stock run, without
a policy, leaves these out.  "judge" then compares:

  results  an access that is to be blocked must have returned what is promised: a
	   write its size, a read of one piece zeros, any other read EPERM.  All
	   others must have returned what they do in the stock run, byte for byte.
  bus	   what was on the bus must be what was in the stock run, access by access.

Exit status: 0 all equal, 1 not, 2 the runs can't be compared.
"""

import importlib
import os
import sys

sys.dont_write_bytecode = True
model = importlib.import_module("fuzz-judge")

PHASES = ("off", "monitor", "default", "strict")
BLOCKED = dict(model.BLOCKED, monitor=set())


def guarded_run(run, phase, device, count):
	"""(image, what its bytes belong to, accesses, numbers of those to be blocked)."""
	name = os.path.join(run, "share/%s.%s" % (phase, device))
	with open(name + ".image", "rb") as f:
		image = f.read()
	where = model.regions(image)[0]
	log = model.read_log(name + ".log", count)
	blocked = [i for i, a in enumerate(log)
		   if any((where[at][0], a.write) in BLOCKED[phase]
			  for off, n, _, _ in a.reaches(where)
			  for at in range(off, off + n))]
	return image, where, log, blocked


def plan(run, count, skips):
	os.makedirs(skips, exist_ok=True)
	for phase in PHASES:
		for device in model.DEVICES:
			blocked = guarded_run(run, phase, device, count)[-1]
			with open(os.path.join(skips, "%s.%s" % (phase, device)), "w") as f:
				f.writelines("%d\n" % i for i in blocked)


def promised(access, where):
	"""What a blocked access must return: (result, bytes); None: nothing is promised."""
	if access.write:
		return str(access.size), b""
	if len(list(access.reaches(where))) > 1:
		# Not touched: vfio-fuzz leaves this in its buffer.
		return "-EPERM", bytes([0xa5]) * len(access.data)
	if access.good < access.size:
		return "-EFAULT", None
	return str(access.size), bytes(access.size)


def results(stock, guarded, where, blocked):
	"""The first access that did not return what it must, or None."""
	blocked = set(blocked)
	for i, (a, b) in enumerate(zip(stock, guarded)):
		if a.asked() != b.asked():
			model.fatal("access %d is '%s' here and '%s' there" % (i, a.asked(), b.asked()))
		if (a.ret == "skipped") != (i in blocked):
			model.fatal("access %d (%s) was made, or not, against the plan" % (i, a.asked()))
		ret, data = promised(b, where) if i in blocked else (a.ret, a.data)
		if b.ret != ret:
			return "access %d (%s) returned %s, expected %s" % (i, b.asked(), b.ret, ret)
		if data is not None and b.data != data:
			return "access %d (%s) left %s, expected %s" % (
				i, b.asked(), b.data.hex(), data.hex())
	return None


def bus_differs(stock, guarded):
	"""The first difference on the bus, or None."""
	for i, (s, g) in enumerate(zip(stock, guarded)):
		if s != g:
			return "bus access %d is %s, expected %s" % (i, model.show(*g), model.show(*s))
	if len(stock) != len(guarded):
		longer = max(stock, guarded, key=len)
		return "%d accesses on the bus, expected %d; %s: %s" % (
			len(guarded), len(stock), "too much" if longer is guarded else "missing",
			model.show(*longer[min(len(stock), len(guarded))]))
	return None


def judge(stock, guarded, count):
	steps = [model.read_steps(stock), model.read_steps(guarded)]
	n = failed = accesses = bus = to_block = 0
	for phase in PHASES:
		for device in model.DEVICES:
			image, where, log, blocked = guarded_run(guarded, phase, device, count)
			name = os.path.join(stock, "share/%s.%s" % (phase, device))
			with open(name + ".image", "rb") as f:
				if f.read() != image:
					model.fatal("%s: the devices do not start as the same" % name)
			stock_log = model.read_log(name + ".log", count)
			traces = [s.get((phase, device), []) for s in steps]
			why_bus = bus_differs(*traces)
			if BLOCKED[phase] and not blocked:
				why_bus = "nothing was to be blocked, so nothing was tested"
			for what, why in (("results", results(stock_log, log, where, blocked)),
					  ("bus", why_bus)):
				n += 1
				failed += why is not None
				print("%s %d - %s: %s: %s as expected" % (
					"not ok" if why else "ok", n, phase, device, what))
				if why:
					print("# " + why)
			accesses += len(log)
			bus += len(traces[1])
			to_block += len(blocked)
	print("# %d accesses under vfioguard, %d on the bus, %d to be blocked" % (
		accesses, bus, to_block))
	print("1..%d" % n)
	return failed > 0


if len(sys.argv) == 5 and sys.argv[1] == "plan":
	plan(sys.argv[2], int(sys.argv[3]), sys.argv[4])
elif len(sys.argv) == 5 and sys.argv[1] == "judge":
	sys.exit(judge(sys.argv[2], sys.argv[3], int(sys.argv[4])))
else:
	sys.exit(__doc__)
