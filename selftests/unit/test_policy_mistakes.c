// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every file in mistakes/ is a policy somebody could have written, and wrong.
 * Its first lines say what vfioguard must answer:
 *
 *	#! 3:14 error "part of the message" hint "part of the hint"
 *
 * one line for each error, in the order of the text; "FILE:" goes before the
 * line when the error is in an included file.  A " in a message is written ?.
 *
 * The directory is the first argument; by default selftests/unit/mistakes.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "policy_helper.h"

/* The corpus is a promise: it may grow, not shrink. */
#define MISTAKES_MIN 60

struct expected {
	char file[64]; /* "" for the file itself */
	unsigned int line, column;
	char what[128], hint[128];
};

/* Is @part in @text?  A ? in @part stands for any byte. */
static bool contains(const char *text, const char *part)
{
	size_t i, len = strlen(part);

	for (; text && strlen(text) >= len; text++) {
		for (i = 0; i < len; i++)
			if (part[i] != '?' && part[i] != text[i])
				break;
		if (i == len)
			return true;
	}
	return false;
}

static bool expected_parse(const char *head, struct expected *expected)
{
	memset(expected, 0, sizeof(*expected));
	if (sscanf(head, "#! %u:%u error \"%127[^\"]\" hint \"%127[^\"]\"",
		   &expected->line, &expected->column, expected->what,
		   expected->hint) == 4)
		return true;
	return sscanf(head,
		      "#! %63[^:]:%u:%u error \"%127[^\"]\" hint "
		      "\"%127[^\"]\"",
		      expected->file, &expected->line, &expected->column,
		      expected->what, expected->hint) == 5;
}

static bool finding_matches(const struct vg_finding *finding, const char *name,
			    const struct expected *expected)
{
	const char *file = expected->file[0] ? expected->file : name;

	return finding->severity == VG_ERROR &&
	       !strcmp(finding->pos.file, file) &&
	       finding->pos.line == expected->line &&
	       finding->pos.column == expected->column &&
	       contains(finding->what, expected->what) &&
	       contains(finding->hint, expected->hint);
}

/* The next error at or behind @at, NULL when there is none. */
static const struct vg_finding *next_error(const struct vg_findings *findings,
					   size_t *at)
{
	while (*at < findings->nr) {
		const struct vg_finding *finding = &findings->list[(*at)++];

		if (finding->severity == VG_ERROR)
			return finding;
	}
	return NULL;
}

static bool mistake_answered(const char *name, const struct text_policy *t)
{
	FILE *file = fopen(name, "r");
	struct expected expected;
	bool right = true;
	char head[512];
	size_t at = 0, heads = 0;

	assert_non_null(file);
	while (right && fgets(head, sizeof(head), file) &&
	       !strncmp(head, "#! ", 3)) {
		const struct vg_finding *finding =
			next_error(&t->findings, &at);

		right = expected_parse(head, &expected) && finding &&
			finding_matches(finding, name, &expected);
		heads++;
	}
	fclose(file);
	return right && heads && !next_error(&t->findings, &at);
}

static int name_is_policy(const struct dirent *entry)
{
	return strstr(entry->d_name, ".policy") != NULL;
}

static void every_mistake(void **state)
{
	struct dirent **names;
	int i, wrong = 0, nr = scandir(".", &names, name_is_policy, alphasort);

	(void)state;
	assert_true(nr >= MISTAKES_MIN);
	for (i = 0; i < nr; i++) {
		const char *name = names[i]->d_name;
		struct text_policy t = { .err = 0 };

		t.err = vg_policy_read(name, &t.policy, &t.findings);
		if (!t.err)
			t.err = vg_policy_lint(&t.policy, &t.findings);
		vg_findings_sort(&t.findings);
		if (t.err != -EINVAL || !mistake_answered(name, &t)) {
			print_error("%s is answered by:\n", name);
			vg_findings_print(&t.findings, stderr);
			wrong++;
		}
		text_free(&t);
		free(names[i]);
	}
	free(names);
	print_message("%d mistakes, %d answered wrongly\n", nr, wrong);
	assert_int_equal(wrong, 0);
}

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : "selftests/unit/mistakes";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mistake),
	};

	if (chdir(dir)) {
		perror(dir);
		return 1;
	}
	vg_pci_ids_off();
	return cmocka_run_group_tests_name("policy_mistakes", tests, NULL,
					   NULL);
}
