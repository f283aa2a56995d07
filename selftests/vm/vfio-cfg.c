// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-cfg.c - read and write a device's config space through VFIO
 *
 * Usage: vfio-cfg BDF [COMMAND...]
 *
 * Opens the device through its group and a container, as QEMU and DPDK do, and
 * runs each COMMAND (one argument each), or, with none, each line of stdin. It
 * answers each with one line that is written out at once, so a shell can drive
 * it as a coprocess.
 *
 *	r OFF SIZE		pread; answer: "RET [HEX]"
 *	w OFF SIZE HEX		pwrite; HEX is the data as a number, as with
 *				setpci ("w 80 4 cafef00d"); for more than 8
 *				bytes it is a string of bytes in memory order,
 *				repeated to fill SIZE; answer: "RET"
 *	badr OFF SIZE		the same with a pointer to nowhere
 *	badw OFF SIZE
 *	loop N r|w ...		N times; answer: "RET COUNT" of the first result
 *				that differs from SIZE, or "SIZE N"
 *	hammer r|w ...		again and again until there is more on stdin;
 *				answer as with loop
 *	pace MS r|w ...		the same with a pause of MS milliseconds between
 *	fork MS N r|w ...	for MS milliseconds, again and again a process of its
 *				own that makes N accesses, at OFF and the dwords
 *				behind it; answer: "PROCESSES CPU", with the
 *				milliseconds of processor time that it took
 *	reset			VFIO_DEVICE_RESET
 *	hold			answer "held", then wait for stdin to close
 *
 * OFF is hexadecimal, SIZE and N are decimal. RET is the number of bytes, or the
 * name of the error with a minus ("-EFAULT"): a test wants to see exactly what
 * the client saw. HEX of a read of up to 8 bytes is a number too, else bytes.
 *
 * Exit status: 0, or 1 if a command was malformed, or 2 if the device could not
 * be opened.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vfio-open.h"

#define MAX_SIZE 8192

struct access {
	bool write;
	bool bad; /* pass a pointer to nowhere */
	off_t off;
	size_t size;
	uint8_t data[MAX_SIZE];
};

static int device = -1;
static off_t config;

static const char *result(ssize_t ret)
{
	static char buf[32];

	if (ret < 0)
		snprintf(buf, sizeof(buf), "-%s", strerrorname_np(errno));
	else
		snprintf(buf, sizeof(buf), "%zd", ret);
	return buf;
}

static ssize_t do_access(struct access *a)
{
	void *buf = a->bad ? (void *)8 : a->data;

	/* So that bytes a read leaves alone do not look like zeros. */
	if (!a->write)
		memset(a->data, 0xa5, a->size);
	return a->write ? pwrite(device, buf, a->size, config + a->off) :
			  pread(device, buf, a->size, config + a->off);
}

/* Up to 8 bytes are shown as a number, the way setpci does. */
static void print_data(const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		printf("%02x", data[size <= 8 ? size - 1 - i : i]);
}

static bool parse_data(struct access *a, const char *hex)
{
	size_t digits = strlen(hex), n = digits / 2, i;
	uint8_t bytes[MAX_SIZE];
	unsigned int b;

	if (!n || digits % 2 || n > a->size)
		return false;
	for (i = 0; i < n; i++) {
		if (!isxdigit(hex[2 * i]) || !isxdigit(hex[2 * i + 1]))
			return false;
		sscanf(hex + 2 * i, "%2x", &b);
		bytes[i] = b;
	}
	if (a->size <= 8) {
		if (n != a->size)
			return false;
		for (i = 0; i < n; i++)
			a->data[i] = bytes[n - 1 - i];
	} else {
		for (i = 0; i < a->size; i++)
			a->data[i] = bytes[i % n];
	}
	return true;
}

