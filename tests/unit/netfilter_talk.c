/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole conversations: which packet dies where, and what the client sees of it. */
#include <netinet/icmp6.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netfilter/index.h"
#include "netfilter/talk.h"
#include "netfilter_rules.h"

static struct nf_talk_question question;

static int setup(void **state)
{
	(void)state;
	rules_begin();
	question = (struct nf_talk_question){.request = syn(AF_INET6, 8000),
					     .listens = MUX_YES,
					     .has_server_uid = true,
					     .has_server_gid = true,
					     .server_uid = 33};
	question.request.source_port = 40000;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rules_end();
	return 0;
}

static struct nf_talk_answer talk(void)
{
	struct nf_talk_answer answer;
	struct nf_ruleset ruleset;

	assert_int_equal(nf_ruleset_init(&rules.snapshot, rules.arena, &ruleset), 0);
	assert_int_equal(nf_talk(&ruleset, &question, rules.arena, &answer), 0);
	return answer;
}

static void nothing_in_the_way(void **state)
{
	struct nf_talk_answer answer = talk();

	(void)state;
	assert_int_equal(answer.result, NF_TALK_CONNECTED);
	assert_int_equal(answer.data, MUX_YES);
	question.listens = MUX_NO;
	answer = talk();
	assert_int_equal(answer.result, NF_TALK_ERROR);
	assert_int_equal(answer.error, ECONNREFUSED);
	question.listens = MUX_UNKNOWN;
	assert_int_equal(talk().result, NF_TALK_UNKNOWN);
}

/* Measured: what answers a reject before conntrack has seen the packet has no flow either, so that
 * `ct protocol` does not match it. */
static void an_early_reject_has_no_flow(void **state)
{
	struct mux_nft_chain_rules *output =
		add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, -450, NF_ACCEPT);
	struct mux_nft_rule *rule = add_rule(output);
	struct nf_talk_answer answer;

	(void)state;
	put_ct(rule, NFT_CT_PROTOCOL);
	put_cmp(rule, NFT_CMP_EQ, &(const uint8_t){IPPROTO_TCP}, 1);
	put_verdict(rule, NF_ACCEPT, NULL);
	rule = add_rule(output);
	put_protocol(rule, IPPROTO_TCP);
	put_reject(rule, NFT_REJECT_TCP_RST, 0);
	answer = talk();
	assert_int_equal(answer.decision.kind, NF_KIND_REJECT);
	assert_int_equal(answer.afterwards.kind, NF_KIND_REJECT);
	assert_int_equal(answer.result, NF_TALK_TIMEOUT);
}

/* Measured: INPUT that allows only the port lets the SYN pass and kills the SYN/ACK, which goes to
 * the client's port. */
static void the_answer_has_its_own_port(void **state)
{
	struct mux_nft_chain_rules *input =
		add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_DROP);
	struct mux_nft_rule *rule = add_rule(input);
	struct nf_talk_answer answer;

	(void)state;
	put_dport(rule, 8000);
	put_verdict(rule, NF_ACCEPT, NULL);
	answer = talk();
	assert_int_equal(answer.packet, NF_TALK_ANSWER);
	assert_int_equal(answer.result, NF_TALK_TIMEOUT);
	assert_true(answer.decision.by_policy);
	rule = add_rule(input);
	put_ct_state(rule, NF_CT_STATE_BIT(IP_CT_ESTABLISHED));
	put_verdict(rule, NF_ACCEPT, NULL);
	assert_int_equal(talk().result, NF_TALK_CONNECTED);
}

/* Measured: the SYN/ACK carries the listener's user, the RST of a closed port nobody's. */
static void the_answer_has_the_servers_user(void **state)
{
	struct mux_nft_chain_rules *output =
		add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	struct mux_nft_rule *rule = add_rule(output);
	const uint32_t server = 33;

	(void)state;
	put_meta(rule, NFT_META_SKUID);
	put_cmp(rule, NFT_CMP_EQ, &server, sizeof(server));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().packet, NF_TALK_ANSWER);
	question.listens = MUX_NO;
	assert_int_equal(talk().error, ECONNREFUSED);
}

