/* SPDX-License-Identifier: GPL-2.0-or-later */
/* https was asked for, by somebody or by a browser that remembers to, and the server has none. */
#include <string.h>

#include "causes/subject.h"
#include "causes/talk.h"

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = talk_find(evaluation, MUX_SPEECH_HTTP);
	struct cause_finding *finding;

	if (candidate == NULL || strcmp(evaluation->target.scheme, "https") != 0)
		return 0;
	finding = finding_add(findings, &cause_hsts_or_https, MUX_SEVERITY_CRITICAL);
	finding_title(findings, finding,
		      "the server on port %u speaks plain HTTP, but is asked by https",
		      (unsigned)evaluation->target.port);
	talk_add(findings, finding, candidate);
	subject_add_listener(findings, finding, candidate);
	finding_fix(findings, finding,
		    arena_printf(findings->arena, "Ask for %s", talk_url(findings, "http")), NULL,
		    NULL);
	finding_fix(findings, finding,
		    "If the browser makes https of it, delete the host under \"Delete domain "
		    "security policies\" of chrome://net-internals/#hsts, or ask for 127.0.0.1",
		    NULL, NULL);
	return finding_result(findings);
}

const struct cause cause_hsts_or_https = {
	.id = "hsts-or-https",
	.summary = "the server speaks plain HTTP, and is asked by https",
	.explanation =
		"The server on the port speaks plain HTTP only, and https was asked for. "
		"Often nobody has typed that: a browser that once saw the header "
		"Strict-Transport-Security from a server on localhost asks all ports of "
		"localhost by https from then on (HSTS, RFC 6797, knows names but no ports).\n\n"
		"Browsers say ERR_SSL_PROTOCOL_ERROR or SSL_ERROR_RX_RECORD_TOO_LONG, and "
		"show \"307 Internal Redirect\" in their network view; curl says \"wrong "
		"version number\", Go \"first record does not look like a TLS handshake\". "
		"With http the same server works in curl, and not in that browser.\n\n"
		"muxdiag begins a handshake of TLS on a further connection. A server that "
		"answers HTTP to it, most often 400, or ends the connection and then "
		"answers HTTP to HEAD, has no TLS. What a browser remembers cannot be seen "
		"from here.\n\n"
		"Ask for http://. Delete the entry of the browser where it has one, or ask "
		"for 127.0.0.1, because HSTS never holds for addresses.",
	.find = find,
};
