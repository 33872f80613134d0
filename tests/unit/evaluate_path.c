/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules do to a connection: to its SYN, to the reply, and to where it goes. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/slice.h"
#include "evaluate_machine.h"
#include "netfilter/kernel.h"

enum { OUTPUT = 1u << MUX_STAGE_OUTPUT, INPUT = 1u << MUX_STAGE_INPUT };

/* --- rules as the kernel sends them ------------------------------------------------------ */

static _Alignas(struct nlmsghdr) char bytes[4096];

/* Starts the rule of machine.chain_rules[0]; expressions follow. */
static struct nlmsghdr *begin_rule(void)
{
	return mnl_nlmsg_put_header(bytes);
}

static void end_rule(const struct nlmsghdr *message)
{
	machine.nft_rules[0].handle = 2;
	machine.nft_rules[0].expressions = (struct mux_slice){mnl_nlmsg_get_payload(message),
							      mnl_nlmsg_get_payload_len(message)};
	machine.chain_rules[0].rules = machine.nft_rules;
	machine.chain_rules[0].n_rules = 1;
}

static struct nlattr *element, *data;

static void begin_expression(struct nlmsghdr *message, const char *name)
{
	element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	mnl_attr_put_strz(message, NFTA_EXPR_NAME, name);
	data = mnl_attr_nest_start(message, NFTA_EXPR_DATA);
}

static void end_expression(struct nlmsghdr *message)
{
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, element);
}

static void put_value(struct nlmsghdr *message, uint16_t type, const void *value, size_t len)
{
	struct nlattr *inner = mnl_attr_nest_start(message, type);

	mnl_attr_put(message, NFTA_DATA_VALUE, len, value);
	mnl_attr_nest_end(message, inner);
}

/* cmp eq reg 1 VALUE */
static void put_cmp(struct nlmsghdr *message, const void *value, size_t len)
{
	begin_expression(message, "cmp");
	mnl_attr_put_u32(message, NFTA_CMP_SREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_CMP_OP, htonl(NFT_CMP_EQ));
	put_value(message, NFTA_CMP_DATA, value, len);
	end_expression(message);
}

/* payload load 2b @ transport header + 2 => reg 1, cmp eq reg 1 PORT */
static void put_dport(struct nlmsghdr *message, uint16_t port)
{
	const uint16_t port_be = htons(port);

	begin_expression(message, "payload");
	mnl_attr_put_u32(message, NFTA_PAYLOAD_DREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_PAYLOAD_BASE, htonl(NFT_PAYLOAD_TRANSPORT_HEADER));
	mnl_attr_put_u32(message, NFTA_PAYLOAD_OFFSET, htonl(2));
	mnl_attr_put_u32(message, NFTA_PAYLOAD_LEN, htonl(2));
	end_expression(message);
	put_cmp(message, &port_be, sizeof(port_be));
}

/* meta load skuid => reg 1, cmp eq reg 1 UID */
static void put_skuid(struct nlmsghdr *message, uint32_t uid)
{
	begin_expression(message, "meta");
	mnl_attr_put_u32(message, NFTA_META_DREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_META_KEY, htonl(NFT_META_SKUID));
	end_expression(message);
	put_cmp(message, &uid, sizeof(uid));
}

/* ct load state => reg 1, bitwise reg 1 & invalid, cmp neq reg 1 0 */
static void put_ct_invalid(struct nlmsghdr *message)
{
	const uint32_t invalid = NF_CT_STATE_INVALID_BIT, zero = 0;

	begin_expression(message, "ct");
	mnl_attr_put_u32(message, NFTA_CT_DREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_CT_KEY, htonl(NFT_CT_STATE));
	end_expression(message);
	begin_expression(message, "bitwise");
	mnl_attr_put_u32(message, NFTA_BITWISE_SREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_BITWISE_DREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_BITWISE_LEN, htonl(sizeof(invalid)));
	put_value(message, NFTA_BITWISE_MASK, &invalid, sizeof(invalid));
	put_value(message, NFTA_BITWISE_XOR, &zero, sizeof(zero));
	end_expression(message);
	begin_expression(message, "cmp");
	mnl_attr_put_u32(message, NFTA_CMP_SREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_CMP_OP, htonl(NFT_CMP_NEQ));
	put_value(message, NFTA_CMP_DATA, &zero, sizeof(zero));
	end_expression(message);
}

