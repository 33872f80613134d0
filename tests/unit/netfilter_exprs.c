/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions of nftables: what is known, what is not, and when that matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netfilter_rules.h"

#include <endian.h>

#include "evaluate/needs.h"
#include "netfilter/expr.h"
#include "netfilter/index.h"

static struct mux_nft_chain_rules *chain;

static int setup(void **state)
{
	(void)state;
	rules_begin();
	chain = add_base(NFPROTO_INET, "c", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rules_end();
	return 0;
}

static enum nf_verdict_kind kind_of(const struct nf_packet *packet)
{
	return decide(packet, NF_HOOK_OUTPUT).kind;
}

static void ports_are_compared(void **state)
{
	struct nf_packet right = syn(AF_INET6, 8000), wrong = syn(AF_INET6, 8001);
	struct mux_nft_rule *rule = add_rule(chain);
	struct nf_decision decision;

	(void)state;
	put_dport(rule, 8000);
	put_verdict(rule, NF_DROP, NULL);
	decision = decide(&right, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_DROP);
	assert_string_equal(decision.rule, "tcp dport 8000 drop");
	assert_int_equal(kind_of(&wrong), NF_KIND_ACCEPT);
	right.protocol = IPPROTO_UDP;
	assert_int_equal(kind_of(&right), NF_KIND_ACCEPT);
}

/* Measured: `meta iiftype` asks the packet's device, which is there from POSTROUTING on. */
static void the_input_type_is_of_any_device(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_chain_rules *after =
		add_base(NFPROTO_INET, "after", NF_INET_POST_ROUTING, 0, NF_ACCEPT);
	struct mux_nft_chain_rules *const both[] = {chain, after};
	const uint16_t loopback = 772;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct mux_nft_rule *rule = add_rule(both[i]);

		put_meta(rule, NFT_META_IIFTYPE);
		put_cmp(rule, NFT_CMP_EQ, &loopback, sizeof(loopback));
		put_verdict(rule, NF_DROP, NULL);
	}
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_ACCEPT);
	assert_int_equal(decide(&packet, NF_HOOK_POSTROUTING).kind, NF_KIND_DROP);
}

/* The client's port is not known before it is sent: only its range. */
static void free_port_is_a_range(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);
	const uint16_t port_be = htons(1024);
	struct nf_decision decision;

	(void)state;
	put_protocol(rule, IPPROTO_TCP);
	put_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2);
	put_cmp(rule, NFT_CMP_LT, &port_be, sizeof(port_be));
	put_verdict(rule, NF_DROP, NULL);
	decision = decide(&packet, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_UNKNOWN);
	assert_string_equal(decision.reason, "bytes of the packet that are not known");
	packet.free_port_least = 32768;
	packet.free_port_most = 60999;
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	packet.source_port = 1023;
	assert_int_equal(kind_of(&packet), NF_KIND_DROP);
}

/* An unknown condition does not matter where both branches end alike. */
static void doubt_matters_only_where_it_decides(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);
	const uint32_t half = htonl(1u << 31);

	(void)state;
	put_meta(rule, NFT_META_PRANDOM);
	put_cmp(rule, NFT_CMP_LT, &half, sizeof(half));
	put_verdict(rule, NF_ACCEPT, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	chain_of(chain)->policy = NF_DROP;
	assert_string_equal(decide(&packet, NF_HOOK_OUTPUT).reason, "a random number");
	rule = add_rule(chain);
	put_verdict(rule, NF_ACCEPT, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
}

/* A condition that fails for certain ends the doubt before it, and what is not modelled behind. */
static void certain_mismatch_wins_over_doubt(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);
	const uint32_t half = htonl(1u << 31);

	(void)state;
	put_meta(rule, NFT_META_PRANDOM);
	put_cmp(rule, NFT_CMP_LT, &half, sizeof(half));
	put_dport(rule, 1);
	put_alien(rule);
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
}

