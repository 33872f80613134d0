/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who accepts: the kernel's choice among listening sockets. */
#include "evaluate_machine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "evaluate/listen.h"

struct socket {
	int family;
	const char *address;
	enum mux_answer v6only;
	int link;
	uint32_t queued;
};

struct wanted {
	enum mux_answer accepts;
	int listener, nearest; /* index into sockets; -1 = none */
	const char *text;
};

struct layout {
	struct socket sockets[3];
	struct wanted v4, v6; /* for 127.0.0.1 and ::1 */
};

#define NOBODY(socket, text)                                                                       \
	{                                                                                          \
		MUX_NO, -1, (socket), (text)                                                       \
	}
#define ACCEPTS(socket)                                                                            \
	{                                                                                          \
		MUX_YES, (socket), -1, "a socket listens on "                                      \
	}

static const struct layout layouts[] = {
	{{{0}},
	 NOBODY(-1, "nobody listens on 127.0.0.1:8000"),
	 NOBODY(-1, "nobody listens on [::1]:8000")},
	/* dual-stack */
	{{{AF_INET6, "::", MUX_NO, 0, 0}}, ACCEPTS(0), ACCEPTS(0)},
	{{{AF_INET, "0.0.0.0", MUX_NO, 0, 0}, {AF_INET6, "::", MUX_YES, 0, 0}},
	 ACCEPTS(0),
	 ACCEPTS(1)},
	/* one family */
	{{{AF_INET, "0.0.0.0", MUX_NO, 0, 0}},
	 ACCEPTS(0),
	 NOBODY(0, "nobody listens on [::1]:8000, only on 0.0.0.0:8000")},
	{{{AF_INET, "127.0.0.1", MUX_NO, 0, 0}}, ACCEPTS(0), NOBODY(0, "only on 127.0.0.1:8000")},
	{{{AF_INET6, "::", MUX_YES, 0, 0}}, NOBODY(0, "is for IPv6 only"), ACCEPTS(0)},
	{{{AF_INET6, "::1", MUX_NO, 0, 0}}, NOBODY(0, "only on [::1]:8000"), ACCEPTS(0)},
	{{{AF_INET6, "::", MUX_UNKNOWN, 0, 0}},
	 {MUX_UNKNOWN, -1, 0, "unless it has IPV6_V6ONLY"},
	 ACCEPTS(0)},
	{{{AF_INET6, "::", MUX_UNKNOWN, 0, 0}, {AF_INET, "127.0.0.1", MUX_NO, 0, 0}},
	 ACCEPTS(1),
	 ACCEPTS(0)},
	/* IPv4 inside IPv6 */
	{{{AF_INET6, "::ffff:127.0.0.1", MUX_NO, 0, 0}}, ACCEPTS(0), NOBODY(0, "only on")},
	{{{AF_INET6, "::ffff:0.0.0.0", MUX_NO, 0, 0}}, ACCEPTS(0), NOBODY(0, "only on")},
	{{{AF_INET6, "::ffff:127.0.0.2", MUX_NO, 0, 0}},
	 NOBODY(0, "only on"),
	 NOBODY(0, "only on")},
	/* another address */
	{{{AF_INET, "192.0.2.1", MUX_NO, 0, 0}, {AF_INET, "127.0.1.1", MUX_NO, 0, 0}},
	 NOBODY(1, "only on 127.0.1.1:8000"),
	 NOBODY(1, "only on 127.0.1.1:8000")},
	/* the very address beats the wildcard, lo beats any link */
	{{{AF_INET6, "::", MUX_NO, 0, 0}, {AF_INET, "127.0.0.1", MUX_NO, 0, 0}},
	 ACCEPTS(1),
	 ACCEPTS(0)},
	{{{AF_INET6, "::", MUX_NO, 0, 0}, {AF_INET6, "::", MUX_NO, 1, 0}}, ACCEPTS(1), ACCEPTS(1)},
	/* IPv4's own socket before one that serves both */
	{{{AF_INET6, "::", MUX_NO, 0, 0}, {AF_INET, "0.0.0.0", MUX_NO, 0, 0}},
	 ACCEPTS(1),
	 ACCEPTS(0)},
	/* bound to a device that loopback packets do not come from */
	{{{AF_INET6, "::", MUX_NO, 2, 0}},
	 NOBODY(0, "bound to another link than lo"),
	 NOBODY(0, "bound to another link than lo")},
	/* full */
	{{{AF_INET6, "::", MUX_NO, 0, 129}},
	 {MUX_NO, 0, -1, "the accept queue of the socket on [::]:8000 is full (129 wait"},
	 {MUX_NO, 0, -1, "is full"}},
	{{{AF_INET6, "::", MUX_NO, 0, 128}}, ACCEPTS(0), ACCEPTS(0)},
	{{{AF_INET6, "::", MUX_NO, 0, 0}, {AF_INET6, "::", MUX_NO, 0, 200}},
	 {MUX_UNKNOWN, 1, -1, "those of others on it are not"},
	 {MUX_UNKNOWN, 1, -1, "is full"}},
	/* a full one that is not chosen does not matter */
	{{{AF_INET6, "::", MUX_NO, 0, 200}, {AF_INET, "127.0.0.1", MUX_NO, 0, 0}},
	 ACCEPTS(1),
	 {MUX_NO, 0, -1, "is full"}},
};

