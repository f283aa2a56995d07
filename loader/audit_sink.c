// SPDX-License-Identifier: GPL-2.0-only
#include <libaudit.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit_sink.h"
#include "log.h"

#define QUEUE_SIZE 4096 /* about 5 MB */
#define TEXT_LEN 1024
/* Seconds between looks whether auditing is on. */
#define CHECK_INTERVAL 5

struct item {
	int type;
	bool result;
	bool has_record;
	struct vg_record record; /* for the second sink */
	char text[TEXT_LEN];
};

static struct item queue[QUEUE_SIZE];
static unsigned int head, tail; /* tail is written at, head read from */
static bool stopping;
static struct vg_audit_counts counts;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static bool running;

static int audit_fd = -1;
static bool enabled;
static time_t checked_at;

/* One line of JSON, what the record would have said and why it is here. */
static void divert(const struct item *item, const char *why)
{
	struct vg_json json;
	char *line = NULL;
	size_t len = 0;
	FILE *f;

	pthread_mutex_lock(&lock);
	counts.diverted++;
	pthread_mutex_unlock(&lock);

	f = open_memstream(&line, &len);
	if (!f)
		return;
	vg_json_start(&json, f, false);
	vg_json_object(&json, NULL);
	vg_json_string(&json, "not_in_audit", why);
	if (item->has_record)
		vg_record_json(&item->record, &json, "event");
	else
		vg_json_string(&json, "message", item->text);
	vg_json_object_end(&json);
	vg_json_end(&json);
	fclose(f);
	/* One write, so that lines of two threads do not mix. */
	(void)!write(STDERR_FILENO, line, len);
	free(line);
}

/* The kernel takes and discards records while auditing is off. */
static bool audit_on(void)
{
	struct timespec now;
	bool was = enabled;

	if (audit_fd < 0)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (checked_at && now.tv_sec - checked_at < CHECK_INTERVAL)
		return enabled;
	checked_at = now.tv_sec;
	enabled = audit_is_enabled(audit_fd) > 0;
	if (was && !enabled)
		vg_warn("auditing was switched off; events go to stderr");
	else if (!was && enabled)
		vg_info("auditing is on; events go to the audit log");
	return enabled;
}

static void deliver(const struct item *item)
{
	if (!audit_on()) {
		divert(item, "auditing is off");
		return;
	}
	/* No host, address or terminal: libaudit would look them up. */
	if (audit_log_user_message(audit_fd, item->type, item->text, NULL, NULL,
				   "", item->result) <= 0) {
		divert(item, "audit refused the record");
		return;
	}
	pthread_mutex_lock(&lock);
	counts.sent++;
	pthread_mutex_unlock(&lock);
}

static void *audit_thread(void *unused)
{
	struct item item;

	(void)unused;
	pthread_mutex_lock(&lock);
	for (;;) {
		while (head == tail && !stopping)
			pthread_cond_wait(&changed, &lock);
		if (head == tail)
			break;
		item = queue[head % QUEUE_SIZE];
		head++;
		pthread_mutex_unlock(&lock);
		deliver(&item);
		pthread_mutex_lock(&lock);
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void enqueue(const struct item *item)
{
	bool full;

	pthread_mutex_lock(&lock);
	full = !running || tail - head == QUEUE_SIZE;
	if (!full) {
		queue[tail % QUEUE_SIZE] = *item;
		tail++;
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	if (full)
		divert(item, "audit is too slow");
}

bool vg_audit_start(bool use)
{
	if (use)
		audit_fd = audit_open();
	if (!use)
		vg_info("events go to stderr, as configured");
	else if (audit_fd < 0)
		vg_warn("this kernel has no auditing; events go to stderr");
	else if (!audit_on())
		vg_warn("auditing is off; events go to stderr until it is "
			"switched on (auditctl -e 1)");

	running = !pthread_create(&thread, NULL, audit_thread, NULL);
	if (!running)
		vg_warn("no thread for audit; events go to stderr");
	return audit_fd >= 0 && enabled;
}

void vg_audit_event(const struct vg_record *record)
{
	struct item item = {
		.type = AUDIT_USER_DEVICE,
		.result = record->event.verdict != VG_BLOCK,
		.has_record = true,
		.record = *record,
	};

	if (vg_record_audit(record, item.text, sizeof(item.text)) < 0)
		divert(&item, "the record is too long");
	else
		enqueue(&item);
}

void vg_audit_message(int type, bool result, const char *fmt, ...)
{
	struct item item = { .type = type, .result = result };
	va_list args;

	va_start(args, fmt);
	vsnprintf(item.text, sizeof(item.text), fmt, args);
	va_end(args);
	enqueue(&item);
}

void vg_audit_counts(struct vg_audit_counts *out)
{
	pthread_mutex_lock(&lock);
	*out = counts;
	out->queued = tail - head;
	pthread_mutex_unlock(&lock);
}

void vg_audit_stop(unsigned int seconds)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;

	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	if (!running || !pthread_timedjoin_np(thread, NULL, &until))
		return;

	/*
	 * The thread is stuck in libaudit.  It keeps the record it has in hand;
	 * what is still queued goes to the second sink.
	 */
	pthread_mutex_lock(&lock);
	while (head != tail) {
		struct item item = queue[head++ % QUEUE_SIZE];

		pthread_mutex_unlock(&lock);
		divert(&item, "the daemon stopped");
		pthread_mutex_lock(&lock);
	}
	pthread_mutex_unlock(&lock);
	vg_warn("audit held up the daemon's end; one record may be missing");
}
