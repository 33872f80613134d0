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
	.find = find,
};
