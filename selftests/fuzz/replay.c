// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay FOLDER: give each file of a folder to a fuzz target once, without a
 * fuzzer; TAP.  So `make check` notices when the target does no longer build,
 * and when what was found once is back.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *read_whole(const char *folder, const char *name, size_t *size)
{
	static char text[1 << 20];
	char path[4096], *copy;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	in = fopen(path, "re");
	if (!in)
		return NULL;
	*size = fread(text, 1, sizeof(text), in);
	fclose(in);
	/* Of its own length, so that a byte too far is noticed. */
	copy = malloc(*size ? *size : 1);
	if (copy)
		memcpy(copy, text, *size);
	return copy;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **inputs;
	int nr, i;

	if (argc != 2) {
		fprintf(stderr, "usage: replay FOLDER\n");
		return 1;
	}
	nr = scandir(argv[1], &inputs, is_input, alphasort);
	if (nr <= 0) {
		fprintf(stderr, "replay: %s has no input\n", argv[1]);
		return 1;
	}
	for (i = 0; i < nr; i++) {
		size_t size;
		char *data = read_whole(argv[1], inputs[i]->d_name, &size);

		if (!data) {
			printf("not ok %d - %s cannot be read\n", i + 1,
			       inputs[i]->d_name);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)data, size);
		printf("ok %d - %s\n", i + 1, inputs[i]->d_name);
		fflush(stdout);
		free(data);
		free(inputs[i]);
	}
	free(inputs);
	printf("1..%d\n", nr);
	return 0;
}
