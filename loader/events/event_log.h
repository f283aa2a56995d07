/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last events, in a file of fixed size on a memory file system.
 *
 * The daemon writes, `vfioguard events` reads, also after the daemon is gone.
 * No disk is written and no size is ever exceeded, however many there are.
 */
#ifndef VFIOGUARD_EVENTS_EVENT_LOG_H
#define VFIOGUARD_EVENTS_EVENT_LOG_H

#include <stdbool.h>

#include "events/event.h"
#include "util/paths.h"

#define VG_EVENT_LOG VG_RUN_DIR "/events"
/* Records, of all devices; when it is full each has a share, event_shares.h. */
#define VG_EVENT_LOG_SIZE 4096

/*
 * What became of the events, since the file was made: the first is the sum of
 * all others, at any moment and also when a daemon was killed.
 */
struct vg_daemon_counts {
	__u64 events; /* taken from the ring buffer */
	__u64 audit; /* with a record that the audit system took */
	__u64 journal; /* written to stderr instead */
	__u64 summarised; /* told of in a summary record */
	__u64 queued; /* wait for the audit system just now */
	__u64 held; /* wait for their summary just now */
	__u64 lost; /* a daemon was killed, or neither sink had room */
};

struct vg_event_log {
	__u32 schema; /* VG_SCHEMA */
	__u32 record_size;
	__u64 written; /* records since the file was made */
	__u64 counting; /* odd while the counts are being changed */
	struct vg_daemon_counts counts;
	/* Of the record in the same place, from 1 on; 0: there is none. */
	__u64 numbers[VG_EVENT_LOG_SIZE];
	struct vg_record records[VG_EVENT_LOG_SIZE];
};

/* Where a reader is; all 0 to start with the oldest record. */
struct vg_event_cursor {
	__u64 next; /* number of the record to read */
	__u64 began; /* number of the first that came after the reader did */
	__u64 lost; /* of these, how many were gone before they were read */
};

/**
 * vg_event_log_open() - map the file
 * @write: for the one writer, which also makes it; else read only
 *
 * The file's memory is reserved, so that who has it open can use all of it
 * whatever becomes of the file system's room.
 *
 * Return: the log, or NULL with errno set (ENOENT: no daemon ever ran; EPROTO:
 * the file is another version's; ENOSPC: the daemon found no room for it).
 */
struct vg_event_log *vg_event_log_open(bool write);

/* The same for a file of any name, whose folder must be there. */
struct vg_event_log *vg_event_log_open_at(const char *path, bool write);

/*
 * A log that nobody else sees and that ends with the process, for its counts.
 * Return: the log, or NULL with errno set.
 */
struct vg_event_log *vg_event_log_in_memory(void);

void vg_event_log_close(struct vg_event_log *log);

/*
 * Add one record.  When the log is full, the oldest goes of the device that has
 * most of them.
 */
void vg_event_log_add(struct vg_event_log *log, const struct vg_record *record);

/**
 * vg_event_log_count() - change the counts, all at once for readers
 * @log: NULL counts nothing
 * @more: what to add to each; to take away, add the negative number
 *
 * For any thread of the writer.
 */
void vg_event_log_count(struct vg_event_log *log,
			const struct vg_daemon_counts *more);

/* The counts as they were at one moment; all 0 without @log. */
void vg_event_log_counts(const struct vg_event_log *log,
			 struct vg_daemon_counts *counts);

/**
 * vg_event_log_resume() - put the counts in order after a daemon's end
 *
 * What waited in the memory of a daemon that was killed got no record.
 *
 * Return: how many events these were.
 */
__u64 vg_event_log_resume(struct vg_event_log *log);

/**
 * vg_event_log_next() - read on
 * @at: which record to read; moved past it
 *
 * Return: false when there is none yet.
 */
bool vg_event_log_next(const struct vg_event_log *log,
		       struct vg_event_cursor *at, struct vg_record *record);

#endif
