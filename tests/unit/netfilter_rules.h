/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rulesets written by hand for the netfilter tests: expressions as the kernel would send them, and
 * facts around them. Everything lives in static inline storage of the test program and is reset by
 * rules_begin().
 */
#ifndef TESTS_UNIT_NETFILTER_RULES_H
#define TESTS_UNIT_NETFILTER_RULES_H

#include "netfilter/kernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/slice.h"
#include "netfilter/index.h"
#include "netfilter/ruleset.h"

enum { RULES_MAX = 64, RULES_BYTES = 64 * 1024 };

struct rules {
	struct mux_snapshot snapshot;
	struct mux_nft_table tables[RULES_MAX];
	struct mux_nft_chain chains[RULES_MAX];
	struct mux_nft_chain_rules chain_rules[RULES_MAX];
	struct mux_nft_rule rules[RULES_MAX][RULES_MAX];
	struct mux_xtables_table legacy[RULES_MAX];
	char bytes[RULES_BYTES];
	size_t n_bytes;
	struct arena *arena;
};

static struct rules rules;

static inline void rules_begin(void)
{
	struct mux_snapshot *snapshot = &rules.snapshot;

	arena_free(rules.arena);
	memset(&rules, 0, sizeof(rules));
	rules.arena = arena_new();
	snapshot->nftables.source.presence = MUX_PRESENT;
	snapshot->xtables.names4.presence = MUX_ABSENT;
	snapshot->xtables.names6.presence = MUX_ABSENT;
	snapshot->nftables.tables = rules.tables;
	snapshot->nftables.chains = rules.chains;
	snapshot->nftables.rules = rules.chain_rules;
	snapshot->xtables.tables = rules.legacy;
}

/* Ends the test program's memory. */
static inline void rules_end(void)
{
	arena_free(rules.arena);
	rules.arena = NULL;
}

static inline struct mux_nft_table *add_table(uint8_t family, const char *name)
{
	struct mux_nft_table *table = &rules.tables[rules.snapshot.nftables.n_tables++];

	*table = (struct mux_nft_table){.family = family, .name = slice_of(name)};
	return table;
}

/* A chain that rules jump to, with no rules yet. */
static inline struct mux_nft_chain_rules *add_chain(uint8_t family, const char *table,
						    const char *name)
{
	size_t i = rules.snapshot.nftables.n_rules++;

	rules.snapshot.nftables.n_chains++;
	rules.chains[i] = (struct mux_nft_chain){.family = family,
						 .table = slice_of(table),
						 .name = slice_of(name),
						 .handle = i + 1,
						 .policy = NF_ACCEPT};
	rules.chain_rules[i] = (struct mux_nft_chain_rules){.source.presence = MUX_PRESENT,
							    .family = family,
							    .table = slice_of(table),
							    .chain = slice_of(name),
							    .rules = rules.rules[i]};
	return &rules.chain_rules[i];
}

/* A base chain, with no rules yet. */
static inline struct mux_nft_chain_rules *add_base(uint8_t family, const char *name, uint32_t hook,
						   int32_t priority, uint32_t policy)
{
	struct mux_nft_chain_rules *chain_rules = add_chain(family, "t", name);
	struct mux_nft_chain *chain = &rules.chains[chain_rules - rules.chain_rules];

	chain->base = true;
	chain->hook = hook;
	chain->priority = priority;
	chain->policy = policy;
	chain->type = slice_of("filter");
	return chain_rules;
}

static inline struct mux_nft_chain *chain_of(const struct mux_nft_chain_rules *chain_rules)
{
	return &rules.chains[chain_rules - rules.chain_rules];
}

/* What the packet lacks on every hook, whatever the hooks before it say. */
static inline struct needs needs_of(const struct nf_packet *packet)
{
	struct nf_ruleset ruleset;
	struct nf_decision decision;
	struct needs needs;
	enum nf_hook hook;
	struct nf_live live;

	needs_init(&needs);
	nf_ruleset_init(&rules.snapshot, rules.arena, &ruleset);
	ruleset.needs = &needs;
	nf_live_init(&live, packet);
	for (hook = 0; hook < NF_N_HOOKS; hook++)
		nf_run_hook_on(&ruleset, &live, hook, rules.arena, &decision);
	return needs;
}

