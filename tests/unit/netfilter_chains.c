/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base chains, policies, jumps and what is not known, without any condition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evaluate/needs.h"
#include "netfilter_rules.h"

static int setup(void **state)
{
	(void)state;
	rules_begin();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rules_end();
	return 0;
}

static void assert_kind(int family, enum nf_hook hook, enum nf_verdict_kind kind)
{
	struct nf_packet packet = syn(family, 8000);

	assert_int_equal(decide(&packet, hook).kind, kind);
}

static void empty_chain_is_its_policy(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct nf_decision decision;

	(void)state;
	add_base(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, 0, NF_DROP);
	chain_of(&rules.chain_rules[0])->has_counters = true;
	chain_of(&rules.chain_rules[0])->packets = 7;
	add_base(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, 0, NF_ACCEPT);
	decision = decide(&packet, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_DROP);
	assert_true(decision.by_policy);
	assert_true(decision.has_counters);
	assert_int_equal(decision.packets, 7);
	assert_string_equal(nf_decision_place(&decision, rules.arena), "ip6 t OUTPUT");
	assert_string_equal(nf_hook_name(decision.hook), "output");
	assert_kind(AF_INET, NF_HOOK_OUTPUT, NF_KIND_ACCEPT);
	assert_kind(AF_INET6, NF_HOOK_INPUT, NF_KIND_ACCEPT);
	assert_kind(AF_INET6, NF_HOOK_POSTROUTING, NF_KIND_ACCEPT);
}

static void inet_sees_both_families(void **state)
{
	(void)state;
	add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_DROP);
	assert_kind(AF_INET, NF_HOOK_INPUT, NF_KIND_DROP);
	assert_kind(AF_INET6, NF_HOOK_INPUT, NF_KIND_DROP);
	assert_kind(AF_INET6, NF_HOOK_PREROUTING, NF_KIND_ACCEPT);
}

static void dormant_tables_do_nothing(void **state)
{
	(void)state;
	add_table(NFPROTO_IPV6, "t")->flags = NFT_TABLE_F_DORMANT;
	add_base(NFPROTO_IPV6, "out", NF_INET_LOCAL_OUT, 0, NF_DROP);
	assert_kind(AF_INET6, NF_HOOK_OUTPUT, NF_KIND_ACCEPT);
}

static void devices_are_compared(void **state)
{
	struct mux_nft_chain_rules *chain;

	(void)state;
	chain = add_base(NFPROTO_NETDEV, "ingress", NF_NETDEV_INGRESS, 0, NF_DROP);
	chain_of(chain)->device = slice_of("eth0");
	assert_kind(AF_INET6, NF_HOOK_INGRESS, NF_KIND_ACCEPT);
	chain_of(chain)->device = slice_of("lo");
	assert_kind(AF_INET6, NF_HOOK_INGRESS, NF_KIND_DROP);
	assert_kind(AF_INET6, NF_HOOK_EGRESS, NF_KIND_ACCEPT);
	chain_of(chain)->device = slice_of("");
	assert_kind(AF_INET6, NF_HOOK_INGRESS, NF_KIND_UNKNOWN);
}

/* nf_hook_slow(): accept ends the base chain, drop ends the packet. */
static void accept_is_not_final_but_drop_is(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_chain_rules *early, *late;

	(void)state;
	late = add_base(NFPROTO_INET, "late", NF_INET_LOCAL_OUT, 10, NF_ACCEPT);
	put_verdict(add_rule(late), NF_DROP, NULL);
	early = add_base(NFPROTO_IPV6, "early", NF_INET_LOCAL_OUT, -10, NF_DROP);
	put_verdict(add_rule(early), NF_ACCEPT, NULL);
	assert_true(slice_is(decide(&packet, NF_HOOK_OUTPUT).chain, "late"));
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).handle, 10);
	assert_false(decide(&packet, NF_HOOK_OUTPUT).by_policy);
	assert_string_equal(decide(&packet, NF_HOOK_OUTPUT).rule, "drop");
	chain_of(early)->priority = 20;
	assert_true(slice_is(decide(&packet, NF_HOOK_OUTPUT).chain, "late"));
}

