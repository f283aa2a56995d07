// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of PCI vendors and devices from pci.ids.
 *
 * The file has some 20,000 devices.  It is mapped and indexed by one pass over
 * its lines, into a table with open addressing that maps an id to the place of
 * its line; names are copied only when asked for.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/pci_ids.h"

/* A vendor's own entry; no device has this id. */
#define VENDOR_ENTRY 0xffff

struct ids_entry {
	__u32 id; /* vendor << 16 | device */
	__u32 name; /* offset of the name in the file, 0: empty slot */
};

static struct {
	const char *path; /* NULL: look in the usual places */
	bool off;
	bool tried;
	const char *text; /* the mapped file, NULL: none */
	size_t len;
	struct ids_entry *table;
	__u32 slots; /* a power of two, at least twice the entries */
} ids;

static const char *const usual_paths[] = {
	"/usr/share/misc/pci.ids",
	"/usr/share/hwdata/pci.ids",
	"/usr/share/pci.ids",
	NULL,
};

void vg_pci_ids_free(void)
{
	if (ids.text)
		munmap((void *)ids.text, ids.len);
	free(ids.table);
	ids.text = NULL;
	ids.table = NULL;
	ids.tried = false;
}

void vg_pci_ids_use(const char *path)
{
	vg_pci_ids_free();
	ids.path = path;
	ids.off = false;
}

void vg_pci_ids_off(void)
{
	vg_pci_ids_free();
	ids.off = true;
}

static bool ids_map(const char *path)
{
	struct stat st;
	void *map;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	/* Offsets are 32 bits; the real file has 1.4 MB. */
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    st.st_size > INT32_MAX) {
		close(fd);
		return false;
	}
	map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return false;
	ids.text = map;
	ids.len = st.st_size;
	return true;
}

static struct ids_entry *ids_slot(__u32 id)
{
	/* Fibonacci hashing: neighbouring ids land far from each other. */
	__u32 slot = id * 2654435769U;

	for (slot >>= 7;; slot++) {
		struct ids_entry *entry = &ids.table[slot & (ids.slots - 1)];

		if (!entry->name || entry->id == id)
			return entry;
	}
}

static void ids_insert(__u32 id, size_t name)
{
	struct ids_entry *entry = ids_slot(id);

	/* The first of two lines counts. */
	if (entry->name)
		return;
	entry->id = id;
	entry->name = name;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Four hex digits and a blank; -1 when that isn't there. */
static int ids_number(const char *at, const char *end)
{
	int i, digit, number = 0;

	if (end - at < 6 || at[4] != ' ')
		return -1;
	for (i = 0; i < 4; i++) {
		digit = hex_value(at[i]);
		if (digit < 0)
			return -1;
		number = number << 4 | digit;
	}
	return number;
}

/*
 * "8086  Intel Corporation" is a vendor, a tab before it makes it a device of
 * the vendor above, two tabs a subsystem.  Behind the vendors come classes,
 * whose lines start with a letter and a blank.
 */
static void ids_index(void)
{
	const char *at = ids.text, *end = ids.text + ids.len;
	int vendor = -1;

	while (at < end) {
		const char *newline = memchr(at, '\n', end - at);
		const char *stop = newline ? newline : end;
		const char *name = at + (at[0] == '\t') + 4;
		int number;

		if (at[0] == '\t') {
			number = vendor < 0 ? -1 : ids_number(at + 1, stop);
			if (number >= 0)
				ids_insert((__u32)vendor << 16 | number,
					   name - ids.text);
		} else if (at < stop && at[0] != '#') {
			vendor = ids_number(at, stop);
			if (vendor >= 0)
				ids_insert((__u32)vendor << 16 | VENDOR_ENTRY,
					   name - ids.text);
		}
		at = stop + 1;
	}
}

/* Room for each line to be an entry, twice. */
static bool ids_table(void)
{
	size_t lines = 1;
	const char *at;

	for (at = ids.text; at;
	     at = memchr(at + 1, '\n', ids.text + ids.len - at - 1))
		lines++;
	for (ids.slots = 1024; ids.slots < 2 * lines;)
		ids.slots *= 2;
	ids.table = calloc(ids.slots, sizeof(*ids.table));
	return ids.table;
}

bool vg_pci_ids_available(void)
{
	size_t i;

	if (ids.off)
		return false;
	if (ids.tried)
		return ids.text;
	ids.tried = true;
	if (ids.path)
		ids_map(ids.path);
	else
		for (i = 0; usual_paths[i] && !ids_map(usual_paths[i]); i++)
			;
	if (!ids.text)
		return false;
	if (ids_table()) {
		ids_index();
		return true;
	}
	munmap((void *)ids.text, ids.len);
	ids.text = NULL;
	return false;
}

static const char *ids_name(__u32 id, char *buf, size_t len)
{
	const struct ids_entry *entry;
	const char *name, *end, *stop;
	size_t bytes;

	if (!vg_pci_ids_available())
		return NULL;
	entry = ids_slot(id);
	if (!entry->name)
		return NULL;
	stop = ids.text + ids.len;
	name = ids.text + entry->name;
	end = memchr(name, '\n', stop - name);
	if (!end)
		end = stop;
	while (name < end && *name == ' ')
		name++;
	bytes = end - name;
	if (bytes >= len)
		bytes = len - 1;
	memcpy(buf, name, bytes);
	buf[bytes] = '\0';
	return buf;
}

bool vg_pci_vendor_known(__u16 vendor)
{
	return vg_pci_ids_available() &&
	       ids_slot((__u32)vendor << 16 | VENDOR_ENTRY)->name;
}

bool vg_pci_device_known(__u16 vendor, __u16 device)
{
	return device != VENDOR_ENTRY && vg_pci_ids_available() &&
	       ids_slot((__u32)vendor << 16 | device)->name;
}

const char *vg_pci_vendor_name(__u16 vendor, char *buf, size_t len)
{
	return ids_name((__u32)vendor << 16 | VENDOR_ENTRY, buf, len);
}

const char *vg_pci_device_name(__u16 vendor, __u16 device, char *buf,
			       size_t len)
{
	if (device == VENDOR_ENTRY)
		return NULL;
	return ids_name((__u32)vendor << 16 | device, buf, len);
}
