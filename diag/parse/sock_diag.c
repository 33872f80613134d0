/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listening sockets from sock_diag(7) messages, joined by inode with the processes that hold them.
 * For a listener idiag_rqueue is the accept queue and idiag_wqueue its limit (tcp_diag_get_info()
 * in net/ipv4/tcp_diag.c).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/record.h"
#include "parse/netlink.h"
#include "parse/parse.h"

struct process {
	uint64_t inode;
	int pid;
	size_t position; /* in the file: of several holders of one socket the first is shown */
	struct mux_slice command;
	char state;
	int group;
	int64_t descriptors, descriptor_limit;
};

static struct mux_address source_address(const struct inet_diag_sockid *id, int family)
{
	struct mux_address address = {.family = family};

	memcpy(address.bytes, id->idiag_src, family == AF_INET ? 4 : 16);
	return address;
}

/* INET_DIAG_SKV6ONLY comes with every AF_INET6 socket since Linux 4.3. */
static enum mux_answer v6only_of(const struct nlattr *attribute, int family)
{
	uint8_t value = netlink_u8(attribute, 2);

	if (family == AF_INET)
		return MUX_NO;
	return value > 1 ? MUX_UNKNOWN : value == 1 ? MUX_YES : MUX_NO;
}

/* Takes the sockets in that state. */
static int parse_sockets(struct mux_slice bytes, uint8_t state, struct arena *arena,
			 struct mux_source *source, struct arena_list *list)
{
	struct netlink_messages messages;
	const struct nlmsghdr *message;

	netlink_begin(&messages, bytes);
	while ((message = netlink_next(&messages, SOCK_DIAG_BY_FAMILY,
				       sizeof(struct inet_diag_msg)))) {
		const struct inet_diag_msg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *table[INET_DIAG_SKV6ONLY + 1];
		int family = header->idiag_family;
		struct mux_listener *listener;

		if (header->idiag_state != state || (family != AF_INET && family != AF_INET6))
			continue;
		listener = arena_list_add(arena, list);
		if (listener == NULL)
			return -ENOMEM;
		netlink_attributes(message, sizeof(*header), table, INET_DIAG_SKV6ONLY + 1);
		listener->family = family;
		listener->address = source_address(&header->id, family);
		listener->port = ntohs(header->id.idiag_sport);
		listener->v6only = v6only_of(table[INET_DIAG_SKV6ONLY], family);
		listener->link = (int)header->id.idiag_if;
		listener->uid = header->idiag_uid;
		listener->inode = header->idiag_inode;
		listener->queued = header->idiag_rqueue;
		listener->backlog = header->idiag_wqueue;
	}
	netlink_finish(&messages, source);
	return 0;
}

static int parse_processes(struct mux_slice bytes, struct arena *arena, struct arena_list *list)
{
	struct mux_slice line;

	while (record_next(&bytes, &line)) {
		struct mux_slice command = {0}, state = {0};
		struct process *process;
		int64_t inode, pid, group = 0;

		if (record_number(line, "inode", &inode) != 0 || inode <= 0 ||
		    record_number(line, "pid", &pid) != 0 || pid <= 0 || pid > INT32_MAX)
			continue;
		record_text(line, "command", arena, &command);
		record_text(line, "state", arena, &state);
		if (record_number(line, "group", &group) != 0 || group < 0 || group > INT32_MAX)
			group = 0;
		process = arena_list_add(arena, list);
		if (process == NULL)
			return -ENOMEM;
		process->inode = (uint64_t)inode;
		process->pid = (int)pid;
		process->position = list->n;
		process->command = command;
		process->state = state.len == 1 ? state.data[0] : '\0';
		process->group = (int)group;
		if (record_number(line, "descriptors", &process->descriptors) != 0 ||
		    record_number(line, "descriptor_limit", &process->descriptor_limit) != 0)
			process->descriptors = process->descriptor_limit = 0;
	}
	return arena_failed(arena) ? -ENOMEM : 0;
}

static int compare_processes(const void *a, const void *b)
{
	const struct process *left = a, *right = b;

	if (left->inode != right->inode)
		return left->inode < right->inode ? -1 : 1;
	return left->position < right->position ? -1 : left->position > right->position;
}

/* Returns the first process of that inode in the sorted list, or NULL. */
static const struct process *find_process(const struct arena_list *list, uint64_t inode)
{
	const struct process *processes = list->items;
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (processes[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->n && processes[low].inode == inode ? &processes[low] : NULL;
}

static int join(struct mux_slice bytes, struct arena *arena, struct arena_list *sockets)
{
	struct arena_list processes = {.size = sizeof(struct process)};
	struct mux_listener *listeners = sockets->items;
	int error = parse_processes(bytes, arena, &processes);
	size_t i;

	if (error != 0 || processes.n == 0)
		return error;
	qsort(processes.items, processes.n, processes.size, compare_processes);
	for (i = 0; i < sockets->n; i++) {
		const struct process *process = find_process(&processes, listeners[i].inode);

		if (process == NULL)
			continue;
		listeners[i].pid = process->pid;
		listeners[i].command = process->command;
		listeners[i].state = process->state;
		listeners[i].group = process->group;
		listeners[i].descriptors = process->descriptors;
		listeners[i].descriptor_limit = process->descriptor_limit;
	}
	return 0;
}

int parse_listeners_later(const struct mux_bundle *bundle, struct arena *arena,
			  struct mux_listeners *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_listener)};
	struct mux_slice bytes;
	int error;

	memset(ret, 0, sizeof(*ret));
	bytes = bundle_source(bundle, "netlink/diag/later/tcp4", &ret->source4);
	error = parse_sockets(bytes, TCP_LISTEN, arena, &ret->source4, &list);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "netlink/diag/later/tcp6", &ret->source6);
	error = parse_sockets(bytes, TCP_LISTEN, arena, &ret->source6, &list);
	ret->sockets = list.items;
	ret->n_sockets = list.n;
	return error;
}

