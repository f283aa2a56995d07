// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults - let the Nth allocation or user copy fail, for each N in turn
 *
 * Usage: faults BDF load|attach|update|write|read
 *
 * Does the thing once for each N, until one passes with nothing to fail. While
 * nothing fails the answers are known, and whatever fails, policy "shut" must
 * stay in force; this program looks at what the user of the device gets, the bus
 * trace at what arrives. For "load" and "attach" nothing is attached before.
 *
 *	load	open and load an object	(N grows faster and faster)
 *	attach	attach "shut"
 *	update	replace "shut" by itself
 *	write	a write that "shut" blocks
 *	read	a read that "shut" blocks
 *
 * Prints "TRIED FAILED": how many N, and how many of them made it fail. Exit
 * status 1 if something is not as it must be.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "../vm/vfio-open.h"
#include "judge_load.h"

#define LIMIT 200000

static int device;
static off_t config;
static int fail_nth;

static void arm(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	if (pwrite(fail_nth, text, len, 0) != len)
		err(2, "fail-nth");
}

/*
 * Returns whether the failure was used up, and takes it away if not.  Looking is
 * a user copy as well, so the failure may hit this and is gone then.
 */
static bool disarm(void)
{
	char text[16] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) < 1) {
		if (errno != EFAULT)
			err(2, "fail-nth");
		return false;
	}
	if (pwrite(fail_nth, "0", 1, 0) != 1 && errno != EFAULT)
		err(2, "fail-nth");
	return !atoi(text);
}

/* A blocked access without any failure. */
static void check_blocked(const char *what, int n)
{
	uint32_t value = 0xdeadbeef;

	if (pwrite(device, &value, 4, config + 0x80) != 4)
		err(1, "%s %d: a write fails afterwards", what, n);
	if (pread(device, &value, 4, config + 0x80) != 4)
		err(1, "%s %d: a read fails afterwards", what, n);
	if (value)
		errx(1, "%s %d: a read gives %#x afterwards", what, n, value);
}

/* Returns 0, or the error; sets *injected. */
static int try(const char *what, struct bpf_object *object,
	       struct bpf_link *link, int n, bool *injected)
{
	struct bpf_object *fresh = NULL;
	struct bpf_link *attached = NULL;
	uint32_t value = 0xdeadbeef;
	int ret = 0;

	arm(n);
	errno = 0;
	if (!strcmp(what, "load"))
		ret = (fresh = judge_load()) ? 0 : errno;
	else if (!strcmp(what, "attach"))
		ret = (attached = judge_attach(object, "shut")) ? 0 : errno;
	else if (!strcmp(what, "update"))
		ret = -judge_update(object, link, n % 2 ? "again" : "shut");
	else if (!strcmp(what, "write"))
		ret = pwrite(device, &value, 4, config + 0x80) == 4 ? 0 : errno;
	else if (!strcmp(what, "read"))
		ret = pread(device, &value, 4, config + 0x80) == 4 ? 0 : errno;
	*injected = disarm();

	if (!ret && !strcmp(what, "read") && value)
		errx(1, "read %d: it gives %#x", n, value);
	/* An object and a link that came about in spite of it must work. */
	if (attached)
		check_blocked(what, n);
	bpf_link__destroy(attached);
	bpf_object__close(fresh);
	return ret;
}

int main(int argc, char **argv)
{
	struct bpf_object *object = NULL;
	struct bpf_link *link = NULL;
	int n, tried = 0, failed = 0, ret;
	const char *what = argc == 3 ? argv[2] : "";
	bool injected = true, fast = !strcmp(what, "load");
	bool before = !strcmp(what, "update") || !strcmp(what, "write") ||
		      !strcmp(what, "read");

	if (!before && !fast && strcmp(what, "attach")) {
		fprintf(stderr,
			"usage: faults BDF load|attach|update|write|read\n");
		return 2;
	}
	device = vfio_open(argv[1], &config);
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fail_nth < 0)
		err(2, "/proc/thread-self/fail-nth");
	if (!fast && !(object = judge_load()))
		err(2, "judge.bpf.o");
	if (before && !(link = judge_attach(object, "shut")))
		err(2, "attach");

	for (n = 1; injected && n < LIMIT; n += fast ? 1 + n / 40 : 1) {
		ret = try(what, object, link, n, &injected);
		tried++;
		failed += ret != 0;
		if (ret && !injected)
			errx(1, "%s %d: %s without a failure", what, n,
			     strerror(ret));
		if (before)
			check_blocked(what, n);
	}
	if (injected)
		errx(1, "%s: no end at %d", what, n);
	printf("%d %d\n", tried, failed);
	return 0;
}
