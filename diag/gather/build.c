/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a server was built and started, as far as that costs speed. A command line, an environment
 * and a map of memory hold secrets and names: only the words of base/build.def are kept of them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/capacity.h"

enum {
	LARGEST = 512 * 1024,
	LINK_BYTES = 4096,
	MAX_DESCRIPTORS = 4096, /* to look for sources of random numbers */
};

static const struct word {
	const char *kind, *text, *program;
} words[] = {
#define BUILD_WORD(kind, word, program, meaning) {kind, word, program},
#include "base/build.def"
};

enum { N_WORDS = sizeof(words) / sizeof(words[0]) };

struct look {
	int process;  /* /proc/PID */
	char *buffer; /* LARGEST bytes and one more */
	struct str *records;
	char program[64]; /* the file name of the program; "" = not known */
};

/* The file with a byte in front, so that each item has a delimiter on both sides. Returns how many
 * bytes there are, 0 after a record that it cannot be read. */
static size_t read_file(struct look *look, const char *name, char delimiter)
{
	int fd = openat(look->process, name, O_RDONLY | O_CLOEXEC), error = fd < 0 ? errno : 0;
	size_t len = 1;
	ssize_t n = 0;

	look->buffer[0] = delimiter;
	while (error == 0 && len < LARGEST &&
	       (n = read(fd, look->buffer + len, LARGEST - len)) != 0) {
		if (n < 0)
			error = errno;
		else
			len += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	if (error == 0)
		return len;
	record_add(look->records, "unread", slice_of(name));
	record_add_number(look->records, "error", error);
	record_end(look->records);
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool is_asked(const struct look *look, const struct word *word, const char *kind)
{
	return strcmp(word->kind, kind) == 0 &&
	       strncmp(look->program, word->program, strlen(word->program)) == 0;
}

static void keep(struct look *look, const struct word *word)
{
	record_add(look->records, word->kind, slice_of(word->text));
	record_add(look->records, "program", slice_of(word->program));
	record_end(look->records);
}

/* Looks for whole items between NUL bytes; a space in the word stands for one of these. */
static void look_for_items(struct look *look, const char *kind, size_t len)
{
	char wanted[128];
	size_t i, j, n;

	for (i = 0; i < N_WORDS; i++) {
		if (!is_asked(look, &words[i], kind))
			continue;
		n = (size_t)snprintf(wanted, sizeof(wanted), " %s ", words[i].text);
		for (j = 0; j < n; j++)
			if (wanted[j] == ' ')
				wanted[j] = '\0';
		if (memmem(look->buffer, len, wanted, n) != NULL)
			keep(look, &words[i]);
	}
}

/* Looks for what begins with the word behind a delimiter. */
static void look_for_beginnings(struct look *look, const char *kind, char delimiter, size_t len)
{
	char wanted[128];
	size_t i;

	for (i = 0; i < N_WORDS; i++) {
		int n = snprintf(wanted, sizeof(wanted), "%c%s", delimiter, words[i].text);

		if (is_asked(look, &words[i], kind) &&
		    memmem(look->buffer, len, wanted, (size_t)n) != NULL)
			keep(look, &words[i]);
	}
}

/* Returns the length of the target, 0 when it cannot be read. */
static size_t read_link(const struct look *look, const char *name, char target[static LINK_BYTES])
{
	ssize_t n = readlinkat(look->process, name, target, LINK_BYTES - 1);

	target[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* Who may not follow the link takes the name that the process was given. */
static void look_at_program(struct look *look)
{
	char path[LINK_BYTES];
	size_t i, len;

	if (read_link(look, "exe", path) == 0) {
		len = read_file(look, "cmdline", '\0');
		look->buffer[len] = '\0';
		snprintf(path, sizeof(path), "%.4095s", len > 1 ? look->buffer + 1 : "");
	}
	snprintf(look->program, sizeof(look->program), "%.63s", base_name(path));
	for (i = 0; i < N_WORDS; i++)
		if (is_asked(look, &words[i], "folder") && strstr(path, words[i].text) != NULL)
			keep(look, &words[i]);
}

static void look_at_streams(struct look *look)
{
	static const char *const names[] = {"fd/1", "fd/2"};
	char target[LINK_BYTES];
	int i;

	for (i = 0; i < 2; i++) {
		if (read_link(look, names[i], target) == 0 ||
		    (strncmp(target, "/dev/pts/", 9) != 0 && strncmp(target, "/dev/tty", 8) != 0))
			continue;
		record_add_number(look->records, "terminal", i + 1);
		record_end(look->records);
	}
}

static void look_at_descriptors(struct look *look)
{
	int fd = openat(look->process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char target[32];
	ssize_t len;

	while (directory != NULL && n++ < MAX_DESCRIPTORS && (entry = readdir(directory)) != NULL) {
		len = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		if (strcmp(target, "/dev/urandom") != 0 && strcmp(target, "/dev/random") != 0 &&
		    strcmp(target, "/dev/hwrng") != 0)
			continue;
		record_add(look->records, "random", slice_of(target));
		record_end(look->records);
	}
	if (directory != NULL)
		closedir(directory);
	else if (fd >= 0)
		close(fd);
}

static void look_at_process(struct look *look)
{
	size_t len;

	look_at_program(look);
	if ((len = read_file(look, "cmdline", '\0')) != 0)
		look_for_items(look, "argument", len);
	if ((len = read_file(look, "environ", '\0')) != 0)
		look_for_items(look, "variable", len);
	if ((len = read_file(look, "maps", '\n')) != 0) {
		look_for_beginnings(look, "library", '/', len);
		look_for_beginnings(look, "mapping", '\n', len);
	}
	look_at_streams(look);
	look_at_descriptors(look);
}

int gather_build(int pid, const char *entry, struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	char *buffer = malloc(LARGEST + 1);
	char path[32];
	struct str records;
	struct look look = {.buffer = buffer, .records = &records};
	int error = -ENOMEM;

	if (arena == NULL || buffer == NULL)
		goto out;
	str_init(&records, arena);
	snprintf(path, sizeof(path), "/proc/%d", pid);
	look.process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (look.process < 0) {
		error = bundle_put_error(bundle, entry, errno);
		goto out;
	}
	look_at_process(&look);
	close(look.process);
	if (!arena_failed(arena))
		error = bundle_put(bundle, entry, slice_of(str_done(&records)));
out:
	free(buffer);
	arena_free(arena);
	return error;
}
