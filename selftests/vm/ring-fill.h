/* SPDX-License-Identifier: GPL-2.0-only */
/* What ring-fill.c and the BPF program that it runs agree on. */
#ifndef RING_FILL_H
#define RING_FILL_H

/* Events of one run: short, because nothing else runs on the processor. */
#define RING_FILL_BATCH 1024

struct ring_fill {
	__u32 number; /* of the first event */
	__u32 end; /* of the one after the last */
	__u32 devices; /* functions they are of, in turn, from 0000:20:00.0 on */
	__u32 sent;
};

#endif
