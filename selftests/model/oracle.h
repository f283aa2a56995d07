/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is to come of an access: by the evaluator, from the text of the policy, and
 * by what the manuals say of modes, reports and counters.
 */
#ifndef MODEL_ORACLE_H
#define MODEL_ORACLE_H

#include "program.h"

/* Nanoseconds; the clock moves in steps of it, so that rates come out even. */
#define ORACLE_STEP (1000000000ULL / 1024)

/* The policy in force, and what is wrong with the kernel around it. */
struct oracle {
	const struct vg_policy *policy;
	enum vg_mode mode;
	bool learn;
	bool uses_last;
	bool has_owners;
	bool damaged; /* the map with mode and defaults */
	bool no_paths; /* no room to put the path of a cgroup together */
	__u64 beat; /* the daemon's last sign of life */
};

/* Reports of one slot. */
struct oracle_slot {
	const void *pdev;
	__u32 tgids[VG_SEEN_OWNERS];
	__u32 next;
	__u64 tokens; /* in 1/1024 */
	__u64 refilled;
	__u64 unreported;
	__u64 counts[VG_ACCESSES][VG_VERDICTS][VG_REPORTS];
	bool seen[VG_SEEN_OWNERS][1024 * VG_ACCESSES * VG_VERDICTS];
	bool known[1024 * VG_ACCESSES * VG_VERDICTS]; /* by whomever */
};

extern struct oracle oracle;
extern struct oracle_slot oracle_slots[MODEL_DEVICES];

struct expected {
	struct vg_answer answer; /* of the rules, whatever the mode */
	enum vg_verdict verdict;
	enum vg_reason reason; /* RULE also for an entry of the allow list */
	const struct vg_rule *rule;
	bool audit;
	bool passes;
	__u32 data; /* that is written, or that a blocked read returns */
	__u32 keep; /* bits of a write that stay as they are */
	enum vg_report how;
	bool kernel_audit;
	__u64 unreported; /* in the event */
};

void oracle_init(void);

/* A policy is loaded, or edited; @learn as in model_program_load(). */
void oracle_load(const struct vg_policy *policy, bool learn);
void oracle_edit(const struct vg_policy *policy);

/* Whether the process's owners can't be told, and rules ask for them. */
bool oracle_hidden(void);

/* The access is made: @expected gets what is to come of it. */
void oracle_access(const struct model_access *access,
		   struct expected *expected);

/* Compares map "learned" with what was accessed; returns what differs, or NULL. */
const char *oracle_learned(void);

#endif
