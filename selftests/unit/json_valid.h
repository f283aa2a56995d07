/* SPDX-License-Identifier: GPL-2.0-only */
/* Is a text one JSON document?  After RFC 8259, UTF-8 included. */
#ifndef VFIOGUARD_JSON_VALID_H
#define VFIOGUARD_JSON_VALID_H

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline const char *json_space(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* Bytes of the UTF-8 character at @s, 0 if it is none or a control one. */
static inline unsigned int json_char(const unsigned char *s)
{
	unsigned int i, n = *s < 0x80 ? 1 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;

	if (*s < 0x20 || (*s >= 0x80 && *s < 0xc2) || *s > 0xf4)
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, surrogate, past U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* These return what is behind the value, NULL if it is none. */
static inline const char *json_string(const char *s)
{
	unsigned int i, n;

	if (*s++ != '"')
		return NULL;
	while (*s != '"') {
		if (*s != '\\') {
			n = json_char((const unsigned char *)s);
			if (!n)
				return NULL;
			s += n;
		} else if (s[1] == 'u') {
			for (i = 2; i < 6; i++)
				if (!isxdigit((unsigned char)s[i]))
					return NULL;
			s += 6;
		} else {
			if (!s[1] || !strchr("\"\\/bfnrt", s[1]))
				return NULL;
			s += 2;
		}
	}
	return s + 1;
}

static inline const char *json_number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	/* The writer knows no fractions; no leading zeros. */
	return n && (*s != '0' || n == 1) ? s + n : NULL;
}

static inline const char *json_value(const char *s)
{
	bool object = *s == '{';
	char end = object ? '}' : ']';

	if (*s == '"')
		return json_string(s);
	if (!strncmp(s, "true", 4) || !strncmp(s, "null", 4))
		return s + 4;
	if (!strncmp(s, "false", 5))
		return s + 5;
	if (*s != '{' && *s != '[')
		return json_number(s);

	s = json_space(s + 1);
	if (*s == end)
		return s + 1;
	for (;;) {
		if (object) {
			s = json_string(s);
			if (!s)
				return NULL;
			s = json_space(s);
			if (*s++ != ':')
				return NULL;
			s = json_space(s);
		}
		s = json_value(s);
		if (!s)
			return NULL;
		s = json_space(s);
		if (*s == end)
			return s + 1;
		if (*s++ != ',')
			return NULL;
		s = json_space(s);
	}
}

/* Keep a document that says what it is for run.sh, which knows the schemas. */
static inline void json_keep(const char *s)
{
	const char *folder = getenv("UNIT_JSON"), *at = strstr(s, "\"schema\"");
	static unsigned int nr;
	char path[512];
	FILE *f;

	if (!folder || *s != '{' || !at || at - s > 3)
		return;
	snprintf(path, sizeof(path), "%s/%s.%d.%u", folder,
		 program_invocation_short_name, (int)getpid(), ++nr);
	f = fopen(path, "w");
	if (!f)
		return;
	fputs(s, f);
	fclose(f);
}

/* Whatever it says. */
static inline bool json_parses(const char *s)
{
	s = json_value(json_space(s));
	return s && !*json_space(s);
}

static inline bool json_valid(const char *s)
{
	json_keep(s);
	return json_parses(s);
}

#endif
