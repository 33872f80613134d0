/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control groups of a process leave it of processors, memory and threads (cgroups(7)): the
 * files of its own group and of every parent, because the least of all limits holds.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/capacity.h"

enum { LINE_BYTES = PATH_MAX + 512, FILE_BYTES = 2048, N_FILES = 6 };

/* A hierarchy that has a say: version 2, or a controller of version 1. */
struct hierarchy {
	const char *controller; /* as in /proc/PID/cgroup; "" is version 2 */
	const char *files[N_FILES];
};

static const struct hierarchy hierarchies[] = {
	{"", {"cpu.max", "cpu.stat", "memory.max", "memory.current", "pids.max", "pids.current"}},
	{"cpu", {"cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.stat"}},
	{"memory", {"memory.limit_in_bytes", "memory.usage_in_bytes"}},
	{"pids", {"pids.max", "pids.current"}},
};

/* Is the word among those that commas part? */
static bool is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list != '\0'; list += strcspn(list, ",") + (list[strcspn(list, ",")] == ','))
		if (strcspn(list, ",") == len && memcmp(list, word, len) == 0)
			return true;
	return false;
}

/* "4:memory:/a/b"; of version 2 "0::/a/b". */
static bool is_line_of(char *line, const struct hierarchy *hierarchy, char path[static PATH_MAX])
{
	char *controllers = strchr(line, ':'), *group;

	if (controllers == NULL || (group = strchr(++controllers, ':')) == NULL)
		return false;
	*group++ = '\0';
	group[strcspn(group, "\n")] = '\0';
	if (hierarchy->controller[0] == '\0' ? controllers[0] != '\0'
					     : !is_listed(controllers, hierarchy->controller))
		return false;
	snprintf(path, PATH_MAX, "%s", group);
	return group[0] == '/' && strstr(group, "/..") == NULL;
}

static bool find_group(int pid, const struct hierarchy *hierarchy, char path[static PATH_MAX])
{
	char name[64], line[LINE_BYTES];
	bool found = false;
	FILE *file;

	if (pid == 0)
		snprintf(name, sizeof(name), "/proc/self/cgroup");
	else
		snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	file = fopen(name, "re");
	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL)
		found = is_line_of(line, hierarchy, path);
	fclose(file);
	return found;
}

/* proc_pid_mountinfo(5): "… root point options - cgroup source rw,cpu,cpuacct" */
static bool is_mount_of(const char *line, const struct hierarchy *hierarchy,
			char root[static PATH_MAX], char point[static PATH_MAX])
{
	const char *type = strstr(line, " - ");
	char kind[32], options[256] = "";

	if (type == NULL || sscanf(type, " - %31s %*s %255s", kind, options) != 2 ||
	    sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) != 2)
		return false;
	if (hierarchy->controller[0] == '\0')
		return strcmp(kind, "cgroup2") == 0;
	return strcmp(kind, "cgroup") == 0 && is_listed(options, hierarchy->controller);
}

static bool find_mount(const struct hierarchy *hierarchy, char root[static PATH_MAX],
		       char point[static PATH_MAX])
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[LINE_BYTES];
	bool found = false;

	while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL)
		found = is_mount_of(line, hierarchy, root, point);
	if (file != NULL)
		fclose(file);
	return found;
}

static void add_file(const char *directory, const char *path, const char *name, struct str *records)
{
	char full[2 * PATH_MAX + 64], text[FILE_BYTES];
	ssize_t n;
	int fd;

	snprintf(full, sizeof(full), "%s/%s", directory, name);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n < 0)
		return;
	record_add(records, "path", slice_of(path));
	record_add(records, "file", slice_of(name));
	record_add(records, "text", slice_trim((struct mux_slice){text, (size_t)n}));
	record_end(records);
}

/* The group and its parents, up to what is mounted. */
static void add_groups(const struct hierarchy *hierarchy, const char *point, char *path,
		       struct str *records)
{
	char directory[2 * PATH_MAX];
	char *slash;
	size_t i;

	for (;;) {
		snprintf(directory, sizeof(directory), "%s%s", point, path);
		for (i = 0; i < N_FILES && hierarchy->files[i] != NULL; i++)
			add_file(directory, path[0] != '\0' ? path : "/", hierarchy->files[i],
				 records);
		slash = strrchr(path, '/');
		if (slash == NULL)
			return;
		*slash = '\0';
	}
}

static void add_hierarchy(int pid, const struct hierarchy *hierarchy, struct str *records)
{
	char path[PATH_MAX], root[PATH_MAX], point[PATH_MAX];
	size_t len;

	if (!find_group(pid, hierarchy, path) || !find_mount(hierarchy, root, point))
		return;
	/* A mount may show only a part of the tree; a group beside it cannot be seen. */
	len = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (strncmp(path, root, len) != 0)
		return;
	if (strcmp(path, "/") == 0)
		path[0] = '\0';
	add_groups(hierarchy, point, path + (path[0] != '\0' ? len : 0), records);
}

int gather_quota(int pid, const char *entry, struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	struct str records;
	int error = -ENOMEM;
	size_t i;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&records, arena);
	for (i = 0; i < sizeof(hierarchies) / sizeof(hierarchies[0]); i++)
		add_hierarchy(pid, &hierarchies[i], &records);
	if (!arena_failed(arena))
		error = records.len != 0 ? bundle_put(bundle, entry, slice_of(str_done(&records)))
					 : bundle_put_error(bundle, entry, ENOENT);
	arena_free(arena);
	return error;
}