static bool parse_access(struct access *a, const char *s)
{
	static char hex[2 * MAX_SIZE + 1];
	char op[8];
	int n;

	memset(a, 0, sizeof(*a));
	hex[0] = '\0';
	n = sscanf(s, "%7s %lx %zu %16384s", op, (unsigned long *)&a->off,
		   &a->size, hex);
	if (n < 3 || a->size > MAX_SIZE)
		return false;
	a->bad = !strncmp(op, "bad", 3);
	if (a->bad)
		memmove(op, op + 3, strlen(op + 3) + 1);
	a->write = !strcmp(op, "w");
	if (!a->write && strcmp(op, "r"))
		return false;
	return !a->write || a->bad ? n == 3 : parse_data(a, hex);
}

static bool run_loop(const char *s)
{
	static struct access a;
	unsigned long count, i;
	ssize_t ret;
	int used;

	if (sscanf(s, "%lu %n", &count, &used) != 1 ||
	    !parse_access(&a, s + used))
		return false;
	for (i = 0; i < count; i++) {
		ret = do_access(&a);
		if (ret != (ssize_t)a.size)
			break;
	}
	printf("%s %lu\n", i == count ? result(a.size) : result(ret), i);
	return true;
}

/* For tests that change things in the middle of it; at least one access. */
static bool run_hammer(const char *s, int pause)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	static struct access a;
	unsigned long count = 0;
	ssize_t ret;

	if (!parse_access(&a, s))
		return false;
	do {
		ret = do_access(&a);
	} while (ret == (ssize_t)a.size && ++count && !poll(&in, 1, pause));
	printf("%s %lu\n", result(ret), count);
	return true;
}

static bool run_pace(const char *s)
{
	char *end;
	unsigned long pause = strtoul(s, &end, 10);

	return *end == ' ' && pause < 1000 && run_hammer(end + 1, pause);
}

static double cpu_ms(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* Every access is the first of its process. */
static bool run_fork(const char *s)
{
	unsigned long ms, count, i, processes = 0;
	static struct access a;
	uint64_t end;
	pid_t child;
	int used;

	if (sscanf(s, "%lu %lu %n", &ms, &count, &used) != 2 ||
	    !parse_access(&a, s + used))
		return false;
	for (end = now_ms() + ms; now_ms() < end; processes++) {
		child = fork();
		for (i = 0; !child && i < count; i++, a.off += 4)
			do_access(&a);
		if (!child)
			_exit(0);
		if (child < 0 || waitpid(child, NULL, 0) < 0)
			return false;
	}
	printf("%lu %.0f\n", processes,
	       cpu_ms(RUSAGE_SELF) + cpu_ms(RUSAGE_CHILDREN));
	return true;
}

static bool run_access(const char *s)
{
	static struct access a;
	ssize_t ret;

	if (!parse_access(&a, s))
		return false;
	ret = do_access(&a);
	printf("%s", result(ret));
	if (ret > 0 && !a.write) {
		putchar(' ');
		print_data(a.data, ret);
	}
	putchar('\n');
	return true;
}

static void hold(void)
{
	char buf[256];

	puts("held");
	fflush(stdout);
	while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
		;
}

static bool run(const char *s)
{
	bool ok = true;

	s += strspn(s, " \t");
	if (!*s || *s == '#')
		return true;
	if (!strcmp(s, "hold"))
		hold();
	else if (!strcmp(s, "reset"))
		puts(result(ioctl(device, VFIO_DEVICE_RESET)));
	else if (!strncmp(s, "loop ", 5))
		ok = run_loop(s + 5);
	else if (!strncmp(s, "hammer ", 7))
		ok = run_hammer(s + 7, 0);
	else if (!strncmp(s, "pace ", 5))
		ok = run_pace(s + 5);
	else if (!strncmp(s, "fork ", 5))
		ok = run_fork(s + 5);
	else
		ok = run_access(s);
	if (!ok)
		printf("? %s\n", s);
	fflush(stdout);
	return ok;
}

int main(int argc, char **argv)
{
	static char line[2 * MAX_SIZE + 64];
	bool ok = true;
	int i;

	if (argc < 2) {
		fprintf(stderr, "usage: vfio-cfg BDF [COMMAND...]\n");
		return 1;
	}
	device = vfio_open(argv[1], &config);
	for (i = 2; i < argc; i++)
		ok &= run(argv[i]);
	while (argc == 2 && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		ok &= run(line);
	}
	return !ok;
}
