/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server is bound to ::1, or to :: with IPV6_V6ONLY on. */
#include <sys/socket.h>

#include "causes/listener.h"

static int find(struct findings *findings)
{
	return listener_report_family(findings, &cause_listener_ipv6_only, AF_INET);
}

const struct cause cause_listener_ipv6_only = {
	.id = "listener-ipv6-only",
	.summary = "the server listens on IPv6 only, and the name stands for an IPv4 address too",
	.explanation = "The server listens on ::1, or on :: with IPV6_V6ONLY set (which "
		       "net.ipv6.bindv6only makes the default), and nobody listens for IPv4. "
		       "Servers that were told to listen on \"localhost\" often take the first "
		       "address of that name, and that is ::1.\n\n"
		       "Clients that ask for 127.0.0.1, or whose resolver knows no ::1, are "
		       "refused at once: \"connect to 127.0.0.1 port 5173 failed: Connection "
		       "refused\". Browsers that are given localhost work, so that the same server "
		       "seems to run and not to run. Development servers, Vite first of all, are "
		       "where it is met most.\n\n"
		       "muxdiag compares the listening sockets of both families with the addresses "
		       "that the name stands for; whether IPV6_V6ONLY is set comes with the "
		       "socket, without privilege.\n\n"
		       "Start the server with an option such as `--host 127.0.0.1` or `--host ::`, "
		       "or clear IPV6_V6ONLY where it is a program of one's own. Clients may ask "
		       "for localhost or [::1].",
	.find = find,
};
