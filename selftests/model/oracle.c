// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "oracle.h"

#define HOUR (3600 * 1000000000ULL)
#define DAEMON_SILENT (15 * 1000000000ULL)
#define NOBODY VG_SEEN_OWNERS

struct oracle oracle;
struct oracle_slot oracle_slots[MODEL_DEVICES];

struct last_key {
	__u64 slot;
	__u32 dword;
	__u32 tgid;
};

/* What was learnt, by the key of map "learned". */
struct learnt {
	__u64 count;
	__u64 blocked;
	__u32 nr; /* different values, up to one more than there is room for */
	__u32 values[VG_LEARN_VALUES + 1];
};

static struct model_map *last, *learnt;

void oracle_init(void)
{
	last = model_map_new("last", false, true, sizeof(struct last_key),
			     sizeof(__u32), 0);
	learnt = model_map_new("learnt", false, true,
			       sizeof(struct vg_learn_key),
			       sizeof(struct learnt), 0);
}

void oracle_edit(const struct vg_policy *policy)
{
	oracle.policy = policy;
}

void oracle_load(const struct vg_policy *policy, bool learn)
{
	size_t i;

	oracle.policy = policy;
	oracle.learn = learn;
	oracle.mode = learn ? VG_MODE_MONITOR : policy->mode;
	oracle.damaged = false;
	oracle.uses_last = false;
	oracle.has_owners = false;
	for (i = 0; i < policy->nr_rules; i++) {
		const struct vg_rule *rule = &policy->rules[i];

		oracle.uses_last |= rule->read == VG_READ_LAST;
		oracle.has_owners |= rule->scope.kind == VG_SCOPE_OWNER;
	}
	model_map_clear(last);
}

bool oracle_hidden(void)
{
	if (!oracle.has_owners)
		return false;
	/* The root has no name. */
	return oracle.no_paths || (model_now.names_unreadable &&
				   strcmp(model_now.process->owner, "/"));
}

/* --- The verdict ------------------------------------------------------------- */

static __u32 last_written(const struct model_access *access, __u32 bits)
{
	const struct vg_query *q = access->query;
	struct last_key key = {
		.slot = access->device->slot,
		.dword = q->offset & ~3U,
		.tgid = model_now.process->task.tgid,
	};
	__u32 *found = model_map_lookup(last, &key);

	return found ? *found >> 8 * (q->offset % 4) & bits : 0;
}

static void keep_written(const struct model_access *access)
{
	const struct vg_query *q = access->query;
	struct last_key key = {
		.slot = access->device->slot,
		.dword = q->offset & ~3U,
		.tgid = model_now.process->task.tgid,
	};
	__u32 shift = 8 * (q->offset % 4), *found, value;
	__u32 bits = (0xffffffffU >> (32 - 8 * q->size)) << shift;

	found = model_map_lookup(last, &key);
	value = (found ? *found & ~bits : 0) | (q->value << shift & bits);
	model_map_update(last, &key, &value, BPF_ANY);
}

static void expect_verdict(const struct model_access *access,
			   struct expected *e)
{
	const struct vg_query *q = access->query;
	enum vg_mode mode = oracle.damaged ? VG_MODE_ENFORCE : oracle.mode;
	bool left; /* to the module parameters */

	vg_policy_eval(oracle.policy, q, &e->answer);
	if (oracle.damaged || oracle_hidden()) {
		memset(&e->answer, 0, sizeof(e->answer));
		e->answer.verdict = VG_BLOCK;
		e->answer.audit = true;
	}
	e->verdict = e->answer.verdict;
	e->audit = e->answer.audit;
	e->rule = e->answer.rule;
	e->reason = e->rule ? VG_REASON_RULE : VG_REASON_DEFAULT;
	left = e->verdict == VG_ALLOW && e->answer.by_default;
	if (e->verdict == VG_BLOCK && mode == VG_MODE_MONITOR) {
		e->verdict = VG_WOULD_BLOCK;
		left = true;
	}
	if (q->access == VG_WRITE)
		e->data = q->value;
	else
		e->data = e->answer.read_value |
			  last_written(access, e->answer.read_last);
	e->keep = q->access == VG_WRITE && e->verdict == VG_ALLOW &&
				  mode == VG_MODE_ENFORCE ?
			  ~e->answer.write_mask & ~0U >> (32 - 8 * q->size) :
			  0;
	if (left && access->native == MODEL_VFIO_PCI_CONFIG_BLOCK) {
		e->verdict = VG_BLOCK;
		e->audit = true;
		e->reason = VG_REASON_NATIVE;
		e->rule = NULL;
	}
	e->passes = e->verdict != VG_BLOCK;
}

/* --- The report -------------------------------------------------------------- */

static bool take_token(struct oracle_slot *s)
{
	__u64 full = (__u64)oracle.policy->burst * 1024;
	__u64 passed = model_now.boot_ns - s->refilled;
	bool never = !s->refilled;

	s->refilled = model_now.boot_ns;
	if (never || passed > HOUR)
		s->tokens = full;
	else
		s->tokens += passed / ORACLE_STEP * oracle.policy->rate;
	if (s->tokens > full)
		s->tokens = full;
	if (s->tokens < 1024)
		return false;
	s->tokens -= 1024;
	return true;
}

