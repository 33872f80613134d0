/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's reports of a packet tell, and where they contradict the evaluation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sentinel.h"
#include "evaluate/trace.h"
#include "netfilter_rules.h"

enum { CLIENT = 40000, SERVER = 8000, SYN = 0x02, RST = 0x04, ACK = 0x10, EVENTS_MAX = 512 };

static struct mux_trace_event events[EVENTS_MAX];
static struct mux_trace_report report;

/* The pass that is reported. */
static struct {
	uint32_t id;
	bool incoming, ours;
	struct mux_trace_packet header;
} pass;

static int setup(void **state)
{
	struct mux_trace *trace = &rules.snapshot.trace;

	(void)state;
	rules_begin();
	memset(events, 0, sizeof(events));
	memset(&report, 0, sizeof(report));
	trace->source.presence = MUX_PRESENT;
	trace->changed = MUX_NO;
	trace->table = slice_of("muxdiag-trace-7");
	trace->events = events;
	trace->local = addr_loopback6;
	trace->probe = (struct mux_probe){.protocol = MUX_TCP,
					  .address = addr_loopback6,
					  .port = SERVER,
					  .local_port = CLIENT};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rules_end();
	return 0;
}

/* --- the kernel -------------------------------------------------------------------------- */

static struct mux_trace_event *add_event(enum mux_trace_kind kind, uint8_t family,
					 const char *table, const char *chain)
{
	struct mux_trace_event *event = &events[rules.snapshot.trace.n_events++];

	assert_true(rules.snapshot.trace.n_events < EVENTS_MAX);
	*event = (struct mux_trace_event){.id = pass.id,
					  .kind = kind,
					  .family = family,
					  .table = slice_of(table),
					  .chain = slice_of(chain),
					  .has_verdict = true,
					  .verdict = NF_ACCEPT,
					  .in_link = pass.incoming ? 1 : 0,
					  .out_link = pass.incoming ? 0 : 1};
	return event;
}

static void begin_pass(uint32_t id, bool incoming, uint16_t source, uint16_t destination,
		       uint8_t flags)
{
	pass.id = id;
	pass.incoming = incoming;
	pass.ours = source == CLIENT || destination == CLIENT;
	pass.header = (struct mux_trace_packet){.source = addr_loopback6,
						.destination = addr_loopback6,
						.protocol = IPPROTO_TCP,
						.source_port = source,
						.destination_port = destination,
						.tcp_flags = flags};
}

/* Only the first report of a base chain has it. */
static void put_header(struct mux_trace_event *event)
{
	event->has_packet = true;
	event->packet = pass.header;
}

/* The chains of ours on a hook from one priority to another, both included. */
static void meet(const char *hook, int32_t from, int32_t to)
{
	char names[SENTINEL_NAME_MAX];
	size_t i, j;

	for (i = 0; i < SENTINEL_HOOKS; i++)
		for (j = 0; j < sentinel_hooks[i].n; j++) {
			int32_t priority = sentinel_hooks[i].priorities[j];
			struct mux_trace_event *event = NULL;
			const char *name;

			if (strcmp(sentinel_hooks[i].hook, hook) != 0 || priority < from ||
			    priority > to)
				continue;
			sentinel_name(&sentinel_hooks[i], priority, names);
			name = arena_copy(rules.arena, names, strlen(names));
			if (pass.ours && strcmp(name, "output/first") == 0) {
				event = add_event(MUX_TRACE_RULE, NFPROTO_INET, "muxdiag-trace-7",
						  name);
				event->handle = 3;
				event->verdict = NFT_CONTINUE;
				put_header(event);
			}
			if (event == NULL)
				put_header(add_event(MUX_TRACE_POLICY, NFPROTO_INET,
						     "muxdiag-trace-7", name));
			else
				add_event(MUX_TRACE_POLICY, NFPROTO_INET, "muxdiag-trace-7", name);
		}
}

