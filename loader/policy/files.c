// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading policies from files: include lines, and directories of numbered
 * files.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/internal.h"
#include "util/text_file.h"

#define HINT_BYTES "a policy has 8 MiB at most, all of its files together"

/* What can't be blamed on a byte of a policy is blamed on the include line. */
static void files_error(struct vg_parser *parser, const char *path,
			const struct vg_token *from, const char *hint,
			const char *what)
{
	struct vg_pos pos = { .file = NULL };

	if (from) {
		vg_parser_error(parser, from, hint, "%s: %s", path, what);
		return;
	}
	pos.file = vg_keep_string(&parser->policy->files,
				  &parser->policy->nr_files, strdup(path));
	if (!pos.file ||
	    !vg_finding_add(parser->findings, VG_ERROR, &pos, hint, "%s", what))
		parser->no_memory = true;
}

/* Is the file one of those being read right now? */
static bool files_loop(struct vg_parser *parser, const struct stat *st,
		       const char *path, const struct vg_token *from)
{
	const struct vg_source *source;

	for (source = parser->source; source; source = source->up) {
		if (source->dev != st->st_dev || source->ino != st->st_ino)
			continue;
		vg_parser_error(parser, from, "take this include out",
				"%s includes itself%s", path,
				source == parser->source ?
					"" :
					" by way of another file");
		return true;
	}
	return false;
}

/*
 * A file two others include is read once: its rules would only stand there
 * twice.
 */
static bool files_again(struct vg_parser *parser, const struct stat *st,
			const char *path, const struct vg_token *from)
{
	struct vg_finding *finding;
	struct vg_pos pos;
	size_t i;

	for (i = 0; i < parser->nr_read; i++)
		if (parser->read[i].dev == st->st_dev &&
		    parser->read[i].ino == st->st_ino)
			break;
	if (i == parser->nr_read)
		return false;
	if (!from)
		return true;
	pos = vg_parser_pos(parser, from);
	finding = vg_finding_add(parser->findings, VG_WARNING, &pos,
				 "take one of the two includes out",
				 "%s was read before and is left out", path);
	if (finding)
		finding->other = parser->read[i].from;
	else
		parser->no_memory = true;
	return true;
}

static bool files_note_read(struct vg_parser *parser,
			    const struct vg_source *source)
{
	struct vg_read_file *read = parser->read;

	if (!(parser->nr_read & (parser->nr_read - 1))) {
		size_t room = parser->nr_read ? parser->nr_read * 2 : 1;

		read = reallocarray(read, room, sizeof(*read));
		if (!read) {
			parser->no_memory = true;
			return false;
		}
		parser->read = read;
	}
	read[parser->nr_read].dev = source->dev;
	read[parser->nr_read].ino = source->ino;
	read[parser->nr_read++].from = source->from;
	return true;
}

/* Parse an open file that is no directory. */
static void parse_fd(struct vg_parser *parser, int fd, const struct stat *st,
		     const char *path, const struct vg_token *from)
{
	struct vg_source source = {
		.dev = st->st_dev,
		.ino = st->st_ino,
		.up = parser->source,
		.depth = parser->source ? parser->source->depth + 1 : 0,
	};
	char *text = NULL;
	size_t len = 0;
	int err;

	if (files_loop(parser, st, path, from) ||
	    files_again(parser, st, path, from))
		return;
	if (parser->nr_read == VG_POLICY_FILES) {
		files_error(parser, path, from, "put rules into fewer files",
			    "a policy has 1024 files at most");
		return;
	}
	if (source.depth > VG_INCLUDE_DEPTH) {
		files_error(parser, path, from, "include it from a file above",
			    "includes are nested too deep");
		return;
	}
	err = vg_text_read(fd, st->st_size, VG_POLICY_BYTES - parser->bytes,
			   &text, &len);
	if (err) {
		if (err == -ENOMEM)
			parser->no_memory = true;
		else
			files_error(parser, path, from,
				    err == -EFBIG ? HINT_BYTES :
						    "is this a policy?",
				    vg_text_error(err));
		return;
	}
	parser->bytes += len;
	source.name = vg_keep_string(&parser->policy->files,
				     &parser->policy->nr_files, strdup(path));
	if (from)
		source.from = vg_parser_pos(parser, from);
	if (!source.name)
		parser->no_memory = true;
	else if (files_note_read(parser, &source))
		vg_parse_text(parser, &source, text, len);
	free(text);
}

