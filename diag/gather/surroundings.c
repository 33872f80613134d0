/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kind of place this process lives in: a container, a sandbox, WSL, confined by a security
 * module. It only matters once something does not work, and is only looked at then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/mechanism.h"

enum { LARGEST = 4096 };

/* Adds the first bytes of a small file under the key; a file that cannot be read adds nothing. */
static void add_file(struct str *line, const char *key, const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char bytes[LARGEST];
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return;
	/* AppArmor ends its label with a newline, SELinux with a NUL. */
	while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\0'))
		n--;
	record_add(line, key, (struct mux_slice){bytes, (size_t)n});
}

/* proc_pid_status(5): the lines of a sandbox. */
static void add_status(struct str *line)
{
	FILE *status = fopen("/proc/self/status", "re");
	char text[256];
	int value;

	while (status != NULL && fgets(text, sizeof(text), status) != NULL)
		if (sscanf(text, "NoNewPrivs: %d", &value) == 1)
			record_add_number(line, "no_new_privs", value);
		else if (sscanf(text, "Seccomp: %d", &value) == 1)
			record_add_number(line, "seccomp", value);
	if (status != NULL)
		fclose(status);
}

/* These sysctls belong to the machine and are shown in its first network namespace alone
 * (sysctl_core_net_init()). */
static void add_namespace(struct str *line)
{
	record_add_number(line, "first_netns",
			  access("/proc/sys/net/core/netdev_max_backlog", F_OK) == 0);
}

/* The kernel's parameters about IPv6; the others are none of our business. */
static void add_command_line(struct str *line)
{
	FILE *file = fopen("/proc/cmdline", "re");
	char text[LARGEST], *word, *rest = text;

	if (file != NULL && fgets(text, sizeof(text), file) != NULL)
		while ((word = strtok_r(rest, " \n", &rest)) != NULL)
			if (strncmp(word, "ipv6.", strlen("ipv6.")) == 0)
				record_add(line, "parameter", slice_of(word));
	if (file != NULL)
		fclose(file);
}

int gather_surroundings(struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	struct mux_slice bytes;
	struct str line;
	int error = -ENOMEM;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&line, arena);
	add_namespace(&line);
	add_status(&line);
	record_add_number(&line, "docker", access("/.dockerenv", F_OK) == 0);
	record_add_number(&line, "podman", access("/run/.containerenv", F_OK) == 0);
	add_file(&line, "modules", "/sys/kernel/security/lsm");
	add_file(&line, "label", "/proc/self/attr/current");
	add_file(&line, "selinux", "/sys/fs/selinux/enforce");
	add_file(&line, "release", "/proc/sys/kernel/osrelease");
	add_command_line(&line);
	add_file(&line, "ipv6_off", "/sys/module/ipv6/parameters/disable");
	record_end(&line);
	bytes = slice_of(str_done(&line));
	if (!arena_failed(arena))
		error = bundle_put(bundle, "surroundings", bytes);
	arena_free(arena);
	return error;
}
