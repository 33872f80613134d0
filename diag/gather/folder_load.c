/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/bundle.h"
#include "gather/below.h"
#include "gather/folder.h"

enum { LARGEST_MANIFEST = 16 << 20, LARGEST_FOLDER = 512 << 20 };

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
	int fd = below_open(loading->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, BELOW_REFUSE);
	struct stat status;
	char *data = NULL;
	size_t len = 0;
	int error = 0;

	if (fd < 0)
		return fd;
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
		return folder_fail(
			loading->reterr, EINVAL,
			"%s/manifest.json has a bad entry (\"%s\"): record the snapshot anew",
			loading->directory, name == NULL ? "" : name);
	if (failed != NULL)
		return bundle_put_error(loading->bundle, name, folder_errno(failed));
	error = load_file(loading, file, LARGEST_FOLDER - loading->total, &data, &len);
	if (error != 0)
		return folder_fail(loading->reterr, -error, "cannot read %s/%s: %s",
				   loading->directory, file, strerror(-error));
	loading->total += len;
	return bundle_take(loading->bundle, name, data, len,
			   json_is_true(json_object_get(object, "truncated")));
}

static int check_manifest(const struct loading *loading, const json_t *manifest)
{
	const char *order = json_string_value(json_object_get(manifest, "byte_order"));

	if (json_integer_value(json_object_get(manifest, "format")) != FOLDER_FORMAT ||
	    !json_is_array(json_object_get(manifest, "entries")) || order == NULL)
		return folder_fail(
			loading->reterr, EINVAL,
			"%s/manifest.json is not of format %d: it was not written by muxdiag "
			"--record, or by another version",
			loading->directory, FOLDER_FORMAT);
	if (strcmp(order, folder_byte_order) != 0 ||
	    json_integer_value(json_object_get(manifest, "pointer_bits")) !=
		    (json_int_t)(sizeof(void *) * 8))
		return folder_fail(
			loading->reterr, EINVAL,
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
		return folder_fail(loading->reterr, -error, "cannot read %s/manifest.json: %s",
				   loading->directory, strerror(-error));
	manifest = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
	free(text);
	if (manifest == NULL)
		return folder_fail(loading->reterr, EINVAL, "%s/manifest.json:%d: %s",
				   loading->directory, where.line, where.text);
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
		folder_fail(reterr, ENOMEM, "out of memory");
		return NULL;
	}
	loading.fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (loading.fd < 0) {
		folder_fail(reterr, errno, "cannot open %s: %s", directory, strerror(errno));
		goto fail;
	}
	error = load_manifest(&loading);
	close(loading.fd);
	if (error == 0)
		return loading.bundle;
	if (error == -ENOMEM)
		folder_fail(reterr, ENOMEM, "out of memory");
fail:
	mux_bundle_free(loading.bundle);
	return NULL;
}
