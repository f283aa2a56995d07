/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The core: all that decides, counts and reports, for any front end.
 *
 * A front end is a program that finds out what access there is and has the
 * verdict done: for the hook of the patched vfio-pci-core it is
 * ../vfioguard.bpf.c.  Before it includes this it may define
 *
 *	VG_STOCK	its object has to load on stock kernels, see compat.h
 *	TELL_*		the values it is told verdicts by, see access.h
 *
 * and then it calls glance_device(), glance() and judge() (judge.h), and answer_ask() (ask.h).
 * Each of the files needs those before it:
 *
 *	access.h	what a front end and the core tell each other
 *	kernel_types.h	what is read of the kernel
 *	compat.h	what differs between kernels
 *	maps.h		the maps; their layouts are in ../vfioguard.h
 *	device.h	the entry of a PCI function
 *	rules.h		which rule decides
 *	owners.h	which cgroups the process is in
 *	plan.h		what is kept of a device for the rest of a tick
 *	refresh.h	how long that holds, and how it is made anew
 *	look.h		an access that the plans don't decide
 *	report.h	counters and events
 *	learn.h		what is recorded while learning
 *	judge.h		one access from end to end
 *	ask.h		what would become of an access
 *
 * It decides from maps:
 *
 *	allowlist	entry of vendor:device, then of vendor:any
 *	rules		registers, values, slots, owners... (rules.h)
 *	config		the default of the region and direction
 *
 * What an entry says overrules the filter below the policy (the kernel's module
 * parameters); what a default allows is left to that, so that a policy never
 * opens by default what the host was booted to block.
 *
 * Nothing here counts on preemption being off, or on staying on one processor.
 * Fails closed: with damaged maps everything it is asked about is blocked.
 */
#ifndef VFIOGUARD_CORE_H
#define VFIOGUARD_CORE_H

#include "access.h"
#include "kernel_types.h"
#include "compat.h"
#include "maps.h"
#include "device.h"
#include "rules.h"
#include "owners.h"
#include "plan.h"
#include "refresh.h"
#include "look.h"
#include "report.h"
#include "learn.h"
#include "judge.h"
#include "ask.h"

#endif