/* Measured: a reject's own packet passes the rules too. */
static void rejects_can_be_swallowed(void **state)
{
	struct mux_nft_chain_rules *input =
		add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT);
	struct mux_nft_rule *rule = add_rule(input);
	struct nf_talk_answer answer;

	(void)state;
	put_dport(rule, 8000);
	put_reject(rule, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
	answer = talk();
	assert_int_equal(answer.decision.kind, NF_KIND_REJECT);
	assert_int_equal(answer.result, NF_TALK_ERROR);
	assert_int_equal(answer.error, EACCES);
	rule = add_rule(add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, 0, NF_ACCEPT));
	put_protocol(rule, IPPROTO_ICMPV6);
	put_verdict(rule, NF_DROP, NULL);
	answer = talk();
	assert_int_equal(answer.result, NF_TALK_TIMEOUT);
	assert_int_equal(answer.afterwards.kind, NF_KIND_DROP);
	assert_true(slice_is(answer.afterwards.chain, "out"));
}

/* An ICMP error belongs to the flow it is about: related, and of that flow's protocol. */
static void rejects_are_related(void **state)
{
	struct mux_nft_rule *rule =
		add_rule(add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT));

	(void)state;
	put_dport(rule, 8000);
	put_reject(rule, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_PORT_UNREACH);
	rule = add_rule(add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, -300, NF_ACCEPT));
	put_ct_state(rule, NF_CT_STATE_BIT(IP_CT_RELATED));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().result, NF_TALK_TIMEOUT);
}

/* Measured: connect() may succeed and no data ever arrive. */
static void the_last_packet_may_die(void **state)
{
	struct mux_nft_rule *rule =
		add_rule(add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT));
	const uint8_t mask = 0x12, ack = 0x10;
	struct nf_talk_answer answer;

	(void)state;
	put_protocol(rule, IPPROTO_TCP);
	put_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1);
	put_mask(rule, &mask, 1);
	put_cmp(rule, NFT_CMP_EQ, &ack, 1);
	put_verdict(rule, NF_DROP, NULL);
	answer = talk();
	assert_int_equal(answer.packet, NF_TALK_ACK);
	assert_int_equal(answer.result, NF_TALK_CONNECTED);
	assert_int_equal(answer.data, MUX_NO);
}

/* Measured: an OUTPUT drop is EPERM for UDP and silence for TCP. */
static void udp_is_told_at_once(void **state)
{
	struct nf_talk_answer answer;

	(void)state;
	add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, 0, NF_DROP);
	assert_int_equal(talk().result, NF_TALK_TIMEOUT);
	question.request.protocol = IPPROTO_UDP;
	answer = talk();
	assert_int_equal(answer.result, NF_TALK_ERROR);
	assert_int_equal(answer.error, EPERM);
	chain_of(&rules.chain_rules[0])->hook = NF_INET_LOCAL_IN;
	assert_int_equal(talk().result, NF_TALK_TIMEOUT);
}

/* Measured: lo keeps the mark from its first pass to the second. */
static void marks_cross_lo(void **state)
{
	struct mux_nft_chain_rules *output =
		add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	struct mux_nft_chain_rules *input =
		add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT);
	struct mux_nft_rule *rule = add_rule(output);
	const uint32_t mark = 7;

	(void)state;
	put_dport(rule, 8000);
	put_immediate(rule, &mark, sizeof(mark));
	put_meta_set(rule, NFT_META_MARK);
	rule = add_rule(input);
	put_meta(rule, NFT_META_MARK);
	put_cmp(rule, NFT_CMP_EQ, &mark, sizeof(mark));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().packet, NF_TALK_REQUEST);
	assert_int_equal(talk().decision.hook, NF_HOOK_INPUT);
}

static enum mux_answer listens_on(const void *context, uint16_t port)
{
	return port == *(const uint16_t *)context ? MUX_YES : MUX_NO;
}

