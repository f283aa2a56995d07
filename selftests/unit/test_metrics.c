// SPDX-License-Identifier: GPL-2.0-only
/*
 * The metrics as Prometheus text: its format, the figures in it, and a file that
 * is whole or the old one.  The maps are played by this file.
 */
#include <bpf/bpf.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/metrics.h"

#define ALLOWLIST 101
#define DEVICES 102
#define CONFIG 103
#define LINK 104

static const struct vg_store store = {
	.link = LINK,
	.allowlist = ALLOWLIST,
	.config = CONFIG,
	.devices = DEVICES,
};

static const struct vg_daemon_counts counts = { 280, 100, 40, 70, 35, 25, 10 };

static bool attached;
static bool no_devices;
static struct vg_config policy;

int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value);
int __wrap_bpf_map_get_next_key(int fd, const void *key, void *next);
int __wrap_bpf_link_get_info_by_fd(int fd, struct bpf_link_info *info,
				   __u32 *len);

int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	struct vg_device *dev = value;
	int a, v, r;
	__u32 index;

	if (fd == CONFIG) {
		memcpy(value, &policy, sizeof(policy));
		return 0;
	}
	assert_int_equal(fd, DEVICES);
	memcpy(&index, key, sizeof(index));
	memset(dev, 0, sizeof(*dev));
	if (no_devices || (index != 3 && index != 9))
		return 0;
	dev->slot = VG_SLOT_USED | VG_SLOT(0, index, index << 3 | 1);
	dev->vendor = 0x8086;
	dev->device = 0x10d3;
	for (a = 0; a < VG_ACCESSES; a++)
		for (v = 0; v < VG_VERDICTS; v++)
			for (r = 0; r < VG_REPORTS; r++)
				dev->counts[a][v][r] =
					index * 1000 + a * 100 + v * 10 + r;
	/* The largest there is. */
	dev->counts[0][0][0] = ~0ULL;
	return 0;
}

int __wrap_bpf_map_get_next_key(int fd, const void *key, void *next)
{
	assert_int_equal(fd, ALLOWLIST);
	(void)next;
	return key ? -ENOENT : 0;
}

int __wrap_bpf_link_get_info_by_fd(int fd, struct bpf_link_info *info,
				   __u32 *len)
{
	(void)len;
	assert_int_equal(fd, LINK);
	info->struct_ops.map_id = attached;
	return 0;
}

static char *metrics(const struct vg_daemon_counts *c)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	vg_metrics_print(&store, c, f);
	fclose(f);
	return text;
}

static size_t name_len(const char *line)
{
	size_t n = 0;

	while (isalnum((unsigned char)line[n]) || line[n] == '_')
		n++;
	return n;
}

/* {name="value",...}: what is behind it. */
static const char *labels(const char *at)
{
	assert_int_equal(*at, '{');
	do {
		size_t n = name_len(++at);

		assert_in_range(n, 1, 32);
		at += n;
		assert_int_equal(*at++, '=');
		assert_int_equal(*at++, '"');
		/* Nothing of ours needs an escape. */
		at += strcspn(at, "\"\\\n");
		assert_int_equal(*at++, '"');
	} while (*at == ',');
	assert_int_equal(*at, '}');
	return at + 1;
}

/*
 * The rules of the text format: HELP and TYPE once, before the samples, which
 * stand together; no series twice; a counter's name ends in _total.
 */
