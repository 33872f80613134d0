/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>

#include "base/record.h"
#include "gather/clock.h"

enum { MAX_SOCKETS = 64, WALK_US = 10 * 1000 };

struct sought {
	uint32_t inodes[MAX_SOCKETS];
	size_t n, n_found;
	int64_t deadline_us;
	struct str records;
};

static void add_sockets(const struct mux_bundle *bundle, const char *name, struct sought *sought)
{
	const struct bundle_entry *entry = bundle_find(bundle, name);
	const struct nlmsghdr *message;
	int left;

	if (entry == NULL || entry->error != 0)
		return;
	message = (const struct nlmsghdr *)(const void *)entry->bytes.data;
	left = (int)entry->bytes.len;
	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(message);

		if (mnl_nlmsg_get_payload_len(message) >= sizeof(*socket) &&
		    sought->n < MAX_SOCKETS && socket->idiag_inode != 0)
			sought->inodes[sought->n++] = socket->idiag_inode;
	}
}

/* proc_pid_stat(5): the name in brackets may hold anything, so what follows it is looked for from
 * behind. */
static void record_stat(struct sought *sought, int process)
{
	char bytes[512], state, letter[2] = "";
	const char *rest;
	int group, fd = openat(process, "stat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return;
	bytes[n] = '\0';
	rest = strrchr(bytes, ')');
	if (rest == NULL || sscanf(rest + 1, " %c %*d %d", &state, &group) != 2)
		return;
	letter[0] = state;
	record_add(&sought->records, "state", slice_of(letter));
	record_add_number(&sought->records, "group", group);
}

/* Since Linux 6.2 the folder's size says how many there are (proc_pid_fd(5)); else they are
 * counted. */
static int64_t count_descriptors(int process)
{
	struct stat status;
	int64_t n = 0;
	DIR *fds;
	int fd;

	if (fstatat(process, "fd", &status, 0) == 0 && status.st_size > 0)
		return status.st_size;
	fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds = fd < 0 ? NULL : fdopendir(fd);
	if (fds == NULL)
		return -1;
	while (readdir(fds) != NULL)
		n++;
	closedir(fds);
	return n - 2; /* without "." and ".." */
}

/* proc_pid_limits(5); -1 = not known, or none. */
static int64_t descriptor_limit(int process)
{
	static const char title[] = "Max open files";
	char text[4096];
	const char *line;
	long long limit;
	int fd = openat(process, "limits", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	line = strstr(text, title);
	return line != NULL && sscanf(line + strlen(title), "%lld", &limit) == 1 ? limit : -1;
}

static void record_descriptors(struct sought *sought, int process)
{
	int64_t n = count_descriptors(process), limit = descriptor_limit(process);

	if (n < 0 || limit < 0)
		return;
	record_add_number(&sought->records, "descriptors", n);
	record_add_number(&sought->records, "descriptor_limit", limit);
}

static void record(struct sought *sought, int process, uint32_t inode, const char *pid)
{
	char command[64];
	int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, command, sizeof(command));
	struct mux_slice text = {.data = command, .len = n > 0 ? (size_t)n : 0};

	if (fd >= 0)
		close(fd);
	record_add_number(&sought->records, "inode", inode);
	record_add(&sought->records, "pid", slice_of(pid));
	record_add(&sought->records, "command", slice_trim(text));
	record_stat(sought, process);
	record_descriptors(sought, process);
	record_end(&sought->records);
	sought->n_found++;
}

static void look_at_descriptor(struct sought *sought, int process, DIR *fds, const char *name,
			       const char *pid)
{
	char target[64];
	ssize_t n = readlinkat(dirfd(fds), name, target, sizeof(target) - 1);
	unsigned inode;
	size_t i;

	if (n <= 0)
		return;
	target[n] = '\0';
	if (sscanf(target, "socket:[%u]", &inode) != 1)
		return;
	for (i = 0; i < sought->n; i++)
		if (sought->inodes[i] == inode) {
			sought->inodes[i] = 0;
			record(sought, process, inode, pid);
		}
}

static void look_at_process(struct sought *sought, DIR *proc, const char *pid)
{
	int process = openat(dirfd(proc), pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = process < 0 ? -1 : openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *fds = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (fds != NULL && sought->n_found < sought->n && clock_now_us() < sought->deadline_us &&
	       (entry = readdir(fds)) != NULL)
		look_at_descriptor(sought, process, fds, entry->d_name, pid);
	if (fds != NULL)
		closedir(fds);
	else if (fd >= 0)
		close(fd);
	if (process >= 0)
		close(process);
}

static void walk(struct sought *sought)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc != NULL && sought->n_found < sought->n &&
	       clock_now_us() < sought->deadline_us && (entry = readdir(proc)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look_at_process(sought, proc, entry->d_name);
	if (proc != NULL)
		closedir(proc);
}

/* Those of the port first: there is room for so many only. */
static const char *const dumps[] = {
	"netlink/diag/tcp4",	    "netlink/diag/holders/tcp4", "netlink/diag/holders/tcp6",
	"netlink/diag/tcp6",	    "netlink/diag/others/udp4",	 "netlink/diag/others/udp6",
	"netlink/diag/others/tcp4", "netlink/diag/others/tcp6",
};

int gather_processes(struct mux_bundle *bundle)
{
	struct sought sought = {.deadline_us = clock_now_us() + WALK_US};
	struct arena *arena = arena_new();
	int error = -ENOMEM;
	size_t i;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&sought.records, arena);
	for (i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++)
		add_sockets(bundle, dumps[i], &sought);
	if (sought.n != 0)
		walk(&sought);
	if (str_done(&sought.records) != NULL && !arena_failed(arena))
		error = bundle_put(bundle, "processes", slice_of(str_done(&sought.records)));
	arena_free(arena);
	return error;
}
