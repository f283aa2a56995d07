// SPDX-License-Identifier: GPL-2.0-only
/*
 * policy-diff - do the evaluator and the BPF program say the same?
 *
 * Usage: policy-diff SEED POLICIES QUERIES
 *
 * Makes random policies from a small stock of devices, places and options, so
 * that rules overlap; loads each, and asks both about random accesses: the
 * evaluator (vg_policy_eval()) from the text, the program (vg_ask_run()) from
 * the maps.  Prints the first differences with the policy, then a line
 * "SEED: N policies, N rules, N queries, N differences".
 *
 * Needs root and the patched vfio-pci-core.  Exit status: 0 if there was no
 * difference.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lint/lint.h"
#include "maps/ask.h"
#include "kernel/hook.h"
#include "util/pci_ids.h"

#define RULES 40
#define LINE 160
#define SHOWN 5

static uint64_t state;

/* xorshift64*: the same on every machine. */
static uint32_t random32(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL) >> 32;
}

static uint32_t below(uint32_t n)
{
	return random32() % n;
}

#define PICK(list) ((list)[below(sizeof(list) / sizeof((list)[0]))])

static const char *const scopes[] = {
	"*",	     "class=02",     "class=0200",   "class=020000",
	"class=03",  "1002:*",	     "8086:*",	     "1002:0001",
	"8086:0001", "8086:0002",    "8086:0002",    "subsys=1028:0001",
	"owner=/",   "owner=/a",     "owner=/a/b",   "owner=/a/b/c",
	"owner=/d",  "slot=01:00.0", "slot=02:00.0",
};

static const char *const places[] = {
	"",	      "any",	     "header",	  "cap",       "vendor",
	"unassigned", "unassigned",  "cap=msix",  "cap=vndr",  "ecap=aer",
	"ecap=dvsec", "0x40",	     "0x40",	  "0x41",      "0x40-0x41",
	"0x42-0x43",  "0x40-0x4f",   "0x44-0x45", "0x46-0x49", "0x48-0x4b",
	"0x3c-0x43",  "0x100-0x103", "0x100",	  "0x102",     "0x100-0x10f",
};

static const char *const registers[] = {
	"0x40",	     "0x41",	  "0x40-0x41", "0x42-0x43", "0x44-0x45",
	"0x46-0x49", "0x48-0x4b", "0x100",     "0x102",	    "0x102-0x103",
};

static const char *const owners[] = { NULL,   "/",	"/a",	      "/ab",
				      "/a/b", "/a/b/c", "/a/b/c/d/e", "/d/x" };

/* As many bytes as the register has, so that most of them parse. */
static unsigned int width(const char *place)
{
	unsigned int first, last;

	if (sscanf(place, "%x-%x", &first, &last) == 2)
		return last - first + 1;
	return first % 4 ? 1 : 4;
}

static uint32_t number(unsigned int bytes)
{
	static const uint32_t some[] = { 0,	  1,	      0x12,
					 0x1234,  0x12345678, 0xffffffff,
					 0xff00ff };

	return PICK(some) & (0xffffffffU >> (32 - 8 * bytes));
}

