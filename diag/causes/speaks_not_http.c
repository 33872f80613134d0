/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Somebody listens, but no server of web pages. */
#include "causes/subject.h"
#include "causes/talk.h"

/* One that ends every connection before a word; who passes them on is another cause's. */
static const struct ev_candidate *find_dead(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; ev_expects_http(&evaluation->target) && i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    ev_is_dead(&evaluation->candidates[i]) &&
		    ev_hop(&evaluation->candidates[i]) == NULL)
			return &evaluation->candidates[i];
	return NULL;
}

static void add_title(struct findings *findings, struct cause_finding *finding,
		      const struct ev_candidate *candidate)
{
	const struct mux_talk *http = candidate->http;
	const struct mux_talk *talk =
		http != NULL && http->speech == MUX_SPEECH_OTHER ? http : candidate->tls;
	unsigned port = findings->evaluation->target.port;

	if (ev_is_dead(candidate))
		finding_title(findings, finding,
			      "the server on port %u ends each connection without a word", port);
	else if (talk->protocol != NULL)
		finding_title(findings, finding, "the server on port %u speaks %s, not HTTP", port,
			      talk->protocol);
	else
		finding_title(findings, finding, "the server on port %u does not speak HTTP", port);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = talk_find(evaluation, MUX_SPEECH_OTHER);
	struct cause_finding *finding;

	if (candidate == NULL)
		candidate = find_dead(evaluation);
	if (candidate == NULL)
		return 0;
	/* Who gives a bare port may well know that it is no server of web pages. */
	finding = finding_add(findings, &cause_speaks_not_http,
			      evaluation->target.scheme[0] != '\0'   ? MUX_SEVERITY_CRITICAL
			      : ev_expects_http(&evaluation->target) ? MUX_SEVERITY_WARNING
								     : MUX_SEVERITY_INFO);
	add_title(findings, finding, candidate);
	talk_add(findings, finding, candidate);
	subject_add_listener(findings, finding, candidate);
	finding_fix(findings, finding,
		    "Ask for the port of the server that is meant, or use a client of that "
		    "protocol",
		    "ss -ltnp", NULL);
	return finding_result(findings);
}

const struct cause cause_speaks_not_http = {
	.id = "speaks-not-http",
	.summary = "the server on the port speaks another protocol than HTTP",
	.explanation = "The connection is made, but the server on the port speaks neither HTTP nor "
		       "TLS. Another program has the port that is asked for, or the port is not "
		       "that of the web server.\n\n"
		       "curl says \"Received HTTP/0.9 when not allowed\" or \"Weird server "
		       "reply\", a browser ERR_INVALID_HTTP_RESPONSE, Go \"malformed HTTP response "
		       "\\\"SSH-2.0-OpenSSH_9.2p1\\\"\".\n\n"
		       "muxdiag keeps the first bytes that the server says on a further "
		       "connection: many servers greet with the name of their protocol (SSH, SMTP, "
		       "FTP, MySQL), others complain in their own words (Redis, memcached), and "
		       "some end each connection without a word, to HTTP and to TLS alike. Ports "
		       "that are known to belong to another protocol are not talked to at all.\n\n"
		       "Ask for the port of the server that is meant; the evidence names the "
		       "program on this one for root and for its own user.",
	.find = find,
};
