// SPDX-License-Identifier: GPL-2.0-only
/* vfioguard explain: what becomes of an access, and which rule says so */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer/explain.h"
#include "commands/commands.h"
#include "kernel/pci_config.h"
#include "lint/lint.h"
#include "util/log.h"
#include "util/slot.h"

/* Words of an access: DEVICE r|w OFFSET, and six details of two each. */
#define WORDS 16

struct command_line {
	const char *policy; /* file, or NULL: the loaded one */
	bool json;
	const char *region;
	const char *slot;
	const char *owner;
	const char *class;
	const char *subsys;
	const char *device;
	const char *offset;
	const char *access;
	const char *value;
};

/* All that an explanation points to. */
struct asked {
	struct vg_question question;
	struct vg_function function;
	struct vg_layout layout;
	struct vg_spot spot;
	struct vg_policy strings;
	char id[16];
	char class[8];
	char subsys[16];
	char slot[VG_SLOT_LEN];
};

static const struct option options[] = {
	{ "policy", required_argument, NULL, 'p' },
	{ "json", no_argument, NULL, 'j' },
	{ "region", required_argument, NULL, 'r' },
	{ "slot", required_argument, NULL, 's' },
	{ "owner", required_argument, NULL, 'o' },
	{ "class", required_argument, NULL, 'c' },
	{ "subsys", required_argument, NULL, 'u' },
	{ NULL, 0, NULL, 0 },
};

static enum vg_exit parse_options(int argc, char **argv,
				  struct command_line *line)
{
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			line->policy = optarg;
			break;
		case 'j':
			line->json = true;
			break;
		case 'r':
			line->region = optarg;
			break;
		case 's':
			line->slot = optarg;
			break;
		case 'o':
			line->owner = optarg;
			break;
		case 'c':
			line->class = optarg;
			break;
		case 'u':
			line->subsys = optarg;
			break;
		default:
			return vg_usage("explain");
		}
	}
	argc -= optind;
	argv += optind;
	if (argc < 3 || argc > 4)
		return vg_usage("explain");
	line->device = argv[0];
	line->offset = argv[1];
	line->access = argv[2];
	line->value = argv[3];
	return VG_EXIT_OK;
}

/* A device of this host: what a person would else have to look up. */
static enum vg_exit find_function(struct command_line *line,
				  struct asked *asked)
{
	struct vg_function *f = &asked->function;

	if (vg_function_read(line->device, f)) {
		vg_error("there is no device %s in this host; see lspci -D",
			 line->device);
		return VG_EXIT_FAILURE;
	}
	asked->question.function = f;
	snprintf(asked->id, sizeof(asked->id), "%04x:%04x", f->vendor,
		 f->device);
	line->device = asked->id;
	if (!line->slot) {
		vg_slot_format(f->slot, asked->slot);
		line->slot = asked->slot;
	}
	if (!line->class) {
		snprintf(asked->class, sizeof(asked->class), "%06x", f->class);
		line->class = asked->class;
	}
	if (!line->subsys && f->subvendor && f->subvendor != 0xffff &&
	    f->subdevice != 0xffff) {
		snprintf(asked->subsys, sizeof(asked->subsys), "%04x:%04x",
			 f->subvendor, f->subdevice);
		line->subsys = asked->subsys;
	}
	return VG_EXIT_OK;
}

static void add_pair(const char **words, unsigned int *nr, const char *name,
		     const char *value)
{
	if (!value)
		return;
	words[(*nr)++] = name;
	words[(*nr)++] = value;
}

/* By the parser of the expectations, so that both mean the same. */
static enum vg_exit parse_query(const struct command_line *line,
				struct asked *asked)
{
	const char *words[WORDS] = { line->device, line->access, line->offset };
	struct vg_findings findings = {};
	unsigned int nr = 3;
	int ret;

	add_pair(words, &nr, "value", line->value);
	add_pair(words, &nr, "slot", line->slot);
	add_pair(words, &nr, "owner", line->owner);
	add_pair(words, &nr, "class", line->class);
	add_pair(words, &nr, "subsys", line->subsys);
	if (line->region)
		words[nr++] = line->region;
	ret = vg_query_words(words, nr, &asked->strings, &findings,
			     &asked->question.query);
	if (findings.nr)
		vg_error("%s%s%s", findings.list[0].what,
			 findings.list[0].hint ? "; " : "",
			 findings.list[0].hint ? findings.list[0].hint : "");
	else if (ret)
		vg_error("%s", strerror(-ret));
	vg_findings_free(&findings);
	if (ret)
		return ret == -EINVAL ? VG_EXIT_USAGE : VG_EXIT_FAILURE;
	return VG_EXIT_OK;
}