/* The mark set by a rule that may match is neither the old nor the new one. */
static void branches_meet_with_what_both_know(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	const uint32_t half = htonl(1u << 31), one = 1, two = 2, three = 3;
	struct mux_nft_rule *rule = add_rule(chain);

	(void)state;
	packet.mark = 3;
	put_meta(rule, NFT_META_PRANDOM);
	put_cmp(rule, NFT_CMP_LT, &half, sizeof(half));
	put_immediate(rule, &one, sizeof(one));
	put_meta_set(rule, NFT_META_MARK);
	rule = add_rule(chain);
	put_meta(rule, NFT_META_MARK);
	put_cmp(rule, NFT_CMP_EQ, &two, sizeof(two));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	rule = add_rule(chain);
	put_meta(rule, NFT_META_MARK);
	put_cmp(rule, NFT_CMP_EQ, &three, sizeof(three));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_UNKNOWN);
}

/* Measured: before -200 on OUTPUT every packet is invalid, not untracked. */
static void conntrack_has_its_place(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);

	(void)state;
	put_ct_state(rule, NF_CT_STATE_INVALID_BIT);
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	chain_of(chain)->priority = -300;
	assert_int_equal(kind_of(&packet), NF_KIND_DROP);
	chain_of(chain)->priority = -199;
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	chain_of(chain)->priority = -200;
	assert_int_equal(kind_of(&packet), NF_KIND_UNKNOWN);
	chain_of(chain)->hook = NF_INET_PRE_ROUTING;
	chain_of(chain)->priority = -300;
	assert_int_equal(decide(&packet, NF_HOOK_PREROUTING).kind, NF_KIND_ACCEPT);
}

static void notrack_hides(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_chain_rules *raw =
		add_base(NFPROTO_IPV6, "raw", NF_INET_LOCAL_OUT, -300, NF_ACCEPT);
	struct mux_nft_rule *rule = add_rule(chain);

	(void)state;
	put_ct_state(rule, NF_CT_STATE_BIT(IP_CT_NEW));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_DROP);
	put_bare(add_rule(raw), "notrack");
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	rule = add_rule(chain);
	put_ct_state(rule, NF_CT_STATE_UNTRACKED_BIT);
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_DROP);
}

/* Measured: skuid never matches on the input side of lo, and a kernel RST has no user at all. */
static void owner_needs_a_socket(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);
	const uint32_t root = 0;

	(void)state;
	put_meta(rule, NFT_META_SKUID);
	put_cmp(rule, NFT_CMP_NEQ, &root, sizeof(root));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_DROP);
	packet.uid = 0;
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	packet.uid = 1000;
	packet.has_socket = false;
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	packet.has_socket = true;
	chain_of(chain)->hook = NF_INET_LOCAL_IN;
	assert_int_equal(decide(&packet, NF_HOOK_INPUT).kind, NF_KIND_ACCEPT);
}

static void links_have_two_sides(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);
	static const char lo[16] = "lo";

	(void)state;
	put_meta(rule, NFT_META_OIFNAME);
	put_cmp(rule, NFT_CMP_EQ, lo, sizeof(lo));
	put_verdict(rule, NF_DROP, NULL);
	assert_string_equal(decide(&packet, NF_HOOK_OUTPUT).rule, "oifname \"lo\" drop");
	chain_of(chain)->hook = NF_INET_LOCAL_IN;
	assert_int_equal(decide(&packet, NF_HOOK_INPUT).kind, NF_KIND_ACCEPT);
}

static void prefixes_are_masks(void **state)
{
	struct nf_packet packet = syn(AF_INET, 8000);
	struct mux_nft_rule *rule = add_rule(chain);
	const uint8_t mask[4] = {255, 192, 0, 0}, network[4] = {127, 0, 0, 0};
	const uint8_t v4 = NFPROTO_IPV4;

	(void)state;
	put_meta(rule, NFT_META_NFPROTO);
	put_cmp(rule, NFT_CMP_EQ, &v4, 1);
	put_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	put_mask(rule, mask, sizeof(mask));
	put_cmp(rule, NFT_CMP_EQ, network, sizeof(network));
	put_verdict(rule, NF_DROP, NULL);
	assert_string_equal(decide(&packet, NF_HOOK_OUTPUT).rule, "ip saddr 127.0.0.0/10 drop");
	packet.source.bytes[0] = 10;
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
}

