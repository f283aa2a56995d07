// SPDX-License-Identifier: GPL-2.0-only
/*
 * run-cost - what a command costs: "INSTRUCTIONS KIB EXIT" on stdout
 *
 * Usage: run-cost COMMAND [ARGUMENT...]
 *	  run-cost --batch ENTRIES KEY VALUE
 *
 * The first runs a command with its output thrown away; KIB is its highest
 * resident size.  The second fills a hash map with so many entries of so many
 * bytes in one batch, as fast as the kernel takes them: the measure for what
 * loading rules may cost.
 *
 * Instructions only where virtual time counts them (QEMU -icount shift=0): those
 * of the process and of the kernel in its name, without what it waited for.
 */
#include <bpf/bpf.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of processes, ns: the kernel scales both parts to what it measured exactly. */
static unsigned long long cpu_time(const struct rusage *usage)
{
	const struct timeval *user = &usage->ru_utime,
			     *kernel = &usage->ru_stime;

	return 1000000000ULL * (user->tv_sec + kernel->tv_sec) +
	       1000ULL * (user->tv_usec + kernel->tv_usec);
}

static void run_command(char **argv)
{
	struct rusage usage;
	int status, null;
	pid_t pid;

	pid = fork();
	if (!pid) {
		null = open("/dev/null", O_WRONLY);
		dup2(null, STDOUT_FILENO);
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		err(1, "%s", argv[0]);
	printf("%llu %ld %d\n", cpu_time(&usage), usage.ru_maxrss,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

static void run_batch(size_t nr, size_t key, size_t value)
{
	LIBBPF_OPTS(bpf_map_create_opts, create,
		    .map_flags = BPF_F_NO_PREALLOC);
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	char *keys = calloc(nr, key), *values = calloc(nr, value);
	unsigned long long start;
	struct rusage usage;
	uint32_t count = nr, i;
	int fd;

	if (!keys || !values)
		err(1, "entries");
	for (i = 0; i < nr; i++)
		memcpy(keys + i * key, &i, sizeof(i));
	getrusage(RUSAGE_SELF, &usage);
	start = cpu_time(&usage);
	fd = bpf_map_create(BPF_MAP_TYPE_HASH, "raw", key, value, nr, &create);
	if (fd < 0 || bpf_map_update_batch(fd, keys, values, &count, &opts))
		err(1, "batch");
	getrusage(RUSAGE_SELF, &usage);
	printf("%llu %ld 0\n", cpu_time(&usage) - start, usage.ru_maxrss);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "--batch"))
		run_batch(strtoul(argv[2], NULL, 0), strtoul(argv[3], NULL, 0),
			  strtoul(argv[4], NULL, 0));
	else if (argc > 1)
		run_command(argv + 1);
	else
		errx(1, "usage: run-cost COMMAND | --batch ENTRIES KEY VALUE");
	return 0;
}
