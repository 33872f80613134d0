/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds files, and all files of folders, to a fuzz target: the ordinary test run knows every input
 * that a fuzzer ever found worth keeping. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long size = 0;
	int error = -EIO;

	if (file == NULL)
		return -errno;
	if (fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	/* of just that size, so that a sanitizer sees the first byte too many */
	if (size >= 0)
		data = malloc(size == 0 ? 1 : (size_t)size);
	rewind(file);
	if (data != NULL && fread(data, 1, (size_t)size, file) == (size_t)size)
		error = LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	fclose(file);
	return error;
}

static int replay_folder(const char *path, size_t *n_files)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	char name[4096];
	int error = 0;

	if (folder == NULL)
		return -errno;
	while (error == 0 && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		error = replay_file(name);
		if (error != 0)
			fprintf(stderr, "%s: %s\n", name, strerror(-error));
		++*n_files;
	}
	closedir(folder);
	return error;
}

int main(int argc, char **argv)
{
	size_t n_files = 0;
	int i, error = 0;

	for (i = 1; error == 0 && i < argc; i++) {
		struct stat status;
		bool is_folder = stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode);

		if (is_folder) {
			error = replay_folder(argv[i], &n_files);
		} else {
			error = replay_file(argv[i]);
			n_files++;
		}
	}
	printf("%zu inputs replayed\n", n_files);
	return error != 0 || n_files == 0;
}
