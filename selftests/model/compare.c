// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "answer/explain.h"
#include "bpf/core/access.h"
#include "compare.h"
#include "loader.h"

#define CHECK(what, good)            \
	do {                         \
		if (!(good))         \
			return what; \
	} while (0)

static __u32 region_of(const struct vg_query *q)
{
	switch (q->where) {
	case VG_WHERE_HEADER:
		return REGION_HEADER;
	case VG_WHERE_VENDOR:
		return REGION_VENDOR;
	case VG_WHERE_UNASSIGNED:
		return REGION_UNASSIGNED;
	default:
		return q->ext ? REGION_EXT_CAP : REGION_CAP;
	}
}

/* An entry of the allow list is a rule too, for `unassigned and vendor`. */
static bool in_list(const struct vg_rule *rule, enum vg_reason reason)
{
	return rule && rule->where.kind == VG_WHERE_GUARDED &&
	       rule->scope.kind == (reason == VG_REASON_DEVICE ?
					    VG_SCOPE_DEVICE :
					    VG_SCOPE_VENDOR);
}

static const char *name_of(const struct vg_entries *names, __u32 index,
			   size_t len)
{
	return index < names->nr ? (char *)names->values + index * len : "";
}

static const char *compare_rule(const struct vg_event *e,
				const struct expected *x)
{
	if (e->reason == VG_REASON_DEVICE || e->reason == VG_REASON_VENDOR) {
		CHECK("event: an entry decided", in_list(x->rule, e->reason));
		CHECK("event: line of an entry", !e->line && !e->key);
		return NULL;
	}
	CHECK("event: reason", e->reason == x->reason);
	if (e->reason != VG_REASON_RULE) {
		CHECK("event: no rule", !e->line && !e->key && !e->scope);
		return NULL;
	}
	CHECK("event: line", e->line == x->rule->pos.line);
	CHECK("event: scope", e->scope == x->rule->scope.kind);
	CHECK("event: key",
	      !strcmp(name_of(&model_compiled->key_names, e->key, VG_KEY_LEN),
		      x->rule->key));
	CHECK("event: file",
	      !strcmp(name_of(&model_compiled->files, e->file, VG_FILE_LEN),
		      x->rule->pos.file));
	return NULL;
}

static const char *compare_event(const struct model_access *access,
				 const struct expected *x)
{
	const struct model_process *process = model_now.process;
	const struct pci_dev *pdev = access->device->pdev;
	const struct vg_event *e = &model_now.event;
	const struct vg_query *q = access->query;

	CHECK("event: time", e->time == model_now.boot_ns);
	CHECK("event: slot", e->slot == access->device->slot);
	CHECK("event: ids",
	      e->vendor == pdev->vendor && e->device == pdev->device);
	CHECK("event: place", e->offset == q->offset && e->size == q->size);
	CHECK("event: direction", e->access == q->access);
	CHECK("event: verdict", e->verdict == x->verdict);
	CHECK("event: region", e->region == region_of(q));
	CHECK("event: capability",
	      e->cap == (q->where == VG_WHERE_UNASSIGNED ? 0xff : q->cap));
	CHECK("event: native", e->native == access->native);
	CHECK("event: data", e->data == (q->access == VG_WRITE ? q->value : 0));
	CHECK("event: unreported", e->unreported == x->unreported);
	CHECK("event: generation",
	      e->generation == model_program_config()->generation);
	CHECK("event: cgroup", e->cgroup == process->cgroup->kn->id);
	CHECK("event: process",
	      e->tgid == (__u32)process->task.tgid && e->pid == process->pid);
	CHECK("event: user",
	      e->uid == process->task.cred->uid.val &&
		      e->loginuid == process->task.loginuid.val &&
		      e->sessionid == process->task.sessionid);
	CHECK("event: comm", !memcmp(e->comm, process->task.comm, VG_COMM_LEN));
	return compare_rule(e, x);
}

