/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The port is served, but for another address than the one that is asked for, or through one link
 * only. */
#include "base/addr.h"
#include "causes/listener.h"
#include "causes/subject.h"
#include "causes/words.h"

/* Who serves the port instead: the nearest socket, or the one on the loopback address. */
static const struct mux_listener *find_other(const struct evaluation *evaluation,
					     const struct ev_candidate *candidate)
{
	const struct ev_candidate *literal =
		evaluation_literal(evaluation, candidate->address.family);

	if (candidate->listen.nearest != NULL || literal == NULL)
		return candidate->listen.nearest;
	return literal->listen.listener;
}

static void add_fixes(struct findings *findings, struct cause_finding *finding,
		      const struct mux_listener *listener, const char *endpoint)
{
	/* A wildcard that does not serve lo is bound to another link; there is no address to ask
	 * for. */
	if (!addr_is_unspecified(&listener->address)) {
		finding_fix(findings, finding,
			    arena_printf(findings->arena, "Ask for %s, where the server listens",
					 endpoint),
			    NULL, NULL);
		finding_change(findings, finding,
			       &(struct change){
				       .kind = CHANGE_TARGET,
				       .host = words_address(findings->arena, &listener->address)});
	}
	listener_add_fix(findings, finding, listener);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = listener_find(evaluation, LISTENER_ELSEWHERE, 0);
	const struct mux_listener *listener;
	struct cause_finding *finding;
	const char *endpoint;

	if (candidate == NULL || listener_is_device_bound(candidate))
		return 0;
	listener = find_other(evaluation, candidate);
	if (listener == NULL)
		return 0;
	endpoint = words_endpoint(findings->arena, &listener->address, listener->port);
	finding = finding_add(findings, &cause_listener_other_address,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding, "the server listens on %s%s, not on %s", endpoint,
		      listener->link != 0 ? " through one link only" : "",
		      subject_address(findings, &candidate->address));
	finding_evidence(findings, finding, "listening sockets", "%s",
			 listener_text(findings, listener));
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	add_fixes(findings, finding, listener, endpoint);
	return finding_result(findings);
}

const struct cause cause_listener_other_address = {
	.id = "listener-other-address",
	.summary = "the server listens on another address than the one that is asked for",
	.explanation = "The port is served, but on another address than the one that is asked for: "
		       "on an address of the network, on 127.0.0.2 or that of a bridge, while "
		       "localhost is 127.0.0.1 and ::1. A socket that is bound to one address "
		       "takes no packets to another one.\n\n"
		       "Clients of localhost are refused at once (\"Connection refused\"), while "
		       "the server says that it listens, and other machines may well reach it.\n\n"
		       "muxdiag lists the sockets of the port with the addresses they are bound "
		       "to; no privilege is needed for that, only for the name of a process that "
		       "is somebody else's. Where the host name stands for 127.0.1.1, as on "
		       "Debian, a server that was told to listen on the host name is on that "
		       "address alone.\n\n"
		       "Ask for the address where the server listens, or let it listen on "
		       "127.0.0.1 and ::1, or on all addresses.",
	.find = find,
};
