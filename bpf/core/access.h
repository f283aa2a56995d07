/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An access to config space, as a front end describes it to the core, and what
 * the core has it told.
 */
#ifndef VFIOGUARD_ACCESS_H
#define VFIOGUARD_ACCESS_H

/*
 * What a byte is part of, as events have it.  The capabilities are all one to
 * the core; a region that it does not know is judged like them.
 */
enum access_region {
	REGION_HEADER,
	REGION_CAP,
	REGION_EXT_CAP,
	REGION_VENDOR,
	REGION_UNASSIGNED,
	REGION_VIRTUAL, /* bytes that vfio makes up */
};

/*
 * .has_data of a write whose data may be another by the time it is done: rules
 * about values or bits block it.
 */
#define DATA_HIDDEN 2

struct access {
	__u32 data; /* of a write, host byte order; see judge() */
	__u32 keep; /* 0; then bits of an allowed write to stay as they read */
	__u16 offset; /* bytes */
	__u16 cap_id; /* 0 in the header, 255 in unassigned space */
	__u8 size; /* 1, 2 or 4 bytes, in one aligned dword */
	__u8 region; /* enum access_region */
	__u8 write;
	__u8 native; /* what a filter below the policy says: TELL_* */
	__u8 has_data; /* of a write: 0 if .data is not known, DATA_HIDDEN */
	__u8 pad[3];
};

/*
 * What a front end is told, in two bits and a flag.  The values are its own, so
 * that it has nothing to translate: it may define them before it includes the
 * core.
 */
#ifndef TELL_DEFAULT
#define TELL_DEFAULT 0 /* let through what nothing below it blocks */
#define TELL_ALLOW 1 /* let through, whatever there is below */
#define TELL_BLOCK 2
#define TELL_AUDIT 0x100 /* beside these: nobody reads our own reports */
#endif

#endif
