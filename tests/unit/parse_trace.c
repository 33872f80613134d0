/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's reports of a packet as facts. */
#include "parse_room.h"

#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <muxdiag/muxdiag.h>

#include "message.h"
#include "parse/parse.h"

static const uint8_t ipv6[40] = {
	0x60, 0, 0, 0, 0, 24, IPPROTO_TCP, 64, [23] = 1, [39] = 1,
};

static const uint8_t ipv4[20] = {
	0x45, 0, 0, 28, 0, 0, 0, 0, 64, IPPROTO_ICMP, 0, 0, 127, 0, 0, 1, 127, 0, 0, 2,
};

/* Port 40000 to 8000, SYN, four bytes behind a header of twenty. */
static const uint8_t tcp[20] = {0x9c, 0x40, 0x1f, 0x40, [12] = 0x50, [13] = 0x02};
static const uint8_t echo[8] = {8, 0, 0, 0, 0x12, 0x34};

static int parse(const struct mux_bundle *bundle, struct arena *arena)
{
	struct mux_trace trace;

	return parse_trace(bundle, arena, &trace);
}

static void begin(struct messages *messages, int type, uint8_t family)
{
	struct nfgenmsg *header = message_begin(
		messages, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), sizeof(*header));

	header->nfgen_family = family;
}

static void put_generation(struct mux_bundle *bundle, const char *name, uint32_t generation)
{
	struct messages messages = {0};

	begin(&messages, NFT_MSG_NEWGEN, 0);
	message_put_u32_be(&messages, NFTA_GEN_ID, generation);
	message_end(&messages);
	message_store(&messages, bundle, name);
}

static void begin_event(struct messages *messages, uint32_t kind, const char *chain)
{
	begin(messages, NFT_MSG_TRACE, NFPROTO_INET);
	message_put_u32_be(messages, NFTA_TRACE_ID, 0xfeed);
	message_put_u32_be(messages, NFTA_TRACE_TYPE, kind);
	message_put_string(messages, NFTA_TRACE_TABLE, "guard");
	message_put_string(messages, NFTA_TRACE_CHAIN, chain);
}

static void put_events(struct mux_bundle *bundle)
{
	struct messages messages = {0};
	struct nlattr *verdict;

	begin_event(&messages, NFT_TRACETYPE_RULE, "in");
	message_put_u64_be(&messages, NFTA_TRACE_RULE_HANDLE, 12);
	verdict = mnl_attr_nest_start(messages.last, NFTA_TRACE_VERDICT);
	message_put_u32_be(&messages, NFTA_VERDICT_CODE, (uint32_t)NFT_JUMP);
	message_put_string(&messages, NFTA_VERDICT_CHAIN, "web");
	mnl_attr_nest_end(messages.last, verdict);
	message_put_u32_be(&messages, NFTA_TRACE_IIF, 1);
	mnl_attr_put(messages.last, NFTA_TRACE_NETWORK_HEADER, sizeof(ipv6), ipv6);
	mnl_attr_put(messages.last, NFTA_TRACE_TRANSPORT_HEADER, sizeof(tcp), tcp);
	message_end(&messages);
	begin_event(&messages, NFT_TRACETYPE_POLICY, "in");
	message_put_u32_be(&messages, NFTA_TRACE_POLICY, NF_DROP);
	message_put_u32_be(&messages, NFTA_TRACE_OIF, 1);
	mnl_attr_put(messages.last, NFTA_TRACE_NETWORK_HEADER, sizeof(ipv4), ipv4);
	mnl_attr_put(messages.last, NFTA_TRACE_TRANSPORT_HEADER, sizeof(echo), echo);
	/* what a later kernel adds */
	message_put_u32_be(&messages, 21, 8);
	message_end(&messages);
	message_store(&messages, bundle, "trace/events");
}

static void put_probe(struct mux_bundle *bundle, const char *more)
{
	char line[512];

	snprintf(line, sizeof(line),
		 "protocol=tcp address=::1 port=8000 local=::1 local_port=40000 "
		 "table=muxdiag-trace-7 finished=1 connected=0 error=111 icmp=0/0/0 us=250%s\n",
		 more);
	assert_int_equal(bundle_put(bundle, "trace/probe", slice_of(line)), 0);
}

static struct mux_bundle *sample(void)
{
	struct mux_bundle *bundle = bundle_new();

	assert_non_null(bundle);
	put_probe(bundle, " lost=0");
	put_events(bundle);
	put_generation(bundle, "nft/generation-after", 7);
	put_generation(bundle, "trace/generation", 8);
	put_generation(bundle, "trace/generation-after", 8);
	return bundle;
}

