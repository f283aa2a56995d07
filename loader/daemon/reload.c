// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reload is `vfioguard load` in a process of its own: whatever is in the policy
 * and however long it takes, events are drained meanwhile, and what it takes of
 * memory is gone with it.  It may be killed at any moment (force/recover.h).
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/reload.h"
#include "util/log.h"

/*
 * The biggest policy takes less than half of it (README.md); more is a fault, which
 * must not be the host's.
 */
#define MEMORY_BYTES (256UL << 20)
#define PROGRAM "/proc/self/exe"

static struct {
	pid_t pid; /* 0: none is at work */
	unsigned int seconds; /* how long it has been */
	bool timed_out;
} child;

bool vg_reload_runs(void)
{
	return child.pid;
}

/* Between fork and exec, with a thread of audit's somewhere: system calls alone. */
static void become_load(const char *program, char *const argv[], pid_t parent)
{
	struct rlimit memory = { MEMORY_BYTES, MEMORY_BYTES };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have died before that. */
	if (getppid() != parent)
		_exit(127);
#ifndef __SANITIZE_ADDRESS__
	setrlimit(RLIMIT_DATA, &memory);
#else
	(void)memory; /* its shadow is terabytes */
#endif
	/* By its name, which messages show; by the link if that is gone. */
	execv(program, argv);
	execv(PROGRAM, argv);
	_exit(127);
}

int vg_reload_start(const char *policy, enum vg_door_wish wish)
{
	static char name[] = "vfioguard", verbose[] = "-v", load[] = "load",
		    mode[] = "--mode";
	char word[16], path[PATH_MAX], program[PATH_MAX] = "";
	char *argv[7], **arg = argv;
	pid_t parent = getpid();

	(void)!readlink(PROGRAM, program, sizeof(program) - 1);
	strcpy(word, vg_door_wish_word(wish));
	strcpy(path, policy);
	*arg++ = name;
	if (vg_log_shows(VG_LOG_DEBUG))
		*arg++ = verbose;
	*arg++ = load;
	*arg++ = mode;
	*arg++ = word;
	*arg++ = path;
	*arg = NULL;

	child.pid = fork();
	if (!child.pid)
		become_load(program, argv, parent);
	if (child.pid < 0) {
		child.pid = 0;
		return -errno;
	}
	child.seconds = 0;
	child.timed_out = false;
	return 0;
}

void vg_reload_tick(void)
{
	if (!child.pid || ++child.seconds < VG_RELOAD_SECONDS)
		return;
	child.timed_out = true;
	kill(child.pid, SIGKILL);
}

static bool succeeded(int status)
{
	if (child.timed_out)
		vg_error("the reload did not come to an end within %d seconds "
			 "and was killed",
			 VG_RELOAD_SECONDS);
	else if (WIFSIGNALED(status))
		vg_error("the reload was killed by signal %d",
			 WTERMSIG(status));
	else if (WEXITSTATUS(status) == 127)
		vg_error("the reload could not be started: no " PROGRAM);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

bool vg_reload_ended(bool *ok)
{
	int status;

	if (!child.pid || waitpid(child.pid, &status, WNOHANG) != child.pid)
		return false;
	*ok = succeeded(status);
	child.pid = 0;
	return true;
}

void vg_reload_stop(void)
{
	if (!child.pid)
		return;
	vg_warn("a reload was under way and is given up");
	kill(child.pid, SIGKILL);
	child.pid = 0;
}
