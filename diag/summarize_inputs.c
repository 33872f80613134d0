/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "summarize_inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 16, CHUNK = 256 << 10 };

/* A folder that is walked. */
struct walk {
	struct summarize_inputs *inputs;
	unsigned depth;
	size_t n_found; /* snapshots and files, readable or not */
};

static int walk_folder(struct walk *walk, const char *path);

static int note(const struct summarize_inputs *inputs, const char *path, const char *why)
{
	return mux_fleet_add_unread(inputs->fleet, path, why);
}

/* The length of a path without the ending of a file of results; 0 = it has none of them. */
static size_t without_ending(const char *path)
{
	static const char *const endings[] = {".json", ".jsonl", ".ndjson"};
	size_t i, len = strlen(path);

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && strcmp(path + len - n, endings[i]) == 0)
			return len - n;
	}
	return 0;
}

/* Fills in the source of a path; host is a copy, to be freed with free(). */
static int source_of(const struct summarize_inputs *inputs, const char *path,
		     struct mux_fleet_source *ret_source, char **ret_host)
{
	size_t len = without_ending(path);
	size_t unnamed = strlen(path) > inputs->unnamed ? inputs->unnamed : 0;
	char *host;

	if (len <= unnamed)
		len = strlen(path);
	host = strndup(path + unnamed, len - unnamed);
	if (host == NULL)
		return -ENOMEM;
	*ret_host = host;
	*ret_source = (struct mux_fleet_source){
		.path = path,
		.host = host,
		.is_host = inputs->by_file,
	};
	return 0;
}

/* --- JSON -------------------------------------------------------------------------------- */

static int add_stream(const struct summarize_inputs *inputs, const char *path, int fd)
{
	struct mux_fleet_source source;
	char *buffer = malloc(CHUNK), *host = NULL;
	int error = buffer != NULL ? source_of(inputs, path, &source, &host) : -ENOMEM;
	ssize_t n = 1;

	while (error == 0 && n != 0) {
		n = read(fd, buffer, CHUNK);
		if (n > 0)
			error = mux_fleet_add_json(inputs->fleet, &source, buffer, (size_t)n);
		else if (n < 0 && errno != EINTR)
			break;
	}
	if (error == 0 && n < 0)
		error = note(inputs, path, strerror(errno));
	/* What came before a failure counts, but the source has to end. */
	if (error == 0)
		error = mux_fleet_add_json(inputs->fleet, &source, NULL, 0);
	free(host);
	free(buffer);
	return error;
}

static int add_file(const struct summarize_inputs *inputs, const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC | flags);
	int error;

	if (fd < 0)
		return note(inputs, path, strerror(errno));
	error = add_stream(inputs, path, fd);
	close(fd);
	return error;
}

/* --- snapshots --------------------------------------------------------------------------- */

static int add_report(const struct summarize_inputs *inputs, const char *path,
		      const struct mux_report *report)
{
	struct mux_fleet_source source;
	char *host = NULL;
	int error = source_of(inputs, path, &source, &host);

	if (error == 0)
		error = mux_fleet_add_report(inputs->fleet, &source, report);
	free(host);
	return error == -E2BIG ? note(inputs, path, "more findings than any machine has") : error;
}

static int add_snapshot(const struct summarize_inputs *inputs, const char *path)
{
	struct mux_error error = {0};
	struct mux_bundle *bundle = mux_bundle_load(path, &error);
	const struct mux_snapshot *snapshot = NULL;
	struct mux_report *report = NULL;
	int result;

	if (bundle != NULL)
		snapshot = mux_snapshot_parse(bundle, &error);
	if (snapshot != NULL)
		report = mux_diagnose(snapshot, NULL, &error);
	if (report != NULL)
		result = add_report(inputs, path, report);
	else if (error.code == ENOMEM)
		result = -ENOMEM;
	else
		result = note(inputs, path, error.message);
	mux_report_free(report);
	mux_snapshot_free(snapshot);
	mux_bundle_free(bundle);
	return result;
}

/* Has the folder what every snapshot has? */
static bool is_snapshot(const char *path)
{
	char *manifest = NULL;
	struct stat status;
	bool found;

	if (asprintf(&manifest, "%s/manifest.json", path) < 0)
		return false;
	found = lstat(manifest, &status) == 0;
	free(manifest);
	return found;
}

/* --- folders ----------------------------------------------------------------------------- */

/* What is hidden is somebody's own business: half-written files, the folders of version control. */
static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int add_found_folder(struct walk *walk, const char *path)
{
	if (is_snapshot(path)) {
		walk->n_found++;
		return add_snapshot(walk->inputs, path);
	}
	return walk_folder(walk, path);
}

/* Links to files are followed. Those to folders are not: they may lead round in a circle. */
static int add_found(struct walk *walk, const char *path)
{
	struct stat link, status;

	if (lstat(path, &link) != 0)
		return note(walk->inputs, path, strerror(errno));
	if (S_ISDIR(link.st_mode))
		return add_found_folder(walk, path);
	if (!S_ISLNK(link.st_mode) && without_ending(path) == 0)
		return 0;
	if (stat(path, &status) != 0)
		return note(walk->inputs, path, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return note(walk->inputs, path, "a link to a folder is not followed");
	if (without_ending(path) == 0)
		return 0;
	walk->n_found++;
	if (!S_ISREG(status.st_mode))
		return note(walk->inputs, path, "it is no regular file");
	return add_file(walk->inputs, path, O_NONBLOCK);
}

/* In the order of names, so that the same folder gives the same answer everywhere. */
static int walk_folder(struct walk *walk, const char *path)
{
	struct dirent **entries = NULL;
	int i, n, error = 0;

	if (walk->depth == MAX_DEPTH)
		return note(walk->inputs, path, "it is nested too deeply");
	n = scandir(path, &entries, is_visible, alphasort);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : note(walk->inputs, path, strerror(errno));
	walk->depth++;
	for (i = 0; i < n; i++) {
		char *child = NULL;

		if (error == 0 && asprintf(&child, "%s/%s", path, entries[i]->d_name) < 0) {
			error = -ENOMEM;
			child = NULL; /* asprintf(3) leaves it undefined */
		}
		if (error == 0)
			error = add_found(walk, child);
		free(child);
		free(entries[i]);
	}
	walk->depth--;
	free(entries);
	return error;
}

static int add_folder(struct summarize_inputs *inputs, const char *path)
{
	struct walk walk = {.inputs = inputs};
	int error = walk_folder(&walk, path);

	if (error == 0 && walk.n_found == 0)
		error = note(inputs, path, "there is neither a snapshot nor a JSON result in it");
	return error;
}

int summarize_add(struct summarize_inputs *inputs, const char *path)
{
	struct stat status;

	if (strcmp(path, "-") == 0)
		return add_stream(inputs, path, STDIN_FILENO);
	if (stat(path, &status) != 0)
		return note(inputs, path, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return add_file(inputs, path, 0);
	return is_snapshot(path) ? add_snapshot(inputs, path) : add_folder(inputs, path);
}