static void leave(void)
{
	meet("output", INT32_MIN, INT32_MAX);
	meet("postrouting", INT32_MIN, INT32_MAX);
}

static void enter(void)
{
	meet("ingress", INT32_MIN, INT32_MAX);
	meet("prerouting", INT32_MIN, INT32_MAX);
	meet("input", INT32_MIN, INT32_MAX);
}

/* A packet that gets through. */
static void travel(uint16_t source, uint16_t destination, uint8_t flags)
{
	static uint32_t id = 100;

	begin_pass(id++, false, source, destination, flags);
	leave();
	begin_pass(id++, true, source, destination, flags);
	enter();
}

static void rule(const char *chain, uint64_t handle, int32_t verdict)
{
	struct mux_trace_event *event = add_event(MUX_TRACE_RULE, NFPROTO_INET, "t", chain);

	event->handle = handle;
	event->verdict = verdict;
}

static void run(void)
{
	assert_int_equal(ev_trace_run(&rules.snapshot, rules.arena, &report), 0);
}

static const struct mux_trace_journey *journey(const char *name)
{
	size_t i;

	for (i = 0; i < report.n_journeys; i++)
		if (strcmp(report.journeys[i].name, name) == 0)
			return &report.journeys[i];
	fail_msg("no %s", name);
	return NULL;
}

static const struct mux_trace_hook *hook(const char *packet, enum nf_hook at)
{
	return &journey(packet)->hooks[at];
}

static void has(const char *text, const char *part)
{
	if (text == NULL || strstr(text, part) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", text, part);
}

/* --- tests ------------------------------------------------------------------------------- */

static void every_packet_arrives(void **state)
{
	(void)state;
	travel(CLIENT, SERVER, SYN);
	travel(SERVER, CLIENT, SYN | ACK);
	travel(CLIENT, SERVER, ACK);
	rules.snapshot.trace.probe.connected = true;
	rules.snapshot.trace.probe.finished = true;
	run();
	assert_int_equal(report.status, MUX_TRACE_ARRIVES);
	assert_int_equal(report.n_journeys, 3);
	assert_int_equal(journey("ack")->arrived, MUX_YES);
	has(report.headline, "every packet arrives");
	assert_int_equal(hook("answer", NF_HOOK_EGRESS)->agree, MUX_YES);
}

/* `tcp dport 8000 drop` in a chain that is jumped to. */
static void add_web(void)
{
	struct mux_nft_chain_rules *input =
		add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT);
	struct mux_nft_chain_rules *web = add_chain(NFPROTO_INET, "t", "web");
	struct mux_nft_rule *one = add_rule(input);

	put_dport(one, SERVER);
	put_verdict(one, NFT_JUMP, "web");
	put_verdict(add_rule(web), NF_DROP, NULL);
}

/* The SYN up to the filter's place on INPUT. */
static void come_to_input(void)
{
	begin_pass(1, false, CLIENT, SERVER, SYN);
	leave();
	begin_pass(2, true, CLIENT, SERVER, SYN);
	meet("ingress", INT32_MIN, INT32_MAX);
	meet("prerouting", INT32_MIN, INT32_MAX);
	meet("input", INT32_MIN, -1);
}

static void a_rule_drops(void **state)
{
	const struct mux_trace_side *real;

	(void)state;
	add_web();
	come_to_input();
	rule("in", 10, NFT_JUMP);
	rule("web", 10, NF_DROP);
	run();
	assert_int_equal(report.status, MUX_TRACE_DIES);
	real = &hook("request", NF_HOOK_INPUT)->real;
	assert_int_equal(real->fate, MUX_FATE_DROPPED);
	assert_string_equal(real->chain, "web");
	assert_int_equal(real->handle, 10);
	assert_int_equal(real->n_steps, 2);
	assert_int_equal(hook("request", NF_HOOK_INPUT)->agree, MUX_YES);
	has(report.headline, "the request (SYN) is dropped on input by rule 1 of inet t web");
}

