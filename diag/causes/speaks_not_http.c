/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Somebody listens, but no server of web pages. */
#include "causes/subject.h"
#include "causes/talk.h"

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = talk_find(evaluation, MUX_SPEECH_OTHER);
	const struct mux_talk *talk;
	struct cause_finding *finding;

	if (candidate == NULL)
		return 0;
	talk = candidate->http != NULL && candidate->http->speech == MUX_SPEECH_OTHER
		       ? candidate->http
		       : candidate->tls;
	/* Who gives a bare port may well know that it is no server of web pages. */
	finding = finding_add(findings, &cause_speaks_not_http,
			      evaluation->target.scheme[0] != '\0' ? MUX_SEVERITY_CRITICAL
			      : talk_expects_http(evaluation)	   ? MUX_SEVERITY_WARNING
								   : MUX_SEVERITY_INFO);
	if (talk->protocol != NULL)
		finding_title(findings, finding, "the server on port %u speaks %s, not HTTP",
			      (unsigned)evaluation->target.port, talk->protocol);
	else
		finding_title(findings, finding, "the server on port %u does not speak HTTP",
			      (unsigned)evaluation->target.port);
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
		       "FTP, MySQL), others complain in their own words (Redis, memcached). Ports "
		       "that are known to belong to another protocol are not talked to at all.\n\n"
		       "Ask for the port of the server that is meant; the evidence names the "
		       "program on this one for root and for its own user.",
	.find = find,
};
