// SPDX-License-Identifier: GPL-2.0-only
#include <libaudit.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/audit_sink.h"
#include "util/log.h"

#define QUEUE_SIZE 4096 /* about 5 MB */
#define TEXT_LEN 1024

struct item {
	int type;
	bool result;
	__u64 events; /* that it tells of */
	bool has_record;
	struct vg_record record; /* for the second sink */
	char text[TEXT_LEN];
};

static struct item queue[QUEUE_SIZE];
/* Written at tail.  The item at head stays there until it is delivered. */
static unsigned int head, tail;
static bool stopping;
static bool abandoned; /* nobody waits for the thread any more */
static struct vg_event_log *ledger; /* NULL when abandoned */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static bool running;

static int audit_fd = -1;
static bool enabled;

/* Where an item went in the end. */
enum sink {
	NOWHERE,
	AUDIT,
	JOURNAL,
};

static void count_out(const struct item *item, enum sink sink)
{
	struct vg_daemon_counts more = { .queued = -item->events };

	if (sink == NOWHERE)
		more.lost = item->events;
	else if (!item->has_record)
		more.summarised = item->events;
	else if (sink == AUDIT)
		more.audit = item->events;
	else
		more.journal = item->events;
	if (item->events)
		vg_event_log_count(ledger, &more);
}

/* One line of JSON, what the record would have said and why it is here. */
static enum sink divert(const struct item *item, const char *why)
{
	struct vg_json json;
	char *line = NULL;
	size_t len = 0;
	FILE *f;

	f = vg_log_has_room() ? open_memstream(&line, &len) : NULL;
	if (!f)
		return NOWHERE;
	vg_json_start(&json, f, false);
	vg_json_document(&json, NULL, VG_JSON_NOT_IN_AUDIT);
	vg_json_string(&json, "not_in_audit", why);
	if (item->has_record)
		vg_record_json(&item->record, &json, "event");
	else
		vg_json_string(&json, "message", item->text);
	vg_json_object_end(&json);
	vg_json_end(&json);
	fclose(f);
	/* Not write(): vg_log() makes its line of several, with stderr locked. */
	fwrite(line, 1, len, stderr);
	free(line);
	return JOURNAL;
}

/*
 * The kernel takes and discards records while auditing is off, so this is asked
 * before each; the records are few.
 */
static bool audit_on(void)
{
	bool was = enabled;

	if (audit_fd < 0)
		return false;
	enabled = audit_is_enabled(audit_fd) > 0;
	if (was && !enabled)
		vg_warn("auditing was switched off; events go to stderr");
	else if (!was && enabled)
		vg_info("auditing is on; events go to the audit log");
	return enabled;
}

static enum sink deliver(const struct item *item)
{
	if (!audit_on())
		return divert(item, "auditing is off");
	/* No host, address or terminal: libaudit would look them up. */
	if (audit_log_user_message(audit_fd, item->type, item->text, NULL, NULL,
				   "", item->result) <= 0)
		return divert(item, "audit refused the record");
	return AUDIT;
}

static void *audit_thread(void *unused)
{
	enum sink sink;
	struct item item;

	(void)unused;
	pthread_mutex_lock(&lock);
	for (;;) {
		while (head == tail && !stopping)
			pthread_cond_wait(&changed, &lock);
		if (head == tail)
			break;
		item = queue[head % QUEUE_SIZE];
		pthread_mutex_unlock(&lock);
		sink = deliver(&item);
		pthread_mutex_lock(&lock);
		/* Held up too long: told elsewhere meanwhile, and counted. */
		if (abandoned)
			break;
		count_out(&item, sink);
		head++;
		/* From the start again, or each record takes memory once. */
		if (head == tail)
			head = tail = 0;
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
		count_out(item, divert(item, "audit is too slow"));
}

bool vg_audit_start(bool use, struct vg_event_log *log)
{
	ledger = log;
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
		.events = 1,
		.has_record = true,
		.record = *record,
	};
	struct vg_daemon_counts more = { .events = 1, .queued = 1 };

	vg_event_log_count(ledger, &more);
	if (vg_record_audit(record, item.text, sizeof(item.text)) < 0)
		count_out(&item, divert(&item, "the record is too long"));
	else
		enqueue(&item);
}

void vg_audit_message(int type, bool result, __u64 events, const char *fmt, ...)
{
	struct item item = { .type = type, .result = result, .events = events };
	struct vg_daemon_counts more = { .held = -events, .queued = events };
	va_list args;

	if (events)
		vg_event_log_count(ledger, &more);
	va_start(args, fmt);
	vsnprintf(item.text, sizeof(item.text), fmt, args);
	va_end(args);
	enqueue(&item);
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
	if (!running || !pthread_timedjoin_np(thread, NULL, &until)) {
		ledger = NULL;
		return;
	}

	/* The thread is stuck in libaudit, with the first of these. */
	vg_warn("audit held up the daemon's end; it may yet take the first of "
		"the records that follow");
	pthread_mutex_lock(&lock);
	abandoned = true;
	while (head != tail) {
		const struct item *item = &queue[head % QUEUE_SIZE];

		count_out(item, divert(item, "the daemon stopped"));
		head++;
	}
	ledger = NULL;
	pthread_mutex_unlock(&lock);
}
