/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets and the processes that hold them. */
#include "parse_room.h"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>

#include <muxdiag/muxdiag.h>

#include "base/addr.h"
#include "message.h"
#include "parse/parse.h"

static int parse(const struct mux_bundle *bundle, struct arena *arena)
{
	struct mux_listeners listeners;

	return parse_listeners(bundle, arena, &listeners);
}

static struct inet_diag_msg *begin_socket(struct messages *messages, uint8_t family,
					  const char *address, uint32_t inode)
{
	struct inet_diag_msg *header =
		message_begin(messages, SOCK_DIAG_BY_FAMILY, sizeof(*header));

	header->idiag_family = family;
	header->idiag_state = TCP_LISTEN;
	header->id.idiag_sport = htons(8000);
	inet_pton(family, address, header->id.idiag_src);
	header->idiag_inode = inode;
	header->idiag_uid = 1000;
	return header;
}

static void put_v6only(struct messages *messages, uint8_t value)
{
	mnl_attr_put_u8(messages->last, INET_DIAG_SKV6ONLY, value);
}

static struct mux_bundle *make_bundle(void)
{
	struct mux_bundle *bundle = bundle_new();
	struct messages messages = {0};
	struct inet_diag_msg *header;

	assert_non_null(bundle);
	header = begin_socket(&messages, AF_INET, "127.0.0.1", 11);
	header->idiag_rqueue = 3;
	header->idiag_wqueue = 2;
	header->id.idiag_if = 7;
	message_end(&messages);
	begin_socket(&messages, AF_INET, "0.0.0.0", 12)->idiag_state = TCP_ESTABLISHED;
	message_end(&messages);
	message_store(&messages, bundle, "netlink/diag/tcp4");
	begin_socket(&messages, AF_INET6, "::", 13);
	put_v6only(&messages, 0);
	message_end(&messages);
	begin_socket(&messages, AF_INET6, "::1", 14);
	put_v6only(&messages, 1);
	message_end(&messages);
	begin_socket(&messages, AF_INET6, "::1", 15);
	message_end(&messages);
	begin_socket(&messages, AF_UNIX, "::1", 16);
	message_end(&messages);
	message_store(&messages, bundle, "netlink/diag/tcp6");
	bundle_put(bundle, "processes",
		   TEXT("inode=14 pid=400 command=muxd\n"
			"inode=11 pid=300 command=python3%20-m%20x state=T group=299\n"
			"inode=14 pid=200 command=child\n"
			"inode=0 pid=1 command=x\ninode=15 pid=0\ninode=x pid=1\npid=1\n"));
	return bundle;
}

