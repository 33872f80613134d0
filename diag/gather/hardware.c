/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /sys says of the power supply, of idle processors and of their weaknesses: a folder each,
 * with names that differ from machine to machine.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/capacity.h"

enum { FILE_BYTES = 512, MAX_ITEMS = 64, N_FILES = 3 };

/* Adds a small file under the key; returns false when it cannot be read. */
static bool add_file(struct str *records, const char *key, int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char bytes[FILE_BYTES];
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return false;
	record_add(records, key, slice_trim((struct mux_slice){bytes, (size_t)n}));
	return true;
}

/* What is kept of each item of a folder. */
struct folder {
	const char *path, *key;
	/* Of an item that is a folder: its files, each with its key. */
	struct {
		const char *key, *file;
	} files[N_FILES];
	const char *text; /* of an item that is a file: its key */
};

static const struct folder folders[] = {
	{"/sys/class/power_supply", "supply", {{"type", "type"}, {"online", "online"}}, NULL},
	{"/sys/devices/system/cpu/cpu0/cpuidle",
	 "idle",
	 {{"latency_us", "latency"}, {"disabled", "disable"}, {"name", "name"}},
	 NULL},
	{"/sys/devices/system/cpu/vulnerabilities", "weakness", {{NULL, NULL}}, "text"},
};

static void add_item(struct str *records, const struct folder *folder, int parent, const char *name)
{
	int item;
	size_t i;

	record_add(records, folder->key, slice_of(name));
	if (folder->text != NULL) {
		add_file(records, folder->text, parent, name);
	} else {
		item = openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		for (i = 0; item >= 0 && i < N_FILES && folder->files[i].key != NULL; i++)
			add_file(records, folder->files[i].key, item, folder->files[i].file);
		if (item >= 0)
			close(item);
	}
	record_end(records);
}

static void add_folder(struct str *records, const struct folder *folder)
{
	DIR *directory = opendir(folder->path);
	const struct dirent *entry;
	int n = 0;

	while (directory != NULL && n < MAX_ITEMS && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		add_item(records, folder, dirfd(directory), entry->d_name);
		n++;
	}
	if (directory != NULL)
		closedir(directory);
}

static void add_idling(struct str *records)
{
	int folder = open("/sys/devices/system/cpu/cpuidle", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return;
	if (add_file(records, "driver", folder, "current_driver")) {
		add_file(records, "governor", folder, "current_governor_ro");
		record_end(records);
	}
	close(folder);
}

int gather_hardware(struct mux_bundle *bundle)
{
	static const char entry[] = "preflight/hardware";
	struct arena *arena = arena_new();
	struct str records;
	int error = -ENOMEM;
	size_t i;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&records, arena);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		add_folder(&records, &folders[i]);
	add_idling(&records);
	if (!arena_failed(arena))
		error = records.len != 0 ? bundle_put(bundle, entry, slice_of(str_done(&records)))
					 : bundle_put_error(bundle, entry, ENOENT);
	arena_free(arena);
	return error;
}