static void rejects_name_their_answer(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct nf_decision decision;

	(void)state;
	put_reject(add_rule(chain), NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
	decision = decide(&packet, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_REJECT);
	assert_int_equal(decision.reject.kind, NF_REJECT_ICMP);
	assert_int_equal(decision.reject.type, 1);
	assert_int_equal(decision.reject.code, 1);
	assert_string_equal(decision.rule, "reject with icmpx admin-prohibited");
	packet = syn(AF_INET, 8000);
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).reject.code, 13);
}

/* An attribute that a newer kernel added makes the rule unmodelled (bitwise, op 3). */
static void new_attributes_are_not_overlooked(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);

	(void)state;
	put_meta(rule, NFT_META_MARK);
	begin_expression("bitwise");
	put_u32(NFTA_BITWISE_SREG, NFT_REG_1);
	put_u32(NFTA_BITWISE_DREG, NFT_REG_1);
	put_u32(NFTA_BITWISE_LEN, 4);
	put_u32(NFTA_BITWISE_OP, 3);
	put_u32(8, NFT_REG_2);
	end_expression(rule);
	put_verdict(rule, NF_DROP, NULL);
	assert_string_equal(decide(&packet, NF_HOOK_OUTPUT).reason,
			    "the expression \"bitwise\" is not modelled");
}

static void unknown_operations_are_not_modelled(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	const uint32_t zero = 0;
	struct mux_nft_rule *rule = add_rule(chain);

	(void)state;
	put_meta(rule, NFT_META_MARK);
	put_cmp(rule, NFT_CMP_GTE + 1, &zero, sizeof(zero));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_UNKNOWN);
	chain->n_rules = 0;
	rule = add_rule(chain);
	put_meta(rule, 200);
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_UNKNOWN);
}

static void comments_are_escaped(void **state)
{
	static const char user_data[] = "\0\006a\033[0mb";
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);

	(void)state;
	put_verdict(rule, NF_DROP, NULL);
	rule->user_data = (struct mux_slice){user_data, sizeof(user_data) - 1};
	assert_string_equal(decide(&packet, NF_HOOK_OUTPUT).rule, "drop comment \"a\\x1b[0mb\"");
}

/* Every prefix of the bytes of a long rule is damage or another rule, but never a crash. */
static void every_prefix_is_survived(void **state)
{
	struct nf_packet packet = syn(AF_INET, 8000);
	struct mux_nft_rule *rule = add_rule(chain);
	const uint8_t mask[4] = {255, 0, 0, 0};

	(void)state;
	put_dport(rule, 8000);
	put_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
	put_mask(rule, mask, sizeof(mask));
	put_ct_state(rule, NF_CT_STATE_BIT(IP_CT_NEW));
	put_reject(rule, NFT_REJECT_ICMPX_UNREACH, 1);
	assert_int_equal(kind_of(&packet), NF_KIND_REJECT);
	while (rule->expressions.len-- > 0)
		decide(&packet, NF_HOOK_OUTPUT);
}

/* Nobody chooses a sequence number, but zero it is where there is no acknowledgment. */
static void sequence_numbers_are_never_just_that(void **state)
{
	const uint32_t zero = 0;
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);

	(void)state;
	put_protocol(rule, IPPROTO_TCP);
	put_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 8, 4);
	put_cmp(rule, NFT_CMP_EQ, &zero, sizeof(zero));
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_DROP);
	packet.tcp_flags = 0x10;
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_ACCEPT);
	assert_non_null(decide(&packet, NF_HOOK_OUTPUT).assumption);
}

/* --- sets are asked by key --------------------------------------------------------------- */

static struct mux_nft_set set = {
	.family = NFPROTO_INET, .table = SLICE("t"), .name = SLICE("ports"), .key_len = 2};
static struct mux_nft_element element;

