// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the BPF program makes of accesses that no test machine has devices or
 * time for: functions of many domains, processes by the thousand.  It is the
 * program's own source, compiled for this machine.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define VG_STOCK
#include "bpf_shim.h"
#include "bpf/core/core.h"

#define SECOND 1000000000ULL
#define FUNCTIONS 3000

static struct pci_sysdata domains[FUNCTIONS];
static struct pci_bus buses[FUNCTIONS];
static struct pci_dev functions[FUNCTIONS];

static struct vg_config *settings(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&config, &zero);
}

static int start(void **state)
{
	static struct task_struct task;
	static struct cred cred;
	static struct css_set set;
	static struct cgroup cgroup;
	static struct kernfs_node node;
	struct vg_config *c;

	(void)state;
	cgroup.kn = &node;
	cgroup.dom_cgrp = &cgroup;
	set.dfl_cgrp = &cgroup;
	task.cred = &cred;
	task.cgroups = &set;
	memset(&world, 0, sizeof(world));
	world.task = &task;
	world.tgid = 1000;
	world.boottime = 100 * SECOND;
	SHIM_ARRAY(config);
	SHIM_ARRAY(scope_kinds);
	SHIM_ARRAY(devices);
	SHIM_ARRAY(made_from);
	SHIM_ARRAY(heartbeat);
	SHIM_HASH(allowlist);
	SHIM_HASH(scopes);
	SHIM_HASH(rules);
	c = settings();
	c->schema = VG_SCHEMA;
	c->rate = 10;
	c->burst = 100;
	/* As the policy "strict": blocked and reported. */
	c->defaults[VG_REGION_UNASSIGNED][VG_READ] =
		(struct vg_default){ VG_BLOCK, 1 };
	c->defaults[VG_REGION_UNASSIGNED][VG_WRITE] =
		(struct vg_default){ VG_BLOCK, 1 };
	return 0;
}

static struct pci_dev *function(__u32 i, __u32 domain, __u8 bus, __u8 devfn)
{
	domains[i].domain = domain;
	buses[i].sysdata = &domains[i];
	buses[i].number = bus;
	functions[i].bus = &buses[i];
	functions[i].devfn = devfn;
	functions[i].vendor = 0x8086;
	functions[i].device = i;
	return &functions[i];
}

/* As a front end does it.  Whether it was blocked. */
static bool touch(struct pci_dev *pdev, __u16 offset, bool write)
{
	struct access a = {
		.offset = offset,
		.size = 4,
		.region = REGION_UNASSIGNED,
		.write = write,
		.cap_id = 255,
		.has_data = write,
	};
	struct answer answer;
	struct glance g;
	int tell = -1;

	if (glance_device(&g, pdev))
		tell = glance(&g, a.region, offset, write, &a.native);
	if (tell < 0)
		tell = judge(pdev, &a, g.dev, g.plan, &answer);
	return (tell & ~TELL_AUDIT) == TELL_BLOCK;
}

/* Sums of all entries. */
static __u64 counted(enum vg_report how)
{
	__u64 sum = 0;
	__u32 i, a, v;

	for (i = 0; i < VG_MAX_DEVICES; i++) {
		struct vg_device *dev = bpf_map_lookup_elem(&devices, &i);

		for (a = 0; a < VG_ACCESSES; a++)
			for (v = 0; v < VG_VERDICTS; v++)
				sum += dev->counts[a][v][how];
	}
	return sum;
}

static __u64 counted_all(void)
{
	__u64 sum = 0;
	int how;

	for (how = 0; how < VG_REPORTS; how++)
		sum += counted(how);
	return sum;
}

static __u32 entries(void)
{
	__u32 i, n = 0;

	for (i = 0; i < VG_MAX_DEVICES; i++) {
		struct vg_device *dev = bpf_map_lookup_elem(&devices, &i);

		n += !!(dev->slot & VG_SLOT_USED);
	}
	return n;
}

/* --- A first hit reaches someone ------------------------------------------- */

static void first_hits(void **state)
{
	struct pci_dev *pdev = function(0, 0, 1, 0);
	__u32 i, write;
	__u64 n = 0;

	(void)state;
	settings()->rate = 0;
	settings()->burst = 0;
	/* Four processes that the folding knows, and then a fifth. */
	for (i = 0; i < 5; i++, world.tgid++) {
		assert_true(touch(pdev, 0x40 + 4 * i, true));
		assert_int_equal(world.sent, ++n);
		assert_int_equal(world.last.tgid, world.tgid);
		assert_int_equal(world.last.offset, 0x40 + 4 * i);
	}
	/* Each process something new, all of config space in both directions. */
	for (i = 0x80; i < 4096; i += 4, world.tgid++) {
		for (write = 0; write < 2; write++) {
			touch(pdev, i, write);
			assert_int_equal(world.sent, ++n);
		}
	}
	/* What was told of costs a token, of which there are none. */
	for (i = 0x80; i < 4096; i += 4, world.tgid++)
		touch(pdev, i, true);
	assert_int_equal(world.sent, n);
	assert_int_equal(counted(VG_REPORT_SENT), n);
	assert_int_equal(counted(VG_REPORT_LIMITED), (4096 - 0x80) / 4);
	assert_int_equal(counted_all(), n + (4096 - 0x80) / 4);
}

