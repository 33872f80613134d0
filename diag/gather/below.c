/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/below.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A ".." that races with a rename or mount anywhere in the system gives EAGAIN (openat2(2)). */
enum { MAX_TRIES = 100 };

static int open_resolved(int directory, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC, .resolve = resolve};
	int tries, fd = -1;

	errno = EAGAIN;
	for (tries = 0; tries < MAX_TRIES && fd < 0 && errno == EAGAIN; tries++)
		fd = (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

/* O_PATH with O_NOFOLLOW opens a link itself. */
static int open_step(int directory, const char *name, int flags)
{
	struct stat status;
	int fd, error = 0;

	if (strcmp(name, "..") == 0)
		return -EXDEV;
	fd = openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		error = -errno;
	if (fd >= 0 && (fstat(fd, &status) != 0 || S_ISLNK(status.st_mode)))
		error = -ELOOP;
	if (fd >= 0 && error != 0)
		close(fd);
	return error != 0 ? error : fd;
}

/* One component after the other, following nothing. */
static int open_stepwise(int directory, const char *path, int flags)
{
	const char *slash;
	int next, at = directory;

	while ((slash = strchr(path, '/')) != NULL) {
		char name[NAME_MAX + 1];

		if (slash - path > NAME_MAX) {
			next = -ENAMETOOLONG;
			goto out;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(slash - path), path);
		next = open_step(at, name, O_PATH);
		if (next < 0)
			goto out;
		if (at != directory)
			close(at);
		at = next;
		path = slash + 1;
	}
	next = open_step(at, path, flags);
out:
	if (at != directory)
		close(at);
	return next;
}

int below_open(int directory, const char *path, int flags, enum below_links links)
{
	uint64_t resolve =
		links == BELOW_FOLLOW ? RESOLVE_IN_ROOT : RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
	int fd = open_resolved(directory, path, flags, resolve);

	/* EPERM is what container runtimes of before 2020 answer to a call they do not know. */
	return fd == -ENOSYS || fd == -EPERM ? open_stepwise(directory, path, flags) : fd;
}
