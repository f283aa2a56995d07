// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keyword somebody may have meant, for "did you mean" in messages.
 */
#include <ctype.h>

#include "policy/lex.h"

/* Longer words are no typing error of a keyword. */
#define NEAR_MAX 24

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

/*
 * How many letters must be changed, added, dropped or swapped with their
 * neighbour to make @b from @a (optimal string alignment).  Keeps the last
 * three rows of the usual table; a swap looks two rows back.
 */
static unsigned int distance(const char *a, unsigned int alen, const char *b,
			     unsigned int blen)
{
	unsigned int rows[3][NEAR_MAX + 1];
	unsigned int i, j;

	for (j = 0; j <= blen; j++)
		rows[0][j] = j;
	for (i = 1; i <= alen; i++) {
		unsigned int *row = rows[i % 3];
		unsigned int *up = rows[(i + 2) % 3];
		unsigned int *up2 = rows[(i + 1) % 3];

		row[0] = i;
		for (j = 1; j <= blen; j++) {
			unsigned int cost = a[i - 1] != b[j - 1];

			row[j] = min3(up[j] + 1, row[j - 1] + 1,
				      up[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && up2[j - 2] + 1 < row[j])
				row[j] = up2[j - 2] + 1;
		}
	}
	return rows[alen % 3][blen];
}

const char *vg_word_near(const struct vg_token *token, const char *const *words)
{
	unsigned int allowed = token->len < 3 ? 0 : (token->len + 2) / 3;
	unsigned int best = ~0U, best_off = 0;
	const char *near = NULL;
	char lower[NEAR_MAX];
	unsigned int i;

	if (token->len > NEAR_MAX)
		return NULL;
	if (allowed > 2)
		allowed = 2;
	for (i = 0; i < token->len; i++)
		lower[i] = tolower((__u8)token->text[i]);

	for (; *words; words++) {
		unsigned int len = strlen(*words);
		unsigned int far, off;

		if (len > NEAR_MAX)
			continue;
		far = distance(lower, token->len, *words, len);
		off = len > token->len ? len - token->len : token->len - len;
		/* Letters get swapped more often than lost. */
		if (far > allowed || far > best ||
		    (far == best && off >= best_off))
			continue;
		best = far;
		best_off = off;
		near = *words;
	}
	return near;
}