static void random_rule(char line[LINE])
{
	static const char *const accesses[] = { "r", "w", "w", "rw" };
	static const char *const reports[] = { "", "", " audit", " silent" };
	static const char *const reads[] = { "", "", " read=ones",
					     " read=last" };
	const char *verdict = below(2) ? "block" : "allow";
	const char *place = PICK(registers);
	unsigned int bytes = width(place);

	switch (below(5)) {
	case 0:
		snprintf(line, LINE, "%s w %s %s value=0x%x%s", verdict,
			 PICK(scopes), place, number(bytes), PICK(reports));
		break;
	case 1:
		snprintf(line, LINE, "%s w %s %s value=0x%x/0x%x", verdict,
			 PICK(scopes), place, number(bytes), number(bytes));
		break;
	case 2:
		snprintf(line, LINE, "allow w %s %s wmask=0x%x", PICK(scopes),
			 place, number(bytes));
		break;
	case 3:
		snprintf(line, LINE, "block r %s %s%s", PICK(scopes),
			 PICK(places), PICK(reads));
		if (below(4))
			break;
		snprintf(line, LINE, "block r %s %s read=0x%x", PICK(scopes),
			 place, number(bytes));
		break;
	default:
		snprintf(line, LINE, "%s %s %s %s%s", verdict, PICK(accesses),
			 PICK(scopes), PICK(places), PICK(reports));
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

/* Rule after rule; one that makes the policy wrong is left out. */
static char *random_policy(struct vg_policy *policy)
{
	static const char *const verdicts[] = { "allow", "block" };
	static const char *const regions[] = { "unassigned", "vendor",
					       "other" };
	char *text = calloc(1, (RULES + 6) * LINE), line[LINE];
	size_t len = 0;
	int i;

	if (!text)
		err(2, "policy");
	for (i = 0; i < 6; i++)
		len += sprintf(text + len, "default %s %c %s%s\n",
			       PICK(verdicts), i & 1 ? 'w' : 'r',
			       regions[i / 2], below(2) ? " audit" : "");
	for (i = 0; i < RULES; i++) {
		size_t n;

		random_rule(line);
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

static void random_query(struct vg_query *q)
{
	static const uint16_t offsets[] = { 0x3c, 0x40, 0x40,  0x44,
					    0x48, 0x4c, 0x100, 0x104 };
	static const uint8_t sizes[] = { 1, 2, 4, 4 };
	static const uint32_t classes[] = { 0x020000, 0x020000, 0x028000,
					    0x030000, 0x010802 };

	memset(q, 0, sizeof(*q));
	q->vendor = below(2) ? 0x1002 : 0x8086;
	q->device = 1 + below(3);
	q->subvendor = below(3) ? 0x1028 : 0;
	q->subdevice = 1 + below(2);
	q->class = PICK(classes);
	q->slot = below(3) ? VG_SLOT(0, 1 + below(2), 0) : VG_SLOT_NONE;
	q->owner = PICK(owners);
	q->size = PICK(sizes);
	q->offset = PICK(offsets) + below(4) / q->size * q->size;
	q->access = below(3) ? VG_WRITE : VG_READ;
	q->has_value = q->access == VG_WRITE && below(8);
	q->value = q->has_value ? number(q->size) : 0;
	q->ext = q->offset >= 0x100;
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

static bool differs(const struct vg_answer *a, const struct vg_ask *ask)
{
	return (a->verdict == VG_ALLOW) != (ask->verdict == VG_ALLOW) ||
	       a->audit != ask->audit ||
	       (!!a->rule != !!ask->line && ask->reason != VG_REASON_DEVICE &&
		ask->reason != VG_REASON_VENDOR) ||
	       a->write_mask !=
		       (ask->access == VG_WRITE ? ask->write_mask : 0) ||
	       a->read_value != ask->read_data ||
	       a->read_last != ask->read_last ||
	       a->by_default != ask->by_default;
}

static void show(const char *text, const struct vg_query *q,
		 const struct vg_answer *a, const struct vg_ask *ask)
{
	printf("%s%04x:%04x sub %04x:%04x class %06x slot %llx owner %s\n"
	       "%s %#x.%u value %d %#x where %d cap %#x\n"
	       "evaluator: %d audit %d line %u mask %#x read %#x/%#x default %d\n"
	       "program: %d audit %d line %u mask %#x read %#x/%#x default %d "
	       "reason %d\n",
	       text, q->vendor, q->device, q->subvendor, q->subdevice, q->class,
	       q->slot, q->owner ? q->owner : "-", q->access ? "w" : "r",
	       q->offset, q->size, q->has_value, q->value, q->where, q->cap,
	       a->verdict, a->audit, a->rule ? a->rule->pos.line : 0,
	       a->write_mask, a->read_value, a->read_last, a->by_default,
	       ask->verdict, ask->audit, ask->line, ask->write_mask,
	       ask->read_data, ask->read_last, ask->by_default, ask->reason);
}

static unsigned long compare(const struct vg_policy *policy, const char *text,
			     unsigned long queries)
{
	struct vg_store store = VG_STORE_CLOSED;
	unsigned long differences = 0;
	static int shown;

	if (vg_store_open(&store))
		exit(2);
	while (queries--) {
		struct vg_answer answer;
		struct vg_query query;
		struct vg_ask ask;

		random_query(&query);
		vg_policy_eval(policy, &query, &answer);
		if (vg_ask_run(&store, &query, &ask))
			err(2, "ask");
		if (!differs(&answer, &ask))
			continue;
		differences++;
		if (shown++ < SHOWN)
			show(text, &query, &answer, &ask);
	}
	vg_store_close(&store);
	return differences;
}

int main(int argc, char **argv)
{
	unsigned long policies, queries, rules = 0, differences = 0, i;
	struct vg_policy policy;
	struct vg_hook hook;

	if (argc != 4)
		errx(2, "usage: policy-diff SEED POLICIES QUERIES");
	state = strtoull(argv[1], NULL, 0) * 2 + 1;
	policies = strtoul(argv[2], NULL, 0);
	queries = strtoul(argv[3], NULL, 0);
	vg_pci_ids_off();
	if (vg_hook_probe(&hook))
		return 2;
	for (i = 0; i < policies; i++) {
		char *text = random_policy(&policy);

		rules += policy.nr_rules;
		if (vg_store_load(&policy, &hook))
			errx(2, "not loaded:\n%s", text);
		differences += compare(&policy, text, queries);
		vg_policy_free(&policy);
		free(text);
	}
	printf("%s: %lu policies, %lu rules, %lu queries, %lu differences\n",
	       argv[1], policies, rules, policies * queries, differences);
	return differences ? 1 : 0;
}