static unsigned int owner_of(const struct oracle_slot *s, __u32 tgid)
{
	unsigned int i;

	for (i = 0; i < VG_SEEN_OWNERS && s->tgids[i] != tgid; i++)
		;
	return i;
}

static unsigned int new_owner(struct oracle_slot *s, __u32 tgid)
{
	unsigned int owner = s->next++ % VG_SEEN_OWNERS;

	s->tgids[owner] = tgid;
	memset(s->seen[owner], 0, sizeof(s->seen[owner]));
	return owner;
}

static void expect_event(struct oracle_slot *s, struct expected *e,
			 unsigned int index)
{
	__u32 tgid = model_now.process->task.tgid;
	unsigned int owner = owner_of(s, tgid);
	bool first = !s->known[index];

	if (owner != NOBODY && s->seen[owner][index]) {
		e->how = VG_REPORT_FOLDED;
		return;
	}
	if (oracle.damaged) {
		e->how = VG_REPORT_LIMITED;
		e->kernel_audit = true;
		return;
	}
	if (!first && !take_token(s)) {
		e->how = VG_REPORT_LIMITED;
		return;
	}
	if (owner == NOBODY)
		owner = new_owner(s, tgid);
	if (model_now.ring_full) {
		/* It was for nothing. */
		s->tokens += first ? 0 : 1024;
		e->how = VG_REPORT_RING_FULL;
		e->kernel_audit = true;
		return;
	}
	s->known[index] = true;
	s->seen[owner][index] = true;
	e->how = VG_REPORT_SENT;
	e->kernel_audit = model_now.boot_ns - oracle.beat > DAEMON_SILENT;
	e->unreported = s->unreported;
	s->unreported = 0;
}

/* Another device where one was removed. */
static void expect_device(struct oracle_slot *s, const void *pdev)
{
	if (s->pdev == pdev)
		return;
	s->pdev = pdev;
	memset(s->tgids, 0, sizeof(s->tgids));
	memset(s->known, 0, sizeof(s->known));
}

static void expect_report(const struct model_access *access, struct expected *e)
{
	struct oracle_slot *s = &oracle_slots[access->device - model_devices];
	const struct vg_query *q = access->query;

	expect_device(s, access->device->pdev);
	e->how = VG_REPORT_SILENT;
	if (e->audit)
		expect_event(s, e,
			     (q->offset / 4 * VG_ACCESSES + q->access) *
					     VG_VERDICTS +
				     e->verdict);
	if (e->how != VG_REPORT_SILENT && e->how != VG_REPORT_SENT)
		s->unreported++;
	s->counts[q->access][e->verdict][e->how]++;
}

/* --- Learning ---------------------------------------------------------------- */

static void keep_learnt(const struct model_access *access,
			const struct expected *e)
{
	const struct vg_query *q = access->query;
	struct vg_learn_key key = {
		.cgroup = model_cgroup_id(),
		.slot = access->device->slot,
		.vendor = access->device->pdev->vendor,
		.device = access->device->pdev->device,
		.offset = q->offset,
		.size = q->size,
		.access = q->access,
	};
	struct learnt none = {}, *l;
	unsigned int i;

	model_map_update(learnt, &key, &none, BPF_NOEXIST);
	l = model_map_lookup(learnt, &key);
	l->count++;
	l->blocked += e->verdict != VG_ALLOW;
	if (q->access == VG_READ)
		return;
	for (i = 0; i < l->nr; i++)
		if (l->values[i] == q->value)
			return;
	if (l->nr <= VG_LEARN_VALUES)
		l->values[l->nr++] = q->value;
}

static void compare_learnt(const void *key, void *value, void *context)
{
	const struct vg_learned *got;
	const struct learnt *l = value;
	const char **why = context;
	unsigned int i;

	got = model_map_lookup(model_program_map("learned"), key);
	if (!got)
		*why = "an access was not learnt";
	else if (got->count != l->count)
		*why = "accesses that were learnt";
	else if (got->blocked != l->blocked)
		*why = "blocked accesses that were learnt";
	else if ((got->taken & 0xffff) != l->nr)
		*why = "how many values were learnt";
	else
		for (i = 0; i < l->nr && i < VG_LEARN_VALUES; i++)
			if (got->values[i] != l->values[i] ||
			    !(got->taken & 1U << (16 + i)))
				*why = "a value that was learnt";
}

const char *oracle_learned(void)
{
	const char *why = NULL;

	model_map_walk(learnt, compare_learnt, &why);
	if (learnt->nr != model_program_map("learned")->nr)
		why = "how much was learnt";
	/* Both begin anew, as with `vfioguard learn clear`. */
	model_map_clear(learnt);
	model_map_clear(model_program_map("learned"));
	return why;
}

void oracle_access(const struct model_access *access, struct expected *expected)
{
	memset(expected, 0, sizeof(*expected));
	expect_verdict(access, expected);
	expect_report(access, expected);
	if (oracle.uses_last && access->query->access == VG_WRITE)
		keep_written(access);
	if (oracle.learn)
		keep_learnt(access, expected);
}
