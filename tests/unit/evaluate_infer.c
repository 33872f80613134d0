/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probes tell: each way to fail as it was measured on a real kernel, as nobody and as root. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "evaluate_machine.h"
#include "netfilter/kernel.h"

enum {
	ROUTE = 1u << MUX_STAGE_ROUTE,
	OUTPUT = 1u << MUX_STAGE_OUTPUT,
	INPUT = 1u << MUX_STAGE_INPUT,
	LISTENER = 1u << MUX_STAGE_LISTENER
};

/* Runs for localhost:8000 and returns the candidate of ::1. */
static const struct ev_candidate *run(void)
{
	machine_run("localhost", MACHINE_PORT);
	return machine_find("localhost", "::1");
}

static void set_icmp(struct mux_probe *probe, uint8_t type, uint8_t code)
{
	probe->icmp_origin = 3 /* SO_EE_ORIGIN_ICMP6 */;
	probe->icmp_type = type;
	probe->icmp_code = code;
}

/* --- the firewall is closed to us -------------------------------------------------------- */

static void a_connection_proves_all_stages(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	candidate = run();
	assert_int_equal(candidate->works, MUX_YES);
	assert_int_equal(candidate->output.passes, MUX_YES);
	assert_true(candidate->output.inferred);
	assert_int_equal(candidate->input.passes, MUX_YES);
	assert_int_equal(candidate->blocked, 0);
	assert_string_equal(candidate->text, "connected in 0.1 ms");
	assert_false(machine.evaluation.firewall_readable);
}

static void eperm_is_a_drop_on_the_way_out(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	machine_silent_out("::1");
	candidate = run();
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->output.passes, MUX_NO);
	assert_true(candidate->output.inferred);
	assert_false(candidate->output.decided);
	assert_int_equal(candidate->input.passes, MUX_UNKNOWN);
	assert_int_equal(candidate->blocked, OUTPUT);
	machine_has(candidate->text, "silent for 300 ms: dropped on the way out");
	machine_has(candidate->text, "OUTPUT or POSTROUTING");
	machine_has(candidate->text, "BPF");
	machine_has(candidate->text, "EPERM");
}

static void enobufs_is_a_drop_at_egress(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	machine_silent_out("::1");
	machine_probe(MUX_UDP, "::1", true, false, ENOBUFS);
	candidate = run();
	assert_int_equal(candidate->blocked, OUTPUT);
	machine_has(candidate->text, "egress");
}

static void silence_behind_a_sent_datagram_is_a_drop_on_the_way_in(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	machine_silent_in("::1");
	candidate = run();
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, INPUT);
	assert_true(candidate->input.inferred);
	machine_has(candidate->text, "on the way in (ingress, PREROUTING, INPUT)");
	machine_has(candidate->text, "or the reply is");
	/* The port is closed: its reset was dropped too. */
	machine_forget_listeners();
	assert_int_equal(run()->blocked, INPUT | LISTENER);
}

static void datagrams_come_back_where_tcp_does_not(void **state)
{
	(void)state;
	machine_deny_firewall();
	machine_silent_in("::1");
	machine_probe(MUX_UDP, "::1", true, true, ECONNREFUSED);
	machine_has(run()->text, "by a rule for TCP alone");
	assert_true(run()->input.either_side);
}

/* It looks like a drop to every client. */
static void a_full_queue_explains_silence(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	machine_silent_in("::1");
	machine.listeners[0].queued = 129;
	candidate = run();
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, LISTENER);
	assert_int_equal(candidate->input.passes, MUX_UNKNOWN);
	machine_has(candidate->text, "silent for 300 ms: the accept queue");
}

static void unseen_listeners_leave_silence_open(void **state)
{
	(void)state;
	machine_deny_firewall();
	machine_silent_in("::1");
	machine_forget_listeners();
	machine.snapshot.listeners.source6.presence = MUX_DENIED;
	assert_int_equal(run()->blocked, 0);
	assert_int_equal(run()->works, MUX_NO);
}

