/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AI_ADDRCONFIG leaves out the addresses of a family that no link but lo has (gaih_inet(),
 * __check_pf() of glibc 2.36 count no loopback addresses). Where just that family works, clients
 * that ask with the flag fail, and all others do not.
 */
#include <netdb.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/place.h"
#include "causes/subject.h"
#include "causes/words.h"

static const struct mux_resolution *find_with_flag(const struct evaluation *evaluation)
{
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_resolutions; i++) {
		const struct mux_resolution *answer = &snapshot->resolutions[i];

		if (answer->resolver == MUX_GETADDRINFO && answer->lookup == MUX_LOOKUP_SYSTEM &&
		    answer->family == AF_UNSPEC && answer->addrconfig && answer->answered &&
		    slice_equal_nocase(answer->name, slice_of(evaluation->target.host)))
			return answer;
	}
	return NULL;
}

static bool has_family(const struct mux_resolution *answer, int family)
{
	size_t i;

	for (i = 0; i < answer->n_addresses; i++)
		if (answer->addresses[i].family == family)
			return true;
	return false;
}

/* Returns what becomes of the target's addresses of one family: works or not, and where. */
static const struct ev_candidate *find_working(const struct evaluation *evaluation, int family)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    evaluation->candidates[i].address.family == family &&
		    evaluation->candidates[i].works == MUX_YES)
			return &evaluation->candidates[i];
	return NULL;
}

static void add_answer(struct findings *findings, struct cause_finding *finding, const char *source,
		       const struct mux_resolution *answer)
{
	struct str text;
	size_t i;

	str_init(&text, findings->arena);
	for (i = 0; i < answer->n_addresses && i < 4; i++)
		str_addf(&text, "%s%s", i == 0 ? "" : ", ",
			 words_address(findings->arena, &answer->addresses[i]));
	if (answer->n_addresses == 0)
		str_add_escaped(&text, answer->status_text);
	finding_evidence(findings, finding, source, "%s", str_done(&text));
}

/* Of all addresses, wherever they are, glibc passes over 127.0.0.1 and ::1 alone (make_request() of
 * check_pf.c): any other one on lo makes the family count, and no other machine sees it. */
static void add_fixes(struct findings *findings, struct cause_finding *finding,
		      const struct mux_address *hidden)
{
	bool v4 = hidden->family == AF_INET;
	struct change change = {.kind = CHANGE_ADDRESS};

	finding_fix(findings, finding,
		    arena_printf(findings->arena, "Ask for %s itself",
				 subject_address(findings, hidden)),
		    NULL, NULL);
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_TARGET,
					.host = words_address(findings->arena, hidden)});

	change.address.prefix_len = v4 ? 8 : 128;
	change.address.address =
		v4 ? (struct mux_address){.family = AF_INET, .bytes = {127, 0, 0, 2}}
		   : (struct mux_address){.family = AF_INET6, .bytes = {0xfe, 0x80, [15] = 1}};
	finding_fix(findings, finding, "Give lo a second address, which counts",
		    v4 ? "ip address add 127.0.0.2/8 dev lo"
		       : "ip -6 address add fe80::1/128 dev lo",
		    NULL);
	finding_change(findings, finding, &change);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_resolution *flagged = find_with_flag(evaluation);
	const struct ev_name *name = subject_name(evaluation);
	const struct ev_candidate *works4 = find_working(evaluation, AF_INET);
	const struct ev_candidate *works6 = find_working(evaluation, AF_INET6);
	const struct ev_candidate *hidden;
	struct cause_finding *finding;

	if (name == NULL || name->literal || name->resolution == NULL || flagged == NULL)
		return 0;
	/* Just one family works, and that one is left out. */
	hidden = works4 == NULL ? works6 : works4;
	if (hidden == NULL || (works4 != NULL && works6 != NULL) ||
	    has_family(flagged, hidden->address.family) ||
	    (flagged->status != 0 && flagged->status != EAI_NONAME &&
	     flagged->status != EAI_ADDRFAMILY && flagged->status != EAI_NODATA))
		return 0;
	finding = finding_add(findings, &cause_addrconfig_drops_ipv6, MUX_SEVERITY_WARNING);
	finding_title(findings, finding,
		      "programs that resolve with AI_ADDRCONFIG are not told of %s, the one that "
		      "works, because no link but lo has IPv%d",
		      words_address(findings->arena, &hidden->address),
		      hidden->address.family == AF_INET ? 4 : 6);
	add_answer(findings, finding, "getaddrinfo", name->resolution);
	add_answer(findings, finding, "getaddrinfo with AI_ADDRCONFIG", flagged);
	place_add_links(findings, finding);
	finding_hit(finding, "programs that ask with AI_ADDRCONFIG, such as ab, h2load and Node");
	add_fixes(findings, finding, &hidden->address);
	return finding_result(findings);
}

const struct cause cause_addrconfig_drops_ipv6 = {
	.id = "addrconfig-drops-ipv6",
	.summary = "AI_ADDRCONFIG hides the one loopback address that works",
	.explanation =
		"With the flag AI_ADDRCONFIG getaddrinfo leaves out IPv6 addresses on a machine "
		"that has no IPv6 address but ::1, and IPv4 addresses on one that has none but "
		"127.0.0.1. Containers have such networks by default. When the server listens "
		"on the family that is left out, localhost leads nowhere.\n\n"
		"ab, h2load and Node ask with the flag and say \"connection refused\" at "
		"127.0.0.1, although ::1 is in /etc/hosts and works; where no address is left it "
		"is \"Name or service not known\" or \"Address family for hostname not "
		"supported\". Python, wget, curl and ssh ask without it and work. With no link "
		"but lo at all, nothing is left out.\n\n"
		"muxdiag asks getaddrinfo with and without the flag, and connects to every "
		"address. It says nothing as long as an address that is left works. No privilege "
		"is needed.\n\n"
		"Let the server listen on both families and the name stand for both, or give the "
		"client the address itself: http://[::1]:8000/ (h2load refuses that, too). Any "
		"other address on lo, which nobody else sees, makes the family count: ip -6 "
		"address add fe80::1/128 dev lo.",
	.find = find,
};