/* A nat chain on OUTPUT that sends port 8000 to another one, where somebody listens. */
static void add_redirect(const uint16_t *other)
{
	const uint16_t port_be = htons(*other);
	struct mux_nft_chain_rules *nat =
		add_base(NFPROTO_INET, "nat", NF_INET_LOCAL_OUT, -100, NF_ACCEPT);
	struct mux_nft_rule *rule = add_rule(nat);

	chain_of(nat)->type = slice_of("nat");
	put_dport(rule, 8000);
	put_immediate(rule, &port_be, sizeof(port_be));
	begin_expression("redir");
	put_u32(NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1);
	end_expression(rule);
	question.listens = MUX_NO;
	question.listens_on = listens_on;
	question.context = other;
}

/* Somebody else answers, and the client never knows. */
static void redirects_are_followed(void **state)
{
	static const uint16_t other = 9000;

	(void)state;
	add_redirect(&other);
	assert_int_equal(talk().result, NF_TALK_CONNECTED);
	question.context = &question.server_uid;
	assert_int_equal(talk().error, ECONNREFUSED);
}

/* Who answers on the other port is not known, so neither is what a rule makes of its user. */
static void a_redirect_leads_to_another_user(void **state)
{
	static const uint16_t other = 9000;
	struct mux_nft_rule *rule =
		add_rule(add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, 0, NF_ACCEPT));
	const uint32_t server = question.server_uid;

	(void)state;
	put_meta(rule, NFT_META_SKUID);
	put_cmp(rule, NFT_CMP_EQ, &server, sizeof(server));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().decision.kind, NF_KIND_DROP);
	add_redirect(&other);
	assert_int_equal(talk().decision.kind, NF_KIND_UNKNOWN);
}

/* tcp_v6_send_reset(): the RST of a closed port has the traffic class of the SYN as it arrived. */
static void a_refusal_reflects_the_traffic_class(void **state)
{
	static const uint8_t class_mask[] = {0x0f, 0xf0}, zero[] = {0, 0};
	struct mux_nft_rule *rule =
		add_rule(add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT));

	(void)state;
	question.listens = MUX_NO;
	put_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, 0, 2);
	put_mask(rule, class_mask, sizeof(class_mask));
	put_cmp(rule, NFT_CMP_NEQ, zero, sizeof(zero));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().result, NF_TALK_ERROR);
	question.request.traffic_class = 0x20;
	assert_int_equal(talk().packet, NF_TALK_REQUEST);
	rule->expressions = (struct mux_slice){rules.bytes + rules.n_bytes, 0};
	put_protocol(rule, IPPROTO_TCP);
	put_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1);
	put_cmp(rule, NFT_CMP_EQ, &(uint8_t){0x14}, 1);
	put_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, 0, 2);
	put_mask(rule, class_mask, sizeof(class_mask));
	put_cmp(rule, NFT_CMP_NEQ, zero, sizeof(zero));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().packet, NF_TALK_REFUSAL);
	assert_int_equal(talk().result, NF_TALK_TIMEOUT);
}

/* notrack in one direction only makes the answer invalid. */
static void half_a_flow_is_invalid(void **state)
{
	struct mux_nft_chain_rules *raw =
		add_base(NFPROTO_INET, "raw", NF_INET_LOCAL_OUT, -300, NF_ACCEPT);
	struct mux_nft_rule *rule = add_rule(raw);

	(void)state;
	put_dport(rule, 8000);
	put_bare(rule, "notrack");
	rule = add_rule(add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT));
	put_ct_state(rule, NF_CT_STATE_INVALID_BIT);
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().packet, NF_TALK_ANSWER);
	assert_int_equal(talk().result, NF_TALK_TIMEOUT);
}

