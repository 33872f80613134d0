/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Legacy tables: built-in and user chains, policies, and xtables matches and targets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netfilter_rules.h"

#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>

enum { TABLE_BYTES = 8192, MATCH_BYTES = 512 };

/* ip6 filter with an OUTPUT chain, written entry by entry. */
static struct {
	_Alignas(8) char bytes[TABLE_BYTES];
	size_t len;
	struct mux_xtables_table *facts;
	char matches[MATCH_BYTES]; /* of the entry that comes next */
	size_t matches_len;
	struct ip6t_ip6 header;
} table;

static int setup(void **state)
{
	(void)state;
	rules_begin();
	memset(&table, 0, sizeof(table));
	rules.snapshot.xtables.names6.presence = MUX_PRESENT;
	rules.snapshot.xtables.n_tables = 1;
	table.facts = &rules.legacy[0];
	*table.facts = (struct mux_xtables_table){
		.source.presence = MUX_PRESENT,
		.family = NFPROTO_IPV6,
		.name = SLICE("filter"),
		.valid_hooks = 1u << NF_INET_LOCAL_OUT,
		.entries = {table.bytes, 0},
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rules_end();
	return 0;
}

/* Adds a match to the entry that comes next. */
static void add_match(const char *name, uint8_t revision, const void *info, size_t len)
{
	struct xt_entry_match match = {.u.user = {.revision = revision}};

	match.u.match_size = (uint16_t)XT_ALIGN(sizeof(match) + len);
	strncpy(match.u.user.name, name, sizeof(match.u.user.name) - 1);
	memcpy(table.matches + table.matches_len, &match, sizeof(match));
	memcpy(table.matches + table.matches_len + sizeof(match), info, len);
	table.matches_len += match.u.match_size;
}

/* Adds an entry with what was prepared for it. Returns its offset. */
static size_t add_entry(const char *target_name, const void *info, size_t len)
{
	struct xt_entry_target target = {.u.user = {.revision = 0}};
	struct ip6t_entry entry = {.ipv6 = table.header};
	size_t start = table.len;

	strncpy(target.u.user.name, target_name, sizeof(target.u.user.name) - 1);
	target.u.target_size = (uint16_t)XT_ALIGN(sizeof(target) + len);
	entry.target_offset = (uint16_t)(sizeof(entry) + table.matches_len);
	entry.next_offset = (uint16_t)(entry.target_offset + target.u.target_size);
	entry.counters.pcnt = 3;
	memcpy(table.bytes + start, &entry, sizeof(entry));
	memcpy(table.bytes + start + sizeof(entry), table.matches, table.matches_len);
	memcpy(table.bytes + start + entry.target_offset, &target, sizeof(target));
	memcpy(table.bytes + start + entry.target_offset + sizeof(target), info, len);
	table.len += entry.next_offset;
	table.facts->entries.len = table.len;
	table.facts->n_entries++;
	table.matches_len = 0;
	memset(&table.header, 0, sizeof(table.header));
	return start;
}

/* A verdict of the standard target: -NF_x - 1, XT_RETURN, or the offset to jump to. */
static size_t add_verdict(int32_t verdict)
{
	return add_entry("", &verdict, sizeof(verdict));
}

static size_t add_policy(int32_t verdict)
{
	size_t at = add_verdict(verdict);

	table.facts->underflow[NF_INET_LOCAL_OUT] = (uint32_t)at;
	return at;
}

/* The entry that names a user chain. Returns where its rules begin. */
static size_t add_user_chain(const char *name)
{
	char text[XT_FUNCTION_MAXNAMELEN] = "";

	strncpy(text, name, sizeof(text) - 1);
	add_entry(XT_ERROR_TARGET, text, sizeof(text));
	return table.len;
}

static void end_table(void)
{
	add_user_chain("ERROR");
}

static struct nf_decision output(void)
{
	struct nf_packet packet = syn(AF_INET6, 8000);

	return decide(&packet, NF_HOOK_OUTPUT);
}

static void empty_chain_is_its_policy(void **state)
{
	struct nf_packet packet = syn(AF_INET6, 8000);
	struct nf_decision decision;

	(void)state;
	add_policy(-NF_DROP - 1);
	end_table();
	decision = output();
	assert_int_equal(decision.kind, NF_KIND_DROP);
	assert_int_equal(decision.backend, NF_LEGACY);
	assert_true(decision.by_policy);
	assert_int_equal(decision.packets, 3);
	assert_string_equal(nf_decision_place(&decision, rules.arena), "ip6 filter OUTPUT");
	assert_int_equal(decide(&packet, NF_HOOK_INPUT).kind, NF_KIND_ACCEPT);
	packet = syn(AF_INET, 8000);
	assert_int_equal(decide(&packet, NF_HOOK_OUTPUT).kind, NF_KIND_ACCEPT);
}

static void rules_have_positions_and_text(void **state)
{
	struct xt_tcp tcp = {.spts = {0, 65535}, .dpts = {8000, 8000}};
	struct nf_decision decision;

	(void)state;
	add_verdict((int32_t)sizeof(struct ip6t_entry) +
		    (int32_t)XT_ALIGN(sizeof(struct xt_standard_target)));
	table.header.proto = IPPROTO_TCP;
	table.header.flags = IP6T_F_PROTO;
	table.header.dst.s6_addr[15] = 1;
	memset(&table.header.dmsk, 0xff, sizeof(table.header.dmsk));
	strcpy(table.header.outiface, "lo");
	memset(table.header.outiface_mask, 0xff, 3);
	add_match("tcp", 0, &tcp, sizeof(tcp));
	add_verdict(-NF_DROP - 1);
	add_policy(-NF_ACCEPT - 1);
	end_table();
	decision = output();
	assert_int_equal(decision.kind, NF_KIND_DROP);
	assert_int_equal(decision.position, 2);
	assert_string_equal(decision.rule,
			    "-A OUTPUT -d ::1/128 -o lo -p tcp -m tcp --dport 8000 -j DROP");
	tcp.dpts[0] = 8001;
	assert_false(decision.by_policy);
}

static void inverted_header_fields(void **state)
{
	(void)state;
	strcpy(table.header.outiface, "lo");
	memset(table.header.outiface_mask, 0xff, 3);
	table.header.invflags = IP6T_INV_VIA_OUT;
	add_verdict(-NF_DROP - 1);
	strcpy(table.header.iniface, "lo");
	memset(table.header.iniface_mask, 0xff, 3);
	add_verdict(-NF_DROP - 1);
	add_policy(-NF_ACCEPT - 1);
	end_table();
	assert_int_equal(output().kind, NF_KIND_ACCEPT);
}

/* A jump comes back behind itself; RETURN in a built-in chain meets the policy. */
static void user_chains_return(void **state)
{
	size_t jump, chain, drop;
	int32_t target;

	(void)state;
	jump = add_verdict(0);
	drop = add_verdict(XT_RETURN);
	add_verdict(-NF_ACCEPT - 1);
	add_policy(-NF_DROP - 1);
	chain = add_user_chain("user");
	add_verdict(XT_RETURN);
	add_verdict(-NF_ACCEPT - 1);
	end_table();
	target = (int32_t)chain;
	memcpy(table.bytes + drop - XT_ALIGN(sizeof(target)), &target, sizeof(target));
	assert_int_equal(output().kind, NF_KIND_DROP);
	assert_true(output().by_policy);
	(void)jump;
}

static void rejects_name_their_answer(void **state)
{
	const struct ip6t_reject_info info = {.with = IP6T_ICMP6_ADM_PROHIBITED};
	struct nf_decision decision;

	(void)state;
	add_entry("REJECT", &info, sizeof(info));
	add_policy(-NF_ACCEPT - 1);
	end_table();
	decision = output();
	assert_int_equal(decision.kind, NF_KIND_REJECT);
	assert_int_equal(decision.reject.code, 1);
	assert_string_equal(decision.rule,
			    "-A OUTPUT -j REJECT --reject-with icmp6-adm-prohibited");
}

static void matches_are_run(void **state)
{
	struct xt_conntrack_mtinfo3 conntrack = {.match_flags = XT_CONNTRACK_STATE,
						 .state_mask =
							 XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED)};
	struct xt_multiport_v1 ports = {.flags = XT_MULTIPORT_DESTINATION,
					.count = 3,
					.ports = {22, 7000, 9000},
					.pflags = {0, 1, 0}};

	(void)state;
	add_match("conntrack", 3, &conntrack, sizeof(conntrack));
	add_verdict(-NF_ACCEPT - 1);
	add_match("multiport", 1, &ports, sizeof(ports));
	add_verdict(-NF_DROP - 1);
	add_policy(-NF_ACCEPT - 1);
	end_table();
	assert_int_equal(output().position, 2);
	assert_string_equal(output().rule, "-A OUTPUT -m multiport --dports 22,7000:9000 -j DROP");
}

