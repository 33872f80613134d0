/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gai.conf(5) has IPv4 tried before IPv6, and 127.0.0.1 is the one that fails: without that line
 * ::1 would be first (RFC 6724 section 2.1) and work.
 */
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/subject.h"
#include "causes/words.h"

static struct mux_address as_ipv6(const struct mux_address *address)
{
	struct mux_address mapped = {.family = AF_INET6, .bytes = {[10] = 0xff, [11] = 0xff}};

	if (address->family != AF_INET)
		return *address;
	memcpy(mapped.bytes + 12, address->bytes, 4);
	return mapped;
}

static bool matches(const struct mux_gai_row *row, const struct mux_address *address)
{
	unsigned bit;

	for (bit = 0; bit < row->prefix_len && bit < 128; bit++)
		if (((row->prefix.bytes[bit / 8] ^ address->bytes[bit / 8]) &
		     (0x80u >> (bit % 8))) != 0)
			return false;
	return true;
}

/* Returns the row that gives the address its precedence: the longest prefix. NULL = none. */
static const struct mux_gai_row *find_row(const struct mux_gai *gai,
					  const struct mux_address *address)
{
	struct mux_address wanted = as_ipv6(address);
	const struct mux_gai_row *best = NULL;
	size_t i;

	for (i = 0; i < gai->n_precedences; i++) {
		const struct mux_gai_row *row = &gai->precedences[i];

		if (matches(row, &wanted) && (best == NULL || row->prefix_len > best->prefix_len))
			best = row;
	}
	return best;
}

static const struct ev_candidate *find_at(const struct evaluation *evaluation, unsigned position)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    evaluation->candidates[i].position == position)
			return &evaluation->candidates[i];
	return NULL;
}

static const struct ev_candidate *find_better(const struct evaluation *evaluation,
					      const struct ev_candidate *first)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    evaluation->candidates[i].position > first->position &&
		    evaluation->candidates[i].address.family == AF_INET6 &&
		    evaluation->candidates[i].works == MUX_YES)
			return &evaluation->candidates[i];
	return NULL;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_gai *gai = &evaluation->snapshot->gai;
	const struct ev_candidate *first = find_at(evaluation, 1), *better;
	const struct mux_gai_row *row4, *row6;
	struct cause_finding *finding;
	const char *place;

	if (gai->source.presence != MUX_PRESENT || first == NULL || first->name->literal ||
	    first->address.family != AF_INET || first->works != MUX_NO)
		return 0;
	better = find_better(evaluation, first);
	row4 = find_row(gai, &first->address);
	row6 = better != NULL ? find_row(gai, &better->address) : NULL;
	if (row4 == NULL || row4->line == 0 || (row6 != NULL && row4->value <= row6->value) ||
	    better == NULL)
		return 0;
	finding = finding_add(findings, &cause_gai_conf_order, MUX_SEVERITY_WARNING);
	finding_title(findings, finding,
		      "line %zu of /etc/gai.conf has %s tried first, which fails, and not %s, "
		      "which works",
		      row4->line, words_address(findings->arena, &first->address),
		      words_address(findings->arena, &better->address));
	place = arena_printf(findings->arena, "/etc/gai.conf:%zu", row4->line);
	finding_evidence(findings, finding, place, "precedence %s/%u %d",
			 words_address(findings->arena, &row4->prefix), row4->prefix_len,
			 row4->value);
	subject_add_probes(findings, finding, first);
	finding_hit(finding, "programs that take the first address getaddrinfo gives, or wait for "
			     "it; Go, curl and browsers have an order of their own");
	finding_fix(findings, finding, "Take the line out of /etc/gai.conf",
		    arena_printf(findings->arena, "sed -i '%zus/^/#/' /etc/gai.conf", row4->line),
		    NULL);
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_GAI, .gai_line = row4->line});
	return finding_result(findings);
}

const struct cause cause_gai_conf_order = {
	.id = "gai-conf-order",
	.summary = "/etc/gai.conf has an address tried first that fails",
	.explanation =
		"getaddrinfo sorts addresses by RFC 6724, and ::1 comes before 127.0.0.1. A line "
		"\"precedence ::ffff:0:0/96 100\" in /etc/gai.conf, often uncommented to have "
		"downloads prefer IPv4, turns that round for localhost too. It does no harm until "
		"127.0.0.1 fails where ::1 works, as with a server on ::1 alone.\n\n"
		"Programs that take only the first address (busybox wget, Node before 20) fail "
		"with \"connection refused\" or wait for a time-out; those that go on to the next "
		"are late if the first is silent. Go, curl and browsers do not read gai.conf, "
		"Java moves IPv4 first anyway.\n\n"
		"muxdiag reads the table with its line numbers, and accuses a line only when the "
		"first address fails, a later one works, and that line made it so. No privilege "
		"is needed.\n\n"
		"Comment the line out, or repair what keeps 127.0.0.1 from working: that comes "
		"first in the report where it is known.",
	.find = find,
};
