/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/listener.h"

#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/subject.h"
#include "causes/words.h"

/* Does a socket accept for the loopback address of that family? */
static bool is_served(const struct evaluation *evaluation, int family)
{
	const struct ev_candidate *literal = evaluation_literal(evaluation, family);

	return literal != NULL && literal->listen.accepts == MUX_YES;
}

/* Nothing leads to an address that is not this machine's: no server can listen there. */
static bool is_foreign(const struct ev_candidate *candidate)
{
	return candidate->route.passes == MUX_NO && !addr_is_loopback(&candidate->address);
}

enum listener_fit listener_fit(const struct evaluation *evaluation,
			       const struct ev_candidate *candidate)
{
	int family = candidate->address.family;

	if (evaluation->target.port == 0 || candidate->listen.accepts != MUX_NO ||
	    candidate->listen.redirected || candidate->works == MUX_YES ||
	    candidate->listen.queue_full || is_foreign(candidate))
		return LISTENER_FITS;
	if (!is_served(evaluation, family) &&
	    is_served(evaluation, family == AF_INET6 ? AF_INET : AF_INET6))
		return LISTENER_OTHER_FAMILY;
	return candidate->listen.nearest != NULL || is_served(evaluation, family)
		       ? LISTENER_ELSEWHERE
		       : LISTENER_NOWHERE;
}

const struct ev_candidate *listener_find(const struct evaluation *evaluation, enum listener_fit fit,
					 int family)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (subject_has(evaluation, candidate) &&
		    (family == 0 || candidate->address.family == family) &&
		    listener_fit(evaluation, candidate) == fit)
			return candidate;
	}
	return NULL;
}

bool listener_is_device_bound(const struct ev_candidate *candidate)
{
	const struct mux_listener *nearest = candidate->listen.nearest;

	return nearest != NULL && nearest->link != 0 &&
	       (addr_is_unspecified(&nearest->address) ||
		addr_equal(&nearest->address, &candidate->address));
}

const struct ev_candidate *listener_missing(const struct evaluation *evaluation)
{
	if (listener_find(evaluation, LISTENER_ELSEWHERE, 0) != NULL ||
	    listener_find(evaluation, LISTENER_OTHER_FAMILY, 0) != NULL ||
	    evaluation->snapshot->listeners.source4.presence != MUX_PRESENT ||
	    subject_works(evaluation))
		return NULL;
	return listener_find(evaluation, LISTENER_NOWHERE, 0);
}

const char *listener_text(struct findings *findings, const struct mux_listener *listener)
{
	char address[ADDR_TEXT_MAX];
	struct str text;

	str_init(&text, findings->arena);
	str_add(&text, addr_format_port(&listener->address, listener->port, address));
	if (listener->family == AF_INET6 && addr_is_unspecified(&listener->address) &&
	    listener->v6only == MUX_YES)
		str_add(&text, " with IPV6_V6ONLY");
	if (listener->link != 0)
		str_addf(&text, " on link %d only", listener->link);
	if (listener->command.len != 0) {
		str_add(&text, " (");
		str_add_escaped(&text, listener->command);
		str_addf(&text, ", pid %d)", listener->pid);
	} else {
		str_addf(&text, " (uid %u)", (unsigned)listener->uid);
	}
	return str_done(&text);
}

/* By the process's name; as each server's own documentation has it, around the port. */
static const struct server {
	const char *command, *title, *before, *after;
} servers[] = {
	{"python3", "If it is http.server, bind both families", "python3 -m http.server ",
	 " --bind ::"},
	{"python", "If it is http.server, bind both families", "python -m http.server ",
	 " --bind ::"},
	{"php", "Bind both families", "php -S '[::]:", "'"},
	/* asyncio sets IPV6_V6ONLY on ::, but binds every address of a name. */
	{"uvicorn", "Bind both families", "uvicorn --host localhost --port ", ""},
	{"vite", "Bind both families", "vite --host :: --port ", ""},
	{"ruby", "If it is Rails, bind both families", "rails server -b :: -p ", ""},
};

bool listener_is_used_up(const struct mux_listener *listener)
{
	return listener != NULL && listener->descriptor_limit > 0 &&
	       listener->descriptors >= listener->descriptor_limit;
}

void listener_add_change(struct findings *findings, struct cause_finding *finding,
			 const struct mux_listener *listener)
{
	struct change change = {.kind = CHANGE_LISTENER};

	if (listener == NULL)
		return;
	change.listener = *listener;
	change.listener.family = AF_INET6;
	change.listener.address = (struct mux_address){.family = AF_INET6};
	change.listener.v6only = MUX_NO;
	change.listener.link = 0;
	finding_change(findings, finding, &change);
}

void listener_add_fix(struct findings *findings, struct cause_finding *finding,
		      const struct mux_listener *listener)
{
	size_t i;

	for (i = 0; listener != NULL && i < sizeof(servers) / sizeof(servers[0]); i++)
		if (slice_is(listener->command, servers[i].command)) {
			finding_fix(findings, finding, servers[i].title,
				    arena_printf(findings->arena, "%s%u%s", servers[i].before,
						 (unsigned)listener->port, servers[i].after),
				    NULL);
			listener_add_change(findings, finding, listener);
		}
	finding_fix(findings, finding,
		    "Let the server listen on :: with IPV6_V6ONLY off, or on 127.0.0.1 and ::1",
		    NULL, NULL);
	listener_add_change(findings, finding, listener);
}

int listener_report_family(struct findings *findings, const struct cause *cause, int missing)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate =
		listener_find(evaluation, LISTENER_OTHER_FAMILY, missing);
	const struct mux_listener *listener;
	struct cause_finding *finding;

	if (candidate == NULL)
		return 0;
	listener = evaluation_literal(evaluation, missing == AF_INET6 ? AF_INET : AF_INET6)
			   ->listen.listener;
	finding = finding_add(findings, cause,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding, "the server on port %u listens on IPv%c only, not on %s",
		      (unsigned)evaluation->target.port, missing == AF_INET6 ? '4' : '6',
		      words_address(findings->arena, &candidate->address));
	if (listener != NULL)
		finding_evidence(findings, finding, "listening sockets", "%s",
				 listener_text(findings, listener));
	subject_add_probes(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, missing));
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, missing);
	listener_add_fix(findings, finding, listener);
	return finding_result(findings);
}
