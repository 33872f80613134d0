/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BPF programs on the control group of this process decide about its packets and calls, and look
 * from outside like a firewall at OUTPUT. Which ones are in force, its parents' included, is asked
 * with BPF_PROG_QUERY (CAP_NET_ADMIN); their names take CAP_SYS_ADMIN and may be missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/mechanism.h"

enum { MAX_PROGRAMS = 64 /* BPF_CGROUP_MAX_PROGS */, LINE_BYTES = PATH_MAX + 512 };

/* The hooks that a client's connection or datagram passes; named as by bpftool(8). */
static const struct {
	const char *name;
	uint32_t type;
} hooks[] = {
	{"sock_create", BPF_CGROUP_INET_SOCK_CREATE}, {"connect4", BPF_CGROUP_INET4_CONNECT},
	{"connect6", BPF_CGROUP_INET6_CONNECT},	      {"sendmsg4", BPF_CGROUP_UDP4_SENDMSG},
	{"sendmsg6", BPF_CGROUP_UDP6_SENDMSG},	      {"egress", BPF_CGROUP_INET_EGRESS},
	{"ingress", BPF_CGROUP_INET_INGRESS},
};

static int bpf(int command, union bpf_attr *attr)
{
	long result = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return result < 0 ? -errno : (int)result;
}

/* --- which control group ------------------------------------------------------------------- */

/* Finds the line of version 2 in /proc/self/cgroup. Returns 0 or -errno. */
static int read_path(char path[static PATH_MAX])
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[LINE_BYTES];
	int result = -ENOENT;

	if (file == NULL)
		return -errno;
	while (result != 0 && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "0::/", 4) == 0) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(path, PATH_MAX, "%.*s", PATH_MAX - 1, line + 3);
			result = 0;
		}
	fclose(file);
	return result;
}

/* One mount of proc_pid_mountinfo(5): which part of the file system it shows, and where. */
struct mount {
	char root[PATH_MAX], point[PATH_MAX];
};

static bool is_cgroup2(const char *line, struct mount *ret)
{
	const char *type = strstr(line, " - ");

	return type != NULL && strncmp(type, " - cgroup2 ", strlen(" - cgroup2 ")) == 0 &&
	       sscanf(line, "%*s %*s %*s %4095s %4095s", ret->root, ret->point) == 2;
}

/* Opens the path below the mount, if it is there. */
static int open_below(const struct mount *mount, const char *path)
{
	size_t len = strcmp(mount->root, "/") == 0 ? 0 : strlen(mount->root);
	char full[2 * PATH_MAX];
	int fd;

	if (strncmp(path, mount->root, len) != 0 || (path[len] != '/' && path[len] != '\0') ||
	    strstr(path, "/..") != NULL)
		return -EXDEV;
	snprintf(full, sizeof(full), "%s%s", mount->point, path + len);
	fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Returns a descriptor of the control group's directory, or -errno: -ENOENT where version 2 is not
 * mounted, -EXDEV where the group is not below what is mounted. */
static int open_group(const char *path)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[LINE_BYTES];
	struct mount mount;
	int fd = -ENOENT;

	if (file == NULL)
		return -errno;
	while (fd < 0 && fgets(line, sizeof(line), file) != NULL)
		if (is_cgroup2(line, &mount))
			fd = open_below(&mount, path);
	fclose(file);
	return fd;
}

/* --- its programs -------------------------------------------------------------------------- */

/* Writes the program's name, or "" for those who may not know. */
static void read_name(uint32_t id, char name[static BPF_OBJ_NAME_LEN])
{
	struct bpf_prog_info info = {.id = 0};
	union bpf_attr attr;
	int fd;

	name[0] = '\0';
	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	if (fd < 0)
		return;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0)
		snprintf(name, BPF_OBJ_NAME_LEN, "%.*s", BPF_OBJ_NAME_LEN - 1, info.name);
	close(fd);
}

/* Adds a record for every program in force on the hook. Returns 0 or -errno. */
static int query(int group, size_t hook, struct str *records)
{
	uint32_t ids[MAX_PROGRAMS] = {0}, i, n;
	char name[BPF_OBJ_NAME_LEN];
	union bpf_attr attr;
	int result;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)group;
	attr.query.attach_type = hooks[hook].type;
	attr.query.query_flags = BPF_F_QUERY_EFFECTIVE;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = MAX_PROGRAMS;
	result = bpf(BPF_PROG_QUERY, &attr);
	if (result < 0 && result != -ENOSPC)
		return result;
	n = attr.query.prog_cnt < MAX_PROGRAMS ? attr.query.prog_cnt : MAX_PROGRAMS;
	for (i = 0; i < n; i++) {
		read_name(ids[i], name);
		record_add(records, "hook", slice_of(hooks[hook].name));
		record_add_number(records, "id", ids[i]);
		record_add(records, "name", slice_of(name));
		record_end(records);
	}
	return 0;
}

/* A kernel built without them knows no such system call or no such hook. */
static int put_failure(int error, struct mux_bundle *bundle)
{
	bool absent = error == -ENOSYS || error == -EINVAL;

	return bundle_put_error(bundle, "cgroup", absent ? ENOENT : -error);
}

static int gather_group(int group, const char *path, struct arena *arena, struct mux_bundle *bundle)
{
	struct str records;
	int error = 0;
	size_t i;

	str_init(&records, arena);
	record_add(&records, "path", slice_of(path));
	record_end(&records);
	for (i = 0; error == 0 && i < sizeof(hooks) / sizeof(hooks[0]); i++)
		error = query(group, i, &records);
	if (error != 0)
		return put_failure(error, bundle);
	path = str_done(&records);
	return arena_failed(arena) ? -ENOMEM : bundle_put(bundle, "cgroup", slice_of(path));
}

int gather_cgroup(struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	char path[PATH_MAX];
	int group, error;

	if (arena == NULL)
		return -ENOMEM;
	group = read_path(path);
	if (group == 0)
		group = open_group(path);
	if (group < 0)
		error = bundle_put_error(bundle, "cgroup", -group);
	else
		error = gather_group(group, path, arena, bundle);
	if (group >= 0)
		close(group);
	arena_free(arena);
	return error;
}