static void what_is_not_modelled_is_unknown(void **state)
{
	(void)state;
	add_match("nobodyknows", 0, "", 0);
	add_verdict(-NF_DROP - 1);
	add_policy(-NF_ACCEPT - 1);
	end_table();
	assert_int_equal(output().kind, NF_KIND_UNKNOWN);
	assert_string_equal(output().reason, "the match \"nobodyknows\" is not modelled");
	/* A revision or a size that is not ours is not modelled either. */
	table.bytes[sizeof(struct ip6t_entry) + 2] = '\0';
	strcpy(table.bytes + sizeof(struct ip6t_entry) + 2, "tcp");
	assert_int_equal(output().kind, NF_KIND_UNKNOWN);
}

static void nft_and_legacy_interleave_by_priority(void **state)
{
	struct nf_decision decision;

	(void)state;
	add_policy(-NF_DROP - 1);
	end_table();
	add_base(NFPROTO_INET, "early", NF_INET_LOCAL_OUT, -1, NF_DROP);
	decision = output();
	assert_int_equal(decision.backend, NF_NFTABLES);
	rules.chains[0].priority = 1;
	decision = output();
	assert_int_equal(decision.backend, NF_LEGACY);
	assert_null(decision.unless);
}

static void unread_tables_are_unknown(void **state)
{
	(void)state;
	table.facts->source.presence = MUX_DENIED;
	table.facts->source.error = EPERM;
	assert_int_equal(output().kind, NF_KIND_UNKNOWN);
	assert_string_equal(output().reason, "the table could not be read: EPERM");
}

/* Damage is not followed out of the table. */
static void every_byte_may_be_wrong(void **state)
{
	struct xt_tcp tcp = {.spts = {0, 65535}, .dpts = {8000, 8000}};
	size_t i;

	(void)state;
	add_match("tcp", 0, &tcp, sizeof(tcp));
	add_verdict(-NF_DROP - 1);
	add_policy(-NF_ACCEPT - 1);
	end_table();
	for (i = 0; i < table.len; i++) {
		table.bytes[i] = (char)~table.bytes[i];
		output();
		table.bytes[i] = (char)~table.bytes[i];
	}
	for (i = table.len; i > 0; i--) {
		table.facts->entries.len = i;
		output();
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(empty_chain_is_its_policy),       TEST(rules_have_positions_and_text),
		TEST(inverted_header_fields),	       TEST(user_chains_return),
		TEST(rejects_name_their_answer),       TEST(matches_are_run),
		TEST(what_is_not_modelled_is_unknown), TEST(nft_and_legacy_interleave_by_priority),
		TEST(unread_tables_are_unknown),       TEST(every_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