/* vfio would make several accesses of it, and each is judged on its own. */
static enum vg_exit refuse_pieces(const struct vg_layout *layout,
				  const struct vg_query *query)
{
	unsigned int at = query->offset, end = at + query->size, n, used = 0;
	char pieces[64] = "";

	for (; at < end; at += n) {
		n = vg_layout_piece(layout, at, end - at);
		used += snprintf(pieces + used, sizeof(pieces) - used,
				 "%s0x%02x.%c", used ? ", " : "", at,
				 n == 4 ? 'l' :
				 n == 2 ? 'w' :
					  'b');
	}
	vg_error("vfio cuts this access where one capability ends; ask about "
		 "each of %s",
		 pieces);
	return VG_EXIT_USAGE;
}

/* Where the access goes, from the device itself. */
static enum vg_exit find_place(struct asked *asked)
{
	struct vg_query *query = &asked->question.query;
	char mute[VG_MUTE_LEN];
	unsigned int size;
	int fd, ret;

	fd = vg_function_config(&asked->function, &size);
	ret = fd < 0 ? fd : vg_layout_read(fd, size, &asked->layout);
	if (fd >= 0)
		close(fd);
	if (ret == -ENXIO) {
		vg_pci_mute_format(&asked->function, mute);
		vg_error("%s; say --region, and the answer is for that", mute);
		return VG_EXIT_NO_ANSWER;
	}
	if (ret == -ERANGE) {
		vg_error(
			"the list of capabilities of %s leads where there is "
			"none, so it is broken or still starting, and vfio does "
			"not open it as it is; say --region, and the answer is "
			"for that",
			asked->function.bdf);
		return VG_EXIT_NO_ANSWER;
	}
	if (ret) {
		vg_error("the capabilities of %s can't be read (%s); %s",
			 asked->function.bdf, strerror(-ret),
			 ret == -EACCES ? "be root, or say --region" :
					  "say --region");
		return ret == -EACCES ? VG_EXIT_PRIVILEGE : VG_EXIT_FAILURE;
	}
	if (query->offset >= asked->layout.size) {
		vg_error("the config space of %s ends at 0x%x",
			 asked->function.bdf, asked->layout.size - 1);
		return VG_EXIT_USAGE;
	}
	if (vg_layout_piece(&asked->layout, query->offset, query->size) !=
	    query->size)
		return refuse_pieces(&asked->layout, query);
	vg_layout_find(&asked->layout, query->offset, &asked->spot);
	asked->question.spot = &asked->spot;
	if (asked->spot.where == VG_WHERE_UNASSIGNED)
		asked->question.body = vg_pci_body_at(
			&asked->layout, query->offset, &asked->question.sure);
	query->where = asked->spot.where;
	query->cap = asked->spot.cap ? asked->spot.id : 0;
	query->ext = asked->spot.cap && asked->spot.ext;
	return VG_EXIT_OK;
}

static enum vg_exit find_access(struct command_line *line, struct asked *asked)
{
	struct vg_query *query = &asked->question.query;
	enum vg_exit ret = VG_EXIT_OK;
	__u64 slot;

	if (!vg_slot_parse(line->device, &slot))
		ret = find_function(line, asked);
	if (!ret)
		ret = parse_query(line, asked);
	if (ret)
		return ret;
	asked->question.unsaid = (line->class ? 0 : VG_UNSAID_CLASS) |
				 (line->subsys ? 0 : VG_UNSAID_SUBSYS) |
				 (line->slot ? 0 : VG_UNSAID_SLOT) |
				 (line->owner ? 0 : VG_UNSAID_OWNER);
	if (query->access == VG_WRITE && !query->has_value)
		asked->question.unsaid |= VG_UNSAID_VALUE;
	if (line->region || query->where == VG_WHERE_HEADER)
		return VG_EXIT_OK;
	if (asked->question.function)
		return find_place(asked);
	asked->question.unsaid |= VG_UNSAID_REGION;
	return VG_EXIT_OK;
}

