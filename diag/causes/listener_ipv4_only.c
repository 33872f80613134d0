/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The most frequent reason of all: the name gives ::1 first, the server has IPv4 only. */
#include <sys/socket.h>

#include "causes/listener.h"

static int find(struct findings *findings)
{
	return listener_report_family(findings, &cause_listener_ipv4_only, AF_INET6);
}

const struct cause cause_listener_ipv4_only = {
	.id = "listener-ipv4-only",
	.summary = "the server listens on IPv4 only, and the name stands for an IPv6 address too",
	.explanation =
		"The server listens on 127.0.0.1, or on 0.0.0.0, which is every address of "
		"IPv4 and none of IPv6. The name that is asked for stands for ::1 too, and "
		"most resolvers give that one first.\n\n"
		"Clients that try one address after the other hardly notice: the refusal of "
		"::1 comes within a tenth of a millisecond. Those that try the first "
		"address only fail with \"connect ECONNREFUSED ::1:8000\" (Node since "
		"version 17 with some libraries) or \"dial tcp [::1]:8000: connect: "
		"connection refused\". It is the most frequent reason why localhost fails "
		"while 127.0.0.1 works.\n\n"
		"muxdiag compares the listening sockets of both families with the addresses "
		"that the name stands for, and tries both. A socket on :: counts for IPv4 "
		"too, unless IPV6_V6ONLY is set, which the kernel tells without privilege.\n\n"
		"Let the server listen on :: with IPV6_V6ONLY off, which serves both "
		"families with one socket, or on 127.0.0.1 and ::1 both. Without a way to "
		"change the server, let clients ask for 127.0.0.1.",
	.find = find,
};
