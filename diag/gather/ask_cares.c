/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * c-ares, asked three ways: as a program would, the hosts file alone, DNS alone. What it says about
 * localhost is a resolver's behaviour and no evidence about the machine, because it synthesises
 * that name; only ares_query() reaches DNS for it.
 */
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#include <ares.h>

#include "gather/clock.h"
#include "gather/resolvers.h"

/* Longer than any deadline a question may have: the caller ends us, not c-ares. */
enum { PATIENCE_MS = 60 * 1000, N_CHANNELS = 3, MAX_FDS = N_CHANNELS * ARES_GETSOCK_MAXNUM };

struct asked {
	const struct resolver_question *question;
	size_t number;
	int fd;
	int64_t started_us;
};

static void start(const struct asked *asked, int status, struct resolution *resolution)
{
	resolution_start(resolution, asked->question);
	resolution->answered = true;
	resolution->status = status;
	resolution->elapsed_us = clock_now_us() - asked->started_us;
}

static void tell(const struct asked *asked, struct resolution *resolution)
{
	if (resolution->status != ARES_SUCCESS)
		resolution->text = ares_strerror(resolution->status);
	resolvers_tell(asked->fd, asked->number, resolution);
}

static void take_addrinfo(void *argument, int status, int timeouts, struct ares_addrinfo *list)
{
	const struct ares_addrinfo_node *node = list == NULL ? NULL : list->nodes;
	struct resolution resolution;

	(void)timeouts;
	start(argument, status, &resolution);
	for (; node != NULL; node = node->ai_next)
		resolution_add_sockaddr(&resolution, node->ai_addr);
	ares_freeaddrinfo(list);
	tell(argument, &resolution);
}

static void take_a(const unsigned char *reply, int len, struct resolution *resolution)
{
	struct ares_addrttl list[RESOLUTION_ADDRESSES];
	int i, n = RESOLUTION_ADDRESSES;

	resolution->status = ares_parse_a_reply(reply, len, NULL, list, &n);
	for (i = 0; resolution->status == ARES_SUCCESS && i < n; i++) {
		struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = list[i].ipaddr};

		resolution_add_sockaddr(resolution, (struct sockaddr *)&address);
	}
}

static void take_aaaa(const unsigned char *reply, int len, struct resolution *resolution)
{
	struct ares_addr6ttl list[RESOLUTION_ADDRESSES];
	int i, n = RESOLUTION_ADDRESSES;

	resolution->status = ares_parse_aaaa_reply(reply, len, NULL, list, &n);
	for (i = 0; resolution->status == ARES_SUCCESS && i < n; i++) {
		struct sockaddr_in6 address = {.sin6_family = AF_INET6};

		memcpy(&address.sin6_addr, &list[i].ip6addr, sizeof(address.sin6_addr));
		resolution_add_sockaddr(resolution, (struct sockaddr *)&address);
	}
}

static void take_reply(void *argument, int status, int timeouts, unsigned char *reply, int len)
{
	const struct asked *asked = argument;
	struct resolution resolution;

	(void)timeouts;
	start(asked, status, &resolution);
	if (status == ARES_SUCCESS && asked->question->family == AF_INET)
		take_a(reply, len, &resolution);
	else if (status == ARES_SUCCESS)
		take_aaaa(reply, len, &resolution);
	tell(asked, &resolution);
}

static void ask(ares_channel channel, struct asked *asked)
{
	const struct resolver_question *question = asked->question;
	const struct ares_addrinfo_hints hints = {
		.ai_family = question->family,
		.ai_socktype = SOCK_STREAM,
	};

	if (question->lookup == MUX_LOOKUP_DNS)
		ares_query(channel, question->name, ns_c_in,
			   question->family == AF_INET ? ns_t_a : ns_t_aaaa, take_reply, asked);
	else
		ares_getaddrinfo(channel, question->name, NULL, &hints, take_addrinfo, asked);
}

/* --- the loop ---------------------------------------------------------------------------- */

static size_t fill(ares_channel channel, struct pollfd *fds)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	/* The ARES_GETSOCK_* macros shift a signed 1 into its sign bit. */
	unsigned mask = (unsigned)ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
	size_t n = 0;
	int i;

	for (i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		short events = 0;

		if (mask >> i & 1)
			events |= POLLIN;
		if (mask >> (i + ARES_GETSOCK_MAXNUM) & 1)
			events |= POLLOUT;
		if (events != 0)
			fds[n++] = (struct pollfd){sockets[i], events, 0};
	}
	return n;
}

static void process(ares_channel channel, const struct pollfd *fds, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		ares_process_fd(channel, fds[i].revents & ~POLLOUT ? fds[i].fd : ARES_SOCKET_BAD,
				fds[i].revents & POLLOUT ? fds[i].fd : ARES_SOCKET_BAD);
	ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void wait_for_all(ares_channel *channels)
{
	for (;;) {
		struct pollfd fds[MAX_FDS];
		size_t i, from[N_CHANNELS + 1] = {0};

		for (i = 0; i < N_CHANNELS; i++)
			from[i + 1] = from[i] +
				      (channels[i] == NULL ? 0 : fill(channels[i], fds + from[i]));
		if (from[N_CHANNELS] == 0)
			return;
		if (poll(fds, from[N_CHANNELS], PATIENCE_MS) <= 0)
			return;
		for (i = 0; i < N_CHANNELS; i++)
			if (channels[i] != NULL)
				process(channels[i], fds + from[i], from[i + 1] - from[i]);
	}
}

static ares_channel new_channel(enum mux_lookup lookup)
{
	char hosts[] = "f", dns[] = "b";
	struct ares_options options = {
		.timeout = PATIENCE_MS,
		.tries = 1,
		.lookups = lookup == MUX_LOOKUP_HOSTS ? hosts : dns,
	};
	int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;
	ares_channel channel;

	if (lookup != MUX_LOOKUP_SYSTEM)
		mask |= ARES_OPT_LOOKUPS;
	return ares_init_options(&channel, &options, mask) == ARES_SUCCESS ? channel : NULL;
}

void cares_ask_all(const struct resolvers *resolvers, int fd)
{
	struct asked asked[MAX_QUESTIONS];
	ares_channel channels[N_CHANNELS];
	size_t i;

	for (i = 0; i < N_CHANNELS; i++)
		channels[i] = new_channel((enum mux_lookup)i);
	for (i = 0; i < resolvers->n_questions; i++) {
		const struct resolver_question *question = &resolvers->questions[i];

		asked[i] = (struct asked){question, i, fd, clock_now_us()};
		if (question->resolver == MUX_CARES && channels[question->lookup] != NULL)
			ask(channels[question->lookup], &asked[i]);
	}
	wait_for_all(channels);
	for (i = 0; i < N_CHANNELS; i++)
		if (channels[i] != NULL)
			ares_destroy(channels[i]);
}