static void no_datagram_leaves_the_side_open(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	machine_forget_probes();
	machine_probe(MUX_TCP, "::1", false, false, 0);
	candidate = run();
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, 0);
	assert_int_equal(candidate->output.passes, MUX_UNKNOWN);
	assert_int_equal(candidate->input.passes, MUX_UNKNOWN);
}

static void a_short_wait_tells_nothing(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	machine_silent_in("::1");
	machine_probe(MUX_TCP, "::1", false, false, 0)->elapsed_us = 10000;
	candidate = run();
	assert_int_equal(candidate->works, MUX_UNKNOWN);
	machine_has(candidate->text, "no answer within 10 ms");
}

static void an_icmp_error_is_a_reject(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	set_icmp(machine_probe(MUX_TCP, "::1", true, false, EACCES), 1, 1);
	set_icmp(machine_probe(MUX_UDP, "::1", true, false, EACCES), 1, 1);
	candidate = run();
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, OUTPUT);
	machine_has(candidate->text, "permission denied: rejected by a rule on the way out");
	machine_has(candidate->text, "ICMPv6 administratively prohibited");
	set_icmp(machine_probe(MUX_UDP, "::1", true, true, EACCES), 1, 1);
	candidate = run();
	assert_int_equal(candidate->blocked, INPUT);
	assert_false(candidate->input.either_side);
	/* Datagrams are let through, so a rule for TCP alone may be on either side. */
	machine_probe(MUX_UDP, "::1", true, true, ECONNREFUSED);
	candidate = run();
	assert_int_equal(candidate->blocked, INPUT);
	assert_true(candidate->input.either_side);
	machine_has(candidate->text, "on the way in or out");
	set_icmp(machine_probe(MUX_TCP, "::1", true, false, EPROTO), 77, 7);
	machine_has(run()->text, "ICMPv6 type 77 code 7");
	machine.snapshot.n_probes = 5; /* without the datagram to ::1 */
	candidate = run();
	assert_null(candidate->udp);
	assert_int_equal(candidate->blocked, 0);
}

static void a_closed_port_shows_that_packets_pass(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	machine_forget_listeners();
	machine_listen(AF_INET, "0.0.0.0", MUX_NO);
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	candidate = run();
	assert_int_equal(candidate->blocked, LISTENER);
	assert_int_equal(candidate->output.passes, MUX_YES);
	assert_int_equal(candidate->input.passes, MUX_YES);
	assert_string_equal(candidate->text, "connection refused: nobody listens on [::1]:8000, "
					     "only on 0.0.0.0:8000");
	assert_ptr_equal(candidate->listen.nearest, &machine.listeners[0]);
}

static void a_reset_although_somebody_listens_is_a_rule(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_deny_firewall();
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	candidate = run();
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, INPUT);
	assert_true(candidate->input.either_side);
	assert_string_equal(candidate->text, "connection refused: a socket listens, so a rule "
					     "answers with a TCP reset");
}

/* --- the rules are known ----------------------------------------------------------------- */

static void silence_against_the_rules(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_silent_in("::1");
	candidate = run();
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->input.passes, MUX_UNKNOWN);
	assert_true(candidate->input.contradicted);
	assert_int_equal(candidate->output.passes, MUX_YES);
	machine_has(candidate->text, "no rule drops it");
	machine_has(candidate->text, "but no answer came to a real connection");
	machine_silent_out("::1");
	candidate = run();
	assert_true(candidate->output.contradicted);
	assert_false(candidate->input.contradicted);
	assert_int_equal(candidate->blocked, 0);
}

