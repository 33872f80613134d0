/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets.h"

#include "announce.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SD_LISTEN_FDS_START; how many sets of sockets a muxd left, one for each of its workers. */
enum { FIRST_FD = 3 };
static const char sets_variable[] = "MUXD_SOCKET_SETS";

static const char *reason(int error)
{
	switch (error) {
	case -EADDRINUSE:
		return "the address is in use";
	case -EADDRNOTAVAIL:
		return "this machine does not have the address";
	case -EACCES:
		return "not permitted (ports below 1024 need privileges)";
	case -EAFNOSUPPORT:
		return "this machine has no IPv6";
	default:
		return strerror(-error);
	}
}

static void close_all(struct sockets *sockets)
{
	unsigned worker;
	size_t i;

	for (worker = 0; worker < sockets->n_workers; worker++)
		for (i = 0; i < sockets->n_addresses; i++)
			if (sockets->fds[worker][i] >= 0)
				close(sockets->fds[worker][i]);
}

/* Says in one line why the address cannot be had. */
static void complain(const struct listener_address *address, int error)
{
	char text[LISTENER_TEXT_MAX], holder[ANNOUNCE_HOLDER_MAX];
	bool tcp = address->socket.any.sa_family != AF_UNIX;
	const char *why = error == -EADDRINUSE && tcp ? "the port is in use" : reason(error);

	listener_format(address, text);
	if (error == -EADDRINUSE && tcp && announce_holder(address, holder))
		fprintf(stderr, "muxd: cannot listen on %s: %s by %s\n", text, why, holder);
	else
		fprintf(stderr, "muxd: cannot listen on %s: %s\n", text, why);
}

/* '*:0' is one port for both families: the second takes the one the system gave the first. */
static void share_port(struct sockets *sockets, size_t i)
{
	struct listener_address *address = &sockets->addresses[i];

	if (address->may_lack && i != 0 && listener_port(address) == 0)
		address->socket.v6.sin6_port = htons(listener_port(address - 1));
}

/* Opens the last address for every worker but those that have it. Returns 0 or -errno. */
static int open_last(struct sockets *sockets)
{
	size_t i = sockets->n_addresses - 1;
	unsigned worker;

	for (worker = 0; worker < sockets->n_workers; worker++) {
		int *fds = sockets->fds[worker];

		if (fds[i] >= 0)
			continue;
		if (worker != 0 && sockets->addresses[i].shared)
			fds[i] = fcntl(sockets->fds[0][i], F_DUPFD_CLOEXEC, FIRST_FD);
		else
			fds[i] = listener_open(&sockets->addresses[i], worker == 0);
		if (fds[i] < 0)
			return sockets->addresses[i].shared && worker != 0 ? -errno : fds[i];
	}
	return 0;
}

static bool is_there(const struct sockets *sockets, const struct listener_address *address)
{
	size_t i;

	for (i = 0; i < sockets->n_addresses; i++)
		if (listener_equal(&sockets->addresses[i], address))
			return true;
	return false;
}

/* Adds an address, of which the first worker's socket may be open. Returns 0 or -1, having said. */
static int add(struct sockets *sockets, const struct listener_address *address, int fd)
{
	size_t i = sockets->n_addresses;
	int error;

	if (i == LISTENER_MAX) {
		fprintf(stderr, "muxd: more than %d sockets\n", LISTENER_MAX);
		return -1;
	}
	sockets->addresses[i] = *address;
	sockets->n_addresses++;
	sockets->fds[0][i] = fd;
	share_port(sockets, i);
	error = open_last(sockets);
	if (error == -EAFNOSUPPORT && address->may_lack) {
		fprintf(stderr, "muxd: this machine has no IPv6: serving IPv4 only\n");
		sockets->n_addresses--;
		return 0;
	}
	if (error != 0)
		complain(&sockets->addresses[i], error);
	return error == 0 ? 0 : -1;
}

/* A number in the environment, or 0. The variable is not for our children. */
static unsigned take_variable(const char *name)
{
	const char *text = getenv(name);
	unsigned long number = text == NULL ? 0 : strtoul(text, NULL, 10);

	unsetenv(name);
	return number > INT32_MAX ? 0 : (unsigned)number;
}

