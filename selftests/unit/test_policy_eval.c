// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a policy says about an access: specificity, bytes, values, masks.
 */
#include "policy_helper.h"

/* A write of a dword to a gap of 8086:10d3. */
static const struct vg_query gap_write = {
	.vendor = 0x8086,
	.device = 0x10d3,
	.subvendor = 0x1028,
	.subdevice = 0x1234,
	.class = 0x020000,
	.slot = VG_SLOT(0, 1, 0),
	.owner = "/machine.slice/vm1.scope",
	.offset = 0x80,
	.size = 4,
	.access = VG_WRITE,
	.where = VG_WHERE_UNASSIGNED,
};

/* The line of the rule that decides, 0 for a default. */
static unsigned int decided_by(const char *text, const struct vg_query *query,
			       enum vg_verdict *verdict)
{
	struct vg_answer answer;
	struct text_policy t;
	unsigned int line;

	text_parse(&t, text);
	assert_int_equal(t.err, 0);
	vg_policy_eval(&t.policy, query, &answer);
	line = answer.rule ? answer.rule->pos.line : 0;
	*verdict = answer.verdict;
	text_free(&t);
	return line;
}

static enum vg_verdict verdict_of(const char *text,
				  const struct vg_query *query)
{
	enum vg_verdict verdict;

	decided_by(text, query, &verdict);
	return verdict;
}

/* Each line is more specific than the one above; the order must not matter. */
static void specificity(void **state)
{
	static const char *const ladder[] = {
		"block w * any",
		"allow w *",
		"block w * unassigned",
		"allow w * 0x00-0xfff",
		"block w * 0x80-0x8f",
		"allow w * 0x80",
		"block w * 0x80 value=0x1",
		"allow w class=02",
		"block w class=0200",
		"allow w class=020000 any",
		"block w class=020000 0x80",
		"allow w 8086:*",
		"block w 8086:10d3 any",
		"allow w 8086:10d3",
		"block w 8086:10d3 0x80",
		"allow w subsys=1028:1234",
		"block w subsys=1028:1234 0x80",
		"allow w owner=/",
		"block w owner=/machine.slice",
		"allow w owner=/machine.slice/vm1.scope",
		"block w slot=01:00.0 any",
		"allow w slot=01:00.0 0x80",
	};
	size_t steps = sizeof(ladder) / sizeof(ladder[0]);
	struct vg_query query = gap_write;
	enum vg_verdict verdict;
	size_t top, i;

	(void)state;
	query.has_value = true;
	query.value = 1;
	for (top = 0; top < steps; top++) {
		char up[2048] = "", down[2048] = "";

		for (i = 0; i <= top; i++) {
			strcat(strcat(up, ladder[i]), "\n");
			strcat(strcat(down, ladder[top - i]), "\n");
		}
		assert_int_equal(decided_by(up, &query, &verdict), top + 1);
		assert_int_equal(verdict,
				 ladder[top][0] == 'b' ? VG_BLOCK : VG_ALLOW);
		assert_int_equal(decided_by(down, &query, &verdict), 1);
	}
}

static void scope_matches(void **state)
{
	static const char *const others[] = {
		"allow w 8086:10d4",
		"allow w 8087:*",
		"allow w class=03",
		"allow w class=0201",
		"allow w subsys=1028:1235",
		"allow w slot=01:00.1",
		"allow w slot=0001:01:00.0",
		"allow w slot=10000:01:00.0",
		"allow w owner=/machine",
		"allow w owner=/machine.slice/vm1",
		"allow w owner=/user.slice",
		"allow w owner=/machine.slice/vm1.scope/x",
	};
	struct vg_query unknown = gap_write;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(verdict_of(others[i], &gap_write), VG_BLOCK);

	/* What is not known matches no rule about it. */
	unknown.subvendor = 0;
	unknown.subdevice = 0;
	unknown.slot = VG_SLOT_NONE;
	unknown.owner = NULL;
	assert_int_equal(verdict_of("allow w subsys=0000:0000", &unknown),
			 VG_BLOCK);
	assert_int_equal(verdict_of("allow w owner=/", &unknown), VG_BLOCK);
	assert_int_equal(verdict_of("allow w slot=01:00.0", &unknown),
			 VG_BLOCK);
}