/* The evaluation is proved wrong: by the verdict, by another rule, and by one rule more or less. */
static void the_kernel_contradicts(void **state)
{
	(void)state;
	add_web();
	come_to_input();
	meet("input", 1, INT32_MAX);
	run();
	assert_int_equal(report.status, MUX_TRACE_DIFFERS);
	assert_int_equal(hook("request", NF_HOOK_INPUT)->agree, MUX_NO);
	has(hook("request", NF_HOOK_INPUT)->difference,
	    "evaluated, it is ended by rule 1 of inet t");
	has(report.headline, "mistake");
	setup(NULL);
	add_web();
	come_to_input();
	rule("in", 20, NF_DROP);
	run();
	assert_int_equal(report.status, MUX_TRACE_DIFFERS);
	setup(NULL);
	add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT);
	come_to_input();
	rule("in", 10, NFT_CONTINUE);
	add_event(MUX_TRACE_POLICY, NFPROTO_INET, "t", "in");
	meet("input", 1, INT32_MAX);
	run();
	assert_int_equal(report.status, MUX_TRACE_DIFFERS);
	has(hook("request", NF_HOOK_INPUT)->difference, "only the kernel runs");
	setup(NULL);
	add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT);
	come_to_input();
	meet("input", 1, INT32_MAX);
	run();
	has(hook("request", NF_HOOK_INPUT)->difference, "the kernel does not run the policy of");
}

/* Which of two tables' chains of one priority comes first cannot be read. */
static void equal_priorities_excuse(void **state)
{
	size_t order;

	for (order = 0; order < 2; order++) {
		struct mux_nft_chain *other;
		struct mux_trace_event *event;

		setup(state);
		other = chain_of(add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT));
		other->table = slice_of("other");
		rules.chain_rules[0].table = other->table;
		other->handle = order == 0 ? 1 : 9;
		add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_DROP);
		come_to_input();
		if (order == 0)
			add_event(MUX_TRACE_POLICY, NFPROTO_INET, "other", "in");
		event = add_event(MUX_TRACE_POLICY, NFPROTO_INET, "t", "in");
		event->verdict = NF_DROP;
		run();
		assert_int_equal(report.status, MUX_TRACE_DIES);
		assert_string_equal(hook("request", NF_HOOK_INPUT)->difference, "");
	}
}

/* Rules that changed meanwhile contradict nobody. */
static void rules_that_change_excuse(void **state)
{
	(void)state;
	add_web();
	rules.snapshot.trace.changed = MUX_YES;
	come_to_input();
	meet("input", 1, INT32_MAX);
	run();
	assert_int_equal(report.status, MUX_TRACE_INCOMPLETE);
	has(report.notes[0], "changed");
}

/* What the kernel had no room for may have happened. */
static void lost_reports_are_admitted(void **state)
{
	(void)state;
	rules.snapshot.trace.lost = true;
	begin_pass(1, false, CLIENT, SERVER, SYN);
	meet("output", INT32_MIN, -1);
	run();
	assert_int_equal(report.status, MUX_TRACE_INCOMPLETE);
	has(report.notes[0], "no room");
}

/* A legacy table is the only one between two of our chains. */
static void a_legacy_table_is_bracketed(void **state)
{
	const struct mux_trace_side *real;

	(void)state;
	rules.snapshot.xtables.names6.presence = MUX_PRESENT;
	rules.snapshot.xtables.n_tables = 2;
	rules.legacy[0] =
		(struct mux_xtables_table){.source = {.presence = MUX_DENIED, .error = EPERM},
					   .family = NFPROTO_IPV6,
					   .name = SLICE("filter")};
	rules.legacy[1] = rules.legacy[0];
	rules.legacy[1].name = slice_of("mangle");
	begin_pass(1, false, CLIENT, SERVER, SYN);
	meet("output", INT32_MIN, -1);
	run();
	assert_int_equal(report.status, MUX_TRACE_DIES);
	real = &hook("request", NF_HOOK_OUTPUT)->real;
	assert_int_equal(real->fate, MUX_FATE_VANISHED);
	assert_string_equal(real->table, "filter");
	assert_string_equal(real->chain, "OUTPUT");
	has(real->text, "last seen at priority -1, not at 1");
	assert_int_equal(hook("request", NF_HOOK_OUTPUT)->agree, MUX_UNKNOWN);
}

