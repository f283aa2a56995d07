/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files *.layout: what is where in the config spaces of real devices.  README.md
 * says how they are written.
 */
#ifndef VFIOGUARD_LAYOUT_FILE_H
#define VFIOGUARD_LAYOUT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define LF_BYTES 4096
#define LF_CAPS 96
#define LF_FIELDS 2
#define LF_TEXT 96

/* What vfio's map has where no capability is, see its vfio_pci_priv.h. */
#define LF_NONE 0xff

/* A register that a length depends on. */
struct lf_field {
	__u8 offset; /* from the capability's start */
	__u8 size;
	__u32 value;
};

struct lf_cap {
	bool ext;
	__u16 at;
	__u16 id;
	__u16 next;
	__u8 version;
	bool hidden; /* vfio shows nothing of it */
	bool anchor; /* but its head, as it starts the chain */
	__u16 shown; /* bytes that vfio takes for it */
	char name[16];
	unsigned int nr_fields;
	struct lf_field fields[LF_FIELDS];
};

struct lf_device {
	__u16 vendor;
	__u16 device;
	__u16 subvendor;
	__u16 subdevice;
	__u32 class;
	__u8 revision;
	__u8 header;
	bool vf; /* its ids read as ones */
	unsigned int size;
	char name[LF_TEXT];
	char source[LF_TEXT];
	char file[64];
	unsigned int line;
	unsigned int nr_caps;
	struct lf_cap caps[LF_CAPS];
};

struct lf_list {
	struct lf_device *devices;
	size_t nr;
};

/**
 * lf_read() - add the devices of a file
 * @list: zeros at first
 *
 * Says what is wrong, where, on stderr.
 * Return: 0 or -1.
 */
int lf_read(const char *path, struct lf_list *list);

/**
 * lf_read_all() - all files of a folder, in the order of their names
 *
 * Return: 0 or -1, also if there is none.
 */
int lf_read_all(const char *folder, struct lf_list *list);

void lf_free(struct lf_list *list);

/* The device's config space, as far as the block says what is in it, else zeros. */
void lf_build(const struct lf_device *device, __u8 space[LF_BYTES]);

/**
 * lf_map() - what vfio's map of it is, by what the block says that vfio shows
 *
 * For each byte the id of the capability, 0 in the header, or LF_NONE.
 */
void lf_map(const struct lf_device *device, __u8 map[LF_BYTES]);

#endif