static const char *compare_asked(const struct model_access *access,
				 const struct expected *x, bool event)
{
	const struct vg_query *q = access->query;
	const struct vg_device *device;

	CHECK("verdict", access->passes == x->passes);
	if (q->access == VG_WRITE && x->passes)
		CHECK("data written",
		      access->data == x->data && access->keep == x->keep);
	/* What the kernel's own filter blocks reads as zeros there. */
	if (q->access == VG_READ && !x->passes && x->reason != VG_REASON_NATIVE)
		CHECK("data read", access->data == x->data);
	CHECK("event", event == (x->how == VG_REPORT_SENT));
	CHECK("the kernel's record", access->audit == x->kernel_audit);
	device = model_program_device(access->device);
	CHECK("entry of the device", device);
	CHECK("counters",
	      !memcmp(device->counts,
		      oracle_slots[access->device - model_devices].counts,
		      sizeof(device->counts)));
	return event ? compare_event(access, x) : NULL;
}

const char *compare_access(struct model_access *access,
			   struct expected *expected)
{
	unsigned long events = model_now.events;

	model_program_access(access);
	if (access->asked) {
		oracle_access(access, expected);
		return compare_asked(access, expected,
				     model_now.events != events);
	}
	/* Then the policy may say nothing. */
	memset(expected, 0, sizeof(*expected));
	vg_policy_eval(oracle.policy, access->query, &expected->answer);
	CHECK("not asked, and it blocks", expected->answer.verdict == VG_ALLOW);
	CHECK("not asked, and it reports", !expected->answer.audit);
	CHECK("not asked, and it masks",
	      access->query->access == VG_READ ||
		      expected->answer.write_mask ==
			      0xffffffffU >> (32 - 8 * access->query->size));
	return NULL;
}

/* The policy as written says the same as the one that is loaded. */
static const char *compare_explained(const struct vg_explained *loaded,
				     const struct vg_explained *written,
				     enum vg_access access)
{
	CHECK("explain: rules", loaded->rules_say == written->rules_say);
	CHECK("explain: audit", loaded->audit == written->audit);
	CHECK("explain: mask",
	      access == VG_READ || loaded->write_mask == written->write_mask);
	CHECK("explain: read", loaded->read_value == written->read_value &&
				       loaded->read_last == written->read_last);
	if (!oracle.learn)
		CHECK("explain: verdict", loaded->verdict == written->verdict);
	if (loaded->asked && loaded->why.reason == VG_REASON_RULE)
		CHECK("explain: line",
		      loaded->why.line == written->why.line &&
			      !strcmp(loaded->why.key, written->why.key));
	return NULL;
}

const char *compare_explain(const struct vg_compiled *compiled,
			    const struct model_access *access,
			    struct vg_explained *said)
{
	struct vg_question question = { .query = *access->query };
	struct vg_loaded loaded = {
		.config = *model_program_config(),
		.scope_kinds = compiled->scope_kinds,
		.rules = compiled->rules,
		.owners = compiled->owners,
	};
	struct vg_explained by_maps, by_text;
	struct vg_store store;
	const char *why;

	model_store(&store);
	model_native = VG_NATIVE_OPEN;
	vg_explain_policy(oracle.policy, &question, &by_text);
	vg_explain_loaded(&store, &loaded, &model_hook, &question, &by_maps);
	why = compare_explained(&by_maps, &by_text, access->query->access);
	if (why)
		return why;

	/* Of a write whose value nobody gave. */
	question.query.has_value = false;
	vg_explain_policy(oracle.policy, &question, &by_text);
	vg_explain_loaded(&store, &loaded, &model_hook, &question, &by_maps);
	why = compare_explained(&by_maps, &by_text, access->query->access);
	if (why)
		return why;

	question.query = *access->query;
	model_native = access->native == MODEL_VFIO_PCI_CONFIG_BLOCK ?
			       VG_NATIVE_BLOCK :
			       VG_NATIVE_OPEN;
	vg_explain_loaded(&store, &loaded, &model_hook, &question, said);
	return NULL;
}

const char *compare_said(const struct vg_explained *said,
			 const struct model_access *access,
			 const struct expected *expected)
{
	enum vg_reason reason = said->why.reason;

	CHECK("explain: asked", said->asked == access->asked);
	CHECK("explain: blocked",
	      (said->verdict == VG_BLOCK) == !access->passes);
	if (!access->asked)
		return NULL;
	CHECK("explain: what becomes of it",
	      said->verdict == expected->verdict);
	CHECK("explain: reported", said->audit == expected->audit);
	if (reason == VG_REASON_DEVICE || reason == VG_REASON_VENDOR)
		CHECK("explain: entry", in_list(expected->rule, reason));
	else
		CHECK("explain: reason", reason == expected->reason);
	return NULL;
}
