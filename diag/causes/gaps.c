/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What could not be read or decided, and what is not known for that reason. */
#include <sys/socket.h>

#include "base/slice.h"
#include "base/str.h"
#include "causes/answer.h"
#include "causes/words.h"

struct gaps {
	struct arena *arena;
	struct arena_list list; /* of struct mux_gap */
};

static void add(struct gaps *gaps, const char *source, const char *text)
{
	struct mux_gap *gap = arena_list_add(gaps->arena, &gaps->list);

	if (gap == NULL)
		return;
	gap->source = source != NULL ? source : "";
	gap->text = text != NULL ? text : "";
}

/* Adds a gap when the source was denied or is cut off. */
static void look_at(struct gaps *gaps, const struct mux_source *source, const char *label,
		    const char *loss)
{
	if (source->presence == MUX_DENIED)
		add(gaps, label,
		    arena_printf(gaps->arena, "%s; not known: %s",
				 words_error(gaps->arena, source->error), loss));
	else if (source->presence == MUX_PRESENT && source->truncated)
		add(gaps, label,
		    arena_printf(gaps->arena, "only its beginning was read; not known: %s", loss));
}

static void look_at_names(struct gaps *gaps, const struct mux_snapshot *snapshot)
{
	look_at(gaps, &snapshot->hosts.source, "/etc/hosts", "which names it gives an address");
	look_at(gaps, &snapshot->nsswitch.source, "/etc/nsswitch.conf",
		"which sources answer for a name");
	look_at(gaps, &snapshot->resolv.source, "/etc/resolv.conf", "which name servers are asked");
	look_at(gaps, &snapshot->host_conf.source, "/etc/host.conf", "whether it changes answers");
	look_at(gaps, &snapshot->gai.source, "/etc/gai.conf", "the order of addresses");
	look_at(gaps, &snapshot->host_name_file.source, "/etc/hostname",
		"the name after the next boot");
}

/* The one question about the target that clients ask; the others are not waited for. */
static void look_at_resolver(struct gaps *gaps, const struct evaluation *evaluation)
{
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_resolutions; i++) {
		const struct mux_resolution *answer = &snapshot->resolutions[i];
		struct str text;

		if (answer->answered || answer->resolver != MUX_GETADDRINFO ||
		    answer->family != AF_UNSPEC || answer->addrconfig ||
		    !slice_equal_nocase(answer->name, slice_of(evaluation->target.host)))
			continue;
		str_init(&text, gaps->arena);
		str_addf(&text, "no answer after %s for ",
			 words_duration(gaps->arena, answer->elapsed_us));
		str_add_escaped(&text, answer->name);
		add(gaps, "getaddrinfo", str_done(&text));
	}
}

static void look_at_network(struct gaps *gaps, const struct mux_snapshot *snapshot)
{
	const struct mux_routing *routing = &snapshot->routing;

	look_at(gaps, &routing->links_source, "links", "whether lo is up");
	look_at(gaps, &routing->addresses_source, "addresses", "which addresses the machine has");
	look_at(gaps, &routing->rules_source, "routing rules", "which routing tables are used");
	look_at(gaps, &routing->routes_source, "local routes", "what is delivered locally");
	look_at(gaps, &snapshot->listeners.source4, "IPv4 listening sockets", "who listens");
	look_at(gaps, &snapshot->listeners.source6, "IPv6 listening sockets", "who listens");
}

static const char *place(struct arena *arena, const char *kind, const char *family,
			 struct mux_slice table, struct mux_slice chain)
{
	struct str text;

	str_init(&text, arena);
	str_addf(&text, "%s %s ", kind, family);
	str_add_escaped(&text, table);
	if (chain.len != 0) {
		str_add(&text, " ");
		str_add_escaped(&text, chain);
	}
	return str_done(&text);
}

static void look_at_firewall(struct gaps *gaps, const struct mux_snapshot *snapshot)
{
	const struct mux_nftables *nftables = &snapshot->nftables;
	const struct mux_xtables *xtables = &snapshot->xtables;
	size_t i;

	look_at(gaps, &nftables->source, "nftables",
		"which rules packets meet (root or CAP_NET_ADMIN may read them)");
	if (nftables->changing)
		add(gaps, "nftables", "the rules changed while they were read");
	for (i = 0; i < nftables->n_rules; i++) {
		const struct mux_nft_chain_rules *rules = &nftables->rules[i];

		if (rules->source.presence == MUX_DENIED)
			look_at(gaps, &rules->source,
				place(gaps->arena, "nftables", nf_family_name(rules->family),
				      rules->table, rules->chain),
				"its rules");
	}
	look_at(gaps, &xtables->names4, "/proc/net/ip_tables_names",
		"whether there are legacy iptables rules (root may read them)");
	look_at(gaps, &xtables->names6, "/proc/net/ip6_tables_names",
		"whether there are legacy ip6tables rules (root may read them)");
	for (i = 0; i < xtables->n_tables; i++)
		if (xtables->tables[i].source.presence == MUX_DENIED)
			look_at(gaps, &xtables->tables[i].source,
				place(gaps->arena, "legacy table",
				      nf_family_name(xtables->tables[i].family),
				      xtables->tables[i].name, (struct mux_slice){0}),
				"its rules");
}

/* Stages of the target that stay undecided for another reason than a source that was not read. */
static void look_at_path(struct gaps *gaps, const struct ev_candidate *candidate,
			 const struct ev_path *path)
{
	const struct nf_decision *decision = &path->decision;
	bool is_placed = path->decided && decision->table.len != 0;
	const char *text = path->text != NULL ? path->text : "";

	if (!path->contradicted && (path->passes != MUX_UNKNOWN || !is_placed))
		return;
	if (!path->contradicted && decision->reason != NULL)
		text = decision->reason;
	add(gaps, is_placed ? nf_decision_place(decision, gaps->arena) : "firewall",
	    arena_printf(gaps->arena, "%s: %s", words_address(gaps->arena, &candidate->address),
			 text));
}

void answer_gaps(const struct evaluation *evaluation, struct arena *arena,
		 struct mux_report *report)
{
	struct gaps gaps = {.arena = arena, .list = {.size = sizeof(struct mux_gap)}};
	size_t i;

	look_at_names(&gaps, evaluation->snapshot);
	look_at_resolver(&gaps, evaluation);
	look_at_network(&gaps, evaluation->snapshot);
	look_at_firewall(&gaps, evaluation->snapshot);
	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (!candidate->name->of_target)
			continue;
		look_at_path(&gaps, candidate, &candidate->output);
		look_at_path(&gaps, candidate, &candidate->input);
	}
	report->gaps = gaps.list.items;
	report->n_gaps = gaps.list.n;
}
