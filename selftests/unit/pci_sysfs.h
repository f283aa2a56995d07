/* SPDX-License-Identifier: GPL-2.0-only */
/* A folder as /sys, with one function of PCI. */
#ifndef VFIOGUARD_PCI_SYSFS_H
#define VFIOGUARD_PCI_SYSFS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/event.h"
#include "util/slot.h"

#define SLOT VG_SLOT(0, 1, 0)

struct pci_sysfs {
	char path[32];
	char function[80];
	unsigned char config[4096];
};

static inline void pci_sysfs_file(const struct pci_sysfs *fs, const char *name,
				  const void *data, size_t len)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", fs->function, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	fclose(f);
}

static inline void pci_sysfs_dword(struct pci_sysfs *fs, __u16 at, __u32 value)
{
	memcpy(&fs->config[at], &value, sizeof(value));
}

/* @from: of the byte that points to it */
static inline void pci_sysfs_cap(struct pci_sysfs *fs, __u16 from, __u8 at,
				 __u8 id)
{
	fs->config[0x06] = 0x10;
	fs->config[from] = at;
	fs->config[at] = id;
}

static inline void pci_sysfs_ext_cap(struct pci_sysfs *fs, __u16 at, __u16 id,
				     __u16 next)
{
	pci_sysfs_dword(fs, at, (__u32)next << 20 | 1 << 16 | id);
}

/* The config space's first @bytes can be read. */
static inline void pci_sysfs_write(const struct pci_sysfs *fs, size_t bytes)
{
	pci_sysfs_file(fs, "config", fs->config, bytes);
}

static inline void pci_sysfs_start(struct pci_sysfs *fs, __u32 slot)
{
	char bdf[VG_SLOT_LEN];

	memset(fs, 0, sizeof(*fs));
	strcpy(fs->path, "/tmp/vfioguard-XXXXXX");
	assert_non_null(mkdtemp(fs->path));
	vg_slot_format(slot, bdf);
	snprintf(fs->function, sizeof(fs->function), "%s/bus", fs->path);
	assert_int_equal(mkdir(fs->function, 0700), 0);
	strcat(fs->function, "/pci");
	assert_int_equal(mkdir(fs->function, 0700), 0);
	strcat(fs->function, "/devices");
	assert_int_equal(mkdir(fs->function, 0700), 0);
	strcat(strcat(fs->function, "/"), bdf);
	assert_int_equal(mkdir(fs->function, 0700), 0);
	pci_sysfs_dword(fs, 0, 0x10d38086);
	pci_sysfs_file(fs, "vendor", "0x8086\n", 7);
	pci_sysfs_file(fs, "device", "0x10d3\n", 7);
	pci_sysfs_file(fs, "class", "0x020000\n", 9);
	pci_sysfs_file(fs, "subsystem_vendor", "0x1028\n", 7);
	pci_sysfs_file(fs, "subsystem_device", "0x1234\n", 7);
	pci_sysfs_write(fs, sizeof(fs->config));
}

static inline void pci_sysfs_end(const struct pci_sysfs *fs)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", fs->path);
	assert_int_equal(system(command), 0);
}

#endif