/* Takes sockets away whose two ends are not the same. */
static void keep_selves(struct mux_slice bytes, struct arena_list *list, struct arena *arena,
			struct mux_source *source)
{
	struct netlink_messages messages;
	const struct nlmsghdr *message;
	struct arena_list all = {.size = sizeof(struct mux_listener)};
	struct mux_listener *sockets, *kept;
	size_t i = 0;

	if (parse_sockets(bytes, TCP_ESTABLISHED, arena, source, &all) != 0)
		return;
	sockets = all.items;
	netlink_begin(&messages, bytes);
	while (i < all.n && (message = netlink_next(&messages, SOCK_DIAG_BY_FAMILY,
						    sizeof(struct inet_diag_msg)))) {
		const struct inet_diag_msg *header = mnl_nlmsg_get_payload(message);
		const struct inet_diag_sockid *id = &header->id;
		int family = header->idiag_family;

		if (header->idiag_state != TCP_ESTABLISHED ||
		    (family != AF_INET && family != AF_INET6))
			continue;
		if (id->idiag_sport == id->idiag_dport &&
		    memcmp(id->idiag_src, id->idiag_dst, family == AF_INET ? 4 : 16) == 0) {
			kept = arena_list_add(arena, list);
			if (kept == NULL)
				return;
			*kept = sockets[i];
		}
		i++;
	}
}

int parse_selves(const struct mux_bundle *bundle, struct arena *arena, struct mux_listeners *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_listener)};
	struct mux_source source;
	struct mux_slice bytes;
	int error;

	memset(ret, 0, sizeof(*ret));
	bytes = bundle_source(bundle, "netlink/diag/holders/tcp4", &ret->source4);
	keep_selves(bytes, &list, arena, &ret->source4);
	bytes = bundle_source(bundle, "netlink/diag/holders/tcp6", &ret->source6);
	keep_selves(bytes, &list, arena, &ret->source6);
	if (arena_failed(arena))
		return -ENOMEM;
	error = join(bundle_source(bundle, "processes", &source), arena, &list);
	ret->sockets = list.items;
	ret->n_sockets = list.n;
	return error;
}

int parse_listeners(const struct mux_bundle *bundle, struct arena *arena, struct mux_listeners *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_listener)};
	struct mux_source processes;
	struct mux_slice bytes;
	int error;

	memset(ret, 0, sizeof(*ret));
	bytes = bundle_source(bundle, "netlink/diag/tcp4", &ret->source4);
	error = parse_sockets(bytes, TCP_LISTEN, arena, &ret->source4, &list);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "netlink/diag/tcp6", &ret->source6);
	error = parse_sockets(bytes, TCP_LISTEN, arena, &ret->source6, &list);
	if (error != 0)
		return error;
	error = join(bundle_source(bundle, "processes", &processes), arena, &list);
	ret->sockets = list.items;
	ret->n_sockets = list.n;
	return error;
}

int parse_neighbours(const struct mux_bundle *bundle, struct arena *arena,
		     struct mux_listeners *ret_tcp, struct mux_listeners *ret_udp)
{
	const struct {
		const char *name;
		uint8_t state;
		struct mux_source *source;
	} dumps[] = {
		{"netlink/diag/others/tcp4", TCP_LISTEN, &ret_tcp->source4},
		{"netlink/diag/others/tcp6", TCP_LISTEN, &ret_tcp->source6},
		{"netlink/diag/others/udp4", TCP_CLOSE, &ret_udp->source4},
		{"netlink/diag/others/udp6", TCP_CLOSE, &ret_udp->source6},
	};
	struct arena_list list = {.size = sizeof(struct mux_listener)};
	struct mux_source source;
	size_t i, n_tcp = 0;
	int error = 0;

	memset(ret_tcp, 0, sizeof(*ret_tcp));
	memset(ret_udp, 0, sizeof(*ret_udp));
	for (i = 0; error == 0 && i < sizeof(dumps) / sizeof(dumps[0]); i++) {
		struct mux_slice bytes = bundle_source(bundle, dumps[i].name, dumps[i].source);

		error = parse_sockets(bytes, dumps[i].state, arena, dumps[i].source, &list);
		if (dumps[i].state == TCP_LISTEN)
			n_tcp = list.n;
	}
	if (error == 0)
		error = join(bundle_source(bundle, "processes", &source), arena, &list);
	ret_tcp->sockets = list.items;
	ret_tcp->n_sockets = n_tcp;
	ret_udp->sockets = list.n == n_tcp ? NULL : ret_tcp->sockets + n_tcp;
	ret_udp->n_sockets = list.n - n_tcp;
	return error;
}

int parse_udp_sockets(const struct mux_bundle *bundle, struct arena *arena,
		      struct mux_listeners *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_listener)};
	struct mux_slice bytes;
	int error;

	memset(ret, 0, sizeof(*ret));
	bytes = bundle_source(bundle, "netlink/diag/udp4", &ret->source4);
	error = parse_sockets(bytes, TCP_CLOSE, arena, &ret->source4, &list);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "netlink/diag/udp6", &ret->source6);
	error = parse_sockets(bytes, TCP_CLOSE, arena, &ret->source6, &list);
	ret->sockets = list.items;
	ret->n_sockets = list.n;
	return error;
}
