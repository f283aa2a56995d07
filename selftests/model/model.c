// SPDX-License-Identifier: GPL-2.0-only
/*
 * model - the BPF program in user space, held against evaluator and explain.
 *
 * Usage: model SEED POLICIES [ACCESSES]
 *
 * Loads random policies one after the other, as reloads do, and makes random
 * accesses under each (400), while the clock goes on, the allow list is edited,
 * devices are replaced, the ring buffer fills up and maps are damaged.  After
 * each access all is compared: what comes of it, the event, every counter.
 *
 * Prints TAP, and how much was done.  The first difference ends it: then it
 * prints the policy and the access, and exits with 1.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare.h"
#include "loader.h"
#include "random.h"
#include "util/pci_ids.h"

#define RULES 40

struct run {
	char *text; /* of the policy in force */
	struct vg_policy policy;
	struct vg_compiled compiled;
	bool native[VG_ACCESSES]; /* the module parameters block */
	unsigned long policies;
	unsigned long accesses;
	unsigned long edits;
	unsigned long explained;
};

static void tick(void)
{
	model_now.jiffies++;
	/* A second, or none, or an hour. */
	model_now.boot_ns += ORACLE_STEP * below(2048);
	if (!below(200))
		model_now.boot_ns += ORACLE_STEP * 1024 * 3601;
}

static void compile(const struct vg_policy *policy, struct vg_compiled *out)
{
	if (vg_compile(policy, &model_hook, out))
		errx(2, "a policy that lint passes does not compile");
}

static void load(struct run *run)
{
	bool learn = !below(8);

	/* Some with hardly a rule but those of the allow list. */
	run->text =
		random_policy(&run->policy, 1 + below(below(3) ? RULES : 3));
	compile(&run->policy, &run->compiled);
	model_program_load(&run->compiled, learn);
	/* As of a locked policy: whoever edits it, the kernel refuses. */
	model_now.frozen = !below(4);
	oracle_load(&run->policy, learn);
	model_compiled = &run->compiled;
	run->native[VG_READ] = !below(4);
	run->native[VG_WRITE] = !below(3);
	run->policies++;
}

static void unload(struct run *run)
{
	vg_compiled_free(&run->compiled);
	vg_policy_free(&run->policy);
	free(run->text);
}

static bool same(const struct vg_entries *one, const struct vg_entries *two,
		 size_t key, size_t value)
{
	return one->nr == two->nr &&
	       !memcmp(one->keys, two->keys, one->nr * key) &&
	       !memcmp(one->values, two->values, one->nr * value);
}

/* The allow list as `vfioguard allow` changes it: nothing else does. */
static void edit(struct run *run)
{
	struct vg_compiled compiled;
	struct vg_policy policy;
	char *text;

	if (model_now.frozen)
		return;
	text = random_edit(run->text, &policy);
	if (!text)
		return;
	compile(&policy, &compiled);
	if (!same(&compiled.rules, &run->compiled.rules,
		  sizeof(struct vg_rule_key), sizeof(struct vg_map_rule)) ||
	    !same(&compiled.scopes, &run->compiled.scopes,
		  sizeof(struct vg_scope_key), sizeof(__u64))) {
		vg_compiled_free(&compiled);
		vg_policy_free(&policy);
		free(text);
		return;
	}
	unload(run);
	run->text = text;
	run->policy = policy;
	run->compiled = compiled;
	model_program_edit(&run->compiled);
	oracle_edit(&run->policy);
	run->edits++;
	/* It holds from the next tick on. */
	tick();
}

/* Each holds for whole ticks, as what the program keeps does. */
static void damage(void)
{
	switch (below(3)) {
	case 0:
		if (model_now.frozen)
			break;
		oracle.damaged = !oracle.damaged;
		model_program_config()->schema ^= 1;
		break;
	case 1:
		model_now.names_unreadable = !model_now.names_unreadable;
		break;
	default:
		oracle.no_paths = !oracle.no_paths;
		model_program_take_paths(oracle.no_paths);
	}
	tick();
}

static void mend(void)
{
	if (oracle.damaged)
		model_program_config()->schema = VG_SCHEMA;
	oracle.damaged = false;
	model_now.names_unreadable = false;
	oracle.no_paths = false;
	model_program_take_paths(false);
	tick();
}

static void something_happens(struct run *run)
{
	__u32 zero = 0;

	if (!below(8))
		tick();
	switch (below(256)) {
	case 0:
		model_replug(&PICK(model_devices));
		break;
	case 1:
	case 2:
		edit(run);
		break;
	case 3:
		damage();
		break;
	case 4:
	case 5:
	case 6:
		mend();
		break;
	case 7:
	case 8:
		model_now.ring_full = !model_now.ring_full;
		break;
	case 9:
	case 10:
		oracle.beat = model_now.boot_ns;
		*(__u64 *)model_map_lookup(model_program_map("heartbeat"),
					   &zero) = oracle.beat;
	}
}

