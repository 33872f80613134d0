/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listening sockets. Of TCP one per address and worker, sharing the port by SO_REUSEPORT; of unix
 * sockets and inherited ones there is only one, which the workers share.
 */
#ifndef MUXD_LISTENER_H
#define MUXD_LISTENER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

enum {
	LISTENER_BACKLOG = 4096,
	LISTENER_TEXT_MAX = 128, /* room for "unix:PATH" or "[v6%scope]:port" with its NUL */
	LISTENER_MAX = 32,	 /* addresses */
};

struct listener_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
	} socket;
	/* Left out on a machine without IPv6: it is the other half of "all addresses". */
	bool may_lack;
	bool shared; /* one socket for all workers */
	bool owned;  /* a unix socket whose path goes with us */
};

/*
 * Parses ADDR:PORT, [V6]:PORT, *:PORT or unix:PATH into one address, or two for '*': IPv4 first.
 * Returns how many, or 0 when it is none of these.
 */
size_t listener_parse(const char *text, struct listener_address ret_addresses[static 2]);

/* Sets the two addresses of '*' with the port, in host order. */
void listener_all(uint16_t port, struct listener_address ret_addresses[static 2]);

/* Writes "1.2.3.4:80", "[::1]:80" or "unix:/path" into text and returns text. */
const char *listener_format(const struct listener_address *address,
			    char text[static LISTENER_TEXT_MAX]);

/* Returns the port in host order; 0 for a unix socket. */
uint16_t listener_port(const struct listener_address *address);

/*
 * Opens a non-blocking listening socket. The first one of an address (`first`) makes sure that
 * nobody else has the port, also no other process of ours that shares with SO_REUSEPORT, and
 * replaces port 0 in *address by the port it was given; the others join it.
 * Returns the descriptor, or -errno: -EADDRINUSE, -EADDRNOTAVAIL, -EACCES, -EAFNOSUPPORT, …
 */
int listener_open(struct listener_address *address, bool first);

/*
 * Takes over a listening socket that was inherited, whose address it puts into *ret_address.
 * Returns 0, or -errno: -EINVAL when it is no listening stream socket of a family we know.
 */
int listener_inherit(int fd, struct listener_address *ret_address);

/* Was the TCP socket opened by listener_open(), as far as can be told? It sets SO_REUSEPORT. */
bool listener_is_own(int fd);

/* Do both stand for the same socket? */
bool listener_equal(const struct listener_address *a, const struct listener_address *b);

#endif