/* limit rate over 2/second burst 5 packets */
static void put_limit_over(struct nlmsghdr *message)
{
	begin_expression(message, "limit");
	mnl_attr_put_u64(message, NFTA_LIMIT_RATE, htobe64(2));
	mnl_attr_put_u64(message, NFTA_LIMIT_UNIT, htobe64(1));
	mnl_attr_put_u32(message, NFTA_LIMIT_BURST, htonl(5));
	mnl_attr_put_u32(message, NFTA_LIMIT_TYPE, htonl(NFT_LIMIT_PKTS));
	mnl_attr_put_u32(message, NFTA_LIMIT_FLAGS, htonl(NFT_LIMIT_F_INV));
	end_expression(message);
}

/* immediate reg 0 VERDICT */
static void put_verdict(struct nlmsghdr *message, uint32_t code)
{
	struct nlattr *inner, *verdict;

	begin_expression(message, "immediate");
	mnl_attr_put_u32(message, NFTA_IMMEDIATE_DREG, htonl(NFT_REG_VERDICT));
	inner = mnl_attr_nest_start(message, NFTA_IMMEDIATE_DATA);
	verdict = mnl_attr_nest_start(message, NFTA_DATA_VERDICT);
	mnl_attr_put_u32(message, NFTA_VERDICT_CODE, htonl(code));
	mnl_attr_nest_end(message, verdict);
	mnl_attr_nest_end(message, inner);
	end_expression(message);
}

/* redirect to :PORT */
static void put_redirect(struct nlmsghdr *message, uint16_t port)
{
	const uint16_t port_be = htons(port);

	begin_expression(message, "immediate");
	mnl_attr_put_u32(message, NFTA_IMMEDIATE_DREG, htonl(NFT_REG_1));
	put_value(message, NFTA_IMMEDIATE_DATA, &port_be, sizeof(port_be));
	end_expression(message);
	begin_expression(message, "redir");
	mnl_attr_put_u32(message, NFTA_REDIR_REG_PROTO_MIN, htonl(NFT_REG_1));
	end_expression(message);
}

/* --- tests ------------------------------------------------------------------------------- */

/* `tcp dport 8000 accept` and nothing else: INPUT lets in what goes to the server, and drops its
 * answer, which goes to the client's port. */
static void the_reply_is_dropped(void **state)
{
	struct nlmsghdr *message = begin_rule();
	const struct ev_candidate *candidate;

	(void)state;
	put_dport(message, MACHINE_PORT);
	put_verdict(message, NF_ACCEPT);
	machine_chain(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, NF_DROP);
	end_rule(message);
	machine_silent_in("::1");
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->blocked, INPUT);
	assert_true(candidate->input.of_reply);
	assert_string_equal(candidate->text, "silent for 300 ms: the reply (SYN/ACK) is dropped by "
					     "ip6 filter INPUT (policy drop)");
	/* The client's port may be any, 8000 too, as long as it has not been seen. */
	machine_forget_probes();
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->blocked, 0);
	assert_int_equal(candidate->input.passes, MUX_UNKNOWN);
	assert_int_equal(candidate->works, MUX_UNKNOWN);
	machine_has(candidate->text, "the reply (SYN/ACK) is undecided: ");
}

/* A rule against the server's user meets the reply, in OUTPUT. */
static void the_replys_user_is_the_servers(void **state)
{
	struct nlmsghdr *message = begin_rule();
	const struct ev_candidate *candidate;

	(void)state;
	machine.snapshot.machine.uid = 1000;
	machine.listeners[0].uid = 33;
	put_skuid(message, 33);
	put_verdict(message, NF_DROP);
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_ACCEPT);
	end_rule(message);
	machine_silent_in("::1");
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->blocked, OUTPUT);
	assert_true(candidate->output.of_reply);
	machine_has(candidate->text,
		    "the reply (SYN/ACK) is dropped by rule 1 of ip6 filter OUTPUT: ");
	/* Nobody knows whose socket it would be. */
	machine_forget_listeners();
	machine.snapshot.listeners.source6.presence = MUX_DENIED;
	machine_forget_probes();
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "::1")->output.passes, MUX_UNKNOWN);
	/* The client is the one who asks. */
	machine.snapshot.machine.uid = 33;
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->blocked, OUTPUT);
	assert_false(candidate->output.of_reply);
}