/* Another verdict is another hit. */
static void first_hit_of_a_verdict(void **state)
{
	struct pci_dev *pdev = function(0, 0, 1, 0);

	(void)state;
	settings()->rate = 0;
	settings()->burst = 0;
	assert_true(touch(pdev, 0x80, true));
	world.tgid++;
	assert_true(touch(pdev, 0x80, true));
	assert_int_equal(world.sent, 1);
	settings()->mode = VG_MODE_MONITOR;
	world.jiffies++;
	assert_false(touch(pdev, 0x80, true));
	assert_int_equal(world.sent, 2);
	assert_int_equal(world.last.verdict, VG_WOULD_BLOCK);
}

/* Nobody drains: it is tried again, and costs nothing. */
static void ring_full(void **state)
{
	struct pci_dev *pdev = function(0, 0, 1, 0);

	(void)state;
	settings()->rate = 0;
	settings()->burst = 1;
	world.ring_full = true;
	touch(pdev, 0x80, true);
	touch(pdev, 0x80, true);
	assert_int_equal(counted(VG_REPORT_RING_FULL), 2);
	world.ring_full = false;
	touch(pdev, 0x80, true);
	assert_int_equal(world.sent, 1);
	assert_int_equal(world.last.unreported, 2);
	/* The same for one that costs a token. */
	world.tgid++;
	world.ring_full = true;
	touch(pdev, 0x80, true);
	touch(pdev, 0x80, true);
	world.ring_full = false;
	touch(pdev, 0x80, true);
	assert_int_equal(world.sent, 2);
	world.tgid++;
	touch(pdev, 0x80, true);
	assert_int_equal(world.sent, 2);
	assert_int_equal(counted(VG_REPORT_LIMITED), 1);
	assert_int_equal(counted_all(), 7);
}

/* Another device where one was: nothing of it was told. */
static void another_device(void **state)
{
	struct pci_dev *old = function(0, 0, 1, 0);
	struct pci_dev *new = function(1, 0, 1, 0);

	(void)state;
	touch(old, 0x80, true);
	touch(old, 0x80, true);
	assert_int_equal(world.sent, 1);
	touch(new, 0x80, true);
	assert_int_equal(world.sent, 2);
	assert_int_equal(world.last.device, 1);
	assert_int_equal(entries(), 1);
	/* Also if the kernel has it where it had the old one. */
	new->device = 2;
	world.jiffies++;
	touch(new, 0x80, true);
	assert_int_equal(world.sent, 3);
	assert_int_equal(world.last.device, 2);
	/* Or another one's, of another domain. */
	domains[1].domain = 0x10000;
	world.jiffies++;
	touch(new, 0x84, true);
	touch(new, 0x88, true);
	assert_int_equal(world.last.slot, VG_SLOT(0x10000, 1, 0));
	assert_int_equal(entries(), 2);
}

/* --- Processes without end ------------------------------------------------- */

/* A holder that forks for each access, and one whose children do a lot. */
static void forking_holder(void **state)
{
	static const __u32 hits[] = { 1, 20, 200 };
	struct pci_dev *pdev = function(0, 0, 1, 0);
	struct pci_dev *other = function(1, 0, 2, 0);
	size_t k;

	(void)state;
	for (k = 0; k < 3; k++) {
		__u64 before, began, made = 0;
		__u32 i;

		start(NULL);
		for (i = 0; i < 1000; i++)
			touch(pdev, 0x40 + i % 1000 * 4 % 4032, true);
		before = world.sent;
		began = world.boottime;
		for (; world.boottime < began + 40 * SECOND;
		     world.boottime += 20000000) {
			world.tgid++;
			for (i = 0; i < hits[k]; i++, made++)
				touch(pdev, 0x40 + i * 4 % 4032, true);
		}
		/* 10 a second and 100 at once, for 40 seconds */
		assert_in_range(world.sent - before, 400, 501);
		assert_int_equal(counted_all(), made + 1000);
		/* Another device is told of all the same. */
		before = world.sent;
		touch(other, 0x80, true);
		assert_int_equal(world.sent, before + 1);
	}
}

static struct vg_device shared;
static struct vg_config limits = { .rate = 0, .burst = 20000 };

static void *take_tokens(void *n)
{
	__u64 taken = 0;
	int i;

	for (i = 0; i < 200000; i++)
		taken += take_token(&shared, &limits, 5 * SECOND);
	*(__u64 *)n = taken;
	return NULL;
}

