// SPDX-License-Identifier: GPL-2.0-only
/* What was loaded before the lock closed, and could weaken the policy. */
#include <bpf/bpf.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "force/lock_state.h"
#include "lock/internal.h"
#include "util/log.h"

#define TRY_MS 200

void vg_lock_wait(void)
{
	static const struct timespec a_while = { .tv_nsec = TRY_MS * 1000000L };

	nanosleep(&a_while, NULL);
}

/* What of the programs that are there could weaken the policy. */
static const char *harm(enum vg_lock_op op)
{
	switch (op) {
	case VG_LOCK_PROG_MAPS:
		return "uses a map of the policy";
	case VG_LOCK_PROG_EXTEND:
		return "could replace a function of the policy's program";
	case VG_LOCK_PROG_SKIP:
		return "could make the kernel pass the lock by";
	case VG_LOCK_PROG_ITERATE:
		return "could write to maps that it iterates over";
	case VG_LOCK_MAP_INNER:
		return "could have a map of the policy in it";
	default:
		return NULL;
	}
}

/* Returns the first harmful program, 0 if there is none. */
static __u32 find_harmful(int ctl, const char **why)
{
	struct vg_lock_ask ask = { .cmd = VG_LOCK_CMD_VET };
	__u32 id = 0;
	int fd;

	*why = NULL;
	while (!*why && !bpf_prog_get_next_id(id, &id)) {
		/* Refused by the lock itself: harmful, if not gone. */
		fd = bpf_prog_get_fd_by_id(id);
		if (fd < 0) {
			if (errno != ENOENT)
				*why = "could weaken the policy";
			continue;
		}
		ask.prog = fd;
		if (!vg_lock_call(ctl, &ask))
			*why = harm(ask.op);
		close(fd);
	}
	return *why ? id : 0;
}

static __u32 find_harmful_map(int ctl, const char **why)
{
	struct vg_lock_ask ask = { .cmd = VG_LOCK_CMD_VET_MAP };
	__u32 id = 0;
	int fd;

	*why = NULL;
	while (!*why && !bpf_map_get_next_id(id, &id)) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			continue;
		ask.map = fd;
		if (!vg_lock_call(ctl, &ask))
			*why = harm(ask.op);
		close(fd);
	}
	return *why ? id : 0;
}

/* Programs of the policy before this one may still be on their way out. */
bool vg_lock_vet(int ctl)
{
	const char *kind = "prog", *why = NULL;
	__u32 id = 0;
	int i;

	for (i = 0; i < VG_LOCK_TRIES; i++) {
		id = find_harmful(ctl, &why);
		if (!id)
			break;
		vg_lock_wait();
	}
	if (!id) {
		kind = "map";
		id = find_harmful_map(ctl, &why);
	}
	if (id)
		vg_error("%s %u %s; end what has it (bpftool %s show id %u)",
			 kind, id, why, kind, id);
	return !id;
}