static void random_native(const struct run *run, struct model_access *access)
{
	const struct pci_dev *pdev = access->device->pdev;

	access->native = MODEL_VFIO_PCI_CONFIG_DEFAULT;
	if (access->query->where != VG_WHERE_UNASSIGNED ||
	    !run->native[access->query->access])
		return;
	/* One device is exempt from it. */
	access->native = pdev->device == 2 ? MODEL_VFIO_PCI_CONFIG_ALLOW :
					     MODEL_VFIO_PCI_CONFIG_BLOCK;
}

static void random_who(struct model_access *access, struct vg_query *q)
{
	const struct pci_dev *pdev;

	/* Most hosts have few guests: four have all their hits kept. */
	model_now.process =
		&model_processes[below(below(4) ? 4 : MODEL_PROCESSES)];
	model_now.processor = below(128);
	access->device = &PICK(model_devices);
	pdev = access->device->pdev;
	q->vendor = pdev->vendor;
	q->device = pdev->device;
	q->subvendor = pdev->subsystem_vendor;
	q->subdevice = pdev->subsystem_device;
	q->class = pdev->class;
	q->slot = access->device->slot;
	q->owner = model_now.process->owner;
}

static void show(const struct run *run, const struct model_access *access,
		 const struct expected *x, const char *why)
{
	const struct vg_query *q = access->query;
	const struct vg_event *e = &model_now.event;

	printf("# policy %lu, access %lu: %s\n%s# %04x:%04x sub %04x:%04x class "
	       "%06x slot %llx owner %.40s\n# %s 0x%x.%u value 0x%x where %d cap "
	       "0x%x native %u%s%s\n",
	       run->policies, run->accesses, why, run->text, q->vendor,
	       q->device, q->subvendor, q->subdevice, q->class, q->slot,
	       q->owner, q->access ? "w" : "r", q->offset, q->size, q->value,
	       q->where, q->cap, access->native,
	       oracle.learn ? ", learning" : "",
	       oracle.damaged  ? ", damaged" :
	       oracle_hidden() ? ", owners not known" :
				 "");
	printf("# got: %sasked, passes %d data 0x%x audit %d; last event: "
	       "verdict %u reason %u line %u unreported %llu\n",
	       access->asked ? "" : "not ", access->passes, access->data,
	       access->audit, e->verdict, e->reason, e->line,
	       (unsigned long long)e->unreported);
	printf("# expected: verdict %d passes %d data 0x%x audit %d reason %d "
	       "line %u report %d unreported %llu\n",
	       x->verdict, x->passes, x->data, x->audit, x->reason,
	       x->rule ? x->rule->pos.line : 0, x->how,
	       (unsigned long long)x->unreported);
}

static const char *one_access(struct run *run, struct model_access *access,
			      struct expected *expected, struct vg_query *q)
{
	struct vg_explained said;
	const char *why = NULL;
	bool explain;

	something_happens(run);
	random_access(q);
	random_who(access, q);
	random_native(run, access);
	run->accesses++;
	/* It knows of no damage, and is told the owner. */
	explain = !below(4) && !oracle.damaged && !oracle_hidden();
	if (explain)
		why = compare_explain(&run->compiled, access, &said);
	if (!why)
		why = compare_access(access, expected);
	if (!why && explain)
		why = compare_said(&said, access, expected);
	run->explained += explain;
	return why;
}

static const char *one_policy(struct run *run, unsigned long accesses)
{
	struct expected expected = {};
	struct vg_query query = {};
	struct model_access access = { .query = &query };
	const char *why;

	load(run);
	while (accesses--) {
		why = one_access(run, &access, &expected, &query);
		if (why) {
			show(run, &access, &expected, why);
			return why;
		}
	}
	mend();
	why = oracle_learned();
	if (why)
		printf("# policy %lu: %s\n%s", run->policies, why, run->text);
	unload(run);
	return why;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	unsigned long policies, accesses;
	const char *why = NULL;
	struct run run = {};
	double start;

	if (argc < 3 || argc > 4)
		errx(2, "usage: model SEED POLICIES [ACCESSES]");
	random_seed(strtoull(argv[1], NULL, 0));
	policies = strtoul(argv[2], NULL, 0);
	accesses = argc > 3 ? strtoul(argv[3], NULL, 0) : 400;
	vg_pci_ids_off();
	model_now.boot_ns = ORACLE_STEP * 1024 * 7200;
	model_world_init();
	model_program_init();
	oracle_init();
	start = seconds();
	while (policies-- && !why)
		why = one_policy(&run, accesses);
	printf("# seed %s: %lu policies, %lu accesses, %lu events, %lu edits, "
	       "%lu explained, %.0f accesses a second\n",
	       argv[1], run.policies, run.accesses, model_now.events, run.edits,
	       run.explained, run.accesses / (seconds() - start));
	printf("%sok 1 - program, evaluator and explain agree\n1..1\n",
	       why ? "not " : "");
	return why ? 1 : 0;
}