static void places(void **state)
{
	static const struct {
		const char *where;
		bool header, pm, vndr, vsec, gap;
	} cases[] = {
		{ "any", true, true, true, true, true },
		{ "", false, false, true, true, true },
		{ "header", true, false, false, false, false },
		{ "cap", false, true, false, false, false },
		{ "vendor", false, false, true, true, false },
		{ "unassigned", false, false, false, false, true },
		{ "cap=pm", false, true, false, false, false },
		{ "cap=msi", false, false, false, false, false },
		{ "cap=vndr", false, false, true, false, false },
		{ "cap=vsec", false, false, false, true, false },
		/* the same id in the other list */
		{ "ecap=0x001", false, false, false, false, false },
	};
	struct vg_query header = gap_write, pm = gap_write, vndr = gap_write;
	struct vg_query vsec = gap_write, gap = gap_write;
	size_t i;

	(void)state;
	header.offset = 0x10;
	header.where = VG_WHERE_HEADER;
	pm.where = VG_WHERE_CAPS;
	pm.cap = 0x01;
	vndr.where = VG_WHERE_VENDOR;
	vndr.cap = 0x09;
	vsec.where = VG_WHERE_VENDOR;
	vsec.cap = 0x0b;
	vsec.ext = true;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];

		/* The default is the opposite of the rule in every region. */
		snprintf(text, sizeof(text),
			 "default allow w unassigned\nblock w * %s\n",
			 cases[i].where);
		assert_int_equal(verdict_of(text, &header), cases[i].header);
		assert_int_equal(verdict_of(text, &pm), cases[i].pm);
		assert_int_equal(verdict_of(text, &vndr), cases[i].vndr);
		assert_int_equal(verdict_of(text, &vsec), cases[i].vsec);
		assert_int_equal(verdict_of(text, &gap), cases[i].gap);
	}
}

static void defaults(void **state)
{
	static const char text[] = "default block w unassigned\n"
				   "default block r vendor silent\n"
				   "default block w other\n";
	struct vg_query query = gap_write;
	struct vg_answer answer;
	struct text_policy t;

	(void)state;
	text_parse(&t, text);
	vg_policy_eval(&t.policy, &query, &answer);
	assert_int_equal(answer.verdict, VG_BLOCK);
	assert_int_equal(answer.region, VG_REGION_UNASSIGNED);
	assert_null(answer.rule);
	assert_true(answer.audit);
	query.where = VG_WHERE_VENDOR;
	vg_policy_eval(&t.policy, &query, &answer);
	assert_int_equal(answer.verdict, VG_ALLOW);
	assert_int_equal(answer.region, VG_REGION_VENDOR);
	query.access = VG_READ;
	vg_policy_eval(&t.policy, &query, &answer);
	assert_int_equal(answer.verdict, VG_BLOCK);
	assert_false(answer.audit);
	query.where = VG_WHERE_CAPS;
	vg_policy_eval(&t.policy, &query, &answer);
	assert_int_equal(answer.verdict, VG_ALLOW);
	assert_int_equal(answer.region, VG_REGION_OTHER);
	query.access = VG_WRITE;
	vg_policy_eval(&t.policy, &query, &answer);
	assert_int_equal(answer.verdict, VG_BLOCK);
	text_free(&t);
}

/* Monitor mode is not the rules' business. */
static void monitor_mode(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("mode monitor", &gap_write), VG_BLOCK);
}

/* An access is blocked when one of its bytes is. */
static void bytes(void **state)
{
	static const char text[] = "allow w 8086:10d3 0x80-0x81\n"
				   "allow w 8086:10d3 0x84-0x87\n"
				   "block w 8086:10d3 0x86-0x86\n";
	struct vg_query query = gap_write;
	enum vg_verdict verdict;

	(void)state;
	/* bytes 0x82 and 0x83 are left to the default */
	assert_int_equal(decided_by(text, &query, &verdict), 0);
	assert_int_equal(verdict, VG_BLOCK);
	query.size = 2;
	assert_int_equal(decided_by(text, &query, &verdict), 1);
	assert_int_equal(verdict, VG_ALLOW);
	query.offset = 0x82;
	assert_int_equal(verdict_of(text, &query), VG_BLOCK);
	query.offset = 0x84;
	assert_int_equal(decided_by(text, &query, &verdict), 2);
	assert_int_equal(verdict, VG_ALLOW);
	query.size = 4;
	assert_int_equal(decided_by(text, &query, &verdict), 3);
	assert_int_equal(verdict, VG_BLOCK);
	query.offset = 0x87;
	query.size = 1;
	assert_int_equal(verdict_of(text, &query), VG_ALLOW);
}