/* No token is taken twice, and none is lost for good. */
static void tokens_are_counted(void **state)
{
	pthread_t threads[4];
	__u64 taken[4], sum = 0;
	int i;

	(void)state;
	memset(&shared, 0, sizeof(shared));
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, take_tokens, &taken[i]);
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		sum += taken[i];
	}
	assert_int_equal(sum, 20000);
}

/* What is left of the shortest time counts on. */
static void rate(void **state)
{
	__u64 now, taken = 0, burst = 0;

	(void)state;
	limits.rate = 10;
	limits.burst = 5;
	memset(&shared, 0, sizeof(shared));
	while (take_token(&shared, &limits, SECOND))
		burst++;
	assert_int_equal(burst, 5);
	for (now = SECOND; now < 101 * SECOND; now += 12345)
		taken += take_token(&shared, &limits, now);
	assert_in_range(taken, 990, 1000);
	/* A clock that another processor read first. */
	assert_false(take_token(&shared, &limits, now - SECOND));
}

/* --- Addresses ------------------------------------------------------------- */

/* Which device an event names, and whose counters count it. */
static void one_address_in_many_domains(void **state)
{
	__u32 i, n = 64;

	(void)state;
	for (i = 0; i < n; i++)
		touch(function(i, 0x10000 + i, 1, 0), 0x80, true);
	for (i = 0; i < n; i++) {
		touch(&functions[i], 0x84, true);
		assert_int_equal(world.last.slot, VG_SLOT(0x10000 + i, 1, 0));
		assert_int_equal(world.last.device, i);
	}
	assert_int_equal(world.sent, 2 * n);
	assert_int_equal(entries(), n);
	for (i = 0; i < VG_MAX_DEVICES; i++) {
		struct vg_device *dev = bpf_map_lookup_elem(&devices, &i);

		if (dev->slot)
			assert_int_equal(
				dev->counts[VG_WRITE][VG_BLOCK][VG_REPORT_SENT],
				2);
	}
}

/* A rule for a slot is for that of its domain, all 32 bits of it. */
static void rule_of_a_slot(void **state)
{
	struct vg_scope_key scope = {
		.kind = VG_SCOPE_SLOT,
		.id = VG_SLOT(0, 1, 0),
	};
	struct vg_rule_key key = {
		.scope = VG_SCOPE_SLOT,
		.access = VG_WRITE,
		.place = 0x80,
		.id = VG_SLOT(0, 1, 0),
	};
	struct vg_map_rule rule = { .verdict = VG_ALLOW, .bytes = 0xf };
	__u64 places = 1 << 0x80 / VG_BLOCK_BYTES;
	__u32 kinds = 1 << VG_SCOPE_SLOT, zero = 0;

	(void)state;
	memcpy(bpf_map_lookup_elem(&scope_kinds, &zero), &kinds, sizeof(kinds));
	bpf_map_update_elem(&scopes, &scope, &places, BPF_ANY);
	bpf_map_update_elem(&rules, &key, &rule, BPF_ANY);
	assert_false(touch(function(0, 0, 1, 0), 0x80, true));
	assert_true(touch(function(1, 0x10000, 1, 0), 0x80, true));
	assert_true(touch(function(2, 1, 1, 0), 0x80, true));
	assert_true(touch(function(3, 0xffff0000, 1, 0), 0x80, true));
}

/* As many functions as there are entries, and more. */
static void more_functions_than_entries(void **state)
{
	__u64 before;
	__u32 i, j;

	(void)state;
	for (i = 0; i < 600; i++)
		touch(function(i, i / 256, i % 256, 0), 0x80, true);
	assert_int_equal(entries(), 600);
	assert_int_equal(world.sent, 600);
	for (; i < FUNCTIONS; i++) {
		before = world.sent;
		touch(function(i, i / 256, i % 256, 0), 0x80, true);
		if (world.sent == before)
			continue;
		/* never another's, also where an entry is shared */
		assert_int_equal(world.last.slot, VG_SLOT(i / 256, i % 256, 0));
		assert_int_equal(world.last.device, i);
	}
	assert_int_equal(counted_all(), FUNCTIONS);
	assert_int_equal(world.sent, counted(VG_REPORT_SENT));
	/* Those that share are limited, and blocked like all. */
	before = world.sent;
	for (j = 0; j < 1000; j++)
		assert_true(touch(&functions[FUNCTIONS - 1], 0x84, true));
	assert_in_range(world.sent - before, 0, 100);
	assert_int_equal(counted_all(), FUNCTIONS + 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(first_hits, start),
		cmocka_unit_test_setup(first_hit_of_a_verdict, start),
		cmocka_unit_test_setup(ring_full, start),
		cmocka_unit_test_setup(another_device, start),
		cmocka_unit_test_setup(forking_holder, start),
		cmocka_unit_test_setup(tokens_are_counted, start),
		cmocka_unit_test_setup(rate, start),
		cmocka_unit_test_setup(one_address_in_many_domains, start),
		cmocka_unit_test_setup(rule_of_a_slot, start),
		cmocka_unit_test_setup(more_functions_than_entries, start),
	};

	return cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
