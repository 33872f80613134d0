/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/subject.h"

#include <sys/socket.h>

#include "base/slice.h"
#include "causes/words.h"

const struct ev_name *subject_name(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_names; i++)
		if (evaluation->names[i].of_target)
			return &evaluation->names[i];
	return NULL;
}

bool subject_is_called(const struct evaluation *evaluation, const char *name)
{
	return slice_equal_nocase(slice_of(evaluation->target.host), slice_of(name));
}

bool subject_resolves(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target)
			return true;
	return false;
}

bool subject_works(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    evaluation->candidates[i].works == MUX_YES)
			return true;
	return false;
}

bool subject_has(const struct evaluation *evaluation, const struct ev_candidate *candidate)
{
	if (candidate->name->of_target)
		return true;
	return candidate->name->literal && !subject_resolves(evaluation);
}

enum mux_severity subject_severity(const struct evaluation *evaluation, bool target_is_hit)
{
	if (!subject_resolves(evaluation))
		return MUX_SEVERITY_WARNING;
	if (!target_is_hit)
		return MUX_SEVERITY_INFO;
	return subject_works(evaluation) ? MUX_SEVERITY_WARNING : MUX_SEVERITY_CRITICAL;
}

/* Does a client that goes through the target's addresses in order begin with this family? */
static bool is_first(const struct evaluation *evaluation, int family)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target)
			return evaluation->candidates[i].address.family == family;
	return false;
}

/* Measured with 35 clients; the others of each group behave alike. By kind, family, first. */
static const char *const hit_texts[][2][2] = {
	[HIT_SILENT] =
		{
			{"clients that choose IPv4: Java, redis-cli and socat fail after about 134 "
			 "s, wrk "
			 "stalls, curl loses 200 ms; the others use ::1 and do not notice",
			 "clients that try 127.0.0.1: ab gives up after 30 s, wrk stalls, Java and "
			 "redis-cli fail after about 134 s, wget and Python hang as long and then "
			 "work; "
			 "curl loses 200 ms"},
			{"clients that insist on ::1, and wrk, which connects to every address "
			 "before it "
			 "starts; the others use 127.0.0.1 and do not notice",
			 "clients that try ::1: ab gives up after 30 s, wrk stalls, wget and "
			 "Python hang "
			 "about 134 s and then work; curl and Java do not notice"},
		},
	[HIT_DELAYED] =
		{
			{"clients that choose IPv4: Java, redis-cli and socat fail after about a "
			 "second; "
			 "the others use ::1 and do not notice",
			 "clients that try 127.0.0.1: Java, redis-cli and busybox wget fail after "
			 "about a "
			 "second, the others lose that second and go on to ::1"},
			{"clients that insist on ::1; the others use 127.0.0.1 and do not notice",
			 "clients that try ::1: busybox wget and Node 17 to 19 fail after about a "
			 "second, "
			 "ab, wget and Python lose that second and go on to 127.0.0.1; curl and "
			 "Java do "
			 "not notice"},
		},
	[HIT_AT_ONCE] =
		{
			{"clients that choose IPv4: Java, redis-cli and socat fail at once; the "
			 "others use "
			 "::1 and do not notice",
			 "clients that try one address only: Java, redis-cli and busybox wget fail "
			 "at "
			 "once; the others go on to ::1 and do not notice"},
			{"clients that insist on ::1; the others use 127.0.0.1 and do not notice",
			 "clients that try the first address only: busybox wget and Node 17 to 19 "
			 "fail at "
			 "once; ab, curl, wget, Python and Java use 127.0.0.1 and do not notice"},
		},
};

const char *subject_hit(const struct findings *findings, int family, enum hit_kind kind)
{
	const struct evaluation *evaluation = findings->evaluation;

	if (family == 0 || !subject_works(evaluation))
		return "";
	return hit_texts[kind][family == AF_INET6][is_first(evaluation, family)];
}

const char *subject_address(struct findings *findings, const struct mux_address *address)
{
	return words_endpoint(findings->arena, address, findings->evaluation->target.port);
}

static void add_probe(struct findings *findings, struct cause_finding *finding,
		      const struct mux_probe *probe)
{
	const char *source;

	/* A datagram says something only when it was not even taken. */
	if (probe->protocol == MUX_UDP && (probe->connected || probe->error == 0))
		return;
	source = arena_printf(findings->arena, "probe %s %s",
			      probe->protocol == MUX_TCP ? "tcp" : "udp",
			      words_endpoint(findings->arena, &probe->address, probe->port));
	finding_evidence(findings, finding, source, "%s", words_probe(findings->arena, probe));
}

void subject_add_probes(struct findings *findings, struct cause_finding *finding,
			const struct ev_candidate *candidate)
{
	if (candidate->tcp != NULL)
		add_probe(findings, finding, candidate->tcp);
	if (candidate->udp != NULL &&
	    (candidate->tcp == NULL || candidate->tcp->error != candidate->udp->error))
		add_probe(findings, finding, candidate->udp);
}
