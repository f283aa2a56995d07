// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfioguard check [--json] [--no-ids] [--test FILE [--loaded]] POLICY...
 * vfioguard check --config FILE
 *
 * Findings go to stderr as a compiler's do, one summary line a policy to
 * stdout.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "daemon/config.h"
#include "lint/lint.h"
#include "maps/ask.h"
#include "maps/rule_source.h"
#include "policy/expect.h"
#include "policy/policy.h"
#include "util/exit_codes.h"
#include "util/json_writer.h"
#include "util/log.h"
#include "util/pci_ids.h"
#include "util/printable.h"
#include "util/words.h"

struct check {
	bool json;
	const char *test; /* file of expectations, or NULL */
	const struct vg_store *loaded; /* what to hold them against, or NULL */
	const char *config; /* the daemon's configuration file, or NULL */
	struct vg_json out;
};

/* What came out for one policy. */
struct check_result {
	const char *path;
	struct vg_policy policy;
	struct vg_expects expects;
	struct vg_findings findings;
	bool tested;
	int unmet; /* expectations */
	int err;
};

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ "loaded", no_argument, NULL, 'l' },
	{ "no-ids", no_argument, NULL, 'n' },
	{ "test", required_argument, NULL, 't' },
	{ NULL, 0, NULL, 0 },
};

static void check_usage(FILE *out)
{
	fputs("Usage: vfioguard check [OPTION...] POLICY...\n"
	      "       vfioguard check --config FILE\n"
	      "\n"
	      "Read policies (files, or directories of *.policy files) or the\n"
	      "daemon's configuration file, and say what is wrong with them.\n"
	      "\n"
	      "  --json       print one JSON object instead\n"
	      "  --no-ids     do not look devices up in pci.ids\n"
	      "  --test FILE  hold the policy against the expectations there\n"
	      "  --loaded     hold the loaded policy against them too, asking\n"
	      "               the kernel (this needs root)\n"
	      "  --help       show this\n"
	      "\n"
	      "Exit status: 0 all policies can be loaded, 1 wrong usage, 2 a\n"
	      "policy has errors or doesn't meet an expectation.\n",
	      out);
}

/* The same from the loaded maps. */
static int judge_loaded(const void *store, const struct vg_query *query,
			struct vg_answer *answer, char why[VG_EXPECT_WHY])
{
	struct vg_rule_source source;
	struct vg_ask ask;
	int ret;

	memset(answer, 0, sizeof(*answer));
	ret = vg_ask_run(store, query, &ask);
	if (ret)
		return ret;
	/* What the rules say, whatever the mode. */
	answer->verdict = ask.verdict == VG_ALLOW ? VG_ALLOW : VG_BLOCK;
	answer->audit = ask.audit;
	vg_rule_source(store, ask.line, ask.file, ask.key, &source);
	if (source.file[0])
		snprintf(why, VG_EXPECT_WHY, "the loaded policy, %s at %s:%u",
			 vg_reason_word(ask.reason), source.file, source.line);
	else
		snprintf(why, VG_EXPECT_WHY, "the loaded policy, %s",
			 vg_reason_word(ask.reason));
	return 0;
}

static void run_expects(struct check_result *result,
			int (*judge)(const void *, const struct vg_query *,
				     struct vg_answer *, char *),
			const void *context)
{
	const struct vg_judge by = { .judge = judge, .context = context };
	int unmet;

	unmet = vg_expects_run(&result->expects, &by, &result->findings);
	if (unmet < 0)
		result->err = unmet;
	else
		result->unmet += unmet;
}

