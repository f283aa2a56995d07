// SPDX-License-Identifier: GPL-2.0-only
/*
 * kill-at.so - ends a program at its Nth step that others can see: what it pins,
 * links, updates, detaches, renames, removes or makes.
 *
 * Usage: KILL_AT=N LD_PRELOAD=.../kill-at.so PROGRAM...
 *
 * The Nth step is not done: the process is killed (SIGKILL) in its place.  With
 * KILL_HOW=stop it is stopped (SIGSTOP) there and goes on when it is continued, with
 * KILL_HOW=fail the step fails with EIO.  KILL_LOG=FILE gets a line for each step,
 * which a first run counts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Writes without the functions that are counted. */
static void note(const char *name)
{
	const char *path = getenv("KILL_LOG");
	char line[256];
	int fd, len;

	if (!path)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	len = snprintf(line, sizeof(line), "%.200s\n", name);
	if (fd < 0 || write(fd, line, len) != len)
		abort();
	close(fd);
}

/* Returns whether the step is to fail. */
static int step(const char *name)
{
	static int steps;
	const char *at = getenv("KILL_AT"), *how = getenv("KILL_HOW");

	note(name);
	if (!at || ++steps != atoi(at))
		return 0;
	if (how && !strcmp(how, "fail")) {
		errno = EIO;
		return 1;
	}
	kill(getpid(), how && !strcmp(how, "stop") ? SIGSTOP : SIGKILL);
	return 0;
}

static const char *bpf_step(long cmd)
{
	switch (cmd) {
	case BPF_OBJ_PIN:
		return "pin";
	case BPF_LINK_CREATE:
		return "link";
	case BPF_LINK_UPDATE:
		return "update";
	case BPF_LINK_DETACH:
		return "detach";
	default:
		return NULL;
	}
}

/* How libbpf calls bpf(2). */
long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list args;
	int i;

	va_start(args, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	if (number == SYS_bpf && bpf_step(a[0]) && step(bpf_step(a[0])))
		return -1;
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#define PATH_STEP(name, args, call, path)                          \
	int name args                                              \
	{                                                          \
		static int(*real) args;                            \
		char text[256];                                    \
                                                                   \
		if (!real)                                         \
			*(void **)&real = dlsym(RTLD_NEXT, #name); \
		snprintf(text, sizeof(text), #name " %s", path);   \
		return step(text) ? -1 : real call;                \
	}

PATH_STEP(rename, (const char *from, const char *to), (from, to), to)
PATH_STEP(unlink, (const char *path), (path), path)
PATH_STEP(rmdir, (const char *path), (path), path)
PATH_STEP(mkdir, (const char *path, mode_t mode), (path, mode), path)
