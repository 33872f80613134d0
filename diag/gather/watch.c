/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel announces of itself: links, addresses, routes and rules to everybody, nftables to
 * who has CAP_NET_ADMIN, and the files below etc/ by inotify(7). Listening sockets, legacy tables
 * and most sysctls announce nothing.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <muxdiag/muxdiag.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/slice.h"
#include "base/str.h"
#include "gather/clock.h"

enum {
	RECEIVE_BYTES = 32 * 1024,
	/* One change is a burst of messages: it is over when nothing came for a moment, and a
	 * machine that never rests is looked at all the same. */
	QUIET_MS = 50,
	LONGEST_BURST_MS = 500,
};

static const char *const files[] = {"hosts",	 "nsswitch.conf", "resolv.conf",
				    "host.conf", "gai.conf",	  "hostname"};

enum { N_FILES = sizeof(files) / sizeof(files[0]) };

struct mux_watch {
	struct mnl_socket *route, *firewall; /* firewall: NULL = not allowed */
	int firewall_error;
	int inotify, directory;	   /* descriptor, and its watch of etc/ itself; negative = none */
	int file_watches[N_FILES]; /* of what the files are, links followed */
	char etc[4096];
};

/* --- start and end ----------------------------------------------------------------------- */

static struct mnl_socket *join(int bus, const int *groups, size_t n)
{
	struct mnl_socket *socket = mnl_socket_open2(bus, SOCK_CLOEXEC | SOCK_NONBLOCK);
	size_t i;

	if (socket == NULL)
		return NULL;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) != 0)
		goto fail;
	for (i = 0; i < n; i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) !=
		    0)
			goto fail;
	}
	return socket;
fail:
	i = (size_t)errno;
	mnl_socket_close(socket);
	errno = (int)i;
	return NULL;
}

/* A file may be a link to somewhere else, and be replaced: both its place and what it is are
 * watched, and the latter anew after every change. */
static void watch_files(struct mux_watch *watch)
{
	char path[sizeof(watch->etc) + 32];
	size_t i;

	for (i = 0; i < N_FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", watch->etc, files[i]);
		watch->file_watches[i] = inotify_add_watch(
			watch->inotify, path, IN_CLOSE_WRITE | IN_MOVE_SELF | IN_DELETE_SELF);
	}
}

static void start_inotify(struct mux_watch *watch)
{
	watch->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->inotify < 0)
		return;
	watch->directory = inotify_add_watch(watch->inotify, watch->etc,
					     IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
						     IN_DELETE | IN_ONLYDIR);
	watch_files(watch);
}

struct mux_watch *mux_watch_new(const char *root_dir, struct mux_error *reterr)
{
	static const int route_groups[] = {
		RTNLGRP_LINK,	    RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
		RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,	 RTNLGRP_IPV6_RULE,
	};
	static const int firewall_groups[] = {NFNLGRP_NFTABLES};
	struct mux_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		goto fail;
	watch->inotify = watch->directory = -1;
	snprintf(watch->etc, sizeof(watch->etc), "%s/etc", root_dir != NULL ? root_dir : "");
	watch->route =
		join(NETLINK_ROUTE, route_groups, sizeof(route_groups) / sizeof(route_groups[0]));
	if (watch->route == NULL)
		goto fail;
	watch->firewall = join(NETLINK_NETFILTER, firewall_groups, 1);
	if (watch->firewall == NULL)
		watch->firewall_error = errno;
	start_inotify(watch);
	return watch;
fail:
	reterr->code = errno;
	snprintf(reterr->message, sizeof(reterr->message), "cannot watch: %s", strerror(errno));
	mux_watch_free(watch);
	return NULL;
}

void mux_watch_free(struct mux_watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->route != NULL)
		mnl_socket_close(watch->route);
	if (watch->firewall != NULL)
		mnl_socket_close(watch->firewall);
	if (watch->inotify >= 0)
		close(watch->inotify);
	free(watch);
}

int mux_watch_firewall_error(const struct mux_watch *watch)
{
	return watch->firewall_error;
}

