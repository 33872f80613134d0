/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target is looked up at name servers that are silent or slow. What /etc/hosts does not have
 * makes every client wait for as long as resolv.conf(5) tells glibc to.
 */
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/name_service.h"
#include "causes/search.h"
#include "causes/subject.h"
#include "causes/words.h"

/* RES_TIMEOUT, RES_DFLRETRY, RES_MAXRETRANS, RES_MAXRETRY of glibc. */
enum { TIMEOUT_S = 5, ATTEMPTS = 2, MAX_TIMEOUT_S = 30, MAX_ATTEMPTS = 5 };

/* Longer than any name server of one's own network takes; clients show it. */
enum { SLOW_US = 1000000 };

struct patience {
	unsigned timeout_s, attempts;
	size_t n_servers;
	unsigned total_s; /* for one name; later servers have other shares (send_dg()) */
};

static struct patience patience_of(const struct evaluation *evaluation)
{
	const struct mux_resolv *resolv = &evaluation->snapshot->resolv;
	struct patience patience = {
		.timeout_s = search_option(evaluation, "timeout", TIMEOUT_S, MAX_TIMEOUT_S),
		.attempts = search_option(evaluation, "attempts", ATTEMPTS, MAX_ATTEMPTS),
		.n_servers = resolv->n_nameservers,
	};
	unsigned server;

	if (patience.n_servers > SEARCH_MAX_SERVERS)
		patience.n_servers = SEARCH_MAX_SERVERS;
	if (patience.n_servers == 0)
		patience.n_servers = 1;
	for (server = 0; server < patience.n_servers; server++) {
		unsigned wait_s = patience.timeout_s << server;

		if (server != 0)
			wait_s /= (unsigned)patience.n_servers;
		patience.total_s += (wait_s == 0 ? 1 : wait_s) * patience.attempts;
	}
	return patience;
}

static const struct mux_resolution *find_slow(const struct evaluation *evaluation)
{
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_resolutions; i++) {
		const struct mux_resolution *answer = &snapshot->resolutions[i];

		if (answer->resolver == MUX_GETADDRINFO && answer->lookup == MUX_LOOKUP_SYSTEM &&
		    answer->family == 0 && !answer->addrconfig &&
		    slice_equal_nocase(answer->name, slice_of(evaluation->target.host)))
			return (!answer->answered && answer->status_text.len == 0) ||
					       (answer->answered && answer->elapsed_us >= SLOW_US)
				       ? answer
				       : NULL;
	}
	return NULL;
}

/* Are name servers reached before anything that knows the name? */
static bool reaches_dns(const struct evaluation *evaluation)
{
	const struct mux_nsswitch *nsswitch = &evaluation->snapshot->nsswitch;
	size_t i;

	for (i = 0; i < nsswitch->n_services; i++) {
		const struct mux_nss_service *service = &nsswitch->services[i];

		if (slice_is(service->name, "dns"))
			return true;
		if (slice_is(service->name, "files") &&
		    hosts_has(&evaluation->snapshot->hosts, evaluation->target.host, 0))
			return false;
		/* Others may be what hangs. */
		if (!slice_is(service->name, "files") && !slice_is(service->name, "myhostname"))
			return false;
	}
	return false;
}

static void add_evidence(struct findings *findings, struct cause_finding *finding,
			 const struct mux_resolution *slow, const struct patience *patience)
{
	const struct mux_resolv *resolv = &findings->evaluation->snapshot->resolv;
	struct str servers;
	size_t i;

	str_init(&servers, findings->arena);
	for (i = 0; i < patience->n_servers && i < resolv->n_nameservers; i++)
		str_addf(&servers, "%s%s", i == 0 ? "" : ", ",
			 words_address(findings->arena, &resolv->nameservers[i]));
	finding_evidence(findings, finding, "resolver", "%s after %s",
			 slow->answered ? "an answer" : "no answer",
			 words_duration(findings->arena, slow->elapsed_us));
	service_add_line(findings, finding);
	finding_evidence(findings, finding, "/etc/resolv.conf",
			 "name server %s; timeout %u s, attempts %u: a silent one costs a client "
			 "%u s a name",
			 str_done(&servers), patience->timeout_s, patience->attempts,
			 patience->total_s);
	if (search_is_tried(findings->evaluation))
		finding_evidence(findings, finding,
				 search_list(findings->evaluation).variable != NULL
					 ? "LOCALDOMAIN"
					 : "/etc/resolv.conf",
				 "a search domain is tried as well, which takes as long again");
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_resolution *slow = find_slow(evaluation);
	struct patience patience = patience_of(evaluation);
	const struct ev_name *name = subject_name(evaluation);
	struct cause_finding *finding;
	bool is_dead = !subject_resolves(evaluation);

	if (slow == NULL || name == NULL || name->literal || !reaches_dns(evaluation))
		return 0;
	finding = finding_add(findings, &cause_dns_slow_or_dead,
			      is_dead ? MUX_SEVERITY_CRITICAL : MUX_SEVERITY_WARNING);
	finding_title(findings, finding, "%s is looked up at a name server that %s",
		      cause_escape(findings, name->name),
		      slow->answered ? "is slow" : "does not answer");
	add_evidence(findings, finding, slow, &patience);
	finding_hit(finding, "programs that ask the system's resolver: they hang that long before "
			     "they fail or go on");
	finding_blocks(finding, is_dead ? CAUSE_BLOCKS_NAME : 0, 0);
	/* Where localhost is just missing, hosts-localhost-missing offers the lines. */
	if (name->host_name ||
	    (hosts_is_loopback_name(name->name) && !subject_is_called(evaluation, "localhost")))
		service_give_lines(findings, finding);
	finding_fix(findings, finding, "Have programs give up on name servers sooner",
		    "printf 'options timeout:1 attempts:1\\n' >> /etc/resolv.conf", NULL);
	return finding_result(findings);
}

const struct cause cause_dns_slow_or_dead = {
	.id = "dns-slow-or-dead",
	.summary = "the name is looked up at a name server that is slow or silent",
	.explanation =
		"/etc/hosts does not have the name, or is asked too late, and the name servers of "
		"/etc/resolv.conf do not answer: a VPN is down, the network was changed, a "
		"firewall drops port 53, the local cache has died. glibc waits for timeout (5) "
		"seconds, attempts (2) times for every name server, and again for each domain of "
		"the search line.\n\n"
		"Programs hang for 10 seconds and more and then say \"Temporary failure in name "
		"resolution\" (EAI_AGAIN), Go \"i/o timeout\", Node \"getaddrinfo EAI_AGAIN "
		"localhost\". That is easily taken for a slow server. Addresses work at once.\n\n"
		"muxdiag asks getaddrinfo with a deadline of its own and works out from "
		"/etc/resolv.conf and RES_OPTIONS how long others wait. Name servers that are out "
		"of reach at once (no route) are not slow, and not accused. No privilege is "
		"needed.\n\n"
		"Give the name its lines in /etc/hosts, so that nobody is asked. Otherwise repair "
		"the name server, or lower the wait: options timeout:1 attempts:1.",
	.find = find,
};
