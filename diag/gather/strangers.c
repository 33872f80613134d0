/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who listens on a port in another network namespace? /proc/PID/net shows the sockets of the
 * process's namespace to everybody, and its files have inodes of that namespace (proc_net is a
 * tree of its own in each), so that each is read once and none needs privilege. Which process holds
 * the socket is told for those whose /proc/PID/fd may be read.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/clock.h"
#include "gather/mechanism.h"

enum {
	WALK_US = 50 * 1000,
	MAX_NAMESPACES = 64,
	MAX_FOUND = 8,
	TCP_LISTEN_STATE = 0x0A,
	LARGEST = 1024,
};

/* A listening socket in a namespace that is not ours. */
struct stranger {
	ino_t tree;	  /* which namespace, by its /proc/net */
	char address[33]; /* as /proc/net/tcp writes it */
	unsigned uid;
	unsigned long inode;
	int member, holder; /* a process of the namespace; the one with the socket, 0 = not known */
};

struct walk {
	uint16_t port;
	int64_t deadline_us;
	ino_t seen[MAX_NAMESPACES]; /* the first is ours */
	size_t n_seen;
	struct stranger found[MAX_FOUND];
	size_t n_found;
	bool cut; /* there was more than we looked at */
};

static bool is_over(struct walk *walk)
{
	walk->cut |= clock_now_us() >= walk->deadline_us;
	return walk->cut;
}

/* --- namespaces -------------------------------------------------------------------------- */

/* "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 12345" */
static void take_line(struct walk *walk, const char *line, ino_t tree, int pid)
{
	struct stranger stranger = {.tree = tree, .member = pid};
	unsigned port, state;

	if (sscanf(line,
		   " %*u: %32[0-9A-F]:%4x %*32[0-9A-F]:%*4x %2x %*8x:%*8x %*2x:%*8x %*8x %u %*u "
		   "%lu",
		   stranger.address, &port, &state, &stranger.uid, &stranger.inode) != 5 ||
	    state != TCP_LISTEN_STATE || port != walk->port)
		return;
	if (walk->n_found < MAX_FOUND)
		walk->found[walk->n_found++] = stranger;
	else
		walk->cut = true;
}