static void a_connection_against_the_rules(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	candidate = run();
	assert_int_equal(candidate->works, MUX_YES);
	assert_int_equal(candidate->output.passes, MUX_UNKNOWN);
	assert_true(candidate->output.contradicted);
	machine_has(candidate->output.text, "dropped by ip6 filter OUTPUT (policy drop)");
	machine_has(candidate->output.text, "but a real connection was made");
	assert_int_equal(candidate->blocked, 0);
}

static void an_answer_against_a_drop(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	machine_forget_listeners();
	candidate = run();
	assert_true(candidate->output.contradicted);
	assert_int_equal(candidate->blocked, LISTENER);
	machine_has(candidate->text, "connection refused: nobody listens on [::1]:8000");
	set_icmp(machine_probe(MUX_TCP, "::1", true, false, EACCES), 1, 1);
	candidate = run();
	assert_true(candidate->output.contradicted);
	machine_has(candidate->output.text, "ICMPv6 administratively prohibited");
}

static void a_refusal_against_a_listener(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	candidate = run();
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->listen.accepts, MUX_UNKNOWN);
	machine_has(candidate->text, "but a real connection was refused");
	set_icmp(machine_probe(MUX_TCP, "::1", true, false, EACCES), 1, 1);
	assert_true(run()->input.contradicted);
}

static void a_connection_without_a_listener(void **state)
{
	(void)state;
	machine_forget_listeners();
	assert_int_equal(run()->listen.accepts, MUX_YES);
	machine_has(run()->listen.text, "nobody listens on [::1]:8000, but");
	assert_int_equal(run()->blocked, 0);
}

/* Rules let the packet in for certain, and out perhaps. */
static void the_only_side_in_doubt_is_guilty(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_ACCEPT);
	machine.chain_rules[0].source =
		(struct mux_source){.presence = MUX_DENIED, .error = EBADMSG};
	machine_silent_in("::1");
	candidate = run();
	assert_int_equal(candidate->blocked, OUTPUT);
	assert_true(candidate->output.inferred);
	machine_has(candidate->text, "(from the rules: undecided: ip6 filter OUTPUT");
}

/* --- connect() fails by itself ----------------------------------------------------------- */

/* Rules are sure of one side only. */
static void reset_and_icmp_are_put_on_the_side_in_doubt(void **state)
{
	struct mux_nft_chain *chain;

	(void)state;
	chain = machine_chain(NFPROTO_IPV6, "c", NF_INET_LOCAL_OUT, NF_ACCEPT);
	machine.chain_rules[0].source =
		(struct mux_source){.presence = MUX_DENIED, .error = EBADMSG};
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	assert_int_equal(run()->blocked, OUTPUT);
	set_icmp(machine_probe(MUX_TCP, "::1", true, false, EACCES), 1, 1);
	assert_int_equal(run()->blocked, OUTPUT);
	chain->hook = NF_INET_LOCAL_IN;
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	assert_int_equal(run()->blocked, INPUT);
	assert_false(run()->input.either_side);
	set_icmp(machine_probe(MUX_TCP, "::1", true, false, EACCES), 1, 1);
	assert_int_equal(run()->blocked, INPUT);
	machine_silent_in("::1");
	assert_int_equal(run()->blocked, INPUT);
	machine_has(run()->text, "ip6 filter c");
	/* A datagram that failed for another reason tells nothing. */
	machine_probe(MUX_UDP, "::1", true, false, EMFILE);
	assert_int_equal(run()->blocked, INPUT);
	machine_silent_out("::1");
	assert_false(run()->output.inferred);
}

/* Rules let it pass both ways, and the sockets could not be read. */
static void a_refusal_by_nobody_known(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_forget_listeners();
	machine.snapshot.listeners.source6.presence = MUX_DENIED;
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	candidate = run();
	assert_int_equal(candidate->blocked, LISTENER);
	assert_string_equal(candidate->text, "connection refused: nobody listens there: a real "
					     "connection was refused");
	machine_silent_in("::1");
	assert_int_equal(run()->blocked, 0);
}