static void reads_listeners(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	struct mux_listeners listeners;
	const struct mux_listener *sockets;

	(void)state;
	assert_int_equal(parse_listeners(bundle, arena, &listeners), 0);
	assert_int_equal(listeners.source4.presence, MUX_PRESENT);
	assert_int_equal(listeners.source6.presence, MUX_PRESENT);
	assert_int_equal(listeners.n_sockets, 4);
	sockets = listeners.sockets;
	assert_int_equal(sockets[0].family, AF_INET);
	assert_true(addr_equal(&sockets[0].address, &addr_loopback4));
	assert_int_equal(sockets[0].port, 8000);
	assert_int_equal(sockets[0].v6only, MUX_NO);
	assert_int_equal(sockets[0].link, 7);
	assert_int_equal(sockets[0].uid, 1000);
	assert_int_equal(sockets[0].queued, 3);
	assert_int_equal(sockets[0].backlog, 2);
	assert_int_equal(sockets[0].pid, 300);
	assert_slice(sockets[0].command, "python3 -m x");
	assert_int_equal(sockets[0].state, 'T');
	assert_int_equal(sockets[0].group, 299);
	assert_int_equal(sockets[2].state, '\0');
	assert_true(addr_is_unspecified(&sockets[1].address));
	assert_int_equal(sockets[1].v6only, MUX_NO);
	assert_int_equal(sockets[1].pid, 0);
	assert_true(addr_equal(&sockets[2].address, &addr_loopback6));
	assert_int_equal(sockets[2].v6only, MUX_YES);
	/* Of several processes that hold one socket the first is named. */
	assert_int_equal(sockets[2].pid, 400);
	assert_slice(sockets[2].command, "muxd");
	assert_int_equal(sockets[3].v6only, MUX_UNKNOWN);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void says_which_family_is_unreadable(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	struct mux_listeners listeners;

	(void)state;
	bundle_put_error(bundle, "netlink/diag/tcp4", ENOENT);
	bundle_put(bundle, "netlink/diag/tcp6", TEXT("short"));
	assert_int_equal(parse_listeners(bundle, arena, &listeners), 0);
	assert_int_equal(listeners.source4.presence, MUX_ABSENT);
	assert_int_equal(listeners.source6.presence, MUX_DENIED);
	assert_int_equal(listeners.source6.error, EBADMSG);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void bears_damage_and_no_memory(void **state)
{
	struct mux_bundle *bundle = make_bundle();

	(void)state;
	check_entry(bundle, "netlink/diag/tcp4", parse);
	check_entry(bundle, "netlink/diag/tcp6", parse);
	check_entry(bundle, "processes", parse);
	check_no_memory_bundle(bundle, parse);
	mux_bundle_free(bundle);
}

/* --- what else has, or is near, the port --------------------------------------------------- */

/* Connected to itself, to another port of itself, and with that port to another address. */
static struct mux_bundle *make_others(void)
{
	struct mux_bundle *bundle = bundle_new();
	struct messages messages = {0};
	struct inet_diag_msg *header;
	uint32_t i;

	assert_non_null(bundle);
	for (i = 0; i < 4; i++) {
		header = begin_socket(&messages, AF_INET, "127.0.0.1", 20 + i);
		header->idiag_state = i == 3 ? TCP_TIME_WAIT : TCP_ESTABLISHED;
		header->id.idiag_dport = htons(i == 1 ? 8001 : 8000);
		inet_pton(AF_INET, i == 2 ? "127.0.0.2" : "127.0.0.1", header->id.idiag_dst);
		message_end(&messages);
	}
	message_store(&messages, bundle, "netlink/diag/holders/tcp4");
	begin_socket(&messages, AF_INET6, "::1", 30);
	message_end(&messages);
	message_store(&messages, bundle, "netlink/diag/others/tcp6");
	begin_socket(&messages, AF_INET, "127.0.0.1", 31)->idiag_state = TCP_CLOSE;
	message_end(&messages);
	message_store(&messages, bundle, "netlink/diag/others/udp4");
	begin_socket(&messages, AF_INET, "127.0.0.1", 32)->idiag_rqueue = 2;
	message_end(&messages);
	message_store(&messages, bundle, "netlink/diag/later/tcp4");
	bundle_put(bundle, "processes",
		   TEXT("inode=20 pid=1 command=self\ninode=31 pid=2 command=udp\n"));
	return bundle;
}

static int parse_others(const struct mux_bundle *bundle, struct arena *arena)
{
	struct mux_listeners selves, tcp, udp, later;
	int error = parse_selves(bundle, arena, &selves);

	if (error == 0)
		error = parse_neighbours(bundle, arena, &tcp, &udp);
	return error != 0 ? error : parse_listeners_later(bundle, arena, &later);
}

static void reads_others(void **state)
{
	struct mux_bundle *bundle = make_others();
	struct arena *arena = arena_new();
	struct mux_listeners selves, tcp, udp, later;

	(void)state;
	assert_int_equal(parse_selves(bundle, arena, &selves), 0);
	assert_int_equal(selves.n_sockets, 1);
	assert_int_equal(selves.sockets[0].inode, 20);
	assert_slice(selves.sockets[0].command, "self");
	assert_int_equal(parse_neighbours(bundle, arena, &tcp, &udp), 0);
	assert_int_equal(tcp.source4.presence, MUX_NOT_ASKED);
	assert_int_equal(tcp.n_sockets, 1);
	assert_int_equal(tcp.sockets[0].family, AF_INET6);
	assert_int_equal(udp.n_sockets, 1);
	assert_int_equal(udp.sockets[0].pid, 2);
	assert_int_equal(parse_listeners_later(bundle, arena, &later), 0);
	assert_int_equal(later.n_sockets, 1);
	assert_int_equal(later.sockets[0].queued, 2);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void bears_damage_of_others(void **state)
{
	struct mux_bundle *bundle = make_others();

	(void)state;
	check_entry(bundle, "netlink/diag/holders/tcp4", parse_others);
	check_entry(bundle, "netlink/diag/others/tcp6", parse_others);
	check_entry(bundle, "netlink/diag/later/tcp4", parse_others);
	check_no_memory_bundle(bundle, parse_others);
	mux_bundle_free(bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_listeners),
		cmocka_unit_test(says_which_family_is_unreadable),
		cmocka_unit_test(bears_damage_and_no_memory),
		cmocka_unit_test(reads_others),
		cmocka_unit_test(bears_damage_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
