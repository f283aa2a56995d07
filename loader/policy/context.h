/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the parser is, and how all of its files say what is wrong there; nobody
 * else includes it.
 */
#ifndef VFIOGUARD_POLICY_CONTEXT_H
#define VFIOGUARD_POLICY_CONTEXT_H

#include <sys/types.h>

#include "policy/lex.h"
#include "policy/policy.h"

/* A file being read, and who asked for it. */
struct vg_source {
	const char *name; /* owned by the policy */
	dev_t dev;
	ino_t ino;
	struct vg_pos from; /* the include line; .file NULL for the first */
	const struct vg_source *up; /* the including file, or NULL */
	unsigned int depth;
};

/* A file read before: reading it again would repeat its rules. */
struct vg_read_file {
	dev_t dev;
	ino_t ino;
	struct vg_pos from;
};

struct vg_parser {
	struct vg_policy *policy;
	struct vg_findings *findings;
	const struct vg_source *source;
	unsigned int line;
	/* Parse the file that an include line names; NULL: text from memory */
	void (*include)(struct vg_parser *parser, const struct vg_token *path);
	bool no_memory;
	struct vg_read_file *read;
	size_t nr_read;
	size_t bytes; /* of all that were read */
};

/* A line that isn't cut into words: note why. */
void vg_parser_lex_error(struct vg_parser *parser, const struct vg_line *line,
			 const char *end);

/**
 * vg_parser_need() - the word of a line that must be there
 * @nr: its index
 * @what: what it is, for the message
 * @hint: how the line is written
 *
 * Return: the word, or NULL after an error just behind the last one.
 */
const struct vg_token *vg_parser_need(struct vg_parser *parser,
				      const struct vg_line *line,
				      unsigned int nr, const char *what,
				      const char *hint);

/* The position of a token in the line being parsed. */
struct vg_pos vg_parser_pos(const struct vg_parser *parser,
			    const struct vg_token *token);

/**
 * vg_parser_error() - note an error at a token
 * @hint: how to mend it, or NULL
 *
 * Return: false, so that a caller can return it.
 */
__attribute__((format(printf, 4, 5))) bool
vg_parser_error(struct vg_parser *parser, const struct vg_token *token,
		const char *hint, const char *fmt, ...);

/**
 * vg_parser_unknown() - note an unknown word, with the one that may be meant
 * @what: what was expected there: "a device", "an option"
 * @words: what could stand there, ended by NULL
 * @hint: used when no word is close
 */
bool vg_parser_unknown(struct vg_parser *parser, const struct vg_token *token,
		       const char *what, const char *const *words,
		       const char *hint);

/**
 * vg_parser_number() - read a hex number and note what is wrong with it
 * @what: what the number is, for the message: "offset", "value"
 * @max: biggest number taken
 */
bool vg_parser_number(struct vg_parser *parser, const struct vg_token *token,
		      const char *what, __u32 max, __u32 *value);

/**
 * vg_keep_string() - hand a string to a list the policy owns
 * @string: from malloc; freed when the list can't grow; NULL is passed on
 *
 * Return: the string, or NULL when memory ran out.
 */
char *vg_keep_string(char ***list, size_t *nr, char *string);

/* The two that a printf of a token takes for "%.*s". */
#define VG_TOKEN(token) (int)(token)->len, (token)->text

/* Room for a hint made for one mistake. */
#define VG_HINT_LEN 160

#endif
