/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any recorded firewall: conversations are held through it, and every rule is printed, also into a
 * drawing, which must be XML. */
#include "fuzz.h"

#include <errno.h>
#include <netinet/in.h>

#include <muxdiag/path.h>

#include "../xml.h"
#include "base/addr.h"
#include "netfilter/index.h"
#include "netfilter/printer.h"
#include "netfilter/talk.h"

static struct nf_talk_question question(sa_family_t family, uint8_t protocol,
					enum mux_answer listens)
{
	struct mux_address loopback = {.family = family};
	bool echo = protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;

	if (family == AF_INET)
		memcpy(loopback.bytes, "\x7f\0\0\1", 4);
	else
		loopback.bytes[15] = 1;
	return (struct nf_talk_question){
		.request = {.source = loopback,
			    .destination = loopback,
			    .protocol = protocol,
			    .source_port = 40000,
			    .destination_port = echo ? 0 : 8000,
			    .tcp_flags = protocol == IPPROTO_TCP ? 0x02 : 0,
			    .link = 1,
			    .link_name = {.data = "lo", .len = 2},
			    .has_socket = true,
			    .uid = 1000,
			    .icmp_type = family == AF_INET ? 8 : 128},
		.listens = listens,
	};
}

/* A packet that dies, or may, has somebody or some reason that says so. */
static void check_decision(const struct nf_decision *decision)
{
	fuzz_check(decision->kind < NF_N_KINDS);
	if (decision->kind == NF_KIND_UNKNOWN)
		fuzz_check(decision->reason != NULL);
	if (decision->kind == NF_KIND_DROP || decision->kind == NF_KIND_REJECT)
		fuzz_check(decision->chain.len != 0 || decision->by_policy);
	if (decision->reason != NULL)
		fuzz_check_printable(decision->reason, strlen(decision->reason));
	if (decision->rule != NULL)
		fuzz_check_printable(decision->rule, strlen(decision->rule));
}

static void talk(const struct nf_ruleset *ruleset, const struct nf_talk_question *asked,
		 struct arena *arena)
{
	struct nf_talk_answer answer;

	if (nf_talk(ruleset, asked, arena, &answer) != 0)
		return;
	fuzz_check(answer.result <= NF_TALK_UNKNOWN);
	fuzz_check((answer.result == NF_TALK_ERROR) == (answer.error != 0));
	check_decision(&answer.decision);
}

static void print_rules(const struct mux_nftables *nftables, struct arena *arena)
{
	size_t i, j;

	for (i = 0; i < nftables->n_rules; i++) {
		const struct mux_nft_chain_rules *chain = &nftables->rules[i];

		for (j = 0; j < chain->n_rules; j++) {
			const char *text = nf_rule_print(chain->family, &chain->rules[j], arena);

			if (text != NULL)
				fuzz_check_printable(text, strlen(text));
		}
	}
}

static void draw_paths(const struct mux_snapshot *snapshot)
{
	const struct mux_path_question questions[] = {
		{.destination = addr_loopback6, .protocol = IPPROTO_TCP, .destination_port = 8000},
		{.destination = addr_loopback4, .protocol = IPPROTO_UDP, .destination_port = 8000},
		{.destination = addr_loopback6, .protocol = IPPROTO_ICMP},
	};
	const struct mux_render_options options = {.format = MUX_FORMAT_SVG};
	const struct mux_paths *paths;
	struct mux_error error;
	char *text = NULL;
	size_t len;

	paths = mux_paths_evaluate(snapshot, questions, 3, true, &error);
	if (paths != NULL && mux_paths_render(paths, "", &options, &text, &len) == 0) {
		fuzz_check(strlen(text) == len);
		fuzz_check(xml_is_well_formed(text));
		fuzz_check_printable(text, len);
	}
	free(text);
	mux_paths_free(paths);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		sa_family_t family;
		uint8_t protocol;
		enum mux_answer listens;
	} cases[] = {
		{AF_INET, IPPROTO_TCP, MUX_YES},      {AF_INET6, IPPROTO_TCP, MUX_NO},
		{AF_INET6, IPPROTO_TCP, MUX_UNKNOWN}, {AF_INET, IPPROTO_UDP, MUX_NO},
		{AF_INET6, IPPROTO_UDP, MUX_YES},     {AF_INET, IPPROTO_ICMP, MUX_YES},
		{AF_INET6, IPPROTO_ICMPV6, MUX_YES},
	};
	struct mux_bundle *bundle = fuzz_whole_bundle(data, size);
	const struct mux_snapshot *snapshot = NULL;
	struct arena *arena = arena_new();
	struct mux_error error;
	struct nf_ruleset ruleset;
	size_t i;

	if (bundle != NULL && arena != NULL)
		snapshot = mux_snapshot_parse(bundle, &error);
	if (snapshot != NULL && nf_ruleset_init(snapshot, arena, &ruleset) == 0) {
		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct nf_talk_question asked =
				question(cases[i].family, cases[i].protocol, cases[i].listens);

			talk(&ruleset, &asked, arena);
		}
		print_rules(&snapshot->nftables, arena);
		draw_paths(snapshot);
	}
	mux_snapshot_free(snapshot);
	arena_free(arena);
	mux_bundle_free(bundle);
	return 0;
}
