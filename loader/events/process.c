// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "events/process.h"
#include "util/printable.h"

#define NSEC_PER_SEC 1000000000ULL

/* Up to @len - 1 bytes and NUL.  Return: bytes, 0 if there are none. */
static size_t read_file(int folder, const char *name, char *buf, size_t len)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	if (fd >= 0) {
		n = read(fd, buf, len - 1);
		close(fd);
	}
	n = n > 0 ? n : 0;
	buf[n] = '\0';
	return n;
}

/* The folder of all cgroups, where systemd has it, or -1. */
static int cgroup_root(void)
{
	static const char *const places[] = { "/sys/fs/cgroup",
					      "/sys/fs/cgroup/unified" };
	static int root = -1;
	struct statfs fs;
	size_t i;

	for (i = 0; root < 0 && i < 2; i++) {
		root = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root >= 0 &&
		    (fstatfs(root, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)) {
			close(root);
			root = -1;
		}
	}
	return root;
}

/* Whether a cgroup's path is that of @id, which is its folder's inode number. */
static bool is_cgroup(const char *path, __u64 id)
{
	int root = cgroup_root();
	struct stat st;

	return path[0] == '/' && root >= 0 &&
	       !fstatat(root, path[1] ? path + 1 : ".", &st,
			AT_SYMLINK_NOFOLLOW) &&
	       st.st_ino == id;
}

/* The cgroup v2 line of a file cgroup in /proc is "0::/path". */
static bool read_cgroup(int folder, const char *name, struct vg_record *record)
{
	static char text[PATH_MAX + 1024];
	char *line = text;

	if (!read_file(folder, name, text, sizeof(text)))
		return false;
	while (strncmp(line, "0::", 3)) {
		line = strchr(line, '\n');
		if (!line++)
			return false;
	}
	line += 3;
	line[strcspn(line, "\n")] = '\0';
	if (!is_cgroup(line, record->event.cgroup))
		return false;
	vg_shorten(line, record->cgroup, sizeof(record->cgroup));
	/* Of the whole of it. */
	vg_vm_from_cgroup(line, record->vm, sizeof(record->vm));
	return true;
}

/*
 * Whether the process was there when the event happened.  The start is field
 * 22 of its file stat, in ticks since the boot; the name, field 2, is in brackets
 * and may hold anything.
 */
static bool started_before(int folder, __u64 time)
{
	char stat[1024], *at;
	int i;

	if (!read_file(folder, "stat", stat, sizeof(stat)))
		return false;
	at = strrchr(stat, ')');
	for (i = 2; at && i < 22; i++)
		at = strchr(at + 1, ' ');
	/* Rounded down, so that a process is not taken for younger. */
	return at && strtoull(at, NULL, 10) <=
			     time / (NSEC_PER_SEC / sysconf(_SC_CLK_TCK));
}

static void read_process(struct vg_record *record, int folder)
{
	static char cmdline[32768]; /* QEMU's under libvirt has some 10 KB */
	const struct vg_event *e = &record->event;
	char thread[32];
	size_t n;

	/* Threads may have cgroups of their own, as those of a guest's vCPUs. */
	snprintf(thread, sizeof(thread), "task/%u/cgroup", e->pid);
	if (!started_before(folder, e->time) ||
	    (!read_cgroup(folder, thread, record) &&
	     !read_cgroup(folder, "cgroup", record)))
		return;
	n = read_file(folder, "cmdline", cmdline, sizeof(cmdline));
	vg_vm_from_cmdline(cmdline, n, record->vm, sizeof(record->vm),
			   record->uuid);
}

void vg_process_read(struct vg_record *record)
{
	char path[32];
	int folder;

	/* One process's, also when another gets its number meanwhile. */
	snprintf(path, sizeof(path), "/proc/%u", record->event.tgid);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return;
	read_process(record, folder);
	close(folder);
}
