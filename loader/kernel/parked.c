// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/parked.h"
#include "util/log.h"
#include "util/printable.h"

/* include/linux/vfio_pci_core.h, include/uapi/linux/vfio.h */
#define OFFSET_SHIFT 40
#define CONFIG_REGION 7
#define OFFSET_MASK ((1ULL << OFFSET_SHIFT) - 1)

/* An open device as /proc has it: of a group, or of its own (from 6.6 on). */
static bool is_vfio(const char *pid, unsigned long long fd)
{
	char path[64], target[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%.16s/fd/%llu", pid, fd);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = 0;
	return !strcmp(target, "anon_inode:[vfio-device]") ||
	       !strncmp(target, "/dev/vfio/devices/", 18);
}

/* Whether a task waits in a write to config space; *@offset is where. */
static bool in_write(const char *pid, const char *tid, unsigned int *offset)
{
	unsigned long long fd, pos;
	char path[64];
	long nr;
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "/proc/%.16s/task/%.16s/syscall", pid,
		 tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	/* "running" if it does not wait. */
	n = fscanf(f, "%ld %llx %*x %*x %llx", &nr, &fd, &pos);
	fclose(f);
	if (n != 3 ||
	    (nr != SYS_pwrite64 && nr != SYS_pwritev && nr != SYS_pwritev2))
		return false;
	*offset = pos & OFFSET_MASK;
	return pos >> OFFSET_SHIFT == CONFIG_REGION && is_vfio(pid, fd);
}

static void name_it(const char *pid, unsigned int offset)
{
	char path[64], comm[32] = "?", shown[4 * sizeof(comm) + 1];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	f = fopen(path, "re");
	if (f) {
		if (fgets(comm, sizeof(comm), f))
			comm[strcspn(comm, "\n")] = 0;
		fclose(f);
	}
	vg_warn("process %s (%s) is in a write to config space at 0x%x that began "
		"before the policy, and may still reach the device",
		pid, vg_printable(comm, shown, sizeof(shown)), offset);
}

void vg_parked_warn(void)
{
	struct dirent *process, *task;
	DIR *proc = opendir("/proc"), *tasks;
	unsigned int offset;
	char path[64];

	while (proc && (process = readdir(proc))) {
		if (!isdigit((unsigned char)process->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%.16s/task",
			 process->d_name);
		tasks = opendir(path);
		while (tasks && (task = readdir(tasks))) {
			if (isdigit((unsigned char)task->d_name[0]) &&
			    in_write(process->d_name, task->d_name, &offset))
				name_it(process->d_name, offset);
		}
		if (tasks)
			closedir(tasks);
	}
	if (proc)
		closedir(proc);
}
