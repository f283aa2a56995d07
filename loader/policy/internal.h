/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parser's entries, from files down to the parts of a rule; nobody else
 * includes it.
 */
#ifndef VFIOGUARD_POLICY_INTERNAL_H
#define VFIOGUARD_POLICY_INTERNAL_H

#include "policy/context.h"

/* Includes within includes; deeper is a mistake, not a need. */
#define VG_INCLUDE_DEPTH 16
/*
 * Bounds of a policy, all of its files together, so that reading one has a bound
 * in time and memory too (README.md).  100,000 rules have 5 MB.
 */
#define VG_POLICY_BYTES (8UL << 20)
#define VG_POLICY_FILES 1024
#define VG_POLICY_RULES (1UL << 17)

/**
 * vg_parse_text() - parse one file's text into the policy
 * @source: where it came from, for positions and includes
 */
void vg_parse_text(struct vg_parser *parser, const struct vg_source *source,
		   const char *text, size_t len);

/* Parse a line of expectations; false after it noted an error. */
struct vg_expect;
bool vg_parse_expect(struct vg_parser *parser, const struct vg_line *line,
		     struct vg_expect *expect);

/* Parse an allow or block line and add the rule to the policy. */
void vg_parse_rule(struct vg_parser *parser, const struct vg_line *line);

/* The parts of a rule.  Each returns false after it noted an error. */
bool vg_parse_access(struct vg_parser *parser, const struct vg_token *token,
		     unsigned int *access);
bool vg_parse_scope(struct vg_parser *parser, const struct vg_token *token,
		    struct vg_scope *scope);
bool vg_parse_where(struct vg_parser *parser, const struct vg_token *token,
		    struct vg_where *where);

/* Is the token r, w or rw?  Sets the bits of enum vg_access. */
bool vg_token_access(const struct vg_token *token, unsigned int *access);

#endif