/* reject with tcp reset */
static void a_reset_by_rule_names_the_rule(void **state)
{
	struct nlmsghdr *message = begin_rule();
	const struct ev_candidate *candidate;

	(void)state;
	begin_expression(message, "reject");
	mnl_attr_put_u32(message, NFTA_REJECT_TYPE, htonl(NFT_REJECT_TCP_RST));
	end_expression(message);
	machine_chain(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, NF_ACCEPT);
	end_rule(message);
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->blocked, INPUT);
	assert_int_equal(candidate->input.decision.kind, NF_KIND_REJECT);
	machine_has(candidate->text,
		    "connection refused: rejected by rule 1 of ip6 filter INPUT: ");
	/* A rule that resets is to be named even where the port is closed. */
	machine_forget_listeners();
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	machine_has(candidate->text, "rejected by rule 1");
	/* Its own reset may have been dropped. */
	machine_silent_in("::1");
	machine_run("localhost", MACHINE_PORT);
	machine_has(machine_find("localhost", "::1")->text,
		    "silent for 300 ms: rejected by rule 1");
	/* Without rules to read, the closed port is reason enough. */
	machine_deny_firewall();
	machine.snapshot.nftables.n_chains = machine.snapshot.nftables.n_rules = 0;
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	machine_run("localhost", MACHINE_PORT);
	machine_has(machine_find("localhost", "::1")->text, "connection refused: nobody listens");
}

/* meta oifname NAME drop */
static void put_oifname(struct nlmsghdr *message, const char *name)
{
	char padded[16] = "";

	strncpy(padded, name, sizeof(padded) - 1);
	begin_expression(message, "meta");
	mnl_attr_put_u32(message, NFTA_META_DREG, htonl(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_META_KEY, htonl(NFT_META_OIFNAME));
	end_expression(message);
	put_cmp(message, padded, sizeof(padded));
	put_verdict(message, NF_DROP);
}

static void packets_leave_through_the_right_link(void **state)
{
	struct nlmsghdr *message = begin_rule();

	(void)state;
	put_oifname(message, "eth0");
	machine_chain(NFPROTO_IPV4, "OUTPUT", NF_INET_LOCAL_OUT, NF_ACCEPT);
	end_rule(message);
	machine_forget_answers();
	machine_answers("localhost", "192.0.2.66,127.0.0.1", 0);
	machine_route("192.0.2.66", 1 /* RTN_UNICAST */, 0);
	machine_forget_probes();
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "192.0.2.66")->blocked, OUTPUT);
	assert_int_equal(machine_find("localhost", "127.0.0.1")->blocked, 0);
	message = begin_rule();
	put_oifname(message, "lo");
	end_rule(message);
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "192.0.2.66")->blocked, 0);
	assert_int_equal(machine_find("localhost", "127.0.0.1")->blocked, OUTPUT);
	/* lo is called lo where its link could not be read. */
	machine.snapshot.routing.links_source.presence = MUX_DENIED;
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "127.0.0.1")->blocked, OUTPUT);
}

/* Whether a program takes it from there and what that decides is not known. */
static void a_queue_is_no_verdict(void **state)
{
	struct nlmsghdr *message = begin_rule();
	const struct ev_candidate *candidate;

	(void)state;
	begin_expression(message, "queue");
	mnl_attr_put_u16(message, NFTA_QUEUE_NUM, htons(7));
	mnl_attr_put_u16(message, NFTA_QUEUE_TOTAL, htons(1));
	end_expression(message);
	machine_chain(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, NF_ACCEPT);
	end_rule(message);
	machine_forget_probes();
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->works, MUX_UNKNOWN);
	machine_has(candidate->text,
		    "handed to a program in user space by rule 1 of ip6 filter INPUT");
	machine_silent_in("::1");
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->blocked, INPUT);
	machine_has(candidate->text, "handed to a program in user space");
}

/* One that nobody reads is, unless the rule says bypass. */
static void a_queue_without_a_reader_drops(void **state)
{
	static const struct mux_queue other = {.number = 6}, reader = {.number = 7};
	struct mux_queues *queues = &machine.snapshot.queues;
	struct nlmsghdr *message = begin_rule();

	(void)state;
	begin_expression(message, "queue");
	mnl_attr_put_u16(message, NFTA_QUEUE_NUM, htons(7));
	mnl_attr_put_u16(message, NFTA_QUEUE_TOTAL, htons(1));
	end_expression(message);
	machine_chain(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, NF_ACCEPT);
	end_rule(message);
	machine_silent_in("::1");
	queues->source.presence = MUX_ABSENT;
	machine_run("localhost", MACHINE_PORT);
	assert_true(machine_find("localhost", "::1")->input.decided);
	machine_has(machine_find("localhost", "::1")->text, "that is not there");
	queues->source.presence = MUX_PRESENT;
	queues->list = &other;
	queues->n = 1;
	machine_run("localhost", MACHINE_PORT);
	assert_true(machine_find("localhost", "::1")->input.decided);
	queues->list = &reader;
	machine_run("localhost", MACHINE_PORT);
	assert_false(machine_find("localhost", "::1")->input.decided);
	assert_true(machine_find("localhost", "::1")->input.inferred);
}

