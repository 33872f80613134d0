/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the firewall costs each packet. Over lo a packet passes all hooks twice, once as outgoing
 * and once as incoming, and everything in them runs on the processor of whoever sends.
 */
#include "netfilter/kernel.h"

#include <string.h>
#include <sys/socket.h>

#include <muxdiag/path.h>

#include "base/slice.h"
#include "base/str.h"
#include "evaluate/context.h"
#include "netfilter/index.h"
#include "preflight/preflight.h"
#include "preflight/rule_words.h"

enum { MANY_RULES = 100, MAX_PACKETS = 8 };

/* How many rules one packet of the conversation meets on its two passes. */
struct passes {
	const char *packet;
	unsigned out, in, sets;
};

static bool is_in(const char *hook)
{
	return strcmp(hook, "ingress") == 0 || strcmp(hook, "prerouting") == 0 ||
	       strcmp(hook, "input") == 0;
}

/* Is the rule one that the load will come to, or has come to before it did not match? */
static bool is_met(const struct mux_path_step *step)
{
	return step->matches != MUX_NO || (step->why != NULL && rule_words_read(step->why).limits);
}

static const struct mux_path_step *keep(const struct mux_path_step *kept,
					const struct mux_path_step *step, bool has)
{
	return kept == NULL && has && is_met(step) ? step : kept;
}

struct price {
	struct passes passes[MAX_PACKETS];
	size_t n_packets;
	const struct mux_path_step *limit, *log, *queue; /* the first of each; NULL = none */
};

static struct passes *find_passes(struct price *price, const char *packet)
{
	size_t i;

	for (i = 0; i < price->n_packets; i++)
		if (strcmp(price->passes[i].packet, packet) == 0)
			return &price->passes[i];
	if (price->n_packets == MAX_PACKETS)
		return NULL;
	price->passes[price->n_packets].packet = packet;
	return &price->passes[price->n_packets++];
}

static void add_step(struct price *price, const struct mux_path_step *step)
{
	struct passes *passes = find_passes(price, step->packet);
	struct rule_words words;

	/* A policy is looked at when nothing else is left: that is no rule. */
	if (passes == NULL || step->place.rule == NULL)
		return;
	words = rule_words_read(step->place.rule);
	if (is_in(step->place.hook))
		passes->in++;
	else
		passes->out++;
	passes->sets += words.sets;
	price->limit = keep(price->limit, step, words.limits);
	price->log = keep(price->log, step, words.logs);
	price->queue = keep(price->queue, step, words.queues);
}

/* Follows the packets of one request. Returns what must be freed when the price has been read, or
 * NULL when it is not known. */
static const struct mux_paths *find_price(const struct preflight *preflight, struct price *price)
{
	const struct mux_path_question question =
		preflight_path(&preflight->candidate->address, preflight->evaluation->target.port);
	struct mux_error error;
	const struct mux_paths *paths =
		mux_paths_evaluate(preflight->snapshot, &question, 1, true, &error);
	size_t i;

	memset(price, 0, sizeof(*price));
	for (i = 0; paths != NULL && i < paths->paths[0].n_steps; i++)
		add_step(price, &paths->paths[0].steps[i]);
	return paths;
}

struct mux_path_question preflight_path(const struct mux_address *address, uint16_t port)
{
	return (struct mux_path_question){.destination = ev_wire_address(address),
					  .protocol = MUX_TCP,
					  .source_port = 50000,
					  .destination_port = port,
					  .has_payload = true,
					  .n_payload = 100};
}

/* --- rules of one kind --------------------------------------------------------------------- */

static const char *place_text(struct preflight *preflight, const struct mux_path_place *place)
{
	return arena_printf(preflight->arena, "%s %s %s, rule %zu, at %s", place->family,
			    place->table, place->chain, place->position, place->hook);
}

/* The command that lets packets on lo pass before the rule is come to. */
static const char *way_around(struct preflight *preflight, const struct mux_path_place *place)
{
	bool in = is_in(place->hook), v6 = strcmp(place->family, "ip6") == 0;
	struct str text;

	str_init(&text, preflight->arena);
	if (place->legacy) {
		str_addf(&text, "%s-legacy -t ", v6 ? "ip6tables" : "iptables");
		str_add_shell(&text, slice_of(place->table));
		str_add(&text, " -I ");
		str_add_shell(&text, slice_of(place->chain));
		str_addf(&text, " 1 %s lo -j ACCEPT", in ? "-i" : "-o");
	} else {
		str_addf(&text, "nft insert rule %s ", place->family);
		str_add_shell(&text, slice_of(place->table));
		str_add(&text, " ");
		str_add_shell(&text, slice_of(place->chain));
		str_addf(&text, " %s lo accept", in ? "iifname" : "oifname");
	}
	return str_done(&text);
}