static void check_format(const char *text)
{
	char family[64] = "", type[16] = "", seen[128][200];
	const char *line, *end, *at;
	size_t n, nr = 0, i, families = 0;
	char names[32][64];

	for (line = text; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		if (!strncmp(line, "# HELP ", 7)) {
			n = name_len(line + 7);
			snprintf(family, sizeof(family), "%.*s", (int)n,
				 line + 7);
			for (i = 0; i < families; i++)
				assert_string_not_equal(names[i], family);
			assert_in_range(families, 0, 31);
			strcpy(names[families++], family);
			assert_int_equal(line[7 + n], ' ');
			assert_true(end > line + 8 + n);
			type[0] = '\0';
			continue;
		}
		if (!strncmp(line, "# TYPE ", 7)) {
			n = name_len(line + 7);
			assert_int_equal(n, strlen(family));
			assert_memory_equal(line + 7, family, n);
			snprintf(type, sizeof(type), "%.*s",
				 (int)(end - line - 8 - n), line + 8 + n);
			assert_true(!strcmp(type, "gauge") ||
				    !strcmp(type, "counter"));
			n = strlen(family);
			assert_int_equal(!strcmp(family + n - 6, "_total"),
					 !strcmp(type, "counter"));
			continue;
		}
		/* A sample, of the family announced just before. */
		assert_string_not_equal(type, "");
		n = name_len(line);
		assert_int_equal(n, strlen(family));
		assert_memory_equal(line, family, n);
		at = line[n] == '{' ? labels(line + n) : line + n;
		for (i = 0; i < nr; i++)
			if (strlen(seen[i]) == (size_t)(at - line))
				assert_memory_not_equal(seen[i], line,
							at - line);
		assert_in_range(nr, 0, 127);
		snprintf(seen[nr++], sizeof(seen[0]), "%.*s", (int)(at - line),
			 line);
		assert_int_equal(*at++, ' ');
		assert_int_equal(strspn(at, "0123456789"), end - at);
		assert_true(end > at);
	}
	assert_true(nr > 0);
}

static void format(void **state)
{
	char *text;

	(void)state;
	text = metrics(&counts);
	check_format(text);
	free(text);
	text = metrics(NULL);
	check_format(text);
	free(text);
}

/* has LINE: the text has it, as a whole line */
static void has(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	while (at &&
	       ((at != text && at[-1] != '\n') || at[strlen(line)] != '\n'))
		at = strstr(at + 1, line);
	if (!at)
		fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void figures(void **state)
{
	char *text;

	(void)state;
	attached = true;
	policy.mode = VG_MODE_ENFORCE;
	policy.generation = 7;
	policy.loaded_at = 1700000000;
	text = metrics(&counts);
	has(text, "vfioguard_attached 1");
	has(text, "vfioguard_enforcing 1");
	has(text, "vfioguard_generation 7");
	has(text, "vfioguard_loaded_timestamp_seconds 1700000000");
	has(text, "vfioguard_allowlist_entries 1");
	has(text, "vfioguard_events_total 280");
	has(text, "vfioguard_records_total{sink=\"audit\"} 100");
	has(text, "vfioguard_records_total{sink=\"journal\"} 40");
	has(text, "vfioguard_records_total{sink=\"summary\"} 70");
	has(text, "vfioguard_records_total{sink=\"lost\"} 10");
	has(text, "vfioguard_audit_queue 35");
	has(text, "vfioguard_held_events 25");
	has(text, "vfioguard_accesses_total{device=\"0000:09:09.1\","
		  "vendor_id=\"8086\",device_id=\"10d3\",access=\"write\","
		  "verdict=\"blocked\",report=\"rate_limited\"} 9113");
	has(text, "vfioguard_accesses_total{device=\"0000:03:03.1\","
		  "vendor_id=\"8086\",device_id=\"10d3\",access=\"read\","
		  "verdict=\"would_block\",report=\"event\"} 3021");
	has(text, "vfioguard_accesses_total{device=\"0000:03:03.1\","
		  "vendor_id=\"8086\",device_id=\"10d3\",access=\"read\","
		  "verdict=\"allowed\",report=\"silent\"} "
		  "18446744073709551615");
	free(text);

	attached = false;
	policy.mode = VG_MODE_MONITOR;
	text = metrics(NULL);
	has(text, "vfioguard_attached 0");
	has(text, "vfioguard_enforcing 0");
	/* Nothing is said of a daemon that never ran. */
	assert_null(strstr(text, "vfioguard_records_total"));
	assert_null(strstr(text, "vfioguard_events_total"));
	free(text);
}

static char dir[] = "/tmp/vfioguard-metrics-XXXXXX";

static void read_file(const char *path, char *text, size_t len)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, len - 1, f);
	text[n] = '\0';
	fclose(f);
}