static void local_errors(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_probe(MUX_TCP, "::1", true, false, EPERM);
	candidate = run();
	assert_int_equal(candidate->works, MUX_NO);
	assert_true(candidate->output.contradicted);
	machine_has(candidate->text, "BPF");
	machine_probe(MUX_TCP, "::1", true, false, EACCES);
	machine_has(run()->text, "permission denied: ");
	machine_has(run()->text, "sandbox");
	machine_probe(MUX_TCP, "::1", true, false, EADDRNOTAVAIL);
	machine_has(run()->text, "cannot assign requested address: ");
	machine_has(run()->text, "no free local port");
	machine_probe(MUX_TCP, "::1", true, false, EPROTO);
	machine_has(run()->text, "protocol error");
	assert_int_equal(run()->route.passes, MUX_UNKNOWN);
	machine_deny_firewall();
	machine_probe(MUX_TCP, "::1", true, false, EPERM);
	assert_int_equal(run()->blocked, OUTPUT);
	/* The probe failed, not the connection. */
	machine_probe(MUX_TCP, "::1", true, false, EMFILE);
	assert_int_equal(run()->works, MUX_UNKNOWN);
}

/* --- what the kernel counted -------------------------------------------------------------- */

static void count(struct mux_probe *probe, const int64_t counts[static 5])
{
	probe->counters = (struct mux_counters){
		.known = true,
		.out_requests = counts[0],
		.out_transmits = counts[1],
		.in_receives = counts[2],
		.in_delivers = counts[3],
		.listen_overflows = counts[4],
	};
}

/* As measured on a real kernel, for every place where packets may end. */
static void counters_betray_where_silence_begins(void **state)
{
	static const struct {
		int64_t counts[5];
		unsigned blocked;
		bool of_reply;
		const char *text;
	} rows[] = {
		{{1, 0, 0, 0, 0}, OUTPUT, false, "made and not as sent"},
		{{1, 1, 0, 0, 0}, INPUT, false, "ingress of lo"},
		{{1, 1, 1, 0, 0}, INPUT, false, "PREROUTING, INPUT"},
		{{1, -1, 1, 0, 0}, INPUT, false, "PREROUTING, INPUT"},
		{{2, 1, 1, 1, 0}, OUTPUT, true, "answer (SYN/ACK) is dropped on its way out"},
		{{2, 2, 1, 1, 0}, INPUT, true, "answer (SYN/ACK) is dropped at the ingress"},
		{{2, 2, 2, 1, 0}, INPUT, true, "answer (SYN/ACK) is dropped on its way in"},
		{{1, 1, 1, 1, 1}, LISTENER, false, "the kernel counted an overflow"},
	};
	size_t i;

	(void)state;
	machine_deny_firewall();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ev_candidate *candidate;

		machine_silent_in("::1");
		count(&machine.probes[4], rows[i].counts);
		assert_int_equal(machine.probes[4].protocol, MUX_TCP);
		candidate = run();
		assert_int_equal(candidate->works, MUX_NO);
		assert_int_equal(candidate->blocked, rows[i].blocked);
		assert_int_equal(candidate->output.of_reply || candidate->input.of_reply,
				 rows[i].of_reply);
		machine_has(candidate->text, rows[i].text);
		if (rows[i].blocked & INPUT)
			assert_int_equal(candidate->output.passes, MUX_YES);
	}
}

/* Somebody else's packets in the counts, or a kernel that does not count: as without them. */
static void odd_counts_betray_nothing(void **state)
{
	static const int64_t rows[][5] = {
		{1, -1, 0, 0, 0},
		{3, 2, 2, 1, 0},
		{1, 1, 1, 0, 1},
		{0, 0, 0, 0, 0},
	};
	size_t i;

	(void)state;
	machine_deny_firewall();
	machine_silent_in("::1");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		count(&machine.probes[4], rows[i]);
		assert_false(run()->input.counted);
		machine_has(run()->text, "or the reply is");
	}
}