static void a_bypassed_queue_drops_nothing(void **state)
{
	struct nlmsghdr *message = begin_rule();

	(void)state;
	begin_expression(message, "queue");
	mnl_attr_put_u16(message, NFTA_QUEUE_NUM, htons(7));
	mnl_attr_put_u16(message, NFTA_QUEUE_FLAGS, htons(NFT_QUEUE_FLAG_BYPASS));
	end_expression(message);
	machine_chain(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, NF_ACCEPT);
	end_rule(message);
	machine_forget_probes();
	machine.snapshot.queues.source.presence = MUX_ABSENT;
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "::1")->input.passes, MUX_UNKNOWN);
}

static void a_death_depends_on_the_sender(void **state)
{
	struct nlmsghdr *message = begin_rule();

	(void)state;
	machine.snapshot.machine.uid = 33;
	machine.listeners[0].uid = 1000;
	put_skuid(message, 33);
	put_verdict(message, NF_DROP);
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_ACCEPT);
	end_rule(message);
	machine_silent_out("::1");
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "::1")->blocked, OUTPUT);
	assert_int_equal(machine_find("localhost", "::1")->output.because, EV_BECAUSE_OWNER);
	/* Where everybody's packets die anyway, it does not. */
	machine_chain(NFPROTO_IPV6, "OUTPUT2", NF_INET_LOCAL_OUT, NF_DROP)->priority = 10;
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "::1")->blocked, OUTPUT);
	assert_int_equal(machine_find("localhost", "::1")->output.because, EV_BECAUSE_RULE);
}

/* At -300 conntrack has not seen the packet yet. */
static void a_death_depends_on_conntrack(void **state)
{
	struct nlmsghdr *message = begin_rule();
	struct mux_nft_chain *chain;

	(void)state;
	put_ct_invalid(message);
	put_verdict(message, NF_DROP);
	chain = machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_ACCEPT);
	chain->priority = -300;
	end_rule(message);
	machine_silent_out("::1");
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "::1")->blocked, OUTPUT);
	assert_int_equal(machine_find("localhost", "::1")->output.because, EV_BECAUSE_CONNTRACK);
	chain->priority = -150;
	machine_forget_probes();
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "::1")->blocked, 0);
}

/* While the bucket is full all is well; a silence against the rules shows that it is not. */
static void a_limit_may_be_used_up(void **state)
{
	struct nlmsghdr *message = begin_rule();
	const struct ev_candidate *candidate;

	(void)state;
	put_dport(message, MACHINE_PORT);
	put_limit_over(message);
	put_verdict(message, NF_DROP);
	machine_chain(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, NF_ACCEPT);
	end_rule(message);
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->works, MUX_YES);
	assert_non_null(candidate->input.busy);
	assert_string_equal(candidate->input.busy->reason, "limit rate over 2/second");
	assert_int_equal(candidate->input.busy->position, 1);
	assert_null(candidate->output.busy);
	machine_silent_in("::1");
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->blocked, INPUT);
	assert_true(candidate->input.used_up && candidate->input.inferred);
}

/* `type nat hook output priority -100; redirect to :PORT` */
static void redirect(uint16_t port)
{
	struct nlmsghdr *message = begin_rule();
	struct mux_nft_chain *chain;

	put_redirect(message, port);
	chain = machine_chain(NFPROTO_IPV6, "o", NF_INET_LOCAL_OUT, NF_ACCEPT);
	chain->type = slice_of("nat");
	chain->priority = -100;
	end_rule(message);
}

static void rules_send_it_on_to_another_port(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	redirect(8001);
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_true(candidate->listen.redirected);
	assert_int_equal(candidate->works, MUX_YES);
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, 1u << MUX_STAGE_LISTENER);
	assert_string_equal(candidate->text, "connection refused: rules send it on to [::1]:8001, "
					     "where nobody listens: a real connection was refused");
	assert_int_equal(candidate->listen.sent_on_to_port, 8001);
	assert_non_null(candidate->listen.redirect);
	assert_int_equal(candidate->listen.redirect->position, 1);
	assert_int_equal(candidate->listen.redirect->hook, NF_HOOK_OUTPUT);
	assert_false(machine_find("localhost", "127.0.0.1")->listen.redirected);
}

