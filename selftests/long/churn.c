// SPDX-License-Identifier: GPL-2.0-only
/*
 * churn - load, attach, update and detach policies again and again
 *
 * Usage: churn SECONDS [may-fail]
 *
 * Prints "ROUNDS FAILURES". Without "may-fail" a failure ends it with status 1;
 * with it, the module may be taken away meanwhile.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "judge_load.h"

static bool turn(struct bpf_object *object)
{
	struct bpf_link *link = judge_attach(object, "shut");
	int i, err = 0;

	if (!link)
		return false;
	for (i = 0; i < 4 && !err; i++)
		err = judge_update(object, link, i % 2 ? "shut" : "open");
	bpf_link__destroy(link);
	errno = -err;
	return !err;
}

/* Objects are loaded anew at times, as maps hold the module. */
static bool one_round(void)
{
	struct bpf_object *object = judge_load();
	bool ok = object;
	int i, err;

	for (i = 0; i < 5 && ok; i++)
		ok = turn(object);
	err = errno;
	bpf_object__close(object);
	errno = err;
	return ok;
}

int main(int argc, char **argv)
{
	bool may_fail = argc > 2;
	long rounds = 0, failures = 0;
	time_t end;

	if (argc < 2) {
		fprintf(stderr, "usage: churn SECONDS [may-fail]\n");
		return 1;
	}
	for (end = time(NULL) + atoi(argv[1]); time(NULL) < end; rounds++) {
		if (one_round())
			continue;
		failures++;
		if (!may_fail) {
			perror("churn");
			break;
		}
	}
	printf("%ld %ld\n", rounds, failures);
	return failures && !may_fail;
}