static void counters_betray_who_refuses(void **state)
{
	static const struct {
		int64_t counts[5];
		unsigned blocked;
	} rows[] = {
		{{1, 1, 1, 1, 0}, OUTPUT},
		{{2, 1, 1, 1, 0}, OUTPUT},
		{{1, 2, 2, 1, 0}, INPUT},
		{{2, 2, 2, 1, 0}, INPUT},
	};
	size_t i;

	(void)state;
	machine_deny_firewall();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mux_probe *tcp = machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);

		count(tcp, rows[i].counts);
		assert_int_equal(run()->blocked, rows[i].blocked);
		tcp->error = EACCES;
		set_icmp(tcp, 1, 1);
		assert_int_equal(run()->blocked, rows[i].blocked);
		machine_has(run()->text,
			    rows[i].blocked == OUTPUT ? "on the way out" : "on the way in");
	}
}

/* A datagram that was refused names the hook better than a count does. */
static void a_refused_datagram_and_counts_agree(void **state)
{
	static const int64_t dropped[] = {1, 0, 0, 0, 0}, egress[] = {1, 1, 0, 0, 0};

	(void)state;
	machine_deny_firewall();
	machine_silent_out("::1");
	count(&machine.probes[4], dropped);
	machine_has(run()->text, "EPERM");
	assert_true(run()->output.counted);
	machine_probe(MUX_UDP, "::1", true, false, ENOBUFS);
	count(&machine.probes[4], egress);
	assert_int_equal(run()->blocked, OUTPUT);
	machine_has(run()->text, "ENOBUFS");
}

/* A full table drops on the way out; it must be full, and the drop must be there. */
static void a_full_table_explains_a_drop(void **state)
{
	struct mux_conntrack *conntrack = &machine.snapshot.conntrack;

	(void)state;
	machine_deny_firewall();
	machine_silent_out("::1");
	*conntrack =
		(struct mux_conntrack){.source.presence = MUX_PRESENT, .count = 99, .max = 100};
	assert_false(run()->output.table_full);
	conntrack->count = 100;
	assert_true(run()->output.table_full);
	assert_int_equal(run()->blocked, OUTPUT);
	machine_has(run()->text, "conntrack's table is full (100 of 100 flows)");
	machine_forget_probes();
	machine_silent_in("::1");
	assert_false(run()->output.table_full);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, machine_begin, machine_end)
	const struct CMUnitTest tests[] = {
		TEST(a_connection_proves_all_stages),
		TEST(eperm_is_a_drop_on_the_way_out),
		TEST(enobufs_is_a_drop_at_egress),
		TEST(silence_behind_a_sent_datagram_is_a_drop_on_the_way_in),
		TEST(datagrams_come_back_where_tcp_does_not),
		TEST(a_full_queue_explains_silence),
		TEST(unseen_listeners_leave_silence_open),
		TEST(no_datagram_leaves_the_side_open),
		TEST(a_short_wait_tells_nothing),
		TEST(an_icmp_error_is_a_reject),
		TEST(a_closed_port_shows_that_packets_pass),
		TEST(a_reset_although_somebody_listens_is_a_rule),
		TEST(silence_against_the_rules),
		TEST(a_connection_against_the_rules),
		TEST(an_answer_against_a_drop),
		TEST(a_refusal_against_a_listener),
		TEST(a_connection_without_a_listener),
		TEST(the_only_side_in_doubt_is_guilty),
		TEST(reset_and_icmp_are_put_on_the_side_in_doubt),
		TEST(a_refusal_by_nobody_known),
		TEST(local_errors),
		TEST(counters_betray_where_silence_begins),
		TEST(odd_counts_betray_nothing),
		TEST(counters_betray_who_refuses),
		TEST(a_refused_datagram_and_counts_agree),
		TEST(a_full_table_explains_a_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
