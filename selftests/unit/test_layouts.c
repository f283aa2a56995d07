// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config spaces of real devices, made from selftests/layouts/, and what the loader says
 * of each byte of them.  What is expected is written in the blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/pci_config.h"
#include "policy/caps.h"
#include "selftests/layouts/layout_file.h"

#define FOLDER "selftests/layouts"

static struct lf_list list;
static struct vg_pci_config config;
static __u8 space[LF_BYTES], map[LF_BYTES];

static int read_all(void **state)
{
	(void)state;
	return lf_read_all(FOLDER, &list);
}

static int free_all(void **state)
{
	(void)state;
	lf_free(&list);
	return 0;
}

static void look(const struct lf_device *d)
{
	int fd = memfd_create("config", MFD_CLOEXEC);

	assert_true(fd >= 0);
	lf_build(d, space);
	lf_map(d, map);
	assert_int_equal(write(fd, space, d->size), d->size);
	memset(&config, 0, sizeof(config));
	config.present = true;
	assert_int_equal(vg_layout_read(fd, d->size, &config.layout), 0);
	close(fd);
}

__attribute__((format(printf, 3, 4), noreturn)) static void
wrong(const struct lf_device *d, unsigned int at, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%u: %s: byte 0x%x: ", d->file, d->line, d->name,
		at);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	fail();
	abort();
}

/* What the hook calls a byte that has this in vfio's map. */
static enum vg_where_kind kind(__u8 id, unsigned int at)
{
	if (at < 0x40)
		return VG_WHERE_HEADER;
	if (id == LF_NONE)
		return VG_WHERE_UNASSIGNED;
	if (at < 0x100)
		return id == 0x09 ? VG_WHERE_VENDOR : VG_WHERE_CAPS;
	return id == 0x0b || id == 0x23 ? VG_WHERE_VENDOR : VG_WHERE_CAPS;
}

/* The kind of every byte, and which capability it is of. */
static void kinds(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < list.nr; i++) {
		const struct lf_device *d = &list.devices[i];
		unsigned int at;

		look(d);
		for (at = 0; at < d->size; at++) {
			struct vg_spot spot;

			vg_layout_find(&config.layout, at, &spot);
			if (spot.where != kind(map[at], at))
				wrong(d, at, "kind %d instead of %d",
				      spot.where, kind(map[at], at));
			if (at >= 0x40 && map[at] != LF_NONE &&
			    (!spot.cap || (spot.cap->id & 0xff) != map[at] ||
			     spot.cap->ext != (at >= 0x100)))
				wrong(d, at, "not of capability 0x%x", map[at]);
		}
	}
}

/* The capability that starts last before a byte, and the next behind it. */
static const struct lf_cap *last_before(const struct lf_device *d,
					unsigned int at, unsigned int *end)
{
	const struct lf_cap *found = NULL;
	unsigned int i;

	*end = at < 0x100 ? 0x100 : d->size;
	for (i = 0; i < d->nr_caps; i++) {
		const struct lf_cap *cap = &d->caps[i];

		if (cap->ext != (at >= 0x100))
			continue;
		if (cap->at > at && cap->at < *end)
			*end = cap->at;
		if (cap->at <= at && (!found || cap->at >= found->at))
			found = cap;
	}
	return found;
}

/*
 * Of an unassigned byte: it is said to be of the capability before it or of none, of
 * that for its head, and where nobody knows how long that one is, of no other.
 */
static void bodies(void **state)
{
	unsigned int hidden = 0;
	size_t i;

	(void)state;
	for (i = 0; i < list.nr; i++) {
		const struct lf_device *d = &list.devices[i];
		unsigned int at, end;

		look(d);
		for (at = 0x40; at < d->size; at++) {
			const struct lf_cap *cap = last_before(d, at, &end);
			const struct vg_layout_cap *body;
			bool sure;

			if (map[at] != LF_NONE)
				continue;
			body = vg_pci_body_at(&config.layout, at, &sure);
			if (body && (!cap || body->offset != cap->at ||
				     body->id != cap->id))
				wrong(d, at, "in a capability at 0x%x",
				      body->offset);
			if (!cap || !cap->hidden || at >= cap->at + 2U)
				continue;
			hidden++;
			if (!body || !body->hidden || body->ext != cap->ext)
				wrong(d, at,
				      "the head of hidden 0x%x is not "
				      "told",
				      cap->id);
		}
	}
	assert_true(hidden > 100);
}