/* --- what changed, in words -------------------------------------------------------------- */

/* The changes of one burst, each once. */
struct changes {
	struct arena *arena;
	struct str text;
	size_t n, n_said;
	bool more; /* not all of them are in the text */
};

enum { MOST_CHANGES = 5 };

static void add_change(struct changes *changes, const char *text)
{
	changes->n++;
	if (text == NULL)
		return;
	if (changes->text.data != NULL && strstr(changes->text.data, text) != NULL)
		return;
	if (changes->n_said == MOST_CHANGES) {
		changes->more = true;
		return;
	}
	changes->n_said++;
	str_add(&changes->text, changes->text.len != 0 ? ", " : "");
	str_add(&changes->text, text);
}

static struct mux_slice string_of(const struct nlattr *attribute)
{
	struct mux_slice text = {0};

	if (attribute != NULL) {
		text.data = mnl_attr_get_payload(attribute);
		text.len = strnlen(text.data, mnl_attr_get_payload_len(attribute));
	}
	return text;
}

/* Returns the attribute of that type, or NULL. */
static const struct nlattr *find(const struct nlmsghdr *message, size_t header, uint16_t type)
{
	const char *end = mnl_nlmsg_get_payload_tail(message);
	const struct nlattr *attribute;

	if (mnl_nlmsg_get_payload_len(message) < header)
		return NULL;
	attribute = mnl_nlmsg_get_payload_offset(message, header);
	for (; mnl_attr_ok(attribute, (int)(end - (const char *)attribute));
	     attribute = mnl_attr_next(attribute))
		if (mnl_attr_get_type(attribute) == type)
			return attribute;
	return NULL;
}

static void take_link(const struct nlmsghdr *message, struct changes *changes)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	struct mux_slice name = string_of(find(message, sizeof(*header), IFLA_IFNAME));
	const char *fate = message->nlmsg_type == RTM_DELLINK ? "is gone"
			   : header->ifi_flags & IFF_UP	      ? "is up"
							      : "is down";

	add_change(changes, arena_printf(changes->arena, "link %s %s",
					 str_escape(changes->arena, name), fate));
}

static void take_address(const struct nlmsghdr *message, struct changes *changes)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *own = find(message, sizeof(*header), IFA_LOCAL);
	struct mux_address address = {.family = header->ifa_family};
	size_t len = header->ifa_family == AF_INET ? 4 : 16;
	char text[ADDR_TEXT_MAX];

	if (own == NULL)
		own = find(message, sizeof(*header), IFA_ADDRESS);
	if (own == NULL || mnl_attr_get_payload_len(own) != len)
		return;
	memcpy(address.bytes, mnl_attr_get_payload(own), len);
	add_change(changes,
		   arena_printf(changes->arena, "address %s %s", addr_format(&address, text),
				message->nlmsg_type == RTM_DELADDR ? "is gone" : "is there"));
}

static void take_route_message(const struct nlmsghdr *message, struct changes *changes)
{
	size_t len = mnl_nlmsg_get_payload_len(message);

	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (len >= sizeof(struct ifinfomsg))
			take_link(message, changes);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (len >= sizeof(struct ifaddrmsg))
			take_address(message, changes);
		break;
	case RTM_NEWRULE:
	case RTM_DELRULE:
		add_change(changes, "policy rules");
		break;
	default:
		add_change(changes, "routes");
		break;
	}
}

/* Every transaction ends with its generation, and who committed it (nf_tables_gen_notify()). */
static void take_firewall_message(const struct nlmsghdr *message, struct changes *changes)
{
	const size_t header = sizeof(struct nfgenmsg);
	const struct nlattr *name = find(message, header, NFTA_GEN_PROC_NAME);
	const struct nlattr *pid = find(message, header, NFTA_GEN_PROC_PID);

	if (message->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN))
		return;
	if (name == NULL || pid == NULL || mnl_attr_get_payload_len(pid) != sizeof(uint32_t))
		add_change(changes, "nftables");
	else
		add_change(changes, arena_printf(changes->arena, "nftables, by %s (pid %u)",
						 str_escape(changes->arena, string_of(name)),
						 (unsigned)be32toh(mnl_attr_get_u32(pid))));
}

