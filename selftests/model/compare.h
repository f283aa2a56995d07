/* SPDX-License-Identifier: GPL-2.0-only */
/* Program, evaluator and `explain` held against each other, on one access. */
#ifndef MODEL_COMPARE_H
#define MODEL_COMPARE_H

#include "answer/explain.h"
#include "oracle.h"

/*
 * Each returns in a word what is not as expected, or NULL.
 */

/* Makes the access. */
const char *compare_access(struct model_access *access,
			   struct expected *expected);

/*
 * Asks `explain` about it, by the maps and by the text, before it is made; @said
 * is what it says of the loaded policy.
 */
const char *compare_explain(const struct vg_compiled *compiled,
			    const struct model_access *access,
			    struct vg_explained *said);

/* And was that what came of it? */
const char *compare_said(const struct vg_explained *said,
			 const struct model_access *access,
			 const struct expected *expected);

#endif
