/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Expectations: what a policy should say about an access, one a line.
 */
#ifndef VFIOGUARD_POLICY_EXPECT_H
#define VFIOGUARD_POLICY_EXPECT_H

#include "policy/policy.h"

struct vg_expect {
	struct vg_pos pos;
	enum vg_verdict verdict;
	int audit; /* 1 audit, 0 silent, -1 not said */
	struct vg_query query;
};

struct vg_expects {
	struct vg_expect *list;
	size_t nr;
	size_t room;
	struct vg_policy strings; /* no policy, but owns names and owners */
};

/**
 * vg_expects_read() - read a file of expectations
 * @expects: filled in; to be freed with vg_expects_free() also after an error
 * @findings: gets every mistake
 *
 * The grammar is in policies/tests/default.expect.
 * Return: 0, -EINVAL when there was an error, or -ENOMEM.
 */
int vg_expects_read(const char *path, struct vg_expects *expects,
		    struct vg_findings *findings);

/**
 * vg_query_words() - an access in the words of an expectation
 * @words: DEVICE r|w OFFSET [REGION] [DETAIL...]
 * @nr: how many words
 * @strings: gets what the query points to
 * @findings: gets what is wrong; the positions in it mean nothing
 *
 * Return: 0, -EINVAL when there was an error, or -ENOMEM.
 */
int vg_query_words(const char *const *words, unsigned int nr,
		   struct vg_policy *strings, struct vg_findings *findings,
		   struct vg_query *query);

#define VG_EXPECT_WHY 768

/* Who is asked: a policy as written, or the one that is loaded. */
struct vg_judge {
	/*
	 * Fills in .verdict and .audit of @answer, and in @why what decided.
	 * Returns 0 or a negative errno.
	 */
	int (*judge)(const void *context, const struct vg_query *query,
		     struct vg_answer *answer, char why[VG_EXPECT_WHY]);
	const void *context;
};

/* vg_judge.judge for a policy as written, the context. */
int vg_judge_policy(const void *policy, const struct vg_query *query,
		    struct vg_answer *answer, char why[VG_EXPECT_WHY]);

/**
 * vg_expects_run() - hold a policy against expectations
 * @findings: gets an error at each expectation that isn't met, with the rule
 *            that decided otherwise
 *
 * Return: how many are not met, or a negative errno of the judge or -ENOMEM.
 */
int vg_expects_run(const struct vg_expects *expects,
		   const struct vg_judge *judge, struct vg_findings *findings);

void vg_expects_free(struct vg_expects *expects);

#endif