/* What is to be said of a kind of rules. */
struct kind {
	enum mux_fitness fitness;
	const char *title, *expect, *want, *healthy;
};

static void judge_kind(struct preflight *preflight, const struct preflight_check *check,
		       const struct mux_path_step *step, const struct kind *kind)
{
	struct fit *fit;

	if (step == NULL) {
		fit_add(preflight, check, MUX_FIT_OK, "%s", kind->healthy);
		return;
	}
	fit = fit_add(preflight, check, kind->fitness, "%s", kind->title);
	/* The step lives in the paths, which are freed. */
	fit_see(preflight, fit, place_text(preflight, &step->place), "%s (met by the %s)",
		step->place.rule, step->packet);
	fit_expect(preflight, fit, "%s", kind->expect);
	fit_want(preflight, fit, "%s", kind->want);
	fit_mend(preflight, fit, "Accept packets on lo before it, for the time of the run",
		 way_around(preflight, &step->place), NULL);
}

static void run_kind(struct preflight *preflight, const struct preflight_check *check,
		     const struct kind *kind, size_t which)
{
	const struct mux_paths *paths;
	struct price price;

	if (preflight->candidate == NULL || !preflight->evaluation->firewall_readable)
		return;
	paths = find_price(preflight, &price);
	if (paths != NULL) {
		const struct mux_path_step *const steps[] = {price.limit, price.queue, price.log};

		judge_kind(preflight, check, steps[which], kind);
	}
	mux_paths_free(paths);
}

static void run_rate_limit(struct preflight *preflight, const struct preflight_check *check)
{
	static const struct kind kind = {
		.fitness = MUX_FIT_FAIL,
		.title = "a rule counts or limits the load's packets",
		.expect =
			"beyond its limit connections hang or are refused: what looks like a slow "
			"server is this rule",
		.want = "no limit on the path of loopback packets",
		.healthy = "no rule limits the load's packets",
	};

	run_kind(preflight, check, &kind, 0);
}

const struct preflight_check preflight_rate_limit = {
	.id = "rate-limit", .subject = "firewall", .run = run_rate_limit};

static void run_queue_rule(struct preflight *preflight, const struct preflight_check *check)
{
	static const struct kind kind = {
		.fitness = MUX_FIT_WARNING,
		.title = "a rule asks a program about the load's packets",
		.expect = "tens of microseconds for each packet, and drops when the program's "
			  "queue is "
			  "full",
		.want = "no such rule on the path of loopback packets",
		.healthy = "no rule asks a program about the load's packets",
	};

	run_kind(preflight, check, &kind, 1);
}

const struct preflight_check preflight_queue_rule = {
	.id = "queue-rule", .subject = "firewall", .run = run_queue_rule};

static void run_log_rule(struct preflight *preflight, const struct preflight_check *check)
{
	static const struct kind kind = {
		.fitness = MUX_FIT_WARNING,
		.title = "a rule logs the load's packets",
		.expect = "the log is written for each packet: it costs more than the request, and "
			  "fills the disk",
		.want = "no log on the path of loopback packets",
		.healthy = "no rule logs the load's packets",
	};

	run_kind(preflight, check, &kind, 2);
}

const struct preflight_check preflight_log_rule = {
	.id = "log-rule", .subject = "firewall", .run = run_log_rule};

/* --- all of them --------------------------------------------------------------------------- */

static void add_unreadable(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_source *source = &preflight->snapshot->nftables.source;
	static const struct mux_source legacy = {.name = "xtables", .presence = MUX_DENIED};

	fit_add_unknown(preflight, check, source->presence == MUX_DENIED ? source : &legacy,
			"how many rules a packet meets");
}