static void last_of_equal_priority_runs_first(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);

	(void)state;
	add_base(NFPROTO_INET, "first", NF_INET_LOCAL_OUT, 0, NF_DROP);
	add_base(NFPROTO_INET, "second", NF_INET_LOCAL_OUT, 0, NF_DROP);
	assert_true(slice_is(decide(&packet, NF_HOOK_OUTPUT).chain, "second"));
}

/* nft_do_chain(): jump comes back, goto comes back to the caller, return in a base chain meets the
 * policy. */
static void jumps_and_gotos_nest(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_chain_rules *base, *a, *b;

	(void)state;
	base = add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	a = add_chain(NFPROTO_INET, "t", "a");
	b = add_chain(NFPROTO_INET, "t", "b");
	put_verdict(add_rule(base), NFT_JUMP, "a");
	put_verdict(add_rule(base), NF_DROP, NULL);
	put_verdict(add_rule(a), NFT_GOTO, "b");
	put_verdict(add_rule(a), NF_ACCEPT, NULL);
	put_verdict(add_rule(b), NFT_RETURN, NULL);
	put_verdict(add_rule(b), NF_ACCEPT, NULL);
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_DROP);
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).handle, 20);
	base->n_rules = 0;
	put_verdict(add_rule(base), NFT_GOTO, "b");
	put_verdict(add_rule(base), NF_DROP, NULL);
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_ACCEPT);
	chain_of(base)->policy = NF_DROP;
	assert_true(decide(&packet, NF_HOOK_OUTPUT).by_policy);
}

static void endless_jumps_end(void **state)
{
	struct mux_nft_chain_rules *base;
	struct nf_packet packet = syn(AF_INET6, 8000);

	(void)state;
	base = add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	put_verdict(add_rule(base), NFT_JUMP, "base");
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_UNKNOWN);
}

static void what_is_not_modelled_is_unknown(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_chain_rules *base;
	struct nf_decision decision;

	(void)state;
	base = add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	put_alien(add_rule(base));
	decision = decide(&packet, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_UNKNOWN);
	assert_string_equal(decision.reason, "the expression \"alien\" is not modelled");
	assert_string_equal(decision.rule, "[alien]");
	assert_int_equal(decision.handle, 10);
}

/* Behind a certain verdict nothing is ever looked at. */
static void what_is_never_reached_does_not_matter(void **state)
{
	struct mux_nft_chain_rules *base;

	(void)state;
	base = add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_DROP);
	put_verdict(add_rule(base), NF_ACCEPT, NULL);
	put_alien(add_rule(base));
	assert_kind(AF_INET6, NF_HOOK_OUTPUT, NF_KIND_ACCEPT);
}

static void a_certain_drop_later_wins(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_chain_rules *base;
	struct nf_decision decision;

	(void)state;
	base = add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	put_alien(add_rule(base));
	add_base(NFPROTO_IPV6, "late", NF_INET_LOCAL_OUT, 1, NF_DROP);
	decision = decide(&packet, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_DROP);
	assert_true(slice_is(decision.chain, "late"));
	assert_string_equal(decision.unless, "inet t base");
	assert_kind(AF_INET, NF_HOOK_OUTPUT, NF_KIND_UNKNOWN);
}

static void damaged_rules_are_unknown(void **state)
{
	struct mux_nft_chain_rules *base;
	struct mux_nft_rule *rule;

	(void)state;
	base = add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	rule = add_rule(base);
	put_verdict(rule, NF_ACCEPT, NULL);
	while (rule->expressions.len-- > 1)
		assert_kind(AF_INET6, NF_HOOK_OUTPUT, NF_KIND_UNKNOWN);
}

static void unread_rules_are_unknown(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct nf_decision decision;

	(void)state;
	add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_ACCEPT)->source.presence =
		MUX_DENIED;
	rules.chain_rules[0].source.error = EPERM;
	decision = decide(&packet, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_UNKNOWN);
	assert_string_equal(decision.reason, "the rules of chain base could not be read: EPERM");
}

