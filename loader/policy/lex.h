/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policy text cut into lines, and lines into words.  No word is copied: tokens
 * point into the text, which must outlive them.
 */
#ifndef VFIOGUARD_POLICY_LEX_H
#define VFIOGUARD_POLICY_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <linux/types.h>

/* Longest line in bytes; a column always fits 16 bits. */
#define VG_LINE_BYTES 4095
/* More words than any line of the grammar has. */
#define VG_LINE_TOKENS 16

struct vg_token {
	const char *text; /* not ended by NUL */
	unsigned int len;
	unsigned int column; /* from 1, in bytes */
};

enum vg_lex_error {
	VG_LEX_OK,
	VG_LEX_BAD_BYTE, /* neither printable ASCII nor a blank */
	VG_LEX_LONG_LINE,
	VG_LEX_MANY_TOKENS,
};

struct vg_line {
	unsigned int number; /* from 1 */
	unsigned int nr; /* words, comments left out */
	enum vg_lex_error error;
	struct vg_token bad; /* where the error is */
	struct vg_token tok[VG_LINE_TOKENS];
};

struct vg_lexer {
	const char *at;
	const char *end;
	unsigned int line; /* last one given out */
};

/**
 * vg_lex_start() - read from the first line of a text
 * @text: may hold any bytes and need not end in NUL
 * @len: bytes of @text
 */
void vg_lex_start(struct vg_lexer *lexer, const char *text, size_t len);

/**
 * vg_lex_line() - the words of the next line that has any, or an error
 *
 * Skips empty lines and comments.  After an error in a line the next call goes
 * on behind that line.
 * Return: false at the end of the text.
 */
bool vg_lex_line(struct vg_lexer *lexer, struct vg_line *line);

enum vg_number {
	VG_NUMBER_OK,
	VG_NUMBER_EMPTY,
	VG_NUMBER_NO_PREFIX, /* a hex number without 0x */
	VG_NUMBER_BAD_DIGIT,
	VG_NUMBER_TOO_BIG,
};

/**
 * vg_token_number() - read "0", or hex that starts with 0x
 * @max: biggest value taken, at most 0xffffffff
 */
enum vg_number vg_token_number(const struct vg_token *token, __u32 max,
			       __u32 *value);

/* The same for a decimal number. */
enum vg_number vg_token_decimal(const struct vg_token *token, __u32 max,
				__u32 *value);

/**
 * vg_token_digits() - read exactly @token->len hex digits, at most eight
 *
 * Return: false when one of the bytes is no hex digit or there is none.
 */
bool vg_token_digits(const struct vg_token *token, __u32 *value);

/* A part of a token, with the column it stands at. */
static inline struct vg_token vg_token_part(const struct vg_token *token,
					    unsigned int from, unsigned int len)
{
	struct vg_token part = {
		.text = token->text + from,
		.len = len,
		.column = token->column + from,
	};

	return part;
}

static inline bool vg_token_is(const struct vg_token *token, const char *word)
{
	size_t len = strlen(word);

	return token->len == len && !memcmp(token->text, word, len);
}

/* Does the token start with @prefix? */
static inline bool vg_token_starts(const struct vg_token *token,
				   const char *prefix)
{
	size_t len = strlen(prefix);

	return token->len >= len && !memcmp(token->text, prefix, len);
}

/**
 * vg_token_find() - the first @byte of a token
 *
 * Return: its index, or -1.
 */
int vg_token_find(const struct vg_token *token, char byte);

/**
 * vg_word_near() - the word somebody may have meant
 * @words: candidates, ended by NULL
 *
 * Case is ignored; up to a third of the letters, but at most two, may be wrong,
 * missing, too many or swapped.
 * Return: the closest of @words, or NULL when none is close.
 */
const char *vg_word_near(const struct vg_token *token,
			 const char *const *words);

#endif
