/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 127.0.0.1 and ::1 are served on the same port, but by two different servers. */
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/listener.h"
#include "causes/subject.h"
#include "causes/talk.h"

/* The first address of that family that the target stands for, and that works. */
static const struct ev_candidate *find_family(const struct evaluation *evaluation, int family)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name->of_target && candidate->address.family == family &&
		    candidate->works == MUX_YES && candidate->listen.listener != NULL)
			return candidate;
	}
	return NULL;
}

static struct mux_slice field_of(const struct mux_talk *talk, bool instance)
{
	struct mux_slice none = {"", 0};

	return talk == NULL ? none : instance ? talk->instance : talk->server;
}

/* MUX_UNKNOWN when one of them does not say. */
static enum mux_answer fields_agree(struct mux_slice a, struct mux_slice b)
{
	if (a.len == 0 || b.len == 0)
		return MUX_UNKNOWN;
	return slice_equal(a, b) ? MUX_YES : MUX_NO;
}

/*
 * What servers say of themselves counts most. Two processes are only told apart by their names or
 * users: each half of one server may well have a process of its own.
 */
static bool differ(const struct ev_candidate *a, const struct ev_candidate *b)
{
	const struct mux_listener *left = a->listen.listener, *right = b->listen.listener;
	enum mux_answer said =
		fields_agree(field_of(a->instance, true), field_of(b->instance, true));

	if (left->inode == right->inode)
		return false;
	if (said == MUX_UNKNOWN)
		said = fields_agree(field_of(a->http, false), field_of(b->http, false));
	if (said != MUX_UNKNOWN)
		return said == MUX_NO;
	if (left->pid != 0 && left->pid == right->pid)
		return false;
	return left->uid != right->uid ||
	       (left->pid != 0 && right->pid != 0 && !slice_equal(left->command, right->command));
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *v4 = find_family(evaluation, AF_INET);
	const struct ev_candidate *v6 = find_family(evaluation, AF_INET6);
	struct cause_finding *finding;

	if (v4 == NULL || v6 == NULL || !differ(v4, v6))
		return 0;
	finding = finding_add(findings, &cause_listener_per_family_differs, MUX_SEVERITY_WARNING);
	finding_title(findings, finding, "%s and %s are served by two different servers",
		      subject_address(findings, &v4->address),
		      subject_address(findings, &v6->address));
	subject_add_listener(findings, finding, v4);
	subject_add_listener(findings, finding, v6);
	talk_add(findings, finding, v4);
	talk_add(findings, finding, v6);
	finding_fix(findings, finding, "End the one that is not meant, or give it another port",
		    "ss -ltnp", NULL);
	finding_fix(findings, finding,
		    "Until then say which one is meant: by the address, not by the name", NULL,
		    NULL);
	return finding_result(findings);
}

const struct cause cause_listener_per_family_differs = {
	.id = "listener-per-family-differs",
	.summary = "IPv4 and IPv6 of the port are served by two different servers",
	.explanation =
		"IPv4 and IPv6 have ports of their own. One server may listen on "
		"127.0.0.1:8000 and quite another one on [::1]:8000; neither is told that "
		"the address is in use. Which of the two a client gets depends on which "
		"address it tries first.\n\n"
		"Nothing fails, but a browser, which takes ::1, shows another page than "
		"curl with 127.0.0.1, or a login works in one program only. It is met with "
		"two development servers, with a container's published port next to a local "
		"server, and with ssh -L.\n\n"
		"muxdiag asks both and compares what they say of themselves (the field "
		"Server, and with muxd the instance), else the users and names of the "
		"processes. Two processes of the same program are not taken for two servers.\n\n"
		"End the one that is not meant, or give it another port; until then ask for "
		"the address of the other one.",
	.find = find,
};