/* How many descriptors were left for this very process. */
static unsigned count_inherited(void)
{
	unsigned pid = take_variable("LISTEN_PID"), n = take_variable("LISTEN_FDS");

	unsetenv("LISTEN_FDNAMES");
	return pid == (unsigned)getpid() ? n : 0;
}

static int complain_of_fd(int fd)
{
	fprintf(stderr, "muxd: inherited descriptor %d is no listening stream socket\n", fd);
	return -1;
}

/* The sockets of the muxd before us: all it had, and nothing else. */
static int take_back(struct sockets *sockets, unsigned n, unsigned n_sets)
{
	unsigned i;

	sockets->restarted = true;
	sockets->n_workers = n_sets;
	sockets->n_addresses = n / n_sets;
	for (i = 0; i < n; i++) {
		struct listener_address address;
		size_t which = i % sockets->n_addresses;

		if (listener_inherit(FIRST_FD + (int)i, &address) != 0)
			return complain_of_fd(FIRST_FD + (int)i);
		address.owned = address.socket.any.sa_family == AF_UNIX;
		address.shared = address.owned || !listener_is_own(FIRST_FD + (int)i);
		sockets->addresses[which] = address;
		sockets->fds[i / sockets->n_addresses][which] = FIRST_FD + (int)i;
	}
	return 0;
}

/* The sockets of a service manager; others may be asked for as well. */
static int take_over(struct sockets *sockets, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		struct listener_address address;

		if (listener_inherit(FIRST_FD + (int)i, &address) != 0)
			return complain_of_fd(FIRST_FD + (int)i);
		if (add(sockets, &address, FIRST_FD + (int)i) != 0)
			return -1;
	}
	return 0;
}

static int open_asked(const struct options *options, struct sockets *sockets)
{
	size_t i;

	if (options->is_default && sockets->n_addresses != 0)
		return 0;
	for (i = 0; i < options->n_addresses; i++)
		if (!is_there(sockets, &options->addresses[i]) &&
		    add(sockets, &options->addresses[i], -1) != 0)
			return -1;
	return 0;
}

int sockets_open(const struct options *options, unsigned n_workers, struct sockets *ret_sockets)
{
	unsigned n = count_inherited(), n_sets = take_variable(sets_variable);
	int error;

	memset(ret_sockets->fds, -1, sizeof(ret_sockets->fds));
	ret_sockets->n_addresses = 0;
	ret_sockets->n_workers = n_workers;
	if (n != 0 && n_sets != 0 && n_sets <= OPTIONS_WORKERS_MAX && n % n_sets == 0 &&
	    n / n_sets <= LISTENER_MAX)
		return take_back(ret_sockets, n, n_sets);
	error = take_over(ret_sockets, n);
	if (error == 0)
		error = open_asked(options, ret_sockets);
	if (error != 0)
		close_all(ret_sockets);
	return error;
}

static int set_number(const char *name, long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", number);
	return setenv(name, text, 1) == 0 ? 0 : -errno;
}

int sockets_hand_over(const struct sockets *sockets)
{
	int n = (int)(sockets->n_workers * sockets->n_addresses), i, error;
	int *copies = calloc((size_t)n, sizeof(copies[0]));

	if (copies == NULL)
		return -ENOMEM;
	/* First out of the way of one another. */
	for (i = 0; i < n; i++) {
		int fd = sockets->fds[i / (int)sockets->n_addresses][i % (int)sockets->n_addresses];

		copies[i] = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD + n);
		if (copies[i] < 0)
			goto out;
	}
	for (i = 0; i < n; i++)
		if (dup2(copies[i], FIRST_FD + i) < 0)
			goto out;
	free(copies);
	error = set_number("LISTEN_PID", getpid());
	if (error == 0)
		error = set_number("LISTEN_FDS", n);
	return error == 0 ? set_number(sets_variable, (long)sockets->n_workers) : error;
out:
	error = -errno;
	free(copies);
	return error;
}

void sockets_unlink(const struct sockets *sockets)
{
	size_t i;

	for (i = 0; i < sockets->n_addresses; i++)
		if (sockets->addresses[i].owned)
			unlink(sockets->addresses[i].socket.local.sun_path);
}