/* Nothing is known of what stands between POSTROUTING and the way in. */
static void lost_on_lo(void **state)
{
	(void)state;
	begin_pass(1, false, CLIENT, SERVER, SYN);
	leave();
	run();
	assert_int_equal(report.status, MUX_TRACE_DIES);
	assert_int_equal(hook("request", NF_HOOK_EGRESS)->real.fate, MUX_FATE_VANISHED);
	has(report.headline, "BPF");
}

/* Measured: the answer of a reject is reported before the reject itself, and passes end with ids
 * that come again. */
static void a_reject_nests(void **state)
{
	struct mux_nft_chain_rules *input =
		add_base(NFPROTO_INET, "in", NF_INET_LOCAL_IN, 0, NF_ACCEPT);
	struct mux_nft_rule *one = add_rule(input);

	(void)state;
	put_dport(one, SERVER);
	put_reject(one, NFT_REJECT_TCP_RST, 0);
	come_to_input();
	begin_pass(1, false, SERVER, CLIENT, RST | ACK);
	leave();
	begin_pass(3, true, SERVER, CLIENT, RST | ACK);
	meet("ingress", INT32_MIN, INT32_MAX);
	meet("prerouting", INT32_MIN, INT32_MAX);
	meet("input", INT32_MIN, -1);
	add_event(MUX_TRACE_POLICY, NFPROTO_INET, "t", "in");
	meet("input", 1, INT32_MAX);
	pass.id = 2;
	rule("in", 10, NF_DROP);
	rules.snapshot.trace.probe.error = ECONNREFUSED;
	run();
	assert_int_equal(report.status, MUX_TRACE_DIES);
	assert_int_equal(hook("request", NF_HOOK_INPUT)->evaluated.fate, MUX_FATE_REJECTED);
	assert_int_equal(hook("request", NF_HOOK_INPUT)->agree, MUX_YES);
	assert_int_equal(journey("refusal")->arrived, MUX_YES);
	assert_string_equal(journey("refusal")->description, "RST");
	has(report.headline, "is rejected on input by");
}

/* An ICMP error about the last packet of the handshake changes nothing, so that the evaluation does
 * not follow it: then it contradicts nothing, whatever becomes of it. */
static void a_reject_that_nobody_hears(void **state)
{
	struct mux_nft_chain_rules *output =
		add_base(NFPROTO_INET, "out", NF_INET_LOCAL_OUT, 0, NF_ACCEPT);
	struct mux_nft_rule *one = add_rule(output);
	const uint8_t ack = ACK;

	(void)state;
	put_protocol(one, IPPROTO_TCP);
	put_payload(one, NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1);
	put_cmp(one, NFT_CMP_EQ, &ack, sizeof(ack));
	put_reject(one, NFT_REJECT_ICMP_UNREACH, 4);
	begin_pass(1, false, CLIENT, SERVER, ACK);
	meet("output", INT32_MIN, -1);
	rule("out", 10, NF_DROP);
	begin_pass(2, false, CLIENT, SERVER, 0);
	pass.header.protocol = IPPROTO_ICMPV6;
	pass.header.icmp_type = 1;
	meet("output", INT32_MIN, -1);
	rule("out", 20, NF_DROP);
	rules.snapshot.trace.probe.connected = true;
	travel(CLIENT, SERVER, SYN);
	travel(SERVER, CLIENT, SYN | ACK);
	run();
	assert_int_equal(hook("refusal", NF_HOOK_OUTPUT)->real.fate, MUX_FATE_DROPPED);
	assert_int_equal(hook("refusal", NF_HOOK_OUTPUT)->agree, MUX_UNKNOWN);
	assert_string_equal(journey("refusal")->description, "ICMP error");
}

