// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lint/lint.h"
#include "random.h"

#define LINE 160
#define HEAD 10 /* lines before the rules */

static uint64_t state;

void random_seed(uint64_t seed)
{
	state = seed * 2 + 1;
	/* Seeds that are near each other are not alike. */
	random32();
	random32();
}

/* xorshift64* */
uint32_t random32(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL) >> 32;
}

uint32_t below(uint32_t n)
{
	return random32() % n;
}

static const char *const scopes[] = {
	"*",
	"class=02",
	"class=0200",
	"class=020000",
	"class=03",
	"1002:*",
	"8086:*",
	"1002:0001",
	"8086:0001",
	"8086:0002",
	"8086:0002",
	"subsys=1028:0001",
	"owner=/",
	"owner=/a",
	"owner=/a/b",
	"owner=/a/b/c",
	"owner=/d",
	"slot=01:00.0",
	"slot=02:00.0",
	"slot=0001:01:00.0",
	"slot=10000:01:00.0",
};

/* Without owners a policy can be kept as plans. */
static const char *scope(bool owners)
{
	const char *picked;

	do
		picked = PICK(scopes);
	while (!owners && picked[0] == 'o');
	return picked;
}

static const char *const places[] = {
	"",	      "any",	     "header",	  "cap",       "vendor",
	"unassigned", "unassigned",  "cap=msix",  "cap=vndr",  "ecap=aer",
	"ecap=dvsec", "0x40",	     "0x40",	  "0x41",      "0x40-0x41",
	"0x42-0x43",  "0x40-0x4f",   "0x44-0x45", "0x46-0x49", "0x48-0x4b",
	"0x3c-0x43",  "0x100-0x103", "0x100",	  "0x102",     "0x100-0x10f",
};

static const char *const registers[] = {
	"0x40",	     "0x41",	  "0x40-0x41",	 "0x42-0x43",
	"0x44-0x45", "0x46-0x49", "0x47-0x48",	 "0x48-0x4b",
	"0x100",     "0x102",	  "0x102-0x103",
};

/* As many bytes as the register has, so that most of them parse. */
static unsigned int width(const char *place)
{
	unsigned int first, last;

	if (sscanf(place, "%x-%x", &first, &last) == 2)
		return last - first + 1;
	return first % 4 ? 1 : 4;
}

uint32_t random_class(void)
{
	static const uint32_t classes[] = { 0x020000, 0x020000, 0x028000,
					    0x030000, 0x010802 };

	return PICK(classes);
}

uint32_t random_value(unsigned int bytes)
{
	static const uint32_t some[] = { 0,	     1,		 0x12,
					 0x1234,     0x12345678, 0xffffffff,
					 0xff00ff,   0xff,	 0xffff,
					 0xffff0000, 0x120034 };

	return PICK(some) & (0xffffffffU >> (32 - 8 * bytes));
}

static void random_rule(char line[LINE], bool owners)
{
	static const char *const accesses[] = { "r", "w", "w", "rw" };
	static const char *const reports[] = {
		"", "", " audit", " silent", " key=one", " key=two"
	};
	static const char *const reads[] = { "", "", " read=ones",
					     " read=last" };
	const char *verdict = below(2) ? "block" : "allow";
	const char *place = PICK(registers), *device = scope(owners);
	unsigned int bytes = width(place);

	switch (below(5)) {
	case 0:
		snprintf(line, LINE, "%s w %s %s value=0x%x%s", verdict, device,
			 place, random_value(bytes), PICK(reports));
		break;
	case 1:
		snprintf(line, LINE, "%s w %s %s value=0x%x/0x%x", verdict,
			 device, place, random_value(bytes),
			 random_value(bytes));
		break;
	case 2:
		snprintf(line, LINE, "allow w %s %s wmask=0x%x", device, place,
			 random_value(bytes));
		break;
	case 3:
		snprintf(line, LINE, "block r %s %s%s", device, PICK(places),
			 PICK(reads));
		if (below(4))
			break;
		snprintf(line, LINE, "block r %s %s read=0x%x", device, place,
			 random_value(bytes));
		break;
	default:
		snprintf(line, LINE, "%s %s %s %s%s", verdict, PICK(accesses),
			 device, PICK(places), PICK(reports));
	}
}