static void events_are_read(void **state)
{
	struct mux_bundle *bundle = sample();
	struct arena *arena = arena_new();
	struct mux_trace trace;

	(void)state;
	assert_int_equal(parse_trace(bundle, arena, &trace), 0);
	assert_int_equal(trace.source.presence, MUX_PRESENT);
	assert_int_equal(trace.probe.protocol, MUX_TCP);
	assert_int_equal(trace.probe.local_port, 40000);
	assert_int_equal(trace.probe.error, 111);
	assert_int_equal(trace.local.family, AF_INET6);
	assert_slice(trace.table, "muxdiag-trace-7");
	assert_false(trace.lost);
	assert_int_equal(trace.changed, MUX_NO);
	assert_int_equal(trace.n_events, 2);
	assert_int_equal(trace.events[0].id, 0xfeed);
	assert_int_equal(trace.events[0].kind, MUX_TRACE_RULE);
	assert_int_equal(trace.events[0].handle, 12);
	assert_int_equal(trace.events[0].verdict, NFT_JUMP);
	assert_slice(trace.events[0].target, "web");
	assert_int_equal(trace.events[0].in_link, 1);
	assert_int_equal(trace.events[0].packet.source_port, 40000);
	assert_int_equal(trace.events[0].packet.tcp_flags, 2);
	assert_true(trace.events[0].packet.has_data);
	assert_int_equal(trace.events[1].kind, MUX_TRACE_POLICY);
	assert_true(trace.events[1].has_verdict);
	assert_int_equal(trace.events[1].verdict, NF_DROP);
	assert_int_equal(trace.events[1].packet.icmp_type, 8);
	assert_int_equal(trace.events[1].packet.source_port, 0x1234);
	assert_int_equal(trace.events[1].packet.destination.bytes[3], 2);
	arena_free(arena);
	mux_bundle_free(bundle);
}

/* The kernel said ENOBUFS, or gather had to stop: neither is silence. */
static void lost_reports_are_noticed(void **state)
{
	struct mux_bundle *bundle = sample();
	struct arena *arena = arena_new();
	struct mux_trace trace;
	char *none = malloc(1);

	(void)state;
	put_probe(bundle, " lost=1");
	assert_int_equal(parse_trace(bundle, arena, &trace), 0);
	assert_true(trace.lost);
	put_probe(bundle, " lost=0");
	assert_int_equal(bundle_take(bundle, "trace/events", none, 0, true), 0);
	assert_int_equal(parse_trace(bundle, arena, &trace), 0);
	assert_true(trace.lost);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void changes_are_noticed(void **state)
{
	struct mux_bundle *bundle = sample();
	struct arena *arena = arena_new();
	struct mux_trace trace;

	(void)state;
	put_generation(bundle, "trace/generation-after", 9);
	assert_int_equal(parse_trace(bundle, arena, &trace), 0);
	assert_int_equal(trace.changed, MUX_YES);
	put_generation(bundle, "trace/generation", 9);
	assert_int_equal(parse_trace(bundle, arena, &trace), 0);
	assert_int_equal(trace.changed, MUX_YES);
	assert_int_equal(bundle_put_error(bundle, "nft/generation-after", EPERM), 0);
	assert_int_equal(parse_trace(bundle, arena, &trace), 0);
	assert_int_equal(trace.changed, MUX_UNKNOWN);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void what_is_no_trace(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct arena *arena = arena_new();
	struct mux_trace trace;

	(void)state;
	assert_int_equal(parse_trace(bundle, arena, &trace), 0);
	assert_int_equal(trace.source.presence, MUX_NOT_ASKED);
	assert_int_equal(bundle_put(bundle, "trace/probe", TEXT("protocol=sctp address=::1\n")), 0);
	assert_int_equal(parse_trace(bundle, arena, &trace), 0);
	assert_int_equal(trace.source.presence, MUX_DENIED);
	assert_int_equal(trace.source.error, EBADMSG);
	put_probe(bundle, "");
	assert_int_equal(bundle_put(bundle, "trace/events", TEXT("no messages")), 0);
	assert_int_equal(parse_trace(bundle, arena, &trace), 0);
	assert_int_equal(trace.source.presence, MUX_DENIED);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void bears_damage_and_no_memory(void **state)
{
	struct mux_bundle *bundle = sample();

	(void)state;
	check_entry(bundle, "trace/probe", parse);
	check_entry(bundle, "trace/events", parse);
	check_no_memory_bundle(bundle, parse);
	mux_bundle_free(bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_read),
		cmocka_unit_test(lost_reports_are_noticed),
		cmocka_unit_test(changes_are_noticed),
		cmocka_unit_test(what_is_no_trace),
		cmocka_unit_test(bears_damage_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