/* A policy that could not be loaded explains nothing. */
static enum vg_exit read_policy(const char *path, struct vg_policy *policy,
				bool tell)
{
	struct vg_findings findings = {};
	enum vg_exit ret = VG_EXIT_OK;
	int err;

	err = vg_policy_read(path, policy, &findings);
	if (!err)
		err = vg_policy_lint(policy, &findings);
	if (err && tell)
		vg_findings_print(&findings, stderr);
	if (err)
		ret = findings.errors ? VG_EXIT_POLICY : VG_EXIT_FAILURE;
	if (ret == VG_EXIT_FAILURE && tell)
		vg_error("%s can't be read: %s", path, strerror(-err));
	vg_findings_free(&findings);
	return ret;
}

static enum vg_exit show(const struct command_line *line,
			 const struct vg_question *question,
			 const struct vg_explained *explained,
			 const struct vg_explain_source *source)
{
	struct vg_json json;

	if (!line->json) {
		vg_explain_print(question, explained, source);
		return fflush(stdout) ? VG_EXIT_FAILURE : VG_EXIT_OK;
	}
	vg_json_start(&json, stdout, true);
	vg_explain_json(question, explained, source, &json);
	return vg_json_end(&json) ? VG_EXIT_FAILURE : VG_EXIT_OK;
}

static enum vg_exit explain_file(const struct command_line *line,
				 const struct vg_question *question)
{
	struct vg_explain_source source = { .policy = line->policy };
	struct vg_explained explained;
	struct vg_policy policy = {};
	enum vg_exit ret;

	ret = read_policy(line->policy, &policy, true);
	if (!ret) {
		vg_explain_policy(&policy, question, &explained);
		ret = show(line, question, &explained, &source);
	}
	vg_policy_free(&policy);
	return ret;
}

/* What the loaded policy's file says now, and how the maps differ from it. */
static void compare_file(const struct vg_loaded *loaded,
			 const struct vg_hook *hook,
			 const struct vg_question *question,
			 struct vg_policy *policy, struct vg_explained *says,
			 struct vg_differences *differences,
			 struct vg_explain_source *source)
{
	int ret;

	if (read_policy(source->policy, policy, false)) {
		source->not_compared =
			"the file can't be read or has mistakes, see vfioguard "
			"check";
		return;
	}
	ret = vg_loaded_diff(loaded, policy, hook, differences);
	if (ret) {
		source->not_compared = ret == -EINVAL ?
					       "the file could not be loaded" :
					       strerror(-ret);
		return;
	}
	source->differences = differences;
	vg_explain_policy(policy, question, says);
	source->file = says;
}

static enum vg_exit explain_loaded(const struct command_line *line,
				   const struct vg_question *question,
				   const struct vg_store *store,
				   const struct vg_hook *hook)
{
	struct vg_explain_source source = {
		.attached = vg_store_attached(store),
	};
	struct vg_explained explained, says;
	struct vg_differences differences = {};
	struct vg_loaded loaded;
	struct vg_policy policy = {};
	enum vg_exit ret = VG_EXIT_FAILURE;
	int err;

	err = vg_loaded_read(store, &loaded);
	if (!err)
		err = vg_explain_loaded(store, &loaded, hook, question,
					&explained);
	if (err) {
		vg_error("the loaded policy can't be asked: %s",
			 strerror(-err));
	} else {
		source.policy = loaded.config.name;
		source.config = &loaded.config;
		compare_file(&loaded, hook, question, &policy, &says,
			     &differences, &source);
		ret = show(line, question, &explained, &source);
	}
	vg_differences_free(&differences);
	vg_policy_free(&policy);
	vg_loaded_free(&loaded);
	return ret;
}

int vg_cmd_explain(int argc, char **argv)
{
	struct command_line line = {};
	struct vg_store store;
	struct asked *asked;
	struct vg_hook hook;
	enum vg_exit ret;

	ret = parse_options(argc, argv, &line);
	if (ret)
		return ret;
	asked = calloc(1, sizeof(*asked));
	if (!asked) {
		vg_error("%s", strerror(ENOMEM));
		return VG_EXIT_FAILURE;
	}
	ret = find_access(&line, asked);
	if (!ret && line.policy) {
		ret = explain_file(&line, &asked->question);
	} else if (!ret) {
		ret = vg_store_open(&store);
		if (!ret)
			ret = vg_store_hook(&store, &hook);
		if (!ret)
			ret = explain_loaded(&line, &asked->question, &store,
					     &hook);
		vg_store_close(&store);
	}
	vg_policy_free(&asked->strings);
	free(asked);
	return ret;
}