/* 9-local.policy before 10-site.policy; files without a number come last. */
static int name_compare(const struct dirent **left, const struct dirent **right)
{
	const char *a = (*left)->d_name, *b = (*right)->d_name;
	char *a_end, *b_end;
	unsigned long a_nr = strtoul(a, &a_end, 10);
	unsigned long b_nr = strtoul(b, &b_end, 10);

	if (a_end == a)
		a_nr = ULONG_MAX;
	if (b_end == b)
		b_nr = ULONG_MAX;
	if (a_nr != b_nr)
		return a_nr < b_nr ? -1 : 1;
	return strcmp(a, b);
}

static int name_is_policy(const struct dirent *entry)
{
	static const char end[] = ".policy";
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len >= sizeof(end) &&
	       !strcmp(entry->d_name + len - strlen(end), end);
}

static void parse_path(struct vg_parser *parser, const char *path,
		       const struct vg_token *from);

/* Not recursive beyond this: a directory's files may include others. */
static void parse_directory(struct vg_parser *parser, const char *path,
			    const struct vg_token *from)
{
	struct dirent **names;
	int i, nr;

	nr = scandir(path, &names, name_is_policy, name_compare);
	if (nr < 0) {
		files_error(parser, path, from, NULL, strerror(errno));
		return;
	}
	if (!nr)
		files_error(parser, path, from,
			    "names must end in .policy: 10-site.policy",
			    "the directory has no policy file");
	for (i = 0; i < nr; i++) {
		char *file;

		if (asprintf(&file, "%s/%s", path, names[i]->d_name) < 0) {
			parser->no_memory = true;
		} else {
			parse_path(parser, file, from);
			free(file);
		}
		free(names[i]);
	}
	free(names);
}

static void parse_path(struct vg_parser *parser, const char *path,
		       const struct vg_token *from)
{
	struct stat st;
	int fd;

	if (parser->no_memory)
		return;
	fd = vg_text_open(path, &st);
	if (fd < 0) {
		files_error(parser, path, from,
			    fd == -EBADFD ? "write it to a file" :
			    from ? "paths are relative to the including file" :
				   NULL,
			    vg_text_error(fd));
	} else if (S_ISDIR(st.st_mode)) {
		/* A directory below a directory would be one name for many. */
		if (parser->source && from &&
		    parser->source->depth >= VG_INCLUDE_DEPTH)
			files_error(parser, path, from, NULL,
				    "includes are nested too deep");
		else
			parse_directory(parser, path, from);
	} else {
		parse_fd(parser, fd, &st, path, from);
	}
	if (fd >= 0)
		close(fd);
}

/* The parser's .include. */
static void include(struct vg_parser *parser, const struct vg_token *word)
{
	const char *name = parser->source->name;
	const char *slash = strrchr(name, '/');
	int dir = slash ? (int)(slash - name) + 1 : 0;
	char *path;

	if (word->text[0] == '"' || word->text[0] == '\'' ||
	    word->text[0] == '<') {
		vg_parser_error(parser, word, "write the path without quotes",
				"'%.*s' is no path", VG_TOKEN(word));
		return;
	}
	if (word->text[0] == '/')
		dir = 0;
	if (asprintf(&path, "%.*s%.*s", dir, name, VG_TOKEN(word)) < 0) {
		parser->no_memory = true;
		return;
	}
	parse_path(parser, path, word);
	free(path);
}

int vg_policy_read(const char *path, struct vg_policy *policy,
		   struct vg_findings *findings)
{
	struct vg_parser parser = {
		.policy = policy,
		.findings = findings,
		.include = include,
	};
	size_t errors = findings->errors;

	vg_policy_init(policy);
	policy->name = strdup(path);
	if (!policy->name)
		return -ENOMEM;
	parse_path(&parser, path, NULL);
	free(parser.read);
	if (parser.no_memory)
		return -ENOMEM;
	return findings->errors > errors ? -EINVAL : 0;
}
