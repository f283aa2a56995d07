// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose access it was: told of the process that made it, and of no other that has
 * its number now.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "events/process.h"

#define UUID "12345678-9abc-def0-1234-56789abcdef0"

static char own_path[4096];
static __u64 own_id; /* 0: this machine has no cgroup v2 */

static __u64 boottime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static int find_own(void **state)
{
	static const char *const roots[] = { "/sys/fs/cgroup",
					     "/sys/fs/cgroup/unified" };
	char line[4096], path[8200];
	FILE *f = fopen("/proc/self/cgroup", "r");
	struct stat st;
	size_t i;

	(void)state;
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "0::%4095s", own_path) == 1)
			break;
	if (f)
		fclose(f);
	for (i = 0; i < 2 && own_path[0]; i++) {
		snprintf(path, sizeof(path), "%s/cgroup.controllers", roots[i]);
		if (access(path, F_OK))
			continue;
		snprintf(path, sizeof(path), "%s%s", roots[i], own_path);
		if (!stat(path, &st))
			own_id = st.st_ino;
	}
	return 0;
}

/* A process with the arguments of a guest's, until @end is closed. */
static pid_t start_guest(int *end)
{
	int fds[2];
	pid_t pid;
	char word[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(fds[0], 0);
		execl("/bin/sh", "sh", "-c", "echo; read x", "-name", "web",
		      "-uuid", UUID, NULL);
		_exit(127);
	}
	close(fds[0]);
	*end = fds[1];
	/* Until it is the other program. */
	do {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		fd = open(path, O_RDONLY);
		assert_true(fd >= 0);
		word[0] = '\0';
		(void)!read(fd, word, 2);
		close(fd);
	} while (memcmp(word, "sh", 2));
	return pid;
}

static void stop_guest(pid_t pid, int end)
{
	close(end);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void ask(struct vg_record *r, pid_t tgid, pid_t tid, __u64 cgroup,
		__u64 time)
{
	memset(r, 0, sizeof(*r));
	r->event.tgid = tgid;
	r->event.pid = tid;
	r->event.cgroup = cgroup;
	r->event.time = time;
	vg_process_read(r);
}

static void assert_nobody(const struct vg_record *r)
{
	assert_string_equal(r->cgroup, "");
	assert_string_equal(r->vm, "");
	assert_string_equal(r->uuid, "");
}

static void the_process(void **state)
{
	struct vg_record r;
	int end;
	pid_t pid = start_guest(&end);

	(void)state;
	if (!own_id)
		skip();
	ask(&r, pid, pid, own_id, boottime());
	assert_int_equal(strncmp(r.cgroup, own_path, VG_CGROUP_LEN - 1), 0);
	assert_string_equal(r.vm, "web");
	assert_string_equal(r.uuid, UUID);
	stop_guest(pid, end);
}

/* It was in another cgroup: the number is another process's now. */
static void another_cgroup(void **state)
{
	struct vg_record r;
	int end;
	pid_t pid = start_guest(&end);

	(void)state;
	ask(&r, pid, pid, own_id + 1, boottime());
	assert_nobody(&r);
	ask(&r, pid, pid, 0, boottime());
	assert_nobody(&r);
	stop_guest(pid, end);
}

/* In the same cgroup, but it came after the access. */
static void came_later(void **state)
{
	__u64 before = boottime();
	struct vg_record r;
	pid_t pid;
	int end;

	(void)state;
	/* More than a tick of the clock that /proc has. */
	usleep(30000);
	pid = start_guest(&end);
	ask(&r, pid, pid, own_id, before);
	assert_nobody(&r);
	stop_guest(pid, end);
}

static void gone(void **state)
{
	struct vg_record r;
	int end;
	pid_t pid = start_guest(&end);

	(void)state;
	stop_guest(pid, end);
	ask(&r, pid, pid, own_id, boottime());
	assert_nobody(&r);
	/* above the kernel's limit of numbers */
	ask(&r, 1 << 30, 1 << 30, own_id, boottime());
	assert_nobody(&r);
}

static void *tell_tid(void *fd)
{
	pid_t tid = syscall(SYS_gettid);

	(void)!write((int)(intptr_t)fd, &tid, sizeof(tid));
	return NULL;
}

/* A thread that has ended: its process is in the cgroup still. */
static void thread_gone(void **state)
{
	struct vg_record r;
	pthread_t thread;
	int fds[2];
	pid_t tid;

	(void)state;
	if (!own_id)
		skip();
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pthread_create(&thread, NULL, tell_tid,
					(void *)(intptr_t)fds[1]),
			 0);
	assert_int_equal(read(fds[0], &tid, sizeof(tid)), sizeof(tid));
	pthread_join(thread, NULL);
	ask(&r, getpid(), tid, own_id, boottime());
	assert_int_equal(strncmp(r.cgroup, own_path, VG_CGROUP_LEN - 1), 0);
}

/* A name that looks like the fields behind it does not shift them. */
static void hostile_name(void **state)
{
	struct vg_record r;
	__u64 before = boottime();
	int fds[2];
	char c;
	pid_t pid;

	(void)state;
	usleep(30000);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		int fd = open("/proc/self/comm", O_WRONLY);

		/* Also if this test fails. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		(void)!write(fd, ") R 1 1 1 0 0 0", 15);
		(void)!write(fds[1], "x", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(fds[0], &c, 1), 1);
	ask(&r, pid, pid, own_id, before);
	assert_nobody(&r);
	if (own_id) {
		ask(&r, pid, pid, own_id, boottime());
		assert_string_not_equal(r.cgroup, "");
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_process), cmocka_unit_test(another_cgroup),
		cmocka_unit_test(came_later),  cmocka_unit_test(gone),
		cmocka_unit_test(thread_gone), cmocka_unit_test(hostile_name),
	};

	return cmocka_run_group_tests_name("process", tests, find_own, NULL);
}