static void read_sockets(struct walk *walk, int process, const char *path, ino_t tree, int pid)
{
	int fd = openat(process, path, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[512];

	if (file == NULL && fd >= 0)
		close(fd);
	while (file != NULL && !is_over(walk) && fgets(line, sizeof(line), file) != NULL)
		take_line(walk, line, tree, pid);
	if (file != NULL)
		fclose(file);
}

/* Is the namespace new? Remembers it. */
static bool is_new(struct walk *walk, ino_t tree)
{
	size_t i;

	for (i = 0; i < walk->n_seen; i++)
		if (walk->seen[i] == tree)
			return false;
	if (walk->n_seen == MAX_NAMESPACES) {
		walk->cut = true;
		return false;
	}
	walk->seen[walk->n_seen++] = tree;
	return true;
}

/* `proc` is /proc. Most processes are in our own namespace, so that is found out by one call. */
static void look_at_namespace(struct walk *walk, int proc, const char *pid)
{
	char path[64];
	struct stat status;
	int process;

	snprintf(path, sizeof(path), "%.16s/net/tcp", pid);
	if (fstatat(proc, path, &status, 0) != 0 || !is_new(walk, status.st_ino))
		return;
	process = openat(proc, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return;
	read_sockets(walk, process, "net/tcp", status.st_ino, (int)strtol(pid, NULL, 10));
	read_sockets(walk, process, "net/tcp6", status.st_ino, (int)strtol(pid, NULL, 10));
	close(process);
}

/* --- who holds the sockets --------------------------------------------------------------- */

static void look_at_descriptor(struct walk *walk, DIR *fds, const char *name, int pid)
{
	char target[64];
	ssize_t n = readlinkat(dirfd(fds), name, target, sizeof(target) - 1);
	unsigned long inode;
	size_t i;

	if (n <= 0)
		return;
	target[n] = '\0';
	if (sscanf(target, "socket:[%lu]", &inode) != 1)
		return;
	for (i = 0; i < walk->n_found; i++)
		if (walk->found[i].inode == inode && walk->found[i].holder == 0)
			walk->found[i].holder = pid;
}

static void look_at_holder(struct walk *walk, int proc, const char *pid)
{
	char path[64];
	const struct dirent *entry;
	DIR *fds;
	int fd;

	snprintf(path, sizeof(path), "%.16s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds = fd < 0 ? NULL : fdopendir(fd);
	while (fds != NULL && !is_over(walk) && (entry = readdir(fds)) != NULL)
		look_at_descriptor(walk, fds, entry->d_name, (int)strtol(pid, NULL, 10));
	if (fds != NULL)
		closedir(fds);
	else if (fd >= 0)
		close(fd);
}

static void for_each_process(struct walk *walk,
			     void (*look)(struct walk *walk, int proc, const char *pid))
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc != NULL && !is_over(walk) && (entry = readdir(proc)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look(walk, dirfd(proc), entry->d_name);
	if (proc != NULL)
		closedir(proc);
}

/* --- what is written --------------------------------------------------------------------- */

static void add_file(struct str *records, const char *key, int pid, const char *name)
{
	char path[64], bytes[LARGEST];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));
	if (fd >= 0)
		close(fd);
	record_add(records, key, slice_trim((struct mux_slice){bytes, n > 0 ? (size_t)n : 0}));
}

/* The name that `ip netns` gave the namespace of the process, which takes the right to see it. */
static void add_name(struct str *records, int pid)
{
	DIR *names = opendir("/run/netns");
	const struct dirent *entry;
	struct stat own, named;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	if (names != NULL && stat(path, &own) == 0)
		while ((entry = readdir(names)) != NULL)
			if (entry->d_name[0] != '.' &&
			    fstatat(dirfd(names), entry->d_name, &named, 0) == 0 &&
			    named.st_ino == own.st_ino && named.st_dev == own.st_dev) {
				record_add(records, "name", slice_of(entry->d_name));
				break;
			}
	if (names != NULL)
		closedir(names);
}

static void add_stranger(struct str *records, const struct stranger *stranger)
{
	int pid = stranger->holder != 0 ? stranger->holder : stranger->member;

	record_add(records, "address", slice_of(stranger->address));
	record_add_number(records, "uid", stranger->uid);
	record_add_number(records, "pid", pid);
	record_add_number(records, "holds", stranger->holder != 0);
	add_file(records, "command", pid, "comm");
	add_file(records, "cgroup", pid, "cgroup");
	add_name(records, pid);
	record_end(records);
}

static int put(const struct walk *walk, struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	struct mux_slice bytes;
	struct str records;
	int error = -ENOMEM;
	size_t i;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&records, arena);
	record_add_number(&records, "namespaces", (int64_t)walk->n_seen - 1);
	record_add_number(&records, "cut", walk->cut);
	record_end(&records);
	for (i = 0; i < walk->n_found; i++)
		add_stranger(&records, &walk->found[i]);
	bytes = slice_of(str_done(&records));
	if (!arena_failed(arena))
		error = bundle_put(bundle, "strangers", bytes);
	arena_free(arena);
	return error;
}

int gather_strangers(uint16_t port, struct mux_bundle *bundle)
{
	struct walk walk = {.port = port, .deadline_us = clock_now_us() + WALK_US};
	struct stat own;

	if (stat("/proc/self/net/tcp", &own) != 0)
		return bundle_put_error(bundle, "strangers", errno);
	is_new(&walk, own.st_ino);
	for_each_process(&walk, look_at_namespace);
	if (walk.n_found != 0)
		for_each_process(&walk, look_at_holder);
	return put(&walk, bundle);
}