static void unread_sources_are_unknown(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct nf_decision decision;

	(void)state;
	rules.snapshot.nftables.source.presence = MUX_DENIED;
	rules.snapshot.nftables.source.error = EPERM;
	decision = decide(&packet, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_UNKNOWN);
	assert_string_equal(decision.reason, "nftables could not be read: EPERM");
	rules.snapshot.nftables.source.presence = MUX_ABSENT;
	assert_kind(AF_INET6, NF_HOOK_OUTPUT, NF_KIND_ACCEPT);
	rules.snapshot.xtables.names6.presence = MUX_DENIED;
	rules.snapshot.xtables.names6.error = EACCES;
	decision = decide(&packet, NF_HOOK_INPUT);
	assert_string_equal(decision.reason,
			    "the list of legacy IPv6 tables could not be read: EACCES");
	assert_kind(AF_INET, NF_HOOK_INPUT, NF_KIND_ACCEPT);
	assert_kind(AF_INET6, NF_HOOK_INGRESS, NF_KIND_ACCEPT);
}

/* Measured: a drop in a lone nat chain has no effect; with conntrack active it has one. The input
 * and prerouting nat chains never see loopback packets. */
static void nat_chains_need_conntrack(void **state)
{
	struct mux_nft_chain_rules *output, *input;

	(void)state;
	output = add_base(NFPROTO_INET, "o", NF_INET_LOCAL_OUT, -100, NF_ACCEPT);
	input = add_base(NFPROTO_INET, "i", NF_INET_LOCAL_IN, 100, NF_ACCEPT);
	chain_of(output)->type = slice_of("nat");
	chain_of(input)->type = slice_of("nat");
	put_verdict(add_rule(output), NF_DROP, NULL);
	put_verdict(add_rule(input), NF_DROP, NULL);
	assert_kind(AF_INET6, NF_HOOK_OUTPUT, NF_KIND_ACCEPT);
	assert_kind(AF_INET6, NF_HOOK_INPUT, NF_KIND_ACCEPT);
}

static void place_names_are_escaped(void **state)
{
	struct nf_decision decision = {
		.family = NFPROTO_INET, .table = SLICE("t\033[31m"), .chain = SLICE("c\xff")};

	(void)state;
	assert_string_equal(nf_decision_place(&decision, rules.arena), "inet t\\x1b[31m c\\xff");
	assert_string_equal(nf_family_name(99), "unknown");
	assert_string_equal(nf_hook_name(NF_N_HOOKS), "unknown");
}

