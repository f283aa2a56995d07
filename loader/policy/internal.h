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
/* A policy of 100,000 rules has 5 MB. */
#define VG_FILE_BYTES (64UL << 20)

/**
 * vg_parse_text() - parse one file's text into the policy
 * @source: where it came from, for positions and includes
 */
void vg_parse_text(struct vg_parser *parser, const struct vg_source *source,
		   const char *text, size_t len);

/**
 * vg_read_file() - a whole file in memory
 * @fd: open for reading; a pipe will do
 * @expected: its size if known, else 0
 * @text: to be freed; not ended by NUL
 *
 * Return: 0, -EFBIG beyond VG_FILE_BYTES, or another -errno.
 */
int vg_read_file(int fd, off_t expected, char **text, size_t *len);

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
