// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/complete.h"
#include "commands/usage.h"
#include "kernel/sysfs.h"
#include "util/vm.h"

#define MACHINES "/sys/fs/cgroup/machine.slice"
#define FILES "/"

/* Longest argument of a synopsis that is looked at. */
#define WORD_LEN 64

/* Only what no shell takes for more than text. */
static bool is_plain(const char *text)
{
	size_t i;

	for (i = 0; text[i]; i++)
		if (!isalnum((unsigned char)text[i]) &&
		    !strchr(":._-", text[i]))
			return false;
	return i > 0;
}

static void offer(const char *text, const char *typed)
{
	if (is_plain(text) && !strncmp(text, typed, strlen(typed)))
		puts(text);
}

/* --- What an argument in upper case stands for -------------------------------- */

static void offer_devices(const char *typed, bool slots)
{
	struct vg_function *list;
	char id[16];
	int i, nr = vg_functions_all(&list);

	for (i = 0; i < nr; i++) {
		snprintf(id, sizeof(id), "%04x:%04x", list[i].vendor,
			 list[i].device);
		offer(slots ? list[i].bdf : id, typed);
	}
	free(list);
}

static void offer_machines(const char *typed)
{
	char path[512], name[VG_VM_NAME_LEN];
	struct dirent *entry;
	DIR *dir = opendir(MACHINES);

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/machine.slice/%.256s",
			 entry->d_name);
		vg_vm_from_cgroup(path, name, sizeof(name));
		offer(name, typed);
	}
	if (dir)
		closedir(dir);
}

/* @word: one of the alternatives of an argument */
static void offer_word(const char *word, const char *typed)
{
	static const char *const regions[] = { "unassigned", "vendor", "header",
					       "cap" };
	size_t i;

	if (islower((unsigned char)word[0])) {
		offer(word, typed);
	} else if (!strncmp(word, "FILE", 4) || !strncmp(word, "POLICY", 6) ||
		   !strcmp(word, "DIR")) {
		puts(FILES);
	} else if (!strcmp(word, "SLOT")) {
		offer_devices(typed, true);
	} else if (!strcmp(word, "VENDOR:DEVICE")) {
		offer_devices(typed, false);
	} else if (!strcmp(word, "VM")) {
		offer_machines(typed);
	} else if (!strcmp(word, "REGION")) {
		for (i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
			offer(regions[i], typed);
	}
}

/* --- The synopsis ---------------------------------------------------------------- */

/*
 * The next word of a synopsis, without brackets: "--test", "FILE", "r|w|rw".
 * "POLICY...|--config" is two.  Returns what is behind it, NULL at the end.
 */
static const char *next_word(const char *at, char word[WORD_LEN])
{
	size_t len;

	at += strspn(at, " []|");
	if (!*at)
		return NULL;
	len = strcspn(at, " []");
	/* The alternatives of an argument are one word, an option is its own. */
	if (memmem(at, len, "|-", 2))
		len = (const char *)memmem(at, len, "|-", 2) - at;
	snprintf(word, WORD_LEN, "%.*s", (int)len, at);
	return at + len;
}

static void offer_argument(char *word, const char *typed)
{
	char *part;

	while ((part = strsep(&word, "|")))
		offer_word(part, typed);
}

/* Whether @option takes an argument, which is offered then. */
static bool offer_value(const char *synopsis, const char *option,
			const char *typed)
{
	char word[WORD_LEN];

	while ((synopsis = next_word(synopsis, word))) {
		if (strcmp(word, option))
			continue;
		/* "]" behind it: it takes none. */
		if (*synopsis != ' ' || !next_word(synopsis, word) ||
		    synopsis[1] == '[')
			return false;
		offer_argument(word, typed);
		return true;
	}
	return false;
}

static void offer_options(const char *synopsis, const char *typed)
{
	char word[WORD_LEN];

	while ((synopsis = next_word(synopsis, word)))
		if (word[0] == '-')
			offer(word, typed);
	offer("--help", typed);
}

/* What stands by itself. */
static void offer_arguments(const char *synopsis, const char *typed)
{
	char word[WORD_LEN];

	bool own = false;

	while ((synopsis = next_word(synopsis, word))) {
		if (word[0] != '-' && !own)
			offer_argument(word, typed);
		/* Of an option, what is behind it is its own. */
		own = word[0] == '-' && *synopsis == ' ' && synopsis[1] != '[';
	}
}

static void offer_commands(const char *typed, bool first)
{
	static const char *const others[] = { "help", "-v", "-q", "--help",
					      "--version" };
	size_t i;

	for (i = 0; i < VG_COMMANDS; i++)
		offer(vg_synopses[i].name, typed);
	for (i = 0; first && i < sizeof(others) / sizeof(others[0]); i++)
		offer(others[i], typed);
}

void vg_complete(int argc, char **argv)
{
	const char *typed = argc ? argv[argc - 1] : "", *root, *synopsis;
	int i, command;

	/* Of a test. */
	root = getenv("VFIOGUARD_SYSFS");
	if (root)
		vg_sysfs_use(root);
	for (i = 0; i < argc - 1 && argv[i][0] == '-'; i++)
		;
	if (i >= argc - 1 || !strcmp(argv[i], "help")) {
		offer_commands(typed, i >= argc - 1);
		return;
	}
	command = vg_command_find(argv[i]);
	if (command < 0)
		return;
	synopsis = vg_synopses[command].synopsis;
	if (argv[argc - 2][0] == '-' &&
	    offer_value(synopsis, argv[argc - 2], typed))
		return;
	if (typed[0] == '-')
		offer_options(synopsis, typed);
	else
		offer_arguments(synopsis, typed);
}
