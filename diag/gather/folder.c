/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bundle as a folder: manifest.json, and one file per entry, named like the entry. A folder may
 * come from anybody, so nothing is read through a link or from outside it, and the manifest decides
 * nothing but which file is which entry.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <muxdiag/muxdiag.h>

#include "base/bundle.h"
#include "base/slice.h"
#include "base/str.h"

enum { FORMAT = 1, NAME_MOST = 200, LARGEST_MANIFEST = 16 << 20, LARGEST_FOLDER = 512 << 20 };

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static const char byte_order[] = "little";
#else
static const char byte_order[] = "big";
#endif

static int fail(struct mux_error *reterr, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts the message, escaped, into *reterr; returns -error. */
static int fail(struct mux_error *reterr, int error, const char *format, ...)
{
	struct arena *arena = arena_new();
	va_list arguments;
	struct str text, safe;

	if (reterr == NULL || arena == NULL)
		goto out;
	str_init(&text, arena);
	str_init(&safe, arena);
	va_start(arguments, format);
	str_vaddf(&text, format, arguments);
	va_end(arguments);
	str_add_escaped(&safe, slice_of(str_done(&text)));
	reterr->code = error;
	snprintf(reterr->message, sizeof(reterr->message), "%s",
		 arena_failed(arena) ? "out of memory" : str_done(&safe));
out:
	arena_free(arena);
	return -error;
}

/* --- saving ------------------------------------------------------------------------------ */

/* Makes the folders of a path below the directory. */
static int make_parents(int directory, const char *path)
{
	char parent[PATH_MAX];
	const char *slash;

	for (slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
		if (mkdirat(directory, parent, 0700) != 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
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
	int fd, error = make_parents(directory, path);

	if (error != 0)
		return error;
	fd = openat(directory, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
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
	const char *error_name = strerrorname_np(entry->error);
	char file[PATH_MAX];
	int error = 0;

	if (entry->error != 0) {
		json_object_set_new(object, "error",
				    json_string(error_name == NULL ? "EIO" : error_name));
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
	json_t *manifest = json_pack("{s:i, s:s, s:s, s:i, s:O}", "format", FORMAT, "tool",
				     "muxdiag " MUX_VERSION, "byte_order", byte_order,
				     "pointer_bits", (int)(sizeof(void *) * 8), "entries", entries);
	char *text = manifest == NULL ? NULL : json_dumps(manifest, JSON_INDENT(1));
	struct mux_slice bytes = {.data = text, .len = text == NULL ? 0 : strlen(text)};
	int error = text == NULL ? -ENOMEM : write_file(directory, "manifest.json", bytes);

	free(text);
	json_decref(manifest);
	return error;
}

int mux_bundle_save(const struct mux_bundle *bundle, const char *directory,
		    struct mux_error *reterr)
{
	const struct bundle_entry *entry;
	json_t *entries = NULL;
	int fd, error = 0;
	size_t i;

	/* An empty folder that is there already will do: rmdir() takes only such. */
	if (rmdir(directory) != 0 && errno != ENOENT)
		return fail(reterr, errno == ENOTEMPTY ? EEXIST : errno,
			    "cannot record into %s: it exists and is not an empty folder",
			    directory);
	if (mkdir(directory, 0700) != 0)
		return fail(reterr, errno, "cannot make the folder %s: %s", directory,
			    strerror(errno));
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(reterr, errno, "cannot open %s: %s", directory, strerror(errno));
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
		fail(reterr, -error, "cannot write below %s: %s", directory, strerror(-error));
	return error;
}

/* --- loading ----------------------------------------------------------------------------- */

struct loading {
	const char *directory;
	int fd;
	size_t total; /* bytes read so far */
	struct mux_bundle *bundle;
	struct mux_error *reterr;
};

/* Reads a regular file below the folder into malloc'ed memory with a NUL behind it. */
static int load_file(struct loading *loading, const char *path, size_t largest, char **ret_data,
		     size_t *ret_len)
{
	int fd = openat(loading->fd, path,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	char *data = NULL;
	size_t len = 0;
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		error = -EINVAL;
	else if ((size_t)status.st_size > largest)
		error = -EFBIG;
	if (error == 0 && (data = malloc((size_t)status.st_size + 1)) == NULL)
		error = -ENOMEM;
	while (error == 0 && len < (size_t)status.st_size) {
		ssize_t n = read(fd, data + len, (size_t)status.st_size - len);

		if (n < 0 && errno != EINTR)
			error = -errno;
		else if (n == 0)
			break;
		else if (n > 0)
			len += (size_t)n;
	}
	close(fd);
	if (error != 0) {
		free(data);
		return error;
	}
	data[len] = '\0';
	*ret_data = data;
	*ret_len = len;
	return 0;
}

/* Returns the errno of that name on this machine; EIO for one it does not know. */
static int errno_of(const char *name)
{
	int error;

	for (error = 1; error < 256; error++) {
		const char *known = strerrorname_np(error);

		if (known != NULL && strcmp(known, name) == 0)
			return error;
	}
	return EIO;
}

static int load_entry(struct loading *loading, const json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "name"));
	const char *file = json_string_value(json_object_get(object, "file"));
	const char *failed = json_string_value(json_object_get(object, "error"));
	char *data = NULL;
	size_t len = 0;
	int error;

	if (name == NULL || !bundle_name_is_safe(name) || (file == NULL) == (failed == NULL) ||
	    (file != NULL && !bundle_name_is_safe(file)))
		return fail(loading->reterr, EINVAL,
			    "%s/manifest.json has a bad entry (\"%s\"): record the snapshot anew",
			    loading->directory, name == NULL ? "" : name);
	if (failed != NULL)
		return bundle_put_error(loading->bundle, name, errno_of(failed));
	error = load_file(loading, file, LARGEST_FOLDER - loading->total, &data, &len);
	if (error != 0)
		return fail(loading->reterr, -error, "cannot read %s/%s: %s", loading->directory,
			    file, strerror(-error));
	loading->total += len;
	return bundle_take(loading->bundle, name, data, len,
			   json_is_true(json_object_get(object, "truncated")));
}

static int check_manifest(const struct loading *loading, const json_t *manifest)
{
	const char *order = json_string_value(json_object_get(manifest, "byte_order"));

	if (json_integer_value(json_object_get(manifest, "format")) != FORMAT ||
	    !json_is_array(json_object_get(manifest, "entries")) || order == NULL)
		return fail(loading->reterr, EINVAL,
			    "%s/manifest.json is not of format %d: it was not written by muxdiag "
			    "--record, or by another version",
			    loading->directory, FORMAT);
	if (strcmp(order, byte_order) != 0 ||
	    json_integer_value(json_object_get(manifest, "pointer_bits")) !=
		    (json_int_t)(sizeof(void *) * 8))
		return fail(loading->reterr, EINVAL,
			    "%s was recorded on a machine of another byte order or word size: "
			    "replay it on one like it",
			    loading->directory);
	return 0;
}

static int load_manifest(struct loading *loading)
{
	json_error_t where;
	json_t *manifest = NULL;
	char *text = NULL;
	size_t i, len = 0;
	int error = load_file(loading, "manifest.json", LARGEST_MANIFEST, &text, &len);

	if (error != 0)
		return fail(loading->reterr, -error, "cannot read %s/manifest.json: %s",
			    loading->directory, strerror(-error));
	manifest = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
	free(text);
	if (manifest == NULL)
		return fail(loading->reterr, EINVAL, "%s/manifest.json:%d: %s", loading->directory,
			    where.line, where.text);
	error = check_manifest(loading, manifest);
	if (error == 0) {
		const json_t *entries = json_object_get(manifest, "entries");

		for (i = 0; error == 0 && i < json_array_size(entries); i++)
			error = load_entry(loading, json_array_get(entries, i));
	}
	json_decref(manifest);
	return error;
}

struct mux_bundle *mux_bundle_load(const char *directory, struct mux_error *reterr)
{
	struct loading loading = {.directory = directory, .reterr = reterr, .bundle = bundle_new()};
	int error;

	if (loading.bundle == NULL) {
		fail(reterr, ENOMEM, "out of memory");
		return NULL;
	}
	loading.fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (loading.fd < 0) {
		fail(reterr, errno, "cannot open %s: %s", directory, strerror(errno));
		goto fail;
	}
	error = load_manifest(&loading);
	close(loading.fd);
	if (error == 0)
		return loading.bundle;
	if (error == -ENOMEM)
		fail(reterr, ENOMEM, "out of memory");
fail:
	mux_bundle_free(loading.bundle);
	return NULL;
}
