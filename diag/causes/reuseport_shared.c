/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two servers listen on the very same address and port with SO_REUSEPORT, and the kernel hands each
 * connection to either. The processes of one server do that on purpose: they are of one process
 * group and one program.
 */
#include "base/addr.h"
#include "base/slice.h"
#include "causes/listener.h"
#include "causes/subject.h"

static bool share(const struct mux_listener *a, const struct mux_listener *b)
{
	return a->family == b->family && a->port == b->port && a->link == b->link &&
	       a->inode != b->inode && addr_equal(&a->address, &b->address);
}

static bool are_strangers(const struct mux_listener *a, const struct mux_listener *b)
{
	if (a->uid != b->uid)
		return true;
	if (a->pid == 0 || b->pid == 0 || a->pid == b->pid)
		return false;
	if (!slice_equal(a->command, b->command))
		return true;
	return a->group != 0 && b->group != 0 && a->group != b->group;
}

/* Another socket that shares the place of this one, of another server; or NULL. */
static const struct mux_listener *find_sharer(const struct evaluation *evaluation,
					      const struct mux_listener *listener)
{
	const struct mux_listeners *listeners = &evaluation->snapshot->listeners;
	size_t i;

	for (i = 0; i < listeners->n_sockets; i++)
		if (share(listener, &listeners->sockets[i]) &&
		    are_strangers(listener, &listeners->sockets[i]))
			return &listeners->sockets[i];
	return NULL;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_listener *listener = NULL, *sharer = NULL;
	struct cause_finding *finding;
	size_t i;

	for (i = 0; i < evaluation->n_candidates && sharer == NULL; i++) {
		if (!evaluation->candidates[i].name->of_target ||
		    evaluation->candidates[i].listen.listener == NULL)
			continue;
		listener = evaluation->candidates[i].listen.listener;
		sharer = find_sharer(evaluation, listener);
	}
	if (sharer == NULL)
		return 0;
	finding = finding_add(findings, &cause_reuseport_shared, MUX_SEVERITY_WARNING);
	finding_title(findings, finding,
		      "two servers share port %u: each connection goes to either of them",
		      (unsigned)evaluation->target.port);
	finding_evidence(findings, finding, "listening sockets", "%s",
			 listener_text(findings, listener));
	finding_evidence(findings, finding, "listening sockets", "%s",
			 listener_text(findings, sharer));
	finding_fix(findings, finding, "End the one that is not meant, often an older instance",
		    "ss -ltnp", NULL);
	return finding_result(findings);
}

const struct cause cause_reuseport_shared = {
	.id = "reuseport-shared",
	.summary = "two servers share the port (SO_REUSEPORT), and each gets some connections",
	.explanation = "Two servers have set SO_REUSEPORT and listen on the same address and port. "
		       "The kernel spreads connections over both by a hash of their addresses and "
		       "ports, so that each gets about every second one. Servers with several "
		       "processes do so on purpose; this is about two that have nothing to do with "
		       "each other, often an older instance that was not ended.\n\n"
		       "Nothing fails. Pages are old and new in turns, changes are seen now and "
		       "then, a session is lost with every second request, logs have half of the "
		       "requests.\n\n"
		       "muxdiag compares all sockets that listen on the very same address: sockets "
		       "of other users, of programs of other names, or of other process groups "
		       "belong to other servers. Except for the user that takes root, or that both "
		       "are one's own.\n\n"
		       "End the older one; `ss -ltnp` shows both with their pids.",
	.find = find,
};
