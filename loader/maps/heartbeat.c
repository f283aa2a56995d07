// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <time.h>

#include "maps/heartbeat.h"

/* Seconds since the daemon last drained events, -1 if it never did. */
static long long daemon_age(const struct vg_store *store)
{
	struct timespec now;
	__u32 zero = 0;
	__u64 beat = 0;

	bpf_map_lookup_elem(store->heartbeat, &zero, &beat);
	if (!beat)
		return -1;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec - (long long)(beat / 1000000000ULL);
}

/* The daemon beats once a second. */
bool vg_daemon_runs(const struct vg_store *store)
{
	long long age = daemon_age(store);

	return age >= 0 && age < 5;
}
