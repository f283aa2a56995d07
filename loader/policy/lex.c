// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy text cut into lines and words, and words read as numbers.
 *
 * A policy may have 100,000 lines and is checked on every edit, so a byte is
 * looked at once, through a table, and nothing is copied or allocated.
 */
#include "policy/lex.h"

enum byte_kind {
	BYTE_BAD, /* the table's zero: control bytes and all beyond ASCII */
	BYTE_WORD,
	BYTE_BLANK,
	BYTE_COMMENT,
};

static const unsigned char byte_kind[256] = {
	['!' ... '"'] = BYTE_WORD, ['$' ... '~'] = BYTE_WORD,
	[' '] = BYTE_BLANK,	   ['\t'] = BYTE_BLANK,
	['#'] = BYTE_COMMENT,
};

/* Value of a hex digit plus one; 0 for other bytes. */
static const unsigned char hex_digit[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

void vg_lex_start(struct vg_lexer *lexer, const char *text, size_t len)
{
	lexer->at = text;
	lexer->end = text + len;
	lexer->line = 0;
}

static void lex_fail(struct vg_line *line, enum vg_lex_error error,
		     const char *start, const char *at)
{
	line->error = error;
	line->bad.text = at;
	line->bad.len = 1;
	line->bad.column = at - start + 1;
}

/* Comments may hold any letters of any language, but a NUL is never text. */
static void lex_comment(struct vg_line *line, const char *start,
			const char *comment, const char *end)
{
	const char *nul = memchr(comment, 0, end - comment);

	if (nul)
		lex_fail(line, VG_LEX_BAD_BYTE, start, nul);
}

/* Cut [start, end), which is one line without its end. */
static void lex_words(struct vg_line *line, const char *start, const char *end)
{
	const char *at = start;

	while (at < end) {
		const char *word = at;
		struct vg_token *token;

		while (at < end && byte_kind[(__u8)*at] == BYTE_WORD)
			at++;
		if (at > word) {
			if (line->nr == VG_LINE_TOKENS) {
				lex_fail(line, VG_LEX_MANY_TOKENS, start, word);
				line->bad.len = at - word;
				return;
			}
			token = &line->tok[line->nr++];
			token->text = word;
			token->len = at - word;
			token->column = word - start + 1;
			continue;
		}
		if (byte_kind[(__u8)*at] == BYTE_BAD) {
			lex_fail(line, VG_LEX_BAD_BYTE, start, at);
			return;
		}
		if (byte_kind[(__u8)*at] == BYTE_COMMENT) {
			lex_comment(line, start, at, end);
			return;
		}
		at++;
	}
}

bool vg_lex_line(struct vg_lexer *lexer, struct vg_line *line)
{
	while (lexer->at < lexer->end) {
		const char *start = lexer->at;
		const char *end = memchr(start, '\n', lexer->end - start);

		if (!end)
			end = lexer->end;
		lexer->at = end < lexer->end ? end + 1 : end;
		line->number = ++lexer->line;
		line->nr = 0;
		line->error = VG_LEX_OK;

		/* Files written on Windows end their lines in CR LF. */
		if (end > start && end[-1] == '\r')
			end--;
		if (end - start > VG_LINE_BYTES)
			lex_fail(line, VG_LEX_LONG_LINE, start,
				 start + VG_LINE_BYTES);
		else
			lex_words(line, start, end);
		if (line->nr || line->error)
			return true;
	}
	return false;
}

enum vg_number vg_token_number(const struct vg_token *token, __u32 max,
			       __u32 *value)
{
	__u64 sum = 0;
	unsigned int i;

	if (!token->len)
		return VG_NUMBER_EMPTY;
	if (token->len == 1 && token->text[0] == '0') {
		*value = 0;
		return VG_NUMBER_OK;
	}
	if (token->len < 2 || token->text[0] != '0' ||
	    (token->text[1] | 0x20) != 'x')
		return hex_digit[(__u8)token->text[0]] ? VG_NUMBER_NO_PREFIX :
							 VG_NUMBER_BAD_DIGIT;
	if (token->len == 2)
		return VG_NUMBER_EMPTY;
	for (i = 2; i < token->len; i++) {
		unsigned int digit = hex_digit[(__u8)token->text[i]];

		if (!digit)
			return VG_NUMBER_BAD_DIGIT;
		/* Stays too big, whatever follows. */
		if (sum <= max)
			sum = sum << 4 | (digit - 1);
	}
	if (sum > max)
		return VG_NUMBER_TOO_BIG;
	*value = sum;
	return VG_NUMBER_OK;
}

enum vg_number vg_token_decimal(const struct vg_token *token, __u32 max,
				__u32 *value)
{
	__u64 sum = 0;
	unsigned int i;

	if (!token->len)
		return VG_NUMBER_EMPTY;
	for (i = 0; i < token->len; i++) {
		char c = token->text[i];

		if (c < '0' || c > '9')
			return VG_NUMBER_BAD_DIGIT;
		if (sum <= max)
			sum = sum * 10 + (c - '0');
	}
	if (sum > max)
		return VG_NUMBER_TOO_BIG;
	*value = sum;
	return VG_NUMBER_OK;
}

bool vg_token_digits(const struct vg_token *token, __u32 *value)
{
	__u32 sum = 0;
	unsigned int i;

	if (!token->len || token->len > 8)
		return false;
	for (i = 0; i < token->len; i++) {
		unsigned int digit = hex_digit[(__u8)token->text[i]];

		if (!digit)
			return false;
		sum = sum << 4 | (digit - 1);
	}
	*value = sum;
	return true;
}

int vg_token_find(const struct vg_token *token, char byte)
{
	const char *found = memchr(token->text, byte, token->len);

	return found ? (int)(found - token->text) : -1;
}
