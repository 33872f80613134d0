/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server wants TLS, and is asked in plain HTTP. */
#include <string.h>

#include "base/str.h"
#include "causes/subject.h"
#include "causes/talk.h"

/* Without a scheme it is only a guess that http is meant, and on some ports no good one. */
static enum mux_severity severity_of(const struct evaluation *evaluation)
{
	if (evaluation->target.scheme[0] != '\0')
		return MUX_SEVERITY_CRITICAL;
	return ev_expects_http(&evaluation->target) ? MUX_SEVERITY_WARNING : MUX_SEVERITY_INFO;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = talk_find(evaluation, MUX_SPEECH_TLS);
	struct cause_finding *finding;
	const char *url;

	if (candidate == NULL || strcmp(evaluation->target.scheme, "https") == 0)
		return 0;
	finding = finding_add(findings, &cause_speaks_tls, severity_of(evaluation));
	finding_title(findings, finding, "the server on port %u speaks TLS: ask it by https",
		      (unsigned)evaluation->target.port);
	talk_add(findings, finding, candidate);
	url = talk_url(findings, "https");
	finding_fix(findings, finding, arena_printf(findings->arena, "Ask for %s", url), NULL,
		    NULL);
	return finding_result(findings);
}

const struct cause cause_speaks_tls = {
	.id = "speaks-tls",
	.summary = "the server speaks TLS, and is asked in plain HTTP",
	.explanation = "The connection is made, but the server waits for the handshake of TLS, and "
		       "is asked in plain HTTP. That is the same port with another protocol; the "
		       "URL must begin with https.\n\n"
		       "curl says \"Received HTTP/0.9 when not allowed\" or \"Empty reply from "
		       "server\", Go \"malformed HTTP response\", Node \"Parse Error: Expected "
		       "HTTP/\", and a browser downloads a few bytes or shows \"Client sent an "
		       "HTTP request to an HTTPS server\" or \"The plain HTTP request was sent to "
		       "HTTPS port\".\n\n"
		       "muxdiag says HEAD to the server on a further connection. An answer that is "
		       "a record of TLS (an alert), or an HTTP 400 with such words, tells; so does "
		       "an answer in TLS to the beginning of a handshake, which is tried when the "
		       "first answer leaves it open. Without a scheme in the target it warns only "
		       "on ports that are usual for http.\n\n"
		       "Ask for https://, or let the server serve http on another port as well.",
	.find = find,
};