static void run_rules(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_paths *paths;
	struct price price;
	unsigned most = 0;
	struct fit *fit;
	size_t i;

	if (preflight->candidate == NULL)
		return;
	if (!preflight->evaluation->firewall_readable) {
		add_unreadable(preflight, check);
		return;
	}
	paths = find_price(preflight, &price);
	for (i = 0; i < price.n_packets; i++)
		if (price.passes[i].out + price.passes[i].in > most)
			most = price.passes[i].out + price.passes[i].in;
	fit = fit_add(preflight, check,
		      most > MANY_RULES ? MUX_FIT_WARNING
		      : most != 0	? MUX_FIT_INFO
					: MUX_FIT_OK,
		      "a packet of the load meets up to %u firewall rules", most);
	for (i = 0; most != 0 && i < price.n_packets; i++)
		fit_see(preflight, fit, price.passes[i].packet,
			"%u rules on its way out, %u on its way in, %u look-ups in sets",
			price.passes[i].out, price.passes[i].in, price.passes[i].sets);
	fit_want(preflight, fit, "at most %d: 50 to 100 ns each, on both passes over lo",
		 MANY_RULES);
	if (most > MANY_RULES)
		fit_expect(preflight, fit,
			   "a request of 10 packets spends some %u µs in the firewall",
			   most * 10 / 13);
	mux_paths_free(paths);
}

const struct preflight_check preflight_rules = {
	.id = "rules", .subject = "firewall", .run = run_rules};

/* --- conntrack ----------------------------------------------------------------------------- */

/* Whether the rules make conntrack follow this family; what was seen when a connection was opened
 * decides where they could not be read. */
static enum mux_answer is_tracked(struct preflight *preflight)
{
	const struct mux_reach *reach = &preflight->capacity->reach;
	struct mux_address wire = ev_wire_address(&preflight->candidate->address);
	struct nf_ruleset ruleset;

	if (reach->source.presence == MUX_PRESENT && reach->conntrack_before >= 0 &&
	    reach->conntrack_with <= reach->conntrack_before)
		return MUX_NO;
	if (preflight->evaluation->firewall_readable &&
	    nf_ruleset_init(preflight->snapshot, preflight->arena, &ruleset) == 0)
		return nf_conntrack_active(&ruleset,
					   wire.family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
	return reach->conntrack_with > reach->conntrack_before ? MUX_YES : MUX_UNKNOWN;
}

/* Entries that the load will have at once: those of its connections, and of the closed ones as long
 * as they are remembered. */
static int64_t entries_wanted(const struct preflight *preflight)
{
	const struct mux_load *load = &preflight->capacity->load;
	int64_t rate = preflight_rate(preflight), timeout, n;

	if (!preflight_opens_many(preflight))
		return load->concurrency;
	timeout = preflight_sysctl(preflight, "net/netfilter/nf_conntrack_tcp_timeout_time_wait");
	n = (rate > 0 ? rate : 10000) * (timeout > 0 ? timeout : 120);
	return load->requests != 0 && load->requests < (uint64_t)n ? (int64_t)load->requests : n;
}

static void judge_room(struct preflight *preflight, const struct preflight_check *check,
		       int64_t count, int64_t most)
{
	int64_t wanted = entries_wanted(preflight), room = most - count;
	bool enough = room > wanted;
	struct fit *fit;

	fit = fit_add(preflight, check, enough ? MUX_FIT_INFO : MUX_FIT_FAIL,
		      "conntrack follows the load: %lld of %lld entries are taken",
		      (long long)count, (long long)most);
	fit_see(preflight, fit, "/proc/sys/net/netfilter",
		"nf_conntrack_count %lld, nf_conntrack_max "
		"%lld",
		(long long)count, (long long)most);
	fit_want(preflight, fit, "%lld: each closed connection is remembered for two minutes",
		 (long long)wanted);
	if (enough) {
		fit_expect(preflight, fit,
			   "a microsecond or two for each connection; `notrack` on lo saves it");
		return;
	}
	fit_expect(
		preflight, fit,
		"after %lld connections new ones are dropped (\"nf_conntrack: table full, dropping "
		"packet\"), and hang",
		(long long)(room > 0 ? room : 0));
	fit_mend(preflight, fit, "Give it more room",
		 arena_printf(preflight->arena, "sysctl -w net.netfilter.nf_conntrack_max=%lld",
			      (long long)(count + 2 * wanted)),
		 NULL);
}

static void run_conntrack(struct preflight *preflight, const struct preflight_check *check)
{
	int64_t count = preflight_sysctl(preflight, "net/netfilter/nf_conntrack_count");
	int64_t most = preflight_sysctl(preflight, "net/netfilter/nf_conntrack_max");

	if (preflight->candidate == NULL || count < 0 || most <= 0)
		return;
	if (is_tracked(preflight) == MUX_NO)
		fit_add(preflight, check, MUX_FIT_OK, "conntrack does not follow the load");
	else
		judge_room(preflight, check, count, most);
}

const struct preflight_check preflight_conntrack = {
	.id = "conntrack", .subject = "firewall", .run = run_conntrack};
