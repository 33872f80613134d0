/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/capacity.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/mechanism.h"

enum {
	LARGEST_PROCESS_FILE = 64 * 1024,
	/* Counting descriptors is readdir(2): of a million it takes half a second. */
	MAX_OPEN_FILES = 100 * 1000,
};

static const struct {
	const char *path, *name;
	size_t largest;
} files[] = {
#define CAPACITY(path, largest) {path, "file/" path, largest},
#define CAPACITY_SYSCTL(path)	{"proc/sys/" path, "sysctl/" path, 4 << 10},
#include "gather/sources.def"
};

static int put_load(const struct mux_load *load, struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	struct str record;
	int error = -ENOMEM;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&record, arena);
	record_add_number(&record, "concurrency", load->concurrency);
	record_add_number(&record, "requests", (int64_t)load->requests);
	record_add_number(&record, "keepalive", load->keepalive);
	record_add(&record, "tool", slice_of(load->tool));
	record_end(&record);
	if (!arena_failed(arena))
		error = bundle_put(bundle, "preflight/load", slice_of(str_done(&record)));
	arena_free(arena);
	return error;
}

int gather_capacity(const struct mux_load *load, struct mux_bundle *bundle)
{
	int error = put_load(load, bundle);
	size_t i;

	for (i = 0; error == 0 && i < sizeof(files) / sizeof(files[0]); i++)
		error = gather_system_file(files[i].path, files[i].name, files[i].largest, bundle);
	if (error == 0)
		error = gather_hardware(bundle);
	if (error == 0)
		error = gather_process_capacity(0, bundle);
	return error;
}

/* "self", or the number. */
static void name_process(int pid, char name[static 16])
{
	if (pid == 0)
		snprintf(name, 16, "self");
	else
		snprintf(name, 16, "%d", pid);
}

static int put_open_files(const char *process, struct mux_bundle *bundle)
{
	char path[64], entry[64], number[32];
	DIR *directory;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%s/fd", process);
	snprintf(entry, sizeof(entry), "process/%s/open-files", process);
	directory = opendir(path);
	if (directory == NULL)
		return bundle_put_error(bundle, entry, errno);
	while (n < MAX_OPEN_FILES + 2 && readdir(directory) != NULL)
		n++;
	closedir(directory);
	/* Without "." and "..". */
	snprintf(number, sizeof(number), "%d", n > 2 ? n - 2 : 0);
	return bundle_put(bundle, entry, slice_of(number));
}

int gather_process_capacity(int pid, struct mux_bundle *bundle)
{
	static const char *const names[] = {"limits", "status"};
	char path[64], entry[64], process[16];
	int error = 0;
	size_t i;

	name_process(pid, process);
	for (i = 0; error == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "proc/%s/%s", process, names[i]);
		snprintf(entry, sizeof(entry), "process/%s/%s", process, names[i]);
		error = gather_system_file(path, entry, LARGEST_PROCESS_FILE, bundle);
	}
	if (error == 0)
		error = put_open_files(process, bundle);
	snprintf(entry, sizeof(entry), "process/%s/quota", process);
	if (error == 0)
		error = gather_quota(pid, entry, bundle);
	snprintf(entry, sizeof(entry), "process/%s/build", process);
	return error != 0 || pid == 0 ? error : gather_build(pid, entry, bundle);
}
