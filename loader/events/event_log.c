// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/event_log.h"
#include "events/event_shares.h"
#include "util/paths.h"

static bool is_ours(const struct vg_event_log *log)
{
	return log->schema == VG_SCHEMA &&
	       log->record_size == sizeof(struct vg_record);
}

static void start_anew(struct vg_event_log *log)
{
	memset(log->numbers, 0, sizeof(log->numbers));
	log->written = 0;
	log->counting = 0;
	memset(&log->counts, 0, sizeof(log->counts));
	log->record_size = sizeof(struct vg_record);
	log->schema = VG_SCHEMA;
}

/*
 * Whether all of the file is there, and not only its size: a page without memory
 * behind it kills whoever touches it when the file system is full.
 */
static bool has_blocks(const struct stat *st)
{
	return (__u64)st->st_blocks * 512 >= sizeof(struct vg_event_log);
}

/* 0, or the errno: EPROTO where the file is another version's. */
static int prepare(int fd, bool write)
{
	struct stat st;

	if (fstat(fd, &st))
		return errno;
	/* Just made, or left empty by a daemon that found no room. */
	if (!st.st_size && !write)
		return ENOSPC;
	if (st.st_size && st.st_size != sizeof(struct vg_event_log))
		return EPROTO;
	/* Memory that is ours from now on, however full it gets. */
	if (write)
		return posix_fallocate(fd, 0, sizeof(struct vg_event_log));
	return has_blocks(&st) ? 0 : EPROTO;
}

/* NULL with errno set, see prepare(). */
static struct vg_event_log *map_file(const char *path, bool write)
{
	int flags = write ? O_RDWR | O_CREAT : O_RDONLY;
	int prot = write ? PROT_READ | PROT_WRITE : PROT_READ;
	struct vg_event_log *log = MAP_FAILED;
	int fd, err;

	/* A FIFO in its place must not hold us up. */
	fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0600);
	if (fd < 0)
		return NULL;
	err = prepare(fd, write);
	if (!err) {
		log = mmap(NULL, sizeof(*log), prot, MAP_SHARED, fd, 0);
		err = errno;
	}
	close(fd);
	errno = err;
	return log == MAP_FAILED ? NULL : log;
}

/* A file of its own, as nobody reads it yet; empty if there is no room. */
static struct vg_event_log *make_file(const char *path)
{
	struct vg_event_log *log;
	int fd, err;

	/* Not truncated: somebody may be reading the old one. */
	if (unlink(path) && errno != ENOENT)
		return NULL;
	log = map_file(path, true);
	if (log)
		return log;
	err = errno;
	/* Tells readers; fallocate may have left blocks, which others need. */
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		close(fd);
	errno = err;
	return NULL;
}

struct vg_event_log *vg_event_log_open_at(const char *path, bool write)
{
	struct vg_event_log *log = map_file(path, write);

	/* Another version's, or one with holes that can't be filled. */
	if (!log && write)
		log = make_file(path);
	if (!log || is_ours(log))
		return log;
	if (!write) {
		vg_event_log_close(log);
		errno = EPROTO;
		return NULL;
	}
	start_anew(log);
	return log;
}

struct vg_event_log *vg_event_log_in_memory(void)
{
	struct vg_event_log *log;

	log = mmap(NULL, sizeof(*log), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (log == MAP_FAILED)
		return NULL;
	start_anew(log);
	return log;
}

struct vg_event_log *vg_event_log_open(bool write)
{
	if (write && mkdir(VG_RUN_DIR, 0755) && errno != EEXIST)
		return NULL;
	return vg_event_log_open_at(VG_EVENT_LOG, write);
}

void vg_event_log_close(struct vg_event_log *log)
{
	if (log)
		munmap(log, sizeof(*log));
}

void vg_event_log_add(struct vg_event_log *log, const struct vg_record *record)
{
	__u32 i = vg_event_shares_take(log, &record->event);
	__u64 number = log->written + 1;

	/* No record's, until all of the new one is there. */
	__atomic_store_n(&log->numbers[i], 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	log->records[i] = *record;
	__atomic_store_n(&log->numbers[i], number, __ATOMIC_RELEASE);
	/* Readers look for a record once it is counted. */
	__atomic_store_n(&log->written, number, __ATOMIC_RELEASE);
}

static void counts_begin(struct vg_event_log *log)
{
	__atomic_store_n(&log->counting, log->counting | 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void counts_end(struct vg_event_log *log)
{
	__atomic_store_n(&log->counting, log->counting + 1, __ATOMIC_RELEASE);
}

void vg_event_log_count(struct vg_event_log *log,
			const struct vg_daemon_counts *more)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	if (!log)
		return;
	pthread_mutex_lock(&lock);
	counts_begin(log);
	log->counts.events += more->events;
	log->counts.audit += more->audit;
	log->counts.journal += more->journal;
	log->counts.summarised += more->summarised;
	log->counts.queued += more->queued;
	log->counts.held += more->held;
	log->counts.lost += more->lost;
	counts_end(log);
	pthread_mutex_unlock(&lock);
}

void vg_event_log_counts(const struct vg_event_log *log,
			 struct vg_daemon_counts *counts)
{
	__u64 before;
	int i;

	memset(counts, 0, sizeof(*counts));
	/* Not for ever: a daemon may have been killed while it counted. */
	for (i = 0; log && i < 100000; i++) {
		before = __atomic_load_n(&log->counting, __ATOMIC_ACQUIRE);
		*counts = log->counts;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (!(before & 1) &&
		    __atomic_load_n(&log->counting, __ATOMIC_RELAXED) == before)
			return;
	}
}

__u64 vg_event_log_resume(struct vg_event_log *log)
{
	struct vg_daemon_counts *c = &log->counts;
	__u64 told = c->audit + c->journal + c->summarised + c->lost, lost;

	/* Killed in the middle of counting, one of them may be ahead. */
	counts_begin(log);
	if (told > c->events)
		c->events = told;
	lost = c->events - told;
	c->lost += lost;
	c->queued = 0;
	c->held = 0;
	counts_end(log);
	return lost;
}

/*
 * The place of the record with the lowest number from @next on, up to @written:
 * one that is put there meanwhile may be newer than one that was not seen.
 * Return: VG_EVENT_LOG_SIZE if there is none; else *@number is its number.
 */
static __u32 find_record(const struct vg_event_log *log, __u64 next,
			 __u64 written, __u64 *number)
{
	__u32 i, found = VG_EVENT_LOG_SIZE;

	*number = written + 1;
	for (i = 0; i < VG_EVENT_LOG_SIZE; i++) {
		__u64 n = __atomic_load_n(&log->numbers[i], __ATOMIC_ACQUIRE);

		if (n && n >= next && n < *number) {
			*number = n;
			found = i;
		}
	}
	return found;
}

bool vg_event_log_next(const struct vg_event_log *log,
		       struct vg_event_cursor *at, struct vg_record *record)
{
	__u64 written, number, due;
	__u32 place;

	do {
		written = __atomic_load_n(&log->written, __ATOMIC_ACQUIRE);
		if (!at->next) {
			at->next = 1;
			at->began = written + 1;
		}
		place = find_record(log, at->next, written, &number);
		if (place == VG_EVENT_LOG_SIZE)
			return false;
		*record = log->records[place];
		/* The copy is done before the number is looked at again. */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__atomic_load_n(&log->numbers[place], __ATOMIC_RELAXED) !=
		 number);
	/* What went before the reader came is not its loss. */
	due = at->next > at->began ? at->next : at->began;
	if (number > due)
		at->lost += number - due;
	at->next = number + 1;
	return true;
}
