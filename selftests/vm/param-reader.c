// SPDX-License-Identifier: GPL-2.0-only
/*
 * param-reader.c - read a file of sysfs as nobody, again and again, also while it
 * comes and goes
 *
 * Usage: param-reader FILE TEXT...
 *
 * TEXTs are what the file may have in its line.  At SIGTERM it says "READS OTHER":
 * how often the file was read, and how often it had something else in it.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static int expected(const char *line, char **texts)
{
	for (; *texts; texts++)
		if (!strcmp(line, *texts))
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long reads = 0, other = 0;
	char line[4097];
	int fd = -1;

	if (argc < 3)
		errx(2, "usage: param-reader FILE TEXT...");
	if (setgid(65534) || setuid(65534))
		err(2, "not nobody");
	signal(SIGTERM, on_term);
	while (!stop) {
		ssize_t n;

		if (fd < 0)
			fd = open(argv[1], O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		n = pread(fd, line, sizeof(line) - 1, 0);
		if (n < 0) {
			/* The module went. */
			close(fd);
			fd = -1;
			continue;
		}
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		reads++;
		other += !expected(line, argv + 2);
	}
	printf("%lu %lu\n", reads, other);
	return 0;
}