static void file(void **state)
{
	char path[64], temp[64], text[16384];
	char *want = metrics(&counts);
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/x.prom", dir);
	snprintf(temp, sizeof(temp), "%s/x.prom.new", dir);
	/* What is left of a daemon that was killed is no hindrance. */
	fclose(fopen(temp, "w"));
	assert_int_equal(vg_metrics_file(&store, &counts, path), 0);
	read_file(path, text, sizeof(text));
	assert_string_equal(text, want);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(access(temp, F_OK), -1);
	free(want);
}

/* A reader who has the old file keeps all of it. */
static void replaced(void **state)
{
	char path[64], text[16384];
	FILE *f;
	size_t n;

	(void)state;
	snprintf(path, sizeof(path), "%s/x.prom", dir);
	f = fopen(path, "w");
	fputs("old\n", f);
	fclose(f);
	f = fopen(path, "r");
	assert_int_equal(vg_metrics_file(&store, &counts, path), 0);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	assert_int_equal(n, 4);
	assert_memory_equal(text, "old\n", 4);
}

static void no_folder(void **state)
{
	char path[PATH_MAX + 8];

	(void)state;
	snprintf(path, sizeof(path), "%s/none/x.prom", dir);
	assert_int_equal(vg_metrics_file(&store, &counts, path), -ENOENT);
	memset(path, 'x', PATH_MAX);
	path[PATH_MAX - 1] = '\0';
	assert_int_equal(vg_metrics_file(&store, &counts, path), -ENAMETOOLONG);
}

/* How long a file of ours may get; a longer one is EFBIG. */
static void room(rlim_t bytes)
{
	struct rlimit limit = { .rlim_cur = bytes, .rlim_max = RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The old file stays when the new one can't be made, or not be written whole. */
static void old_one_stays(void **state)
{
	char path[64], temp[64], text[64];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/x.prom", dir);
	snprintf(temp, sizeof(temp), "%s/x.prom.new", dir);
	f = fopen(path, "w");
	fputs("old\n", f);
	fclose(f);

	/* A folder in its place stops root, too. */
	assert_int_equal(mkdir(temp, 0755), 0);
	assert_true(vg_metrics_file(&store, &counts, path) < 0);
	rmdir(temp);
	read_file(path, text, sizeof(text));
	assert_string_equal(text, "old\n");

	/* No room. */
	room(10);
	assert_int_equal(vg_metrics_file(&store, &counts, path), -EIO);
	/* So little that it is noticed by closing alone. */
	no_devices = true;
	assert_int_equal(vg_metrics_file(&store, NULL, path), -EFBIG);
	no_devices = false;
	room(RLIM_INFINITY);
	read_file(path, text, sizeof(text));
	assert_string_equal(text, "old\n");
	assert_int_equal(access(temp, F_OK), -1);
}

/* Whoever may write to the folder must not choose what the daemon writes to. */
static void no_link(void **state)
{
	char path[64], temp[64], other[64], text[64];
	struct stat st;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/x.prom", dir);
	snprintf(temp, sizeof(temp), "%s/x.prom.new", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	f = fopen(other, "w");
	fputs("mine\n", f);
	fclose(f);
	assert_int_equal(symlink(other, temp), 0);
	assert_int_equal(vg_metrics_file(&store, &counts, path), 0);
	read_file(other, text, sizeof(text));
	assert_string_equal(text, "mine\n");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(other);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/x.prom", dir);
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(format),	 cmocka_unit_test(figures),
		cmocka_unit_test(file),		 cmocka_unit_test(replaced),
		cmocka_unit_test(old_one_stays), cmocka_unit_test(no_folder),
		cmocka_unit_test(no_link),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