/* The name of each capability, where it starts, as learn and suggest show it. */
static void names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < list.nr; i++) {
		const struct lf_device *d = &list.devices[i];
		unsigned int k;

		look(d);
		for (k = 0; k < d->nr_caps; k++) {
			const struct lf_cap *cap = &d->caps[k];
			char place[96], want[64], end[32];

			vg_pci_place_format(&config, cap->at, place,
					    sizeof(place));
			snprintf(want, sizeof(want), "%s (", cap->name);
			snprintf(end, sizeof(end), ") at 0x%02x", cap->at);
			if (strcmp(cap->name, "?") &&
			    (strncmp(place, want, strlen(want)) ||
			     !strstr(place, end)))
				wrong(d, cap->at,
				      "\"%s\" instead of %s at "
				      "0x%02x",
				      place, cap->name, cap->at);
		}
	}
}

static bool has(__u32 class, unsigned int digits, __u16 vendor)
{
	unsigned int shift = 24 - 4 * digits;
	size_t i;

	for (i = 0; i < list.nr; i++)
		if (list.devices[i].class >> shift == class &&
		    (!vendor || list.devices[i].vendor == vendor))
			return true;
	return false;
}

/* There are enough of them, and of all kinds that operators pass through. */
static void enough(void **state)
{
	unsigned int small = 0, vfs = 0, anchors = 0;
	size_t i, k;

	(void)state;
	for (i = 0; i < list.nr; i++) {
		const struct lf_device *d = &list.devices[i];

		assert_true(d->name[0] && d->source[0] && d->vendor);
		small += d->size == 256;
		vfs += d->vf;
		for (k = 0; k < d->nr_caps; k++)
			anchors += d->caps[k].anchor;
	}
	assert_true(list.nr >= 60 && small >= 20 && list.nr - small >= 20);
	assert_true(vfs && anchors);
	assert_true(has(0x03, 2, 0x1002) && has(0x03, 2, 0x10de) &&
		    has(0x03, 2, 0x8086));
	assert_true(has(0x0200, 4, 0) && has(0x0280, 4, 0)); /* networks */
	assert_true(has(0x0106, 4, 0) && has(0x0107, 4, 0) &&
		    has(0x010802, 6, 0)); /* SATA, SAS, NVMe */
	assert_true(has(0x0c0300, 6, 0) && has(0x0c0320, 6, 0) &&
		    has(0x0c0330, 6, 0)); /* UHCI, EHCI, xHCI */
	assert_true(has(0x0805, 4, 0) && has(0x0c0340, 6, 0)); /* SD, USB4 */
	assert_true(has(0x0502, 4, 0) && has(0x0604, 4, 0)); /* CXL, bridges */
}

/* What a block can't be is told, and where. */
static void mistakes(void **state)
{
	static const char *const texts[] = {
		"device 8086 size=256\n",
		"device 8086:10d3 size=255\n",
		"device 8086:10d3 size=256 colour=red\n",
		"device 8086:10d3 size=256\n\tcap 0x3c id=0x01 shown=8\n",
		"device 8086:10d3 size=256\n\tcap 0x40 id=0x01\n",
		"device 8086:10d3 size=256\n\tcap 0x40 id=0x100 shown=8\n",
		"device 8086:10d3 size=256\n\tcap 0x40 id=0x10 +2.q=1 hidden\n",
		"device 8086:10d3 size=256\n\tecap 0x100 id=0x0001 shown=8\n",
		"device 8086:10d3 size=4096\n\tecap 0x140 id=0x0001 hidden\n",
		"\tcap 0x40 id=0x01 shown=8\n",
		"devise 8086:10d3 size=256\n",
	};
	char path[] = "/tmp/vfioguard-layout-XXXXXX";
	int fd = mkstemp(path), err = dup(STDERR_FILENO);
	size_t i;

	(void)state;
	assert_true(fd >= 0);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct lf_list one = {};

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, texts[i], strlen(texts[i]), 0),
				 strlen(texts[i]));
		assert_non_null(freopen("/dev/null", "w", stderr));
		assert_int_equal(lf_read(path, &one), -1);
		fflush(stderr);
		dup2(err, STDERR_FILENO);
		lf_free(&one);
	}
	close(err);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),    cmocka_unit_test(bodies),
		cmocka_unit_test(names),    cmocka_unit_test(enough),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests_name("layouts", tests, read_all,
					   free_all);
}
