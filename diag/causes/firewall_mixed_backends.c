/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Legacy xtables and nftables both run; each tool lists its own. */
#include "netfilter/kernel.h"

#include "base/slice.h"
#include "causes/firewall.h"
#include "causes/subject.h"

static const uint8_t families[] = {NFPROTO_IPV4, NFPROTO_IPV6};

static const char *program_of(uint8_t family)
{
	return family == NFPROTO_IPV6 ? "ip6tables" : "iptables";
}

/* Every hook has a policy, and an ERROR entry ends the table (struct ipt_replace). */
static uint32_t n_legacy_rules(const struct mux_xtables_table *table)
{
	uint32_t fixed = 1;
	unsigned hook;

	for (hook = 0; hook < NF_INET_NUMHOOKS; hook++)
		fixed += table->valid_hooks >> hook & 1;
	return table->n_entries > fixed ? table->n_entries - fixed : 0;
}

/* "filter (3 entries), nat (1 entry)", or "" */
static const char *list_legacy(struct findings *findings, uint8_t family)
{
	const struct mux_xtables *xtables = &findings->evaluation->snapshot->xtables;
	struct str text;
	size_t i;

	str_init(&text, findings->arena);
	for (i = 0; i < xtables->n_tables; i++) {
		const struct mux_xtables_table *table = &xtables->tables[i];
		uint32_t n = n_legacy_rules(table);

		if (table->family != family || table->source.presence != MUX_PRESENT || n == 0)
			continue;
		str_addf(&text, "%s%s (%u %s)", text.len != 0 ? ", " : "",
			 cause_escape(findings, table->name), n, n == 1 ? "entry" : "entries");
	}
	return str_done(&text);
}

static bool is_known(const struct mux_nftables *nftables, size_t n,
		     const struct mux_nft_chain *chain)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (nftables->chains[i].base && nftables->chains[i].family == chain->family &&
		    slice_equal(nftables->chains[i].table, chain->table) &&
		    (nftables->chains[i].uses != 0 || nftables->chains[i].policy == NF_DROP))
			return true;
	return false;
}

/* The tables whose base chains do something: "ip6 filter, inet guard", or "". */
static const char *list_nftables(struct findings *findings, uint8_t family)
{
	const struct mux_nftables *nftables = &findings->evaluation->snapshot->nftables;
	struct str text;
	size_t i;

	str_init(&text, findings->arena);
	for (i = 0; i < nftables->n_chains; i++) {
		const struct mux_nft_chain *chain = &nftables->chains[i];

		if (!chain->base || (chain->family != family && chain->family != NFPROTO_INET) ||
		    (chain->uses == 0 && chain->policy != NF_DROP) || is_known(nftables, i, chain))
			continue;
		str_addf(&text, "%s%s %s", text.len != 0 ? ", " : "", nf_family_name(chain->family),
			 cause_escape(findings, chain->table));
	}
	return str_done(&text);
}

/* Is it a legacy rule that stops the target? What nftables has, everybody looks at today. */
static bool is_guilty(const struct evaluation *evaluation, uint8_t family)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];
		const struct ev_path *path =
			candidate->output.passes == MUX_NO ? &candidate->output : &candidate->input;

		if (candidate->name->of_target && candidate->works != MUX_YES &&
		    path->passes == MUX_NO && path->decided &&
		    path->decision.backend == NF_LEGACY && path->decision.family == family)
			return true;
	}
	return false;
}

static void look_at(struct findings *findings, uint8_t family)
{
	const char *program = program_of(family);
	const char *legacy = list_legacy(findings, family);
	const char *nftables = list_nftables(findings, family);
	bool guilty = is_guilty(findings->evaluation, family);
	struct cause_finding *finding;

	if (legacy == NULL || nftables == NULL || *nftables == '\0' || (*legacy == '\0' && !guilty))
		return;
	finding = finding_add(findings, &cause_firewall_mixed_backends,
			      guilty ? MUX_SEVERITY_WARNING : MUX_SEVERITY_INFO);
	finding_title(
		findings, finding,
		"both legacy xtables and nftables filter %s, and each tool lists only its own",
		family == NFPROTO_IPV6 ? "IPv6" : "IPv4");
	finding_evidence(findings, finding, "legacy xtables", "%s",
			 *legacy != '\0' ? legacy : "policies only");
	finding_evidence(findings, finding, "nftables", "%s", nftables);
	if (guilty)
		finding_evidence(findings, finding, "guilty",
				 "legacy xtables, which nft and %s-nft do not list", program);
	finding_fix(findings, finding, "Look at both before you change either",
		    arena_printf(findings->arena, "%s-legacy-save", program), "nft list ruleset");
}

static int find(struct findings *findings)
{
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		look_at(findings, families[i]);
	return finding_result(findings);
}

const struct cause cause_firewall_mixed_backends = {
	.id = "firewall-mixed-backends",
	.summary = "legacy xtables and nftables both have rules, and each tool lists only its own",
	.explanation =
		"The kernel has two packet filters, legacy xtables and nftables, and runs both. "
		"A packet must pass both. What `iptables` is depends on the machine: "
		"iptables-nft writes to nftables, iptables-legacy to xtables. When programs of "
		"both kinds have been at work, or the alternative was switched, part of the "
		"rules is where nobody looks any more.\n\n"
		"The listing looks fine and packets are dropped all the same; rules that were "
		"added do nothing; a flush does not help. iptables-nft hints at it in a "
		"comment: \"# Warning: iptables-legacy tables present, use iptables-legacy to "
		"see them\".\n\n"
		"muxdiag, as root, reads both, in the order in which the kernel runs them. It "
		"warns when the rule that stops the target is a legacy one beside rules in "
		"nftables; otherwise the mixture is only mentioned.\n\n"
		"Look at both, move what is still wanted to one of them, and remove the rest. "
		"Do not flush blindly: the default policy may be to drop.",
	.find = find,
};
