/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/bundle.h"
#include "gather/folder.h"

enum { NAME_MOST = 200 };

/*
 * Makes the folders of a path below the directory, and opens the last of them; *ret_name is what
 * follows it. Somebody else may write to a directory that was there before, so no link is followed.
 * Returns a descriptor, or -errno.
 */
static int open_parent(int directory, const char *path, const char **ret_name)
{
	int next, at = fcntl(directory, F_DUPFD_CLOEXEC, 0);
	const char *slash;

	if (at < 0)
		return -errno;
	for (; (slash = strchr(path, '/')) != NULL; path = slash + 1) {
		char name[NAME_MAX + 1];

		snprintf(name, sizeof(name), "%.*s", (int)(slash - path), path);
		next = mkdirat(at, name, 0700) != 0 && errno != EEXIST ? -1 : 0;
		if (next == 0)
			next = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			next = -errno;
		close(at);
		if (next < 0)
			return next;
		at = next;
	}
	*ret_name = path;
	return at;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len != 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_file(int directory, const char *path, struct mux_slice bytes)
{
	const char *name;
	int error, fd, parent = open_parent(directory, path, &name);

	if (parent < 0)
		return parent;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	error = fd < 0 ? -errno : 0;
	close(parent);
	if (fd < 0)
		return error;
	error = write_all(fd, bytes.data, bytes.len);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	return error;
}

/* The entry's own name if every part of it fits a file system, else a number. */
static void choose_file(const char *name, size_t number, char file[static PATH_MAX])
{
	size_t i, part = 0;

	snprintf(file, PATH_MAX, "%s", name);
	for (i = 0; name[i] != '\0'; i++) {
		part = name[i] == '/' ? 0 : part + 1;
		if (part > NAME_MOST)
			snprintf(file, PATH_MAX, "long/%zu", number);
	}
}

static int save_entry(int directory, const struct bundle_entry *entry, size_t number,
		      json_t *entries)
{
	json_t *object = json_pack("{s:s}", "name", entry->name);
	char file[PATH_MAX], number_text[FOLDER_ERRNO_MAX];
	int error = 0;

	if (entry->error != 0) {
		json_object_set_new(object, "error",
				    json_string(folder_errno_name(entry->error, number_text)));
	} else {
		choose_file(entry->name, number, file);
		json_object_set_new(object, "file", json_string(file));
		error = write_file(directory, file, entry->bytes);
	}
	if (entry->truncated)
		json_object_set_new(object, "truncated", json_true());
	if (json_array_append_new(entries, object) != 0 && error == 0)
		error = -ENOMEM;
	return error;
}

static int save_manifest(int directory, json_t *entries)
{
	json_t *manifest = json_pack("{s:i, s:s, s:s, s:i, s:O}", "format", FOLDER_FORMAT, "tool",
				     "muxdiag " MUX_VERSION, "byte_order", folder_byte_order,
				     "pointer_bits", (int)(sizeof(void *) * 8), "entries", entries);
	char *text = manifest == NULL ? NULL : json_dumps(manifest, JSON_INDENT(1));
	struct mux_slice bytes = {.data = text, .len = text == NULL ? 0 : strlen(text)};
	int error = text == NULL ? -ENOMEM : write_file(directory, "manifest.json", bytes);

	free(text);
	json_decref(manifest);
	return error;
}

static bool is_empty(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool empty = listing != NULL;

	while (empty && (entry = readdir(listing)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (listing != NULL)
		closedir(listing);
	else if (fd >= 0)
		close(fd);
	return empty;
}

/* Returns a descriptor, or -errno with *reterr. */
static int open_folder(const char *directory, struct mux_error *reterr)
{
	int fd;

	if (mkdir(directory, 0700) != 0 && errno != EEXIST)
		return folder_fail(reterr, errno, "cannot make the folder %s: %s", directory,
				   strerror(errno));
	fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return folder_fail(reterr, errno, "cannot record into %s: %s", directory,
				   strerror(errno));
	if (is_empty(fd))
		return fd;
	close(fd);
	return folder_fail(reterr, EEXIST,
			   "cannot record into %s: it exists and is not an empty folder",
			   directory);
}

int mux_bundle_save(const struct mux_bundle *bundle, const char *directory,
		    struct mux_error *reterr)
{
	const struct bundle_entry *entry;
	int fd = open_folder(directory, reterr), error = 0;
	json_t *entries;
	size_t i;

	if (fd < 0)
		return fd;
	entries = json_array();
	if (entries == NULL)
		error = -ENOMEM;
	for (i = 0; error == 0 && (entry = bundle_at(bundle, i)) != NULL; i++)
		error = save_entry(fd, entry, i, entries);
	if (error == 0)
		error = save_manifest(fd, entries);
	json_decref(entries);
	close(fd);
	if (error != 0)
		folder_fail(reterr, -error, "cannot write below %s: %s", directory,
			    strerror(-error));
	return error;
}