static void few_rules_are_all_needed(void **state)
{
	const struct need_chain *chains;
	struct needs needs;

	(void)state;
	add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	add_base(NFPROTO_INET, "forward", NF_INET_FORWARD, 0, NF_ACCEPT);
	add_base(NFPROTO_BRIDGE, "bridge", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	rules.snapshot.nftables.n_rules = 0;
	assert_int_equal(needs_of_nftables(&rules.snapshot.nftables, rules.arena, &needs), 0);
	chains = needs.chains.items;
	assert_int_equal(needs.chains.n, 2);
	assert_true(slice_is(chains[0].chain, "base"));
	assert_true(slice_is(chains[1].chain, "forward"));
	add_chain(NFPROTO_INET, "t", "base");
	add_chain(NFPROTO_INET, "t", "forward")->source.presence = MUX_DENIED;
	assert_int_equal(needs_of_nftables(&rules.snapshot.nftables, rules.arena, &needs), 0);
	assert_int_equal(needs.chains.n, 0);
}

/* Of many rules only the chains that a packet runs into are read. One that was not read yet puts
 * nothing behind it in doubt: the round after will tell. */
static void of_many_rules_what_a_packet_reaches_is_needed(void **state)
{
	const struct nf_packet packet = syn(AF_INET6, 8000);
	const struct need_chain *chains;
	struct mux_nft_chain_rules *base;
	struct mux_nft_rule *rule;
	struct needs needs;

	(void)state;
	base = add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	add_base(NFPROTO_INET, "forward", NF_INET_FORWARD, 0, NF_ACCEPT);
	rules.chains[1].uses = 1000000;
	put_verdict(add_rule(base), NFT_JUMP, "a");
	rule = add_rule(base);
	put_dport(rule, 9000);
	put_verdict(rule, NFT_JUMP, "not-for-8000");
	put_verdict(add_rule(base), NFT_GOTO, "b");
	put_verdict(add_rule(base), NFT_JUMP, "c");
	assert_int_equal(needs_of_nftables(&rules.snapshot.nftables, rules.arena, &needs), 0);
	assert_int_equal(needs.chains.n, 0);
	needs = needs_of(&packet);
	chains = needs.chains.items;
	assert_int_equal(needs.chains.n, 2);
	assert_true(slice_is(chains[0].chain, "a"));
	assert_true(slice_is(chains[1].chain, "b"));
}

static void running_out_of_memory_is_said(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_chain_rules *base;
	struct nf_decision decision;
	size_t n;
	int r = -ENOMEM;

	(void)state;
	base = add_base(NFPROTO_INET, "base", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	put_alien(add_rule(base));
	for (n = 1; r == -ENOMEM && n < 100; n++) {
		struct arena *arena = arena_new();

		arena_fail_after(arena, n);
		r = nf_run_hook(&rules.snapshot, &packet, NF_HOOK_OUTPUT, arena, &decision);
		arena_free(arena);
	}
	assert_int_equal(r, 0);
	assert_true(n > 3);
}

/* Puts the chain into a table of its own. */
static struct mux_nft_chain_rules *in_table(struct mux_nft_chain_rules *base, const char *table)
{
	base->table = chain_of(base)->table = slice_of(table);
	return base;
}

/* Across tables the kernel's order cannot be read: who decides is left open, that it dies is not.
 */
static void equal_priorities_of_two_tables_are_left_open(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct nf_decision decision;

	(void)state;
	in_table(add_base(NFPROTO_INET, "a", NF_INET_LOCAL_OUT, 0, NF_DROP), "one");
	in_table(add_base(NFPROTO_INET, "b", NF_INET_LOCAL_OUT, 0, NF_DROP), "two");
	decision = decide(&packet, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_DROP);
	assert_non_null(decision.unless);
	chain_of(&rules.chain_rules[0])->policy = NF_ACCEPT;
	decision = decide(&packet, NF_HOOK_OUTPUT);
	assert_int_equal(decision.kind, NF_KIND_DROP);
	assert_null(decision.unless);
}

/* One chain marks what the other lets pass: all depends on the order. */
static void an_order_that_matters_is_unknown(void **state)
{
	const uint32_t mark = 1;
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct mux_nft_chain_rules *sets, *reads;
	struct mux_nft_rule *rule;

	(void)state;
	sets = in_table(add_base(NFPROTO_INET, "a", NF_INET_LOCAL_OUT, 0, NF_ACCEPT), "one");
	rule = add_rule(sets);
	put_immediate(rule, &mark, sizeof(mark));
	put_meta_set(rule, NFT_META_MARK);
	reads = in_table(add_base(NFPROTO_INET, "b", NF_INET_LOCAL_OUT, 0, NF_DROP), "two");
	rule = add_rule(reads);
	put_meta(rule, NFT_META_MARK);
	put_cmp(rule, NFT_CMP_EQ, &mark, sizeof(mark));
	put_verdict(rule, NF_ACCEPT, NULL);
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_UNKNOWN);
	chain_of(sets)->priority = -1;
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_ACCEPT);
	chain_of(sets)->priority = 1;
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_DROP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(empty_chain_is_its_policy),
		TEST(inet_sees_both_families),
		TEST(dormant_tables_do_nothing),
		TEST(devices_are_compared),
		TEST(accept_is_not_final_but_drop_is),
		TEST(last_of_equal_priority_runs_first),
		TEST(equal_priorities_of_two_tables_are_left_open),
		TEST(an_order_that_matters_is_unknown),
		TEST(jumps_and_gotos_nest),
		TEST(endless_jumps_end),
		TEST(what_is_not_modelled_is_unknown),
		TEST(what_is_never_reached_does_not_matter),
		TEST(a_certain_drop_later_wins),
		TEST(damaged_rules_are_unknown),
		TEST(unread_rules_are_unknown),
		TEST(unread_sources_are_unknown),
		TEST(nat_chains_need_conntrack),
		TEST(place_names_are_escaped),
		TEST(few_rules_are_all_needed),
		TEST(of_many_rules_what_a_packet_reaches_is_needed),
		TEST(running_out_of_memory_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
