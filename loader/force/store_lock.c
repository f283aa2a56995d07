// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "force/store_lock.h"
#include "util/log.h"
#include "util/paths.h"

#define LOCK_FILE VG_RUN_DIR "/load.lock"
#define TRIES_A_SECOND 20

static unsigned int wait_seconds = VG_STORE_LOCK_SECONDS;

void vg_store_lock_wait(unsigned int seconds)
{
	wait_seconds = seconds;
}

static int open_file(void)
{
	if (mkdir(VG_RUN_DIR, 0755) && errno != EEXIST)
		return -1;
	return open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

bool vg_store_locked(void)
{
	int fd = open_file();
	bool locked =
		fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return locked;
}

/* For whoever waits; a /run without room only leaves it unsaid. */
static void write_holder(int fd)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", getpid());

	if (ftruncate(fd, 0) || pwrite(fd, text, len, 0) != len)
		vg_debug(LOCK_FILE " does not say who holds it");
}

static void read_comm(int pid, char comm[32])
{
	char path[32];
	FILE *f;

	strcpy(comm, "?");
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (f && fgets(comm, 32, f))
		comm[strcspn(comm, "\n")] = '\0';
	if (f)
		fclose(f);
}

static void tell_holder(int fd)
{
	char text[16] = "", comm[32];
	int pid;

	(void)!pread(fd, text, sizeof(text) - 1, 0);
	pid = atoi(text);
	if (pid > 0) {
		read_comm(pid, comm);
		vg_error("process %d (%s) is changing the policy and does not "
			 "come to an end: it holds " LOCK_FILE
			 "; wait for it, or end it",
			 pid, comm);
	} else {
		vg_error("another process is changing the policy and does not "
			 "come to an end; find it with: fuser " LOCK_FILE);
	}
}

static int take(int fd)
{
	static const struct timespec a_while = {
		.tv_nsec = 1000000000L / TRIES_A_SECOND,
	};
	unsigned int left = wait_seconds * TRIES_A_SECOND;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (!left--) {
			errno = EWOULDBLOCK;
			return -1;
		}
		nanosleep(&a_while, NULL);
	}
	return 0;
}

int vg_store_lock(void)
{
	int fd = open_file();

	if (fd >= 0 && !take(fd)) {
		write_holder(fd);
		return fd;
	}
	if (fd >= 0 && errno == EWOULDBLOCK)
		tell_holder(fd);
	else
		vg_error("can't lock " LOCK_FILE ": %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