/* Of bytes with the same verdict, the reported one speaks for the access. */
static void bytes_audit(void **state)
{
	struct vg_query query = gap_write;
	struct vg_answer answer;
	struct text_policy t;

	(void)state;
	text_parse(&t, "allow w * 0x80-0x81\nallow w * 0x82-0x83 audit\n");
	vg_policy_eval(&t.policy, &query, &answer);
	assert_int_equal(answer.verdict, VG_ALLOW);
	assert_true(answer.audit);
	assert_int_equal(answer.rule->pos.line, 2);
	text_free(&t);
}

static enum vg_verdict write_of(const char *text, unsigned int offset,
				unsigned int size, __u32 value)
{
	struct vg_query query = gap_write;

	query.offset = offset;
	query.size = size;
	query.has_value = true;
	query.value = value;
	return verdict_of(text, &query);
}

#define OPEN "default allow w unassigned\n"

static void value_block(void **state)
{
	static const char reset[] = OPEN "block w * 0x7c value=0x39d5e86b";
	struct vg_query query = gap_write;

	(void)state;
	assert_int_equal(write_of(reset, 0x7c, 4, 0x39d5e86b), VG_BLOCK);
	assert_int_equal(write_of(reset, 0x7c, 4, 0x39d5e86a), VG_ALLOW);
	assert_int_equal(write_of(reset, 0x78, 4, 0x39d5e86b), VG_ALLOW);
	/* A part of the register: the rest may come later. */
	assert_int_equal(write_of(reset, 0x7c, 2, 0xe86b), VG_BLOCK);
	assert_int_equal(write_of(reset, 0x7e, 2, 0x39d5), VG_BLOCK);
	assert_int_equal(write_of(reset, 0x7f, 1, 0x39), VG_BLOCK);
	assert_int_equal(write_of(reset, 0x7c, 1, 0x00), VG_BLOCK);
	/* No value known: no value rule. */
	query.offset = 0x7c;
	assert_int_equal(verdict_of(reset, &query), VG_ALLOW);
}

static void value_allow(void **state)
{
	static const char retry[] = "allow w * 0x40-0x41 value=0";

	(void)state;
	assert_int_equal(write_of(retry, 0x40, 2, 0), VG_ALLOW);
	assert_int_equal(write_of(retry, 0x40, 2, 1), VG_BLOCK);
	/* A part does not show that the whole is allowed. */
	assert_int_equal(write_of(retry, 0x40, 1, 0), VG_BLOCK);
	assert_int_equal(write_of(retry, 0x41, 1, 0), VG_BLOCK);
	/* A value is more specific than none. */
	assert_int_equal(write_of("block w * 0x40\n"
				  "allow w * 0x40 value=0x1\n",
				  0x40, 4, 1),
			 VG_ALLOW);
	/* More than the register: the other bytes have no rule. */
	assert_int_equal(write_of(retry, 0x40, 4, 0), VG_BLOCK);
}

static void value_mask(void **state)
{
	static const char bit[] =
		OPEN "block w * 0x488 value=0x2000000/0x2000000";
	static const char byte[] = OPEN "block w * 0x42-0x42 value=0x80/0x80";
	static const char across[] =
		OPEN "block w * 0x46-0x49\n"
		     "allow w 8086:10d3 0x46-0x49 value=0x34/0xff";

	(void)state;
	assert_int_equal(write_of(bit, 0x488, 4, 0x02000000), VG_BLOCK);
	assert_int_equal(write_of(bit, 0x488, 4, 0xffffffff), VG_BLOCK);
	assert_int_equal(write_of(bit, 0x488, 4, 0xfdffffff), VG_ALLOW);
	/* The byte with the bit presents all the mask names. */
	assert_int_equal(write_of(bit, 0x48b, 1, 0x02), VG_BLOCK);
	assert_int_equal(write_of(bit, 0x48b, 1, 0x01), VG_ALLOW);
	assert_int_equal(write_of(bit, 0x48a, 2, 0x0100), VG_ALLOW);
	/* A byte without it: not told apart, blocked. */
	assert_int_equal(write_of(bit, 0x488, 1, 0x00), VG_BLOCK);
	/* A wider write that carries the byte at its place. */
	assert_int_equal(write_of(byte, 0x40, 4, 0x00800000), VG_BLOCK);
	assert_int_equal(write_of(byte, 0x40, 4, 0xff7fffff), VG_ALLOW);
	assert_int_equal(write_of(byte, 0x42, 2, 0x0080), VG_BLOCK);
	assert_int_equal(write_of(byte, 0x42, 2, 0x8000), VG_ALLOW);
	assert_int_equal(write_of(byte, 0x40, 2, 0x8080), VG_ALLOW);
	/* What the mask leaves out may lie in another dword. */
	assert_int_equal(write_of(across, 0x46, 1, 0x34), VG_ALLOW);
	assert_int_equal(write_of(across, 0x46, 2, 0x1234), VG_ALLOW);
	assert_int_equal(write_of(across, 0x46, 1, 0x35), VG_BLOCK);
	assert_int_equal(write_of(across, 0x48, 2, 0x0034), VG_BLOCK);
}