static int parse(const char *text, struct vg_policy *policy)
{
	struct vg_findings findings = {};
	int ret;

	ret = vg_policy_parse("random", text, strlen(text), policy, &findings);
	if (!ret)
		ret = vg_policy_lint(policy, &findings);
	vg_findings_free(&findings);
	return ret;
}

static size_t head(char *text)
{
	static const char *const verdicts[] = { "allow", "block" };
	static const char *const regions[] = { "unassigned", "vendor",
					       "other" };
	/* Most say nothing of the rest, so that it is not asked about. */
	unsigned int i, last = below(2) ? 6 : 4;
	size_t len = 0;

	for (i = 0; i < last; i++)
		len += sprintf(text + len, "default %s %c %s%s\n",
			       PICK(verdicts), i & 1 ? 'w' : 'r',
			       regions[i / 2], below(2) ? " audit" : "");
	if (!below(4))
		len += sprintf(text + len, "mode monitor\n");
	len += sprintf(text + len, "rate %u burst %u\n", below(3),
		       below(2) ? 1 + below(4) : 100);
	return len;
}

/* Rule after rule; one that makes the policy wrong is left out. */
char *random_policy(struct vg_policy *policy, unsigned int rules)
{
	char *text = calloc(1, (rules + HEAD) * LINE), line[LINE];
	bool owners = below(2);
	size_t len, n;

	if (!text)
		err(2, "policy");
	len = head(text);
	while (rules--) {
		random_rule(line, owners);
		n = sprintf(text + len, "%s\n", line);
		if (parse(text, policy))
			text[len] = '\0';
		else
			len += n;
		vg_policy_free(policy);
	}
	if (parse(text, policy))
		errx(2, "no policy:\n%s", text);
	return text;
}

char *random_edit(const char *text, struct vg_policy *policy)
{
	static const char *const devices[] = { "8086:*", "8086:0001",
					       "8086:0002", "1002:*",
					       "1002:0001" };
	char *edited;

	if (asprintf(&edited, "%s%s %s %s\n", text,
		     below(2) ? "allow" : "block",
		     below(2) ? "w" :
		     below(2) ? "r" :
				"rw",
		     PICK(devices)) < 0)
		err(2, "policy");
	if (!parse(edited, policy))
		return edited;
	vg_policy_free(policy);
	free(edited);
	return NULL;
}

void random_access(struct vg_query *q)
{
	static const uint16_t offsets[] = { 0x3c, 0x40, 0x40,  0x44,  0x44,
					    0x48, 0x4c, 0x100, 0x104, 0xa0 };
	static const uint8_t sizes[] = { 1, 2, 4, 4 };

	q->size = PICK(sizes);
	q->offset = below(16) ? PICK(offsets) : below(1024) * 4;
	q->offset += below(4) / q->size * q->size;
	q->access = below(3) ? VG_WRITE : VG_READ;
	q->has_value = q->access == VG_WRITE;
	q->value = q->has_value ? random_value(q->size) : 0;
	q->ext = q->offset >= 0x100;
	q->cap = 0;
	if (q->offset < 0x40) {
		q->where = VG_WHERE_HEADER;
	} else if (below(2)) {
		q->where = VG_WHERE_UNASSIGNED;
	} else if (below(2)) {
		q->where = VG_WHERE_VENDOR;
		q->cap = q->ext ? 0x23 : 0x09;
	} else {
		q->where = VG_WHERE_CAPS;
		q->cap = q->ext ? 0x01 : 0x11;
	}
}