/* tcp dport @ports, or vmap @ports with a verdict. */
static void put_lookup(struct mux_nft_rule *rule, bool verdict)
{
	put_protocol(rule, IPPROTO_TCP);
	put_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
	begin_expression("lookup");
	put_attribute(NFTA_LOOKUP_SET, "ports", sizeof("ports"));
	put_u32(NFTA_LOOKUP_SREG, NFT_REG_1);
	if (verdict)
		put_u32(NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
	end_expression(rule);
	rules.snapshot.nftables.sets = &set;
	rules.snapshot.nftables.n_sets = 1;
}

static void answer_element(enum mux_presence presence)
{
	element = (struct mux_nft_element){.source.presence = presence,
					   .family = NFPROTO_INET,
					   .table = SLICE("t"),
					   .set = SLICE("ports"),
					   .key = SLICE("\x1f\x40")};
	rules.snapshot.nftables.elements = &element;
	rules.snapshot.nftables.n_elements = 1;
}

static void elements_are_needed_then_known(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);
	const struct need_element *need;
	struct needs needs;

	(void)state;
	put_lookup(rule, false);
	put_verdict(rule, NF_DROP, NULL);
	assert_string_equal(decide(&packet, NF_HOOK_OUTPUT).reason,
			    "set ports: its element was not read");
	needs = needs_of(&packet);
	assert_int_equal(needs.elements.n, 1);
	need = needs.elements.items;
	assert_true(slice_is(need->set, "ports"));
	assert_true(slice_is(need->key, "\x1f\x40"));
	answer_element(MUX_ABSENT);
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	answer_element(MUX_PRESENT);
	assert_int_equal(kind_of(&packet), NF_KIND_DROP);
	assert_string_equal(decide(&packet, NF_HOOK_OUTPUT).rule, "tcp dport @ports drop");
	needs = needs_of(&packet);
	assert_int_equal(needs.elements.n, 0);
	answer_element(MUX_DENIED);
	assert_int_equal(kind_of(&packet), NF_KIND_UNKNOWN);
}

static void verdict_maps_lead_to_chains(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_rule *rule = add_rule(chain);
	struct needs needs;
	size_t start, verdict;

	(void)state;
	put_lookup(rule, true);
	answer_element(MUX_PRESENT);
	start = rules.n_bytes;
	verdict = begin_nest(NFTA_DATA_VERDICT);
	put_u32(NFTA_VERDICT_CODE, (uint32_t)NFT_JUMP);
	put_attribute(NFTA_VERDICT_CHAIN, "far", sizeof("far"));
	end_nest(verdict);
	element.data = (struct mux_slice){rules.bytes + start, rules.n_bytes - start};
	needs = needs_of(&packet);
	assert_int_equal(needs.chains.n, 1);
	assert_true(slice_is(((struct need_chain *)needs.chains.items)->chain, "far"));
	put_verdict(add_rule(add_chain(NFPROTO_INET, "t", "far")), NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_DROP);
	assert_true(slice_is(decide(&packet, NF_HOOK_OUTPUT).chain, "far"));
}

/* --- nat chains, buckets, observers ------------------------------------------------------ */

/* Measured: with any ct rule present, a drop in the output nat chain drops. */
static void nat_chains_run_once_conntrack_is_active(void **state)
{
	struct mux_nft_chain_rules *nat =
		add_base(NFPROTO_INET, "nat", NF_INET_LOCAL_OUT, -100, NF_ACCEPT);
	struct mux_nft_chain_rules *forward =
		add_base(NFPROTO_INET, "forward", NF_INET_FORWARD, 0, NF_ACCEPT);
	struct nf_packet packet = syn(AF_INET6, 8000);

	(void)state;
	chain_of(nat)->type = slice_of("nat");
	put_verdict(add_rule(nat), NF_DROP, NULL);
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	put_ct_state(add_rule(forward), NF_CT_STATE_BIT(IP_CT_NEW));
	assert_int_equal(kind_of(&packet), NF_KIND_DROP);
	packet.tcp_flags = 0x12;
	assert_int_equal(kind_of(&packet), NF_KIND_ACCEPT);
	/* Where the forward chain was not read, nobody knows. */
	packet.tcp_flags = 0x02;
	rules.snapshot.nftables.n_rules--;
	assert_int_equal(kind_of(&packet), NF_KIND_UNKNOWN);
}