/* Drops what is no TCP on the hook, if the CPU with that number runs it, which nobody knows. */
static void drop_perhaps(const char *chain, uint32_t hook)
{
	struct mux_nft_rule *rule = add_rule(add_base(NFPROTO_INET, chain, hook, 0, NF_ACCEPT));
	const uint8_t tcp = IPPROTO_TCP;
	const uint32_t cpu = 0;

	put_meta(rule, NFT_META_L4PROTO);
	put_cmp(rule, NFT_CMP_NEQ, &tcp, sizeof(tcp));
	put_meta(rule, NFT_META_CPU);
	put_cmp(rule, NFT_CMP_EQ, &cpu, sizeof(cpu));
	put_verdict(rule, NF_DROP, NULL);
}

/* What may die early and dies later for certain does not reach the client. */
static void rejects_die_anyhow(void **state)
{
	struct mux_nft_rule *rule =
		add_rule(add_base(NFPROTO_INET, "first", NF_INET_LOCAL_OUT, -10, NF_ACCEPT));

	(void)state;
	put_dport(rule, 8000);
	put_reject(rule, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
	drop_perhaps("perhaps", NF_INET_LOCAL_OUT);
	assert_int_equal(talk().result, NF_TALK_UNKNOWN);
	rule = add_rule(add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT));
	put_protocol(rule, IPPROTO_ICMPV6);
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().result, NF_TALK_TIMEOUT);
}

/* Measured: what rejects an echo reply on its way out says nothing, on its way in it does. */
static void echo_replies_are_rejected_in_silence(void **state)
{
	struct mux_nft_chain_rules *output =
		add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	const uint8_t reply = ICMP6_ECHO_REPLY;
	struct mux_nft_rule *rule;
	size_t i;

	(void)state;
	question.request.protocol = IPPROTO_ICMPV6;
	question.request.tcp_flags = 0;
	question.request.source_port = question.request.destination_port = 0;
	question.request.icmp_type = ICMP6_ECHO_REQUEST;
	for (i = 0; i < 2; i++) {
		rule = add_rule(
			i == 0 ? output
			       : add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT));
		put_protocol(rule, IPPROTO_ICMPV6);
		put_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 0, sizeof(reply));
		put_cmp(rule, NFT_CMP_EQ, &reply, sizeof(reply));
		put_reject(rule, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
		assert_int_equal(talk().decision.kind, NF_KIND_REJECT);
		assert_int_equal(talk().result, i == 0 ? NF_TALK_TIMEOUT : NF_TALK_ERROR);
		output->n_rules = 0;
	}
}

/* Measured: the error about a reply is of the original direction. */
static void errors_travel_against_their_cause(void **state)
{
	struct mux_nft_chain_rules *input =
		add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT);
	struct mux_nft_rule *rule = add_rule(input);
	const uint8_t original = IP_CT_DIR_ORIGINAL;

	(void)state;
	question.request.protocol = IPPROTO_ICMPV6;
	question.request.tcp_flags = 0;
	question.request.source_port = question.request.destination_port = 0;
	question.request.icmp_type = ICMP6_ECHO_REQUEST;
	put_ct(rule, NFT_CT_DIRECTION);
	put_cmp(rule, NFT_CMP_EQ, &original, sizeof(original));
	put_verdict(rule, NF_ACCEPT, NULL);
	rule = add_rule(input);
	put_reject(rule, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
	assert_int_equal(talk().packet, NF_TALK_ANSWER);
	assert_int_equal(talk().result, NF_TALK_ERROR);
	assert_int_equal(talk().error, EACCES);
}

/* No CPU has a number that there cannot be; which of the others it is stays open. */
static void impossible_cpus_run_nothing(void **state)
{
	struct mux_nft_rule *rule =
		add_rule(add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, 0, NF_ACCEPT));
	const uint32_t cpu = 63;

	(void)state;
	put_meta(rule, NFT_META_CPU);
	put_cmp(rule, NFT_CMP_EQ, &cpu, sizeof(cpu));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().result, NF_TALK_UNKNOWN);
	rules.snapshot.machine.n_cpus = 64;
	assert_int_equal(talk().result, NF_TALK_UNKNOWN);
	rules.snapshot.machine.n_cpus = 63;
	assert_int_equal(talk().result, NF_TALK_UNKNOWN);
	rules.snapshot.machine.n_cpus = 32;
	assert_int_equal(talk().result, NF_TALK_CONNECTED);
}

