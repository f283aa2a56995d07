// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which virtual machine a process runs: what libvirt calls its cgroups, what
 * QEMU is told on its command line, and what is neither.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/vm.h"

#define UUID "12345678-9abc-def0-1234-56789abcdef0"
#define SLICE "/machine.slice/"

static void cgroups(void **state)
{
	static const struct {
		const char *cgroup;
		const char *name;
	} paths[] = {
		{ SLICE "machine-qemu\\x2d1\\x2dweb.scope", "web" },
		{ SLICE "machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator",
		  "web" },
		{ SLICE "machine-qemu\\x2d1\\x2dweb.scope/libvirt/vcpu0",
		  "web" },
		{ SLICE "machine-qemu\\x2d1234\\x2dtest\\x2dvm.scope",
		  "test-vm" },
		/* names that begin with digits, or are digits */
		{ SLICE "machine-qemu\\x2d7\\x2d2022\\x2ddb.scope", "2022-db" },
		{ SLICE "machine-qemu\\x2d7\\x2d42.scope", "42" },
		/* a cut name has no number that counts up: systemd's 64 */
		{ SLICE "machine-qemu\\x2d7\\x2da.b.scope", "a.b" },
		{ SLICE "machine-qemu\\x2d7\\x2da.scope.scope", "a.scope" },
		/* escapes: a blank, a backslash, UTF-8, and what is none */
		{ SLICE "machine-qemu\\x2d1\\x2da\\x20b.scope", "a b" },
		{ SLICE "machine-qemu\\x2d1\\x2da\\x5cb.scope", "a\\b" },
		{ SLICE "machine-qemu\\x2d1\\x2d\\xc3\\xa4.scope", "\xc3\xa4" },
		{ SLICE "machine-qemu\\x2d1\\x2da\\xg0.scope", "a\\xg0" },
		{ SLICE "machine-qemu\\x2d1\\x2da\\x2.scope", "a\\x2" },
		{ SLICE "machine-qemu\\x2d1\\x2da\\.scope", "a\\" },
		/* deeper, in a container */
		{ "/a/b" SLICE "machine-qemu\\x2d1\\x2dweb.scope", "web" },
		/* none of libvirt's */
		{ "", "" },
		{ "/", "" },
		{ "/user.slice/user-0.slice/session-1.scope", "" },
		{ SLICE, "" },
		{ SLICE "machine-qemu\\x2d1\\x2d.scope", "" },
		{ SLICE "machine-qemu\\x2d1.scope", "" },
		{ SLICE "machine-qemu\\x2d", "" },
		{ SLICE "machine-qemu\\x2d1\\x2dweb", "" },
		{ SLICE "machine-qemu\\x2d1\\x2dweb.service", "" },
		{ SLICE "machine-lxc\\x2d1\\x2dweb.scope", "" },
		{ SLICE "my-machine-qemu\\x2d1\\x2dweb.scope", "" },
		/* the ending is of another folder */
		{ SLICE "machine-qemu\\x2d1\\x2dweb/other.scope", "" },
		{ SLICE "machine-qemu\\x2d1.scope/\\x2dweb.scope", "" },
	};
	char name[VG_VM_NAME_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		memset(name, 'x', sizeof(name));
		vg_vm_from_cgroup(paths[i].cgroup, name, sizeof(name));
		assert_string_equal(name, paths[i].name);
	}
}

/* Every room from one byte up holds what fits, with its end. */
static void names_are_cut(void **state)
{
	static const char whole[] = "abcdefgh";
	char name[16];
	char uuid[VG_VM_UUID_LEN];
	size_t len;

	(void)state;
	for (len = 1; len <= sizeof(whole); len++) {
		memset(name, 'x', sizeof(name));
		vg_vm_from_cgroup(SLICE "machine-qemu\\x2d1\\x2d"
					"ab\\x63defgh.scope",
				  name, len);
		assert_int_equal(strlen(name), len - 1);
		assert_memory_equal(name, whole, len - 1);
		assert_int_equal(name[len], 'x');

		memset(name, 'x', sizeof(name));
		name[0] = '\0';
		vg_vm_from_cmdline("-name\0abcdefgh", 15, name, len, uuid);
		assert_int_equal(strlen(name), len - 1);
		assert_memory_equal(name, whole, len - 1);
		assert_int_equal(name[len], 'x');
	}
}

