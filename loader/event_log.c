// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event_log.h"

static bool fits(int fd, bool write)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	if (st.st_size == sizeof(struct vg_event_log))
		return true;
	/* Of another version, or new: start anew. */
	return write && !ftruncate(fd, 0) &&
	       !ftruncate(fd, sizeof(struct vg_event_log));
}

struct vg_event_log *vg_event_log_open(bool write)
{
	int prot = write ? PROT_READ | PROT_WRITE : PROT_READ;
	struct vg_event_log *log = MAP_FAILED;
	int fd;

	if (write && mkdir(VG_RUN_DIR, 0755) && errno != EEXIST)
		return NULL;
	fd = open(VG_EVENT_LOG, (write ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC,
		  0600);
	if (fd < 0)
		return NULL;
	if (fits(fd, write))
		log = mmap(NULL, sizeof(*log), prot, MAP_SHARED, fd, 0);
	close(fd);
	if (log == MAP_FAILED)
		return NULL;

	if (write && (log->schema != VG_SCHEMA ||
		      log->record_size != sizeof(struct vg_record))) {
		log->written = 0;
		log->record_size = sizeof(struct vg_record);
		log->schema = VG_SCHEMA;
	}
	return log;
}

void vg_event_log_close(struct vg_event_log *log)
{
	if (log)
		munmap(log, sizeof(*log));
}

void vg_event_log_add(struct vg_event_log *log, const struct vg_record *record)
{
	__u64 n = log->written;

	log->records[n % VG_EVENT_LOG_SIZE] = *record;
	/* Readers trust a record once it is counted. */
	__atomic_store_n(&log->written, n + 1, __ATOMIC_RELEASE);
}

bool vg_event_log_next(const struct vg_event_log *log, __u64 *next,
		       struct vg_record *record, __u64 *lost)
{
	__u64 written, oldest;

	for (;;) {
		written = __atomic_load_n(&log->written, __ATOMIC_ACQUIRE);
		if (*next >= written)
			return false;
		/* The slot after the newest may be being written just now. */
		oldest = written < VG_EVENT_LOG_SIZE ?
				 0 :
				 written - VG_EVENT_LOG_SIZE + 1;
		if (*next < oldest) {
			*lost += *next ? oldest - *next : 0;
			*next = oldest;
		}
		*record = log->records[*next % VG_EVENT_LOG_SIZE];
		written = __atomic_load_n(&log->written, __ATOMIC_ACQUIRE);
		if (written - *next < VG_EVENT_LOG_SIZE) {
			(*next)++;
			return true;
		}
		/* Overwritten while it was copied. */
	}
}
