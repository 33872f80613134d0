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
	.find = find,
};