/* --- reading ----------------------------------------------------------------------------- */

static void take_socket(struct mnl_socket *socket,
			void (*take)(const struct nlmsghdr *message, struct changes *changes),
			struct changes *changes)
{
	char buffer[RECEIVE_BYTES];
	ssize_t n;

	while ((n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer))) > 0 ||
	       (n < 0 && errno == ENOBUFS)) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)buffer;
		int left = (int)n;

		/* More came than fits the socket: what, is not known, but that it did is. */
		if (n < 0)
			add_change(changes, "more than could be read");
		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
			take(message, changes);
	}
}

static void take_file(struct mux_watch *watch, const struct inotify_event *event,
		      struct changes *changes)
{
	size_t i;

	for (i = 0; i < N_FILES; i++)
		if (event->wd == watch->directory
			    ? event->len != 0 && strcmp(event->name, files[i]) == 0
			    : event->wd == watch->file_watches[i] && event->mask != IN_IGNORED)
			add_change(changes, arena_printf(changes->arena, "/etc/%s", files[i]));
}

static void take_files(struct mux_watch *watch, struct changes *changes)
{
	_Alignas(struct inotify_event) char buffer[4096];
	size_t before = changes->n;
	ssize_t n;

	while ((n = read(watch->inotify, buffer, sizeof(buffer))) > 0) {
		const char *at = buffer;

		while (at < buffer + n) {
			const struct inotify_event *event = (const void *)at;

			take_file(watch, event, changes);
			at += sizeof(*event) + event->len;
		}
	}
	if (changes->n != before)
		watch_files(watch);
}

static int wait_once(struct mux_watch *watch, int timeout_ms, struct changes *changes)
{
	struct pollfd fds[] = {
		{.fd = mnl_socket_get_fd(watch->route), .events = POLLIN},
		{.fd = watch->firewall != NULL ? mnl_socket_get_fd(watch->firewall) : -1,
		 .events = POLLIN},
		{.fd = watch->inotify, .events = POLLIN},
	};

	if (poll(fds, sizeof(fds) / sizeof(fds[0]), timeout_ms) < 0)
		return -errno;
	if (fds[0].revents != 0)
		take_socket(watch->route, take_route_message, changes);
	if (fds[1].revents != 0)
		take_socket(watch->firewall, take_firewall_message, changes);
	if (fds[2].revents != 0)
		take_files(watch, changes);
	return 0;
}

/* Waits until something changed, and then until the changes pause. */
static int wait_changes(struct mux_watch *watch, int timeout_ms, struct changes *changes)
{
	int64_t end_us = clock_now_us() + (int64_t)timeout_ms * 1000;
	int error = 0;

	while (error == 0 && changes->n == 0) {
		int64_t left_us = end_us - clock_now_us();

		if (timeout_ms >= 0 && left_us <= 0)
			return 0;
		error = wait_once(watch, timeout_ms < 0 ? -1 : (int)(left_us / 1000) + 1, changes);
	}
	end_us = clock_now_us() + LONGEST_BURST_MS * 1000;
	while (error == 0 && clock_now_us() < end_us) {
		size_t before = changes->n;

		error = wait_once(watch, QUIET_MS, changes);
		if (changes->n == before)
			break;
	}
	return error;
}

int mux_watch_wait(struct mux_watch *watch, int timeout_ms, char **ret_text)
{
	struct changes changes = {.arena = arena_new()};
	int error = -ENOMEM;

	*ret_text = NULL;
	if (changes.arena == NULL)
		return -ENOMEM;
	str_init(&changes.text, changes.arena);
	error = wait_changes(watch, timeout_ms, &changes);
	if (changes.more)
		str_add(&changes.text, " and more");
	if (changes.n != 0 && str_done(&changes.text) != NULL) {
		*ret_text = strdup(changes.text.data);
		error = *ret_text != NULL ? 0 : -ENOMEM;
	}
	arena_free(changes.arena);
	return error;
}
