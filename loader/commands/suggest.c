// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfioguard suggest: print a policy made of what was learnt
 *
 * Alone it prints a whole one that allows in unassigned space and in vendor
 * capabilities what was learnt and nothing else; with a policy, or the loaded
 * one, the rules that are missing there.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "answer/learned.h"
#include "answer/suggest.h"
#include "commands/commands.h"
#include "util/log.h"
#include "util/pci_ids.h"

struct arguments {
	bool json;
	bool loaded;
	const char *policy;
	const char *library;
};

/* A policy file, which must be right.  @policy is to be freed in any case. */
static enum vg_exit read_policy(const char *path, struct vg_policy *policy)
{
	struct vg_findings findings = {};
	int err;

	err = vg_policy_read(path, policy, &findings);
	if (err)
		vg_findings_print(&findings, stderr);
	vg_findings_free(&findings);
	if (!err)
		return VG_EXIT_OK;
	vg_error("%s can't be used", path);
	return err == -EINVAL ? VG_EXIT_POLICY : VG_EXIT_FAILURE;
}

static enum vg_exit print(struct vg_suggest *suggest, const char *name,
			  bool json)
{
	int err = vg_suggest_make(suggest);

	if (err) {
		vg_error("no suggestion: %s", strerror(-err));
		return VG_EXIT_FAILURE;
	}
	if (json)
		return vg_suggest_json(suggest, name, stdout) ?
			       VG_EXIT_FAILURE :
			       VG_EXIT_OK;
	vg_suggest_print(suggest, name, stdout);
	return fflush(stdout) || ferror(stdout) ? VG_EXIT_FAILURE : VG_EXIT_OK;
}

/* Of devices that do not answer it is not known what lies where. */
static enum vg_exit tell_mute(const struct vg_suggest *suggest)
{
	enum vg_exit ret = VG_EXIT_OK;
	char text[VG_MUTE_LEN];
	size_t i;

	for (i = 0; i < suggest->nr_groups; i++) {
		if (!suggest->groups[i].mute.vendor)
			continue;
		vg_pci_mute_format(&suggest->groups[i].mute, text);
		vg_warn("%s; its rules stand without the capabilities that "
			"they are for",
			text);
		ret = VG_EXIT_NO_ANSWER;
	}
	return ret;
}

/* With all that is read from files and maps at hand. */
static enum vg_exit suggest_from(const struct vg_store *store,
				 const struct arguments *args)
{
	struct vg_policy base = {}, library = {};
	struct vg_learned_list learned = {};
	struct vg_suggest suggest = { .learned = &learned };
	const char *name = args->policy;
	enum vg_exit ret = VG_EXIT_OK;
	struct vg_config config;
	char path[PATH_MAX];
	int err;

	vg_store_read_config(store, &config);
	config.name[sizeof(config.name) - 1] = '\0';
	if (args->loaded) {
		suggest.loaded = store;
		name = config.name;
	}
	if (args->policy) {
		ret = read_policy(args->policy, &base);
		suggest.base = &base;
	}
	if (args->library)
		snprintf(path, sizeof(path), "%s", args->library);
	else
		vg_library_find(name ? name : config.name, path);
	if (!ret && path[0]) {
		ret = read_policy(path, &library);
		suggest.library = &library;
	} else if (!ret) {
		vg_warn("no device library at " VG_LIBRARY "; name it with "
			"--library to be warned of dangerous registers");
	}
	if (!ret) {
		err = vg_learned_read(store, &learned);
		if (err) {
			vg_error("what was learnt can't be read: %s",
				 strerror(-err));
			ret = VG_EXIT_FAILURE;
		}
	}
	if (!ret)
		ret = print(&suggest, name, args->json) ?: tell_mute(&suggest);
	vg_suggest_free(&suggest);
	vg_learned_free(&learned);
	vg_policy_free(&library);
	vg_policy_free(&base);
	return ret;
}

int vg_cmd_suggest(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "policy", required_argument, NULL, 'p' },
		{ "loaded", no_argument, NULL, 'l' },
		{ "library", required_argument, NULL, 'b' },
		{},
	};
	struct arguments args = {};
	struct vg_store store;
	enum vg_exit ret;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'j')
			args.json = true;
		else if (c == 'p')
			args.policy = optarg;
		else if (c == 'l')
			args.loaded = true;
		else if (c == 'b')
			args.library = optarg;
		else
			return vg_usage("suggest");
	}
	if (optind != argc || (args.loaded && args.policy))
		return vg_usage("suggest");
	ret = vg_store_open(&store);
	if (!ret)
		ret = suggest_from(&store, &args);
	vg_store_close(&store);
	vg_pci_ids_free();
	return ret;
}