/* Somebody else's packets, and the chains of another trace, say nothing of ours. */
static void others_do_not_disturb(void **state)
{
	(void)state;
	begin_pass(9, false, 50000, SERVER, SYN);
	leave();
	begin_pass(1, false, CLIENT, SERVER, SYN);
	leave();
	begin_pass(10, true, 50000, SERVER, SYN);
	meet("ingress", INT32_MIN, INT32_MAX);
	rule("other", 5, NF_DROP);
	begin_pass(2, true, CLIENT, SERVER, SYN);
	enter();
	add_event(MUX_TRACE_POLICY, NFPROTO_INET, "muxdiag-trace-8", "input/last");
	travel(SERVER, CLIENT, SYN | ACK);
	travel(CLIENT, SERVER, ACK);
	rules.snapshot.trace.probe.connected = true;
	run();
	assert_int_equal(report.status, MUX_TRACE_ARRIVES);
	assert_int_equal(journey("request")->arrived, MUX_YES);
	assert_int_equal(hook("request", NF_HOOK_INPUT)->real.n_steps, 0);
}

/* Redirected, the packet comes in with another port. */
static void translated_packets_are_found(void **state)
{
	(void)state;
	begin_pass(1, false, CLIENT, SERVER, SYN);
	leave();
	begin_pass(2, true, CLIENT, 8080, SYN);
	enter();
	run();
	assert_int_equal(journey("request")->arrived, MUX_YES);
}

static void nothing_was_sent(void **state)
{
	(void)state;
	rules.snapshot.trace.probe.error = EADDRNOTAVAIL;
	run();
	assert_int_equal(report.status, MUX_TRACE_DIES);
	has(report.headline, "no packet is sent: cannot assign requested address");
	rules.snapshot.trace.probe.error = 0;
	run();
	assert_int_equal(report.status, MUX_TRACE_INCOMPLETE);
}

/* Two accepted passes that end differently for the client. */
static void the_end_is_compared(void **state)
{
	(void)state;
	travel(CLIENT, SERVER, SYN);
	travel(SERVER, CLIENT, SYN | ACK);
	travel(CLIENT, SERVER, ACK);
	rules.snapshot.trace.probe.error = EHOSTUNREACH;
	run();
	assert_int_equal(report.status, MUX_TRACE_DIFFERS);
	has(report.notes[0], "how it ends");
}

static void bears_no_memory(void **state)
{
	struct arena *arena;
	bool failed = true;
	size_t n;
	int error;

	(void)state;
	add_web();
	come_to_input();
	rule("in", 10, NFT_JUMP);
	rule("web", 10, NF_DROP);
	for (n = 1; failed; n++) {
		arena = arena_new();
		arena_fail_after(arena, n);
		error = ev_trace_run(&rules.snapshot, arena, &report);
		failed = arena_failed(arena);
		assert_int_equal(error, failed ? -ENOMEM : 0);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_packet_arrives, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rule_drops, setup, teardown),
		cmocka_unit_test_setup_teardown(the_kernel_contradicts, setup, teardown),
		cmocka_unit_test_setup_teardown(equal_priorities_excuse, setup, teardown),
		cmocka_unit_test_setup_teardown(rules_that_change_excuse, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_reports_are_admitted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_legacy_table_is_bracketed, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_on_lo, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reject_nests, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reject_that_nobody_hears, setup, teardown),
		cmocka_unit_test_setup_teardown(others_do_not_disturb, setup, teardown),
		cmocka_unit_test_setup_teardown(translated_packets_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_was_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_is_compared, setup, teardown),
		cmocka_unit_test_setup_teardown(bears_no_memory, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
