// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doctor/internal.h"

#define TOOL_SECONDS 60
#define NOT_THERE 127

bool vg_systemd_runs(void)
{
	return !access("/run/systemd/system", F_OK);
}

bool vg_tool_exists(const char *name)
{
	const char *rest = getenv("PATH");
	char path[512];
	int len;

	while (rest && *rest) {
		len = strcspn(rest, ":");
		snprintf(path, sizeof(path), "%.*s/%s", len, rest, name);
		if (!access(path, X_OK))
			return true;
		rest += len + (rest[len] == ':');
	}
	return false;
}

static void run(const char *const argv[], int out)
{
	int null = open("/dev/null", O_RDWR);

	/* These are read by us, in the words that we know. */
	setenv("LC_ALL", "C", 1);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execvp(argv[0], (char *const *)argv);
	_exit(NOT_THERE);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Return: whether it came to an end, in time and with no more than @max. */
static bool take(int fd, size_t max, char *buf, size_t *len)
{
	long long end = now_ms() + TOOL_SECONDS * 1000, left;
	struct pollfd in = { .fd = fd, .events = POLLIN };
	ssize_t n;

	while (*len < max) {
		left = end - now_ms();
		if (left <= 0 || poll(&in, 1, (int)left) <= 0)
			return false;
		n = read(fd, buf + *len, max - *len);
		if (n < 0)
			return false;
		if (!n)
			return true;
		*len += n;
	}
	return false;
}

int vg_tool(const char *const argv[], size_t max, char **out, size_t *len)
{
	int pipes[2], status, ret = 0;
	bool ended;
	pid_t pid;

	*len = 0;
	*out = malloc(max + 1);
	if (!*out)
		return -ENOMEM;
	if (pipe2(pipes, O_CLOEXEC)) {
		ret = -errno;
		goto err;
	}
	pid = fork();
	if (!pid)
		run(argv, pipes[1]);
	close(pipes[1]);
	if (pid < 0) {
		ret = -errno;
		close(pipes[0]);
		goto err;
	}
	ended = take(pipes[0], max, *out, len);
	close(pipes[0]);
	if (!ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	(*out)[*len] = '\0';
	if (*len == max || (ended && WIFEXITED(status) && !WEXITSTATUS(status)))
		return 0;
	ret = ended && WIFEXITED(status) && WEXITSTATUS(status) == NOT_THERE ?
		      -ENOENT :
		      -EIO;
err:
	free(*out);
	*out = NULL;
	return ret;
}