/* Starts a rule at the end of the chain; expressions follow. */
static inline struct mux_nft_rule *add_rule(struct mux_nft_chain_rules *chain)
{
	struct mux_nft_rule *rule = &rules.rules[chain - rules.chain_rules][chain->n_rules++];

	rule->handle = chain->n_rules * 10;
	rule->expressions.data = rules.bytes + rules.n_bytes;
	rule->expressions.len = 0;
	return rule;
}

static inline size_t put_attribute(uint16_t type, const void *data, size_t len)
{
	struct nlattr header = {.nla_len = (uint16_t)(sizeof(header) + len), .nla_type = type};
	size_t start = rules.n_bytes;

	memcpy(rules.bytes + rules.n_bytes, &header, sizeof(header));
	if (len != 0)
		memcpy(rules.bytes + rules.n_bytes + sizeof(header), data, len);
	rules.n_bytes += (sizeof(header) + len + 3) / 4 * 4;
	return start;
}

static inline void put_u32(uint16_t type, uint32_t value)
{
	const uint32_t value_be = htonl(value);

	put_attribute(type, &value_be, sizeof(value_be));
}

static inline size_t begin_nest(uint16_t type)
{
	return put_attribute(type, NULL, 0);
}

static inline void end_nest(size_t start)
{
	uint16_t len = (uint16_t)(rules.n_bytes - start);

	memcpy(rules.bytes + start, &len, sizeof(len));
}

static size_t expression_start, expression_data;

/* Starts an expression of the last rule; its attributes follow. */
static inline void begin_expression(const char *name)
{
	expression_start = begin_nest(NFTA_LIST_ELEM);
	put_attribute(NFTA_EXPR_NAME, name, strlen(name) + 1);
	expression_data = begin_nest(NFTA_EXPR_DATA);
}

static inline void end_expression(struct mux_nft_rule *rule)
{
	end_nest(expression_data);
	end_nest(expression_start);
	rule->expressions.len = (size_t)(rules.bytes + rules.n_bytes - rule->expressions.data);
}

/* immediate reg 0 <verdict> */
static inline void put_verdict(struct mux_nft_rule *rule, int verdict, const char *chain)
{
	size_t data, inner;

	begin_expression("immediate");
	put_u32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = begin_nest(NFTA_IMMEDIATE_DATA);
	inner = begin_nest(NFTA_DATA_VERDICT);
	put_u32(NFTA_VERDICT_CODE, (uint32_t)verdict);
	if (chain != NULL)
		put_attribute(NFTA_VERDICT_CHAIN, chain, strlen(chain) + 1);
	end_nest(inner);
	end_nest(data);
	end_expression(rule);
}

/* An expression that no kernel has. */
static inline void put_alien(struct mux_nft_rule *rule)
{
	begin_expression("alien");
	put_u32(1, 7);
	end_expression(rule);
}

/* NFTA_DATA_VALUE inside an attribute. */
static inline void put_value(uint16_t type, const void *data, size_t len)
{
	size_t nest = begin_nest(type);

	put_attribute(NFTA_DATA_VALUE, data, len);
	end_nest(nest);
}

/* meta load <key> => reg 1 */
static inline void put_meta(struct mux_nft_rule *rule, uint32_t key)
{
	begin_expression("meta");
	put_u32(NFTA_META_KEY, key);
	put_u32(NFTA_META_DREG, NFT_REG_1);
	end_expression(rule);
}

/* meta set <key> with reg 1 */
static inline void put_meta_set(struct mux_nft_rule *rule, uint32_t key)
{
	begin_expression("meta");
	put_u32(NFTA_META_KEY, key);
	put_u32(NFTA_META_SREG, NFT_REG_1);
	end_expression(rule);
}