static struct ev_listen listen_on(const char *text)
{
	struct ev_context context = machine_context();
	struct mux_address address = machine_address(text);
	struct ev_listen listen;

	ev_listen_run(&context, &address, &listen);
	assert_non_null(listen.text);
	return listen;
}

static int index_of(const struct mux_listener *listener)
{
	return listener == NULL ? -1 : (int)(listener - machine.listeners);
}

static void compare(size_t layout, const char *address, const struct wanted *wanted)
{
	struct ev_listen listen = listen_on(address);

	if (listen.accepts != wanted->accepts || index_of(listen.listener) != wanted->listener ||
	    index_of(listen.nearest) != wanted->nearest)
		fail_msg("layout %zu, %s: %d, %d, %d: %s", layout, address, listen.accepts,
			 index_of(listen.listener), index_of(listen.nearest), listen.text);
	machine_has(listen.text, wanted->text);
	assert_int_equal(listen.queue_full, strstr(listen.text, "is full") != NULL);
}

static void chooses_as_the_kernel(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		machine_forget_listeners();
		for (j = 0; j < 3 && layouts[i].sockets[j].family != 0; j++) {
			const struct socket *socket = &layouts[i].sockets[j];
			struct mux_listener *listener =
				machine_listen(socket->family, socket->address, socket->v6only);

			listener->link = socket->link;
			listener->queued = socket->queued;
		}
		compare(i, "127.0.0.1", &layouts[i].v4);
		compare(i, "::1", &layouts[i].v6);
		compare(i, "::ffff:127.0.0.1", &layouts[i].v4);
	}
}

static void other_ports_do_not_count(void **state)
{
	(void)state;
	machine.listeners[0].port = 8001;
	assert_int_equal(listen_on("::1").accepts, MUX_NO);
	assert_null(listen_on("::1").nearest);
}

static void unread_sockets(void **state)
{
	struct mux_listeners *listeners = &machine.snapshot.listeners;

	(void)state;
	listeners->source6.presence = MUX_DENIED;
	assert_int_equal(listen_on("127.0.0.1").accepts, MUX_YES);
	machine_forget_listeners();
	assert_int_equal(listen_on("127.0.0.1").accepts, MUX_UNKNOWN);
	assert_int_equal(listen_on("::1").accepts, MUX_UNKNOWN);
	/* A kernel without IPv6 has no such sockets. */
	listeners->source6.presence = MUX_ABSENT;
	assert_int_equal(listen_on("127.0.0.1").accepts, MUX_NO);
	listeners->source6.presence = MUX_PRESENT;
	listeners->source4.presence = MUX_DENIED;
	assert_int_equal(listen_on("127.0.0.1").accepts, MUX_UNKNOWN);
	assert_int_equal(listen_on("::1").accepts, MUX_NO);
	listeners->source6.truncated = true;
	assert_int_equal(listen_on("::1").accepts, MUX_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(chooses_as_the_kernel, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(other_ports_do_not_count, machine_begin,
						machine_end),
		cmocka_unit_test_setup_teardown(unread_sockets, machine_begin, machine_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