/* Accepts in PREROUTING what a socket is for, as `socket transparent 0` does, and drops the rest.
 */
static void sockets_want_their_packets(void **state)
{
	struct mux_nft_chain_rules *pre =
		add_base(NFPROTO_INET, "pre", NF_INET_PRE_ROUTING, 0, NF_DROP);
	struct mux_nft_rule *rule = add_rule(pre);
	const uint8_t zero = 0;

	(void)state;
	begin_expression("socket");
	put_u32(NFTA_SOCKET_KEY, NFT_SOCKET_TRANSPARENT);
	put_u32(NFTA_SOCKET_DREG, NFT_REG_1);
	end_expression(rule);
	put_cmp(rule, NFT_CMP_EQ, &zero, sizeof(zero));
	put_verdict(rule, NF_ACCEPT, NULL);
	assert_int_equal(talk().result, NF_TALK_CONNECTED);
	question.listens = MUX_NO;
	assert_int_equal(talk().decision.kind, NF_KIND_DROP);
	assert_int_equal(talk().packet, NF_TALK_REQUEST);
	question.listens = MUX_UNKNOWN;
	assert_int_equal(talk().decision.kind, NF_KIND_UNKNOWN);
}

/* Measured: what rejects before conntrack has seen the SYN meets its own error as invalid. */
static void early_rejects_swallow_themselves(void **state)
{
	struct mux_nft_chain_rules *raw =
		add_base(NFPROTO_INET, "raw", NF_INET_LOCAL_OUT, -310, NF_ACCEPT);
	struct mux_nft_rule *rule = add_rule(raw);

	(void)state;
	put_ct_state(rule, NF_CT_STATE_INVALID_BIT);
	put_reject(rule, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_HOST_UNREACH);
	assert_int_equal(talk().decision.kind, NF_KIND_REJECT);
	assert_int_equal(talk().result, NF_TALK_TIMEOUT);
	chain_of(raw)->priority = -190;
	assert_int_equal(talk().result, NF_TALK_CONNECTED);
}

/* The error that a closed UDP port sends belongs to a flow that conntrack has confirmed. */
static void refusals_are_of_a_confirmed_flow(void **state)
{
	const uint32_t confirmed = IPS_CONFIRMED, none = 0;
	struct mux_nft_rule *rule =
		add_rule(add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, 0, NF_ACCEPT));

	(void)state;
	question.request.protocol = IPPROTO_UDP;
	question.request.tcp_flags = 0;
	question.listens = MUX_NO;
	put_protocol(rule, IPPROTO_ICMPV6);
	put_ct(rule, NFT_CT_STATUS);
	put_mask(rule, &confirmed, sizeof(confirmed));
	put_cmp(rule, NFT_CMP_NEQ, &none, sizeof(none));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(talk().result, NF_TALK_TIMEOUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_in_the_way),
		TEST(an_early_reject_has_no_flow),
		TEST(the_answer_has_its_own_port),
		TEST(the_answer_has_the_servers_user),
		TEST(rejects_can_be_swallowed),
		TEST(rejects_are_related),
		TEST(the_last_packet_may_die),
		TEST(udp_is_told_at_once),
		TEST(marks_cross_lo),
		TEST(redirects_are_followed),
		TEST(a_redirect_leads_to_another_user),
		TEST(a_refusal_reflects_the_traffic_class),
		TEST(half_a_flow_is_invalid),
		TEST(rejects_die_anyhow),
		TEST(echo_replies_are_rejected_in_silence),
		TEST(errors_travel_against_their_cause),
		TEST(impossible_cpus_run_nothing),
		TEST(sockets_want_their_packets),
		TEST(early_rejects_swallow_themselves),
		TEST(refusals_are_of_a_confirmed_flow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