/* payload load => reg 1 */
static inline void put_payload(struct mux_nft_rule *rule, uint32_t base, uint32_t offset,
			       uint32_t len)
{
	begin_expression("payload");
	put_u32(NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_u32(NFTA_PAYLOAD_BASE, base);
	put_u32(NFTA_PAYLOAD_OFFSET, offset);
	put_u32(NFTA_PAYLOAD_LEN, len);
	end_expression(rule);
}

/* cmp <op> reg 1 */
static inline void put_cmp(struct mux_nft_rule *rule, uint32_t op, const void *data, size_t len)
{
	begin_expression("cmp");
	put_u32(NFTA_CMP_SREG, NFT_REG_1);
	put_u32(NFTA_CMP_OP, op);
	put_value(NFTA_CMP_DATA, data, len);
	end_expression(rule);
}

/* bitwise reg 1 = (reg 1 & mask) ^ 0 */
static inline void put_mask(struct mux_nft_rule *rule, const void *mask, size_t len)
{
	static const uint8_t zeros[16];

	begin_expression("bitwise");
	put_u32(NFTA_BITWISE_SREG, NFT_REG_1);
	put_u32(NFTA_BITWISE_DREG, NFT_REG_1);
	put_u32(NFTA_BITWISE_LEN, (uint32_t)len);
	put_value(NFTA_BITWISE_MASK, mask, len);
	put_value(NFTA_BITWISE_XOR, zeros, len);
	end_expression(rule);
}

/* immediate reg 1 */
static inline void put_immediate(struct mux_nft_rule *rule, const void *data, size_t len)
{
	begin_expression("immediate");
	put_u32(NFTA_IMMEDIATE_DREG, NFT_REG_1);
	put_value(NFTA_IMMEDIATE_DATA, data, len);
	end_expression(rule);
}

/* ct load <key> => reg 1 */
static inline void put_ct(struct mux_nft_rule *rule, uint32_t key)
{
	begin_expression("ct");
	put_u32(NFTA_CT_KEY, key);
	put_u32(NFTA_CT_DREG, NFT_REG_1);
	end_expression(rule);
}

/* ct state <bits> */
static inline void put_ct_state(struct mux_nft_rule *rule, uint32_t bits)
{
	const uint32_t zero = 0;

	put_ct(rule, NFT_CT_STATE);
	put_mask(rule, &bits, sizeof(bits));
	put_cmp(rule, NFT_CMP_NEQ, &zero, sizeof(zero));
}

/* meta l4proto <protocol> */
static inline void put_protocol(struct mux_nft_rule *rule, uint8_t protocol)
{
	put_meta(rule, NFT_META_L4PROTO);
	put_cmp(rule, NFT_CMP_EQ, &protocol, 1);
}

/* tcp dport <port> */
static inline void put_dport(struct mux_nft_rule *rule, uint16_t port)
{
	const uint16_t port_be = htons(port);

	put_protocol(rule, IPPROTO_TCP);
	put_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
	put_cmp(rule, NFT_CMP_EQ, &port_be, sizeof(port_be));
}

/* reject with <type> <code> */
static inline void put_reject(struct mux_nft_rule *rule, uint32_t type, uint8_t code)
{
	begin_expression("reject");
	put_u32(NFTA_REJECT_TYPE, type);
	put_attribute(NFTA_REJECT_ICMP_CODE, &code, 1);
	end_expression(rule);
}

/* An expression without attributes, or with none that matter. */
static inline void put_bare(struct mux_nft_rule *rule, const char *name)
{
	begin_expression(name);
	end_expression(rule);
}

/* A SYN from a client on this machine. */
static inline struct nf_packet syn(int family, uint16_t port)
{
	struct nf_packet packet = {
		.source = family == AF_INET ? addr_loopback4 : addr_loopback6,
		.destination = family == AF_INET ? addr_loopback4 : addr_loopback6,
		.protocol = IPPROTO_TCP,
		.destination_port = port,
		.tcp_flags = 0x02,
		.link = 1,
		.link_name = SLICE("lo"),
		.has_socket = true,
		.uid = 1000,
	};

	return packet;
}

/* Runs one hook; asserts that it can be run. */
static inline struct nf_decision decide(const struct nf_packet *packet, enum nf_hook hook)
{
	struct nf_decision decision;

	assert_int_equal(nf_run_hook(&rules.snapshot, packet, hook, rules.arena, &decision), 0);
	return decision;
}

#endif