#define LINE(text) text, sizeof(text)

static void command_lines(void **state)
{
	static const struct {
		const char *args;
		size_t bytes;
		const char *name;
		const char *uuid;
	} lines[] = {
		{ LINE("qemu\0-name\0web"), "web", "" },
		{ LINE("qemu\0-name\0web\0-uuid\0" UUID), "web", UUID },
		{ LINE("qemu\0-uuid\0" UUID "\0-name\0web"), "web", UUID },
		/* as libvirt writes it */
		{ LINE("qemu\0-name\0guest=web,debug-threads=on\0-S\0-uuid\0" UUID
		       "\0-m\0"
		       "64"),
		  "web", UUID },
		{ LINE("qemu\0-name\0debug-threads=on,guest=web"), "web", "" },
		{ LINE("qemu\0-name\0web,debug-threads=on"), "web", "" },
		{ LINE("qemu\0-name\0debug-threads=on"), "", "" },
		{ LINE("qemu\0-name\0guest="), "", "" },
		{ LINE("qemu\0-name\0"), "", "" },
		/* a comma in a name is doubled */
		{ LINE("qemu\0-name\0guest=a,,b,debug-threads=on"), "a,b", "" },
		{ LINE("qemu\0-name\0a,,guest=b"), "a,guest=b", "" },
		{ LINE("qemu\0-name\0guest=a,,"), "a,", "" },
		{ LINE("qemu\0-name\0guest=a,"), "a", "" },
		/* an upper-case one is one */
		{ LINE("qemu\0-uuid\0"
		       "12345678-9ABC-DEF0-1234-56789ABCDEF0"),
		  "", "12345678-9ABC-DEF0-1234-56789ABCDEF0" },
		/* none */
		{ LINE("qemu\0-uuid\0"
		       "12345678-9abc-def0-1234-56789abcdef"),
		  "", "" },
		{ LINE("qemu\0-uuid\0"
		       "12345678-9abc-def0-1234-56789abcdef0a"),
		  "", "" },
		{ LINE("qemu\0-uuid\0"
		       "12345678-9abc-def0-1234-56789abcdefg"),
		  "", "" },
		{ LINE("qemu\0-uuid\0"
		       "123456789abc-def0-1234-56789abcdef0-"),
		  "", "" },
		{ LINE("qemu\0-uuid\0x res=success"), "", "" },
		/* the last argument has no value */
		{ LINE("qemu\0-name"), "", "" },
		{ LINE("qemu\0-uuid"), "", "" },
		{ LINE("-name"), "", "" },
		{ LINE(""), "", "" },
		{ "", 0, "", "" },
		/* cut in the middle of an argument: the rest is not known */
		{ "qemu\0-name\0web", sizeof("qemu\0-name\0web") - 1, "", "" },
		{ "qemu\0-nam", sizeof("qemu\0-nam") - 1, "", "" },
		/* empty arguments */
		{ LINE("\0\0\0-name\0web\0\0"), "web", "" },
	};
	char name[VG_VM_NAME_LEN], uuid[VG_VM_UUID_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		/* Of its very size, for the sanitizer to see its end. */
		char *args = malloc(lines[i].bytes ? lines[i].bytes : 1);

		assert_non_null(args);
		memcpy(args, lines[i].args, lines[i].bytes);
		name[0] = '\0';
		memset(uuid, 'x', sizeof(uuid));
		vg_vm_from_cmdline(args, lines[i].bytes, name, sizeof(name),
				   uuid);
		assert_string_equal(name, lines[i].name);
		assert_string_equal(uuid, lines[i].uuid);
		free(args);
	}
}

/* The cgroup's name is libvirt's own, so it goes before. */
static void cgroup_first(void **state)
{
	static const char args[] = "qemu\0-name\0other\0-uuid\0" UUID;
	char name[VG_VM_NAME_LEN] = "web", uuid[VG_VM_UUID_LEN];

	(void)state;
	vg_vm_from_cmdline(args, sizeof(args), name, sizeof(name), uuid);
	assert_string_equal(name, "web");
	assert_string_equal(uuid, UUID);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cgroups),
		cmocka_unit_test(names_are_cut),
		cmocka_unit_test(command_lines),
		cmocka_unit_test(cgroup_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
