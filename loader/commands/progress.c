// SPDX-License-Identifier: GPL-2.0-only
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "commands/progress.h"

#define FIRST_SECONDS 1
#define NEXT_SECONDS 10

/*
 * What they wait for.  Not run, events and check: the first two never end, and the
 * last is done with the biggest policy in less than a second.
 */
#define LOADED "waiting for the policy that is loaded"
static const char *const waits[VG_COMMANDS] = {
	[VG_CMD_LOAD] = "putting the policy in force",
	[VG_CMD_UNLOAD] = "taking the policy out of force",
	[VG_CMD_LOCK] = "waiting for whoever has the policy open to let go",
	[VG_CMD_DOCTOR] = "looking at modules, initramfs and devices",
	[VG_CMD_STATUS] = LOADED,
	[VG_CMD_ALLOW] = LOADED,
	[VG_CMD_DENY] = LOADED,
	[VG_CMD_EXPLAIN] = LOADED,
	[VG_CMD_DEVICES] = LOADED,
	[VG_CMD_LEARN] = LOADED,
	[VG_CMD_SUGGEST] = LOADED,
	[VG_CMD_METRICS] = LOADED,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static bool running;
static bool over;

/* Not a signal: the kernel breaks off the loading of a program for one. */
static void *tell(void *what)
{
	struct timespec until;
	int seconds = FIRST_SECONDS;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += FIRST_SECONDS;
	pthread_mutex_lock(&lock);
	while (!over) {
		if (!pthread_cond_timedwait(&changed, &lock, &until))
			continue;
		fprintf(stderr, "vfioguard: %s (%d s)\n", (const char *)what,
			seconds);
		seconds = seconds - seconds % NEXT_SECONDS + NEXT_SECONDS;
		until.tv_sec += seconds == NEXT_SECONDS ?
					NEXT_SECONDS - FIRST_SECONDS :
					NEXT_SECONDS;
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

void vg_progress_start(enum vg_command command)
{
	if (waits[command] && isatty(STDERR_FILENO))
		running = !pthread_create(&thread, NULL, tell,
					  (void *)waits[command]);
}

void vg_progress_end(void)
{
	if (!running)
		return;
	pthread_mutex_lock(&lock);
	over = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	running = false;
}
