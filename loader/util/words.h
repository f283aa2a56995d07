/* SPDX-License-Identifier: GPL-2.0-only */
/* What the numbers of bpf/vfioguard.h are called, everywhere. */
#ifndef VFIOGUARD_UTIL_WORDS_H
#define VFIOGUARD_UTIL_WORDS_H

#include "bpf/vfioguard.h"

/* Each returns "unknown" for a number of another version. */
const char *vg_verdict_word(__u8 verdict); /* "allowed", "blocked", ... */
const char *vg_reason_word(__u8 reason);
const char *vg_access_word(__u8 access); /* "read" or "write" */
const char *vg_region_word(__u8 region); /* "header", "unassigned", ... */

#endif
