/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files as bytes. A file below /etc may be anything: a FIFO that nobody writes, a device without
 * end, a loop of links. Only regular files are opened, and never more is read than sources.def
 * says.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/below.h"
#include "gather/mechanism.h"

enum { FIRST_READ = 4096, LARGEST_SYSCTL = 64 * 1024 };

/* A directory to read below. */
struct root {
	int fd;	    /* negative = -errno of opening it */
	bool other; /* not /: its links must not lead out of it */
};

static struct root root_open(const char *directory)
{
	struct root root = {.other = directory != NULL};

	root.fd = open(directory == NULL ? "/" : directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root.fd < 0)
		root.fd = -errno;
	return root;
}

static void root_close(struct root root)
{
	if (root.fd >= 0)
		close(root.fd);
}

/* Returns a descriptor of a regular file and what it is like, or -errno. */
static int open_checked(struct root root, const char *path, int flags, struct stat *ret)
{
	int fd = root.fd;

	memset(ret, 0, sizeof(*ret));

	if (fd >= 0 && root.other)
		fd = below_open(root.fd, path, flags, BELOW_FOLLOW);
	else if (fd >= 0 && (fd = openat(root.fd, path, flags | O_CLOEXEC)) < 0)
		fd = -errno;
	if (fd < 0 || (fstat(fd, ret) == 0 && S_ISREG(ret->st_mode)))
		return fd;
	close(fd);
	return S_ISDIR(ret->st_mode) ? -EISDIR : -EINVAL;
}

/*
 * Opens a regular file for reading, or returns -errno; *ret is of no mode if there is no file. The
 * look before is through O_PATH, which neither waits for a FIFO's writer nor wakes a device; the
 * real open looks again, because the file may have been replaced.
 */
static int open_regular(struct root root, const char *path, struct stat *ret)
{
	struct stat again;
	int place = open_checked(root, path, O_PATH, ret);

	if (place < 0)
		return place;
	close(place);
	return open_checked(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &again);
}

struct content {
	char *data;
	size_t len;
	bool truncated;
};

/* Reads up to `largest` bytes. procfs gives size 0, so the size is a hint only. */
static int read_all(int fd, size_t largest, struct content *ret)
{
	struct stat status;
	size_t capacity = FIRST_READ, len = 0;
	char *data, *grown;
	ssize_t n;

	if (fstat(fd, &status) == 0 && status.st_size > 0)
		capacity = (size_t)status.st_size + 1;
	if (capacity > largest + 1)
		capacity = largest + 1;
	data = malloc(capacity);
	while (data != NULL && (n = read(fd, data + len, capacity - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int error = -errno;

			free(data);
			return error;
		}
		len += (size_t)n;
		if (len > largest)
			break;
		if (len < capacity)
			continue;
		capacity = capacity * 2 > largest + 1 ? largest + 1 : capacity * 2;
		grown = realloc(data, capacity);
		if (grown == NULL)
			free(data);
		data = grown;
	}
	if (data == NULL)
		return -ENOMEM;
	ret->truncated = len > largest;
	ret->len = ret->truncated ? largest : len;
	ret->data = data;
	return 0;
}

struct row {
	const char *path, *name;
	size_t largest;
	bool below_root_dir;
};

static int gather_file(struct root root, const struct row *row, struct stat *ret_status,
		       struct mux_bundle *bundle)
{
	struct content content = {0};
	int error, fd = open_regular(root, row->path, ret_status);

	if (fd < 0)
		return bundle_put_error(bundle, row->name, -fd);
	error = read_all(fd, row->largest, &content);
	close(fd);
	if (error == -ENOMEM)
		return error;
	if (error != 0)
		return bundle_put_error(bundle, row->name, -error);
	return bundle_take(bundle, row->name, content.data, content.len, content.truncated);
}

int gather_system_file(const char *path, const char *name, size_t largest,
		       struct mux_bundle *bundle)
{
	struct root system = root_open(NULL);
	struct stat status;
	int error = gather_file(system, &(struct row){path, name, largest, false}, &status, bundle);

	root_close(system);
	return error;
}

#define FILE_SOURCE(path, largest) {path, "file/" path, largest, true},
#define PROC(path, largest)	   {path, "file/" path, largest, false},
static const struct row rows[] = {
#include "gather/sources.def"
};

/* Who may read the file, or where the link in its place leads in vain. */
static void add_permissions(struct root root, const char *path, const struct stat *status,
			    struct str *records)
{
	char link[PATH_MAX];
	ssize_t len = 0;

	if (status->st_mode == 0 && root.fd >= 0)
		len = readlinkat(root.fd, path, link, sizeof(link));
	if (status->st_mode == 0 && len <= 0)
		return;
	record_add(records, "path", slice_of(path));
	if (status->st_mode == 0) {
		record_add(records, "link", (struct mux_slice){link, (size_t)len});
	} else {
		record_add_number(records, "mode", status->st_mode);
		record_add_number(records, "uid", status->st_uid);
		record_add_number(records, "gid", status->st_gid);
	}
	record_end(records);
}

int gather_files(const char *root_dir, struct mux_bundle *bundle)
{
	struct root system = root_open(NULL), root = root_open(root_dir);
	struct arena *arena = arena_new();
	struct str permissions;
	struct stat status;
	int error = arena == NULL ? -ENOMEM : 0;
	size_t i;

	str_init(&permissions, arena);
	for (i = 0; error == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
		error = gather_file(rows[i].below_root_dir ? root : system, &rows[i], &status,
				    bundle);
		if (error == 0 && rows[i].below_root_dir)
			add_permissions(root, rows[i].path, &status, &permissions);
	}
	if (error == 0)
		error = arena_failed(arena)
				? -ENOMEM
				: bundle_put(bundle, "permissions",
					     (struct mux_slice){permissions.data, permissions.len});
	arena_free(arena);
	root_close(root);
	root_close(system);
	return error;
}

static int gather_sysctl(struct root root, const char *path, struct mux_bundle *bundle)
{
	char file[512], name[512];
	struct stat status;

	if (snprintf(file, sizeof(file), "proc/sys/%s", path) >= (int)sizeof(file))
		return 0;
	snprintf(name, sizeof(name), "sysctl/%s", path);
	if (!bundle_name_is_safe(name))
		return 0;
	return gather_file(root, &(struct row){file, name, LARGEST_SYSCTL, false}, &status, bundle);
}

/* disable_ipv6 of every link, and of "all" and "default". */
static int gather_links(struct root root, struct mux_bundle *bundle)
{
	DIR *directory = opendir("/proc/sys/net/ipv6/conf");
	const struct dirent *entry;
	char path[300];
	int error = 0;

	if (directory == NULL)
		return bundle_put_error(bundle, "sysctl/net/ipv6/conf/all/disable_ipv6", errno);
	while (error == 0 && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "net/ipv6/conf/%s/disable_ipv6", entry->d_name);
		error = gather_sysctl(root, path, bundle);
	}
	closedir(directory);
	return error;
}

#define SYSCTL(path) path,
static const char *const sysctls[] = {
#include "gather/sources.def"
};

int gather_sysctls(struct mux_bundle *bundle)
{
	struct root root = root_open(NULL);
	int error = gather_links(root, bundle);
	size_t i;

	for (i = 0; error == 0 && i < sizeof(sysctls) / sizeof(sysctls[0]); i++)
		if (strchr(sysctls[i], '<') == NULL)
			error = gather_sysctl(root, sysctls[i], bundle);
	root_close(root);
	return error;
}