static void rules_send_it_on_to_another_address(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	redirect(MACHINE_PORT);
	machine_run("localhost", MACHINE_PORT);
	assert_false(machine_find("localhost", "::1")->listen.redirected);
	/* The address of another link is sent on to ::1. */
	machine_forget_answers();
	machine_answers("localhost", "2001:db8::1", 0);
	machine_route("2001:db8::1", 2 /* RTN_LOCAL */, 0);
	machine_forget_listeners();
	machine_listen(AF_INET6, "::1", MUX_NO);
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "2001:db8::1");
	assert_true(candidate->listen.redirected);
	assert_int_equal(candidate->listen.accepts, MUX_YES);
	assert_int_equal(candidate->works, MUX_YES);
}

/* The answer is translated back on its way, so what it looks like where is not known. */
static void translated_replies_are_not_known(void **state)
{
	struct nlmsghdr *message;

	(void)state;
	redirect(8001);
	machine_forget_probes();
	machine_chain(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, NF_DROP);
	message = mnl_nlmsg_put_header(bytes + 2048);
	put_dport(message, 8001);
	put_verdict(message, NF_ACCEPT);
	machine.nft_rules[1].expressions = (struct mux_slice){mnl_nlmsg_get_payload(message),
							      mnl_nlmsg_get_payload_len(message)};
	machine.chain_rules[1].rules = &machine.nft_rules[1];
	machine.chain_rules[1].n_rules = 1;
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "::1")->input.passes, MUX_UNKNOWN);
	assert_true(machine_find("localhost", "::1")->input.of_reply);
}

static void inet_chains_see_both_families(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_chain(NFPROTO_INET, "in", NF_INET_LOCAL_IN, NF_DROP);
	machine_silent_in("::1");
	machine_silent_in("127.0.0.1");
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "127.0.0.1");
	assert_int_equal(candidate->blocked, INPUT);
	assert_string_equal(candidate->text,
			    "silent for 300 ms: dropped by inet filter in (policy drop)");
	assert_int_equal(machine_find("localhost", "::1")->blocked, INPUT);
}

static void the_firewall_is_readable_or_not(void **state)
{
	static const struct mux_xtables_table legacy = {
		.source = {.presence = MUX_DENIED, .error = EPERM},
		.family = NFPROTO_IPV6,
		.name = SLICE("filter"),
	};
	struct mux_snapshot *snapshot = &machine.snapshot;

	(void)state;
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_ACCEPT);
	machine_run("localhost", MACHINE_PORT);
	assert_true(machine.evaluation.firewall_readable);
	machine.chain_rules[0].source.presence = MUX_DENIED;
	machine_run("localhost", MACHINE_PORT);
	assert_false(machine.evaluation.firewall_readable);
	machine.chain_rules[0].source.presence = MUX_PRESENT;
	snapshot->nftables.changing = true;
	machine_run("localhost", MACHINE_PORT);
	assert_false(machine.evaluation.firewall_readable);
	snapshot->nftables.changing = false;
	snapshot->nftables.source.presence = MUX_ABSENT;
	machine_run("localhost", MACHINE_PORT);
	assert_true(machine.evaluation.firewall_readable);
	snapshot->xtables.tables = &legacy;
	snapshot->xtables.n_tables = 1;
	machine_run("localhost", MACHINE_PORT);
	assert_false(machine.evaluation.firewall_readable);
	snapshot->xtables.n_tables = 0;
	snapshot->xtables.names6.presence = MUX_NOT_ASKED;
	machine_run("localhost", MACHINE_PORT);
	assert_false(machine.evaluation.firewall_readable);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, machine_begin, machine_end)
	const struct CMUnitTest tests[] = {
		TEST(the_reply_is_dropped),
		TEST(the_replys_user_is_the_servers),
		TEST(a_reset_by_rule_names_the_rule),
		TEST(packets_leave_through_the_right_link),
		TEST(a_queue_is_no_verdict),
		TEST(a_queue_without_a_reader_drops),
		TEST(a_bypassed_queue_drops_nothing),
		TEST(a_death_depends_on_the_sender),
		TEST(a_death_depends_on_conntrack),
		TEST(a_limit_may_be_used_up),
		TEST(rules_send_it_on_to_another_port),
		TEST(rules_send_it_on_to_another_address),
		TEST(translated_replies_are_not_known),
		TEST(inet_chains_see_both_families),
		TEST(the_firewall_is_readable_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