static void buckets_run_dry(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct nf_memory memory = {.arena = rules.arena};
	struct mux_nft_rule *rule = add_rule(chain);
	struct nf_decision decision;
	struct nf_ruleset ruleset;
	struct nf_live live;
	const uint64_t rate = htobe64(1), minute = htobe64(60);
	size_t i;

	(void)state;
	begin_expression("limit");
	put_attribute(NFTA_LIMIT_RATE, &rate, sizeof(rate));
	put_attribute(NFTA_LIMIT_UNIT, &minute, sizeof(minute));
	put_u32(NFTA_LIMIT_BURST, 2);
	end_expression(rule);
	put_verdict(rule, NF_ACCEPT, NULL);
	chain_of(chain)->policy = NF_DROP;
	assert_int_equal(nf_ruleset_init(&rules.snapshot, rules.arena, &ruleset), 0);
	ruleset.memory = &memory;
	for (i = 0; i < 3; i++) {
		nf_live_init(&live, &packet);
		assert_int_equal(
			nf_run_hook_on(&ruleset, &live, NF_HOOK_OUTPUT, rules.arena, &decision), 0);
		assert_int_equal(decision.kind, i < 2 ? NF_KIND_ACCEPT : NF_KIND_UNKNOWN);
	}
	assert_string_equal(decision.reason, "limit rate 1/minute");
	assert_non_null(decision.assumption);
}

static void count_seen(void *context, const struct nf_machine *machine, enum mux_answer matches)
{
	unsigned *seen = context;

	seen[matches]++;
	seen[3] += machine->place.rule == NULL;
}

static void observers_see_every_rule(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	unsigned seen[4] = {0};
	const struct nf_observer observer = {count_seen, seen};
	struct nf_decision decision;
	struct nf_ruleset ruleset;
	struct mux_nft_rule *rule;
	struct nf_live live;

	(void)state;
	put_bare(add_rule(chain), "counter");
	rule = add_rule(chain);
	put_dport(rule, 1);
	put_verdict(rule, NF_DROP, NULL);
	assert_int_equal(nf_ruleset_init(&rules.snapshot, rules.arena, &ruleset), 0);
	ruleset.observer = &observer;
	nf_live_init(&live, &packet);
	assert_int_equal(nf_run_hook_on(&ruleset, &live, NF_HOOK_OUTPUT, rules.arena, &decision),
			 0);
	assert_int_equal(seen[MUX_NO], 1);
	assert_int_equal(seen[MUX_YES], 2);
	assert_int_equal(seen[3], 1);
}

/* They are searched by halving. */
static void expressions_are_in_order(void **state)
{
	static const char *const names[] = {
#define NF_EXPR(name) #name,
#include "netfilter/exprs.def"
#undef NF_EXPR
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_non_null(nf_expr_find(slice_of(names[i])));
		if (i > 0)
			assert_true(strcmp(names[i - 1], names[i]) < 0);
	}
	assert_null(nf_expr_find(slice_of("inner")));
	assert_null(nf_expr_find(slice_of("")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ports_are_compared),
		TEST(the_input_type_is_of_any_device),
		TEST(free_port_is_a_range),
		TEST(doubt_matters_only_where_it_decides),
		TEST(certain_mismatch_wins_over_doubt),
		TEST(branches_meet_with_what_both_know),
		TEST(conntrack_has_its_place),
		TEST(notrack_hides),
		TEST(owner_needs_a_socket),
		TEST(links_have_two_sides),
		TEST(prefixes_are_masks),
		TEST(rejects_name_their_answer),
		TEST(new_attributes_are_not_overlooked),
		TEST(unknown_operations_are_not_modelled),
		TEST(comments_are_escaped),
		TEST(sequence_numbers_are_never_just_that),
		TEST(every_prefix_is_survived),
		TEST(elements_are_needed_then_known),
		TEST(verdict_maps_lead_to_chains),
		TEST(nat_chains_run_once_conntrack_is_active),
		TEST(buckets_run_dry),
		TEST(observers_see_every_rule),
		TEST(expressions_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