static void check_policy(const struct check *check, struct check_result *result)
{
	struct vg_findings *findings = &result->findings;

	result->err = vg_policy_read(result->path, &result->policy, findings);
	/* Of half a policy the lint would say what isn't so. */
	if (!result->err)
		result->err = vg_policy_lint(&result->policy, findings);
	if (!result->err && check->test) {
		result->tested = true;
		result->err = vg_expects_read(check->test, &result->expects,
					      findings);
	}
	if (!result->err && result->tested)
		run_expects(result, vg_judge_policy, &result->policy);
	if (!result->err && check->loaded)
		run_expects(result, judge_loaded, check->loaded);
	vg_findings_sort(findings);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_summary(const struct check_result *result)
{
	const struct vg_findings *findings = &result->findings;
	size_t warnings = vg_findings_count(findings, VG_WARNING);
	size_t notes = vg_findings_count(findings, VG_NOTE);

	/* Messages are about to be read in this order. */
	fflush(stderr);
	vg_put_printable(result->path, stdout);
	printf(": %zu rule%s, %zu error%s, %zu warning%s",
	       result->policy.nr_rules, plural(result->policy.nr_rules),
	       findings->errors, plural(findings->errors), warnings,
	       plural(warnings));
	if (notes)
		printf(", %zu note%s", notes, plural(notes));
	if (result->tested)
		printf(", %zu expectation%s, %d not met", result->expects.nr,
		       plural(result->expects.nr), result->unmet);
	putchar('\n');
}

static void json_position(struct vg_json *out, const struct vg_pos *pos)
{
	vg_json_string(out, "file", pos->file);
	/* 0: the finding is about the whole file. */
	if (!pos->line)
		return;
	vg_json_u64(out, "line", pos->line);
	vg_json_u64(out, "column", pos->column);
}

static void json_findings(struct vg_json *out,
			  const struct vg_findings *findings)
{
	size_t i;

	vg_json_array(out, "findings");
	for (i = 0; i < findings->nr; i++) {
		const struct vg_finding *finding = &findings->list[i];

		vg_json_object(out, NULL);
		vg_json_string(out, "severity",
			       vg_severity_name(finding->severity));
		json_position(out, &finding->pos);
		vg_json_string(out, "message", finding->what);
		vg_json_string(out, "hint", finding->hint);
		if (finding->other.file) {
			vg_json_object(out, "other");
			json_position(out, &finding->other);
			vg_json_object_end(out);
		}
		vg_json_object_end(out);
	}
	vg_json_array_end(out);
}

static void json_result(struct vg_json *out, const struct check_result *result)
{
	const struct vg_findings *findings = &result->findings;

	vg_json_object(out, NULL);
	vg_json_string(out, "policy", result->path);
	vg_json_bool(out, "valid", !result->err);
	vg_json_string(out, "mode",
		       result->policy.mode == VG_MODE_MONITOR ? "monitor" :
								"enforce");
	vg_json_u64(out, "rules", result->policy.nr_rules);
	vg_json_u64(out, "errors", findings->errors);
	vg_json_u64(out, "warnings", vg_findings_count(findings, VG_WARNING));
	vg_json_u64(out, "notes", vg_findings_count(findings, VG_NOTE));
	/* Counted above, and not in the list. */
	vg_json_u64(out, "not_listed",
		    findings->count[VG_ERROR] + findings->count[VG_WARNING] +
			    findings->count[VG_NOTE] - findings->nr);
	if (result->tested) {
		vg_json_u64(out, "expectations", result->expects.nr);
		vg_json_u64(out, "unmet", result->unmet);
	}
	json_findings(out, findings);
	vg_json_object_end(out);
}

static int check_one(struct check *check, const char *path)
{
	struct check_result result = { .path = path };
	int code = VG_EXIT_OK;

	check_policy(check, &result);
	if (result.err && result.err != -EINVAL) {
		vg_error("%s: %s", path, strerror(-result.err));
		code = VG_EXIT_FAILURE;
	} else if (check->json) {
		json_result(&check->out, &result);
	} else {
		vg_findings_print(&result.findings, stderr);
		print_summary(&result);
	}
	if (code == VG_EXIT_OK && (result.err || result.unmet))
		code = VG_EXIT_POLICY;
	/* Findings point into both. */
	vg_findings_free(&result.findings);
	vg_expects_free(&result.expects);
	vg_policy_free(&result.policy);
	return code;
}

/* The policy that it names has a check of its own. */
static enum vg_exit check_config(const char *path)
{
	struct vg_settings settings;
	enum vg_exit ret;

	vg_config_defaults(&settings);
	ret = vg_config_read(path, false, &settings);
	if (!ret) {
		vg_put_printable(path, stdout);
		puts(": no mistakes");
	}
	return ret;
}

/* Returns -1 to go on, or an exit status. */
static int check_options(int argc, char **argv, struct check *check,
			 const struct vg_store *store)
{
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			check_usage(stdout);
			return VG_EXIT_OK;
		case 'c':
			check->config = optarg;
			break;
		case 'j':
			check->json = true;
			break;
		case 'l':
			check->loaded = store;
			break;
		case 'n':
			vg_pci_ids_off();
			break;
		case 't':
			if (check->test) {
				fprintf(stderr, "check: only one --test\n");
				return VG_EXIT_USAGE;
			}
			check->test = optarg;
			break;
		default:
			check_usage(stderr);
			return VG_EXIT_USAGE;
		}
	}
	if (check->config) {
		if (optind == argc && !check->json && !check->test)
			return check_config(check->config);
		fprintf(stderr, "check: --config takes nothing else\n");
		return VG_EXIT_USAGE;
	}
	if (optind == argc) {
		fprintf(stderr, "check: which policy?\n\n");
		check_usage(stderr);
		return VG_EXIT_USAGE;
	}
	if (check->test && optind + 1 < argc) {
		fprintf(stderr, "check: --test takes a single policy\n");
		return VG_EXIT_USAGE;
	}
	if (check->loaded && !check->test) {
		fprintf(stderr, "check: --loaded needs --test\n");
		return VG_EXIT_USAGE;
	}
	return -1;
}

int vg_cmd_check(int argc, char **argv)
{
	struct vg_store store = VG_STORE_CLOSED;
	struct check check = { .json = false };
	int code = check_options(argc, argv, &check, &store);
	int worst = VG_EXIT_OK;

	if (code >= 0)
		return code;
	if (check.loaded) {
		code = vg_store_open(&store);
		if (code) {
			vg_store_close(&store);
			return code;
		}
	}
	if (check.json) {
		vg_json_start(&check.out, stdout, true);
		vg_json_document(&check.out, NULL, VG_JSON_CHECK);
		vg_json_array(&check.out, "policies");
	}
	for (; optind < argc; optind++) {
		code = check_one(&check, argv[optind]);
		if (code > worst)
			worst = code;
	}
	if (check.json) {
		vg_json_array_end(&check.out);
		vg_json_bool(&check.out, "valid", worst == VG_EXIT_OK);
		vg_json_object_end(&check.out);
		if (vg_json_end(&check.out))
			worst = VG_EXIT_FAILURE;
	}
	vg_store_close(&store);
	vg_pci_ids_free();
	return worst;
}
