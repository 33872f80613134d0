/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long does /etc/hosts take us, and how long one look-up by glibc? Both read the file anew;
 * the fastest of several rounds counts on either side, because everything else is somebody else's
 * noise. Run by hosts_parse.sh, which puts a million lines there.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/slice.h"
#include "parse/parse.h"

enum { ROUNDS = 9, LIMIT = 2 };

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int read_file(const char *path, struct mux_slice *ret_bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	size_t done = 0;
	char *data;

	if (fd < 0 || fstat(fd, &status) != 0)
		return -1;
	data = malloc((size_t)status.st_size + 1);
	while (data != NULL && done < (size_t)status.st_size) {
		ssize_t n = read(fd, data + done, (size_t)status.st_size - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	close(fd);
	ret_bytes->data = data;
	ret_bytes->len = done;
	return data == NULL ? -1 : 0;
}

/* Returns the time of one round, or a negative number. */
static double parse_round(const char *path, struct mux_hosts *ret_hosts, size_t *ret_memory)
{
	const struct mux_slice names[] = {
		SLICE("localhost"),  SLICE("ip6-localhost"),  SLICE("ip6-loopback"),
		SLICE("localhost4"), SLICE("localhost6"),     SLICE("debian5.example"),
		SLICE("debian5"),    SLICE("target.example"),
	};
	const struct parse_interest interest = {
		.names = names,
		.n_names = sizeof(names) / sizeof(names[0]),
	};
	struct arena *arena = arena_new();
	struct mux_slice bytes = {0};
	double begin = now_ms(), end = -1;

	if (arena != NULL && read_file(path, &bytes) == 0 &&
	    parse_hosts(bytes, &interest, arena, ret_hosts) == 0) {
		end = now_ms();
		*ret_memory = arena_size(arena);
	}
	free((void *)(uintptr_t)bytes.data);
	arena_free(arena);
	return end < 0 ? -1 : end - begin;
}

static double getent_round(void)
{
	char name[] = "getent", option[] = "-s", service[] = "files", database[] = "hosts";
	char host[] = "localhost";
	char *const arguments[] = {name, option, service, database, host, NULL};
	posix_spawn_file_actions_t actions;
	double begin = now_ms();
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	return status == 0 ? now_ms() - begin : -1;
}

int main(void)
{
	struct mux_hosts hosts = {0};
	double ours = -1, theirs = -1;
	size_t memory = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		double parse = parse_round("/etc/hosts", &hosts, &memory), getent = getent_round();

		if (parse < 0 || getent < 0) {
			fprintf(stderr, "hosts_parse: a round failed\n");
			return 1;
		}
		ours = ours < 0 || parse < ours ? parse : ours;
		theirs = theirs < 0 || getent < theirs ? getent : theirs;
	}
	printf("hosts_parse: %zu lines: %.1f ms and %zu bytes kept; getent %.1f ms; ratio %.2f, "
	       "at most %d\n",
	       hosts.n_lines, ours, memory, theirs, ours / theirs, LIMIT);
	return ours > LIMIT * theirs;
}