/*
 * Whatever aligned writes build it, the write that completes a blocked value
 * is blocked: each byte it presents is of the value.
 */
static void value_in_parts(void **state)
{
	static const char reset[] = OPEN "block w * 0x7c value=0x39d5e86b";
	static const __u8 target[4] = { 0x6b, 0xe8, 0xd5, 0x39 };
	unsigned int seed = 1, round;
	struct vg_answer answer;
	struct text_policy t;

	(void)state;
	text_parse(&t, reset);
	for (round = 0; round < 200000; round++) {
		static __u8 reg[4];
		struct vg_query query = gap_write;
		unsigned int i;

		seed = seed * 1103515245 + 12345;
		query.size = 1U << (seed >> 16) % 3;
		query.offset = 0x7c + ((seed >> 20 & 3) & ~(query.size - 1U));
		query.has_value = true;
		for (i = 0; i < query.size; i++) {
			seed = seed * 1103515245 + 12345;
			query.value |=
				(__u32)(seed >> 16 & 1 ? target[query.offset -
								0x7c + i] :
							 0)
				<< 8 * i;
		}
		vg_policy_eval(&t.policy, &query, &answer);
		if (answer.verdict == VG_BLOCK)
			continue;
		for (i = 0; i < query.size; i++)
			reg[query.offset - 0x7c + i] = query.value >> 8 * i;
		assert_memory_not_equal(reg, target, sizeof(reg));
	}
	text_free(&t);
}

/* A part of a register can match rules for different values: block wins. */
static void value_tie(void **state)
{
	static const char first[] = "allow w * 0x80 value=0x1/0x1\n"
				    "block w * 0x80 value=0x6\n";
	static const char last[] = "block w * 0x80 value=0x6\n"
				   "allow w * 0x80 value=0x1/0x1\n";

	(void)state;
	assert_int_equal(write_of(first, 0x80, 1, 0x01), VG_BLOCK);
	assert_int_equal(write_of(last, 0x80, 1, 0x01), VG_BLOCK);
	assert_int_equal(write_of(first, 0x80, 4, 0x01), VG_ALLOW);
	assert_int_equal(write_of(last, 0x80, 4, 0x06), VG_BLOCK);
}

static __u32 write_mask_of(const char *text, unsigned int offset,
			   unsigned int size)
{
	struct vg_query query = gap_write;
	struct vg_answer answer;
	struct text_policy t;

	query.offset = offset;
	query.size = size;
	text_parse(&t, text);
	assert_int_equal(t.err, 0);
	vg_policy_eval(&t.policy, &query, &answer);
	text_free(&t);
	return answer.write_mask;
}

static void write_masks(void **state)
{
	static const char dword[] = "allow w * 0x80 wmask=0x12345678";
	static const char byte[] = OPEN "allow w * 0x82-0x82 wmask=0x0f";

	(void)state;
	assert_int_equal(write_mask_of(dword, 0x80, 4), 0x12345678);
	assert_int_equal(write_mask_of(dword, 0x80, 2), 0x5678);
	assert_int_equal(write_mask_of(dword, 0x82, 2), 0x1234);
	assert_int_equal(write_mask_of(dword, 0x83, 1), 0x12);
	assert_int_equal(write_mask_of(byte, 0x80, 4), 0xff0fffff);
	assert_int_equal(write_mask_of(byte, 0x82, 1), 0x0f);
	assert_int_equal(write_mask_of(OPEN, 0x80, 2), 0xffff);
	/* nothing passes a block */
	assert_int_equal(write_mask_of("block w *", 0x80, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specificity),
		cmocka_unit_test(scope_matches),
		cmocka_unit_test(places),
		cmocka_unit_test(defaults),
		cmocka_unit_test(monitor_mode),
		cmocka_unit_test(bytes),
		cmocka_unit_test(bytes_audit),
		cmocka_unit_test(value_block),
		cmocka_unit_test(value_allow),
		cmocka_unit_test(value_mask),
		cmocka_unit_test(value_tie),
		cmocka_unit_test(value_in_parts),
		cmocka_unit_test(write_masks),
	};

	return cmocka_run_group_tests_name("policy_eval", tests, NULL, NULL);
}
