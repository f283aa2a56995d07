// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util/printable.h"
#include "util/vm.h"

/* systemd writes a dash in a unit's name as \x2d. */
#define MACHINE "machine-qemu\\x2d"
/* More than a unit's name has, or a name that QEMU takes of a file. */
#define NAME_BYTES 512

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Copies one unit name up to its ".scope", undoing \xNN. */
static void unescape(const char *in, const char *end, char *out, size_t len)
{
	char all[NAME_BYTES];
	size_t n = 0;

	while (in < end && n + 1 < sizeof(all)) {
		if (end - in >= 4 && in[0] == '\\' && in[1] == 'x' &&
		    hex_digit(in[2]) >= 0 && hex_digit(in[3]) >= 0) {
			all[n++] = hex_digit(in[2]) << 4 | hex_digit(in[3]);
			in += 4;
		} else {
			all[n++] = *in++;
		}
	}
	all[n] = '\0';
	vg_shorten(all, out, len);
}

void vg_vm_from_cgroup(const char *cgroup, char *name, size_t len)
{
	size_t suffix = strlen(".scope");
	const char *at, *end;

	name[0] = '\0';
	/* One component of the path; a name may hold ".scope" as well. */
	for (at = cgroup; strncmp(at, MACHINE, strlen(MACHINE)); at++) {
		at = strchr(at, '/');
		if (!at)
			return;
	}
	end = strchrnul(at, '/');
	at += strlen(MACHINE);
	if ((size_t)(end - at) < suffix ||
	    strncmp(end - suffix, ".scope", suffix))
		return;
	/* libvirt's number of the machine comes first. */
	while (isdigit((unsigned char)*at))
		at++;
	if (strncmp(at, "\\x2d", 4))
		return;
	unescape(at + 4, end - suffix, name, len);
}

static bool is_uuid(const char *text)
{
	size_t i;

	if (strlen(text) != VG_VM_UUID_LEN - 1)
		return false;
	for (i = 0; i < VG_VM_UUID_LEN - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

/*
 * -name NAME, -name guest=NAME,debug-threads=on: options parted by commas, of
 * which the first needs no name; a comma in a value is doubled.
 */
static void parse_name(const char *arg, char *name, size_t len)
{
	char all[NAME_BYTES];
	size_t n = 0;

	if (arg[strcspn(arg, ",=")] == '=') {
		while (strncmp(arg, "guest=", 6)) {
			arg = strchr(arg, ',');
			if (!arg++)
				return;
		}
		arg += 6;
	}
	for (; *arg && n + 1 < sizeof(all); arg++) {
		if (*arg == ',' && *++arg != ',')
			break;
		all[n++] = *arg;
	}
	all[n] = '\0';
	vg_shorten(all, name, len);
}

void vg_vm_from_cmdline(const char *cmdline, size_t bytes, char *name,
			size_t len, char uuid[VG_VM_UUID_LEN])
{
	const char *at = cmdline, *end = cmdline + bytes, *next;

	uuid[0] = '\0';
	for (; at < end; at = next) {
		next = at + strnlen(at, end - at) + 1;
		if (next >= end || !memchr(next, '\0', end - next))
			break;
		if (!strcmp(at, "-name") && !name[0])
			parse_name(next, name, len);
		else if (!strcmp(at, "-uuid") && is_uuid(next))
			memcpy(uuid, next, VG_VM_UUID_LEN);
	}
}
