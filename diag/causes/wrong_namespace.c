/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server runs, but in another network namespace: every namespace has a localhost of its own. */
#include <string.h>

#include "base/addr.h"
#include "causes/listener.h"
#include "causes/place.h"
#include "causes/subject.h"
#include "causes/words.h"

/* The first socket whose process is known, else the first one. */
static const struct mux_stranger *choose(const struct mux_strangers *strangers)
{
	size_t i;

	for (i = 0; i < strangers->n_sockets; i++)
		if (strangers->sockets[i].holds)
			return &strangers->sockets[i];
	return &strangers->sockets[0];
}

/* "network namespace blue", "a network namespace of docker 0123456789ab", … */
static const char *namespace_text(struct findings *findings, const struct mux_stranger *stranger)
{
	const char *container = place_container(findings, stranger->cgroup);

	if (stranger->name.len != 0)
		return arena_printf(findings->arena, "network namespace %s",
				    cause_escape(findings, stranger->name));
	if (container != NULL)
		return arena_printf(findings->arena, "a network namespace of %s", container);
	return "another network namespace";
}

static void add_evidence(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_strangers *strangers = &findings->evaluation->snapshot->strangers;
	unsigned port = findings->evaluation->target.port;
	size_t i;

	finding_evidence(findings, finding, "listening sockets", "none on port %u here", port);
	for (i = 0; i < strangers->n_sockets; i++) {
		const struct mux_stranger *stranger = &strangers->sockets[i];
		const char *socket = words_endpoint(findings->arena, &stranger->address,
						    findings->evaluation->target.port);
		const char *command = cause_escape(findings, stranger->command);

		if (stranger->holds)
			finding_evidence(findings, finding, "elsewhere", "%s (%s, pid %d), in %s",
					 socket, command, stranger->pid,
					 namespace_text(findings, stranger));
		else
			finding_evidence(findings, finding, "elsewhere",
					 "%s (uid %u), in %s, that of %s, pid %d", socket,
					 (unsigned)stranger->uid,
					 namespace_text(findings, stranger), command,
					 stranger->pid);
	}
}

static void add_fixes(struct findings *findings, struct cause_finding *finding,
		      const struct mux_stranger *stranger)
{
	struct arena *arena = findings->arena;
	unsigned port = findings->evaluation->target.port;
	const char *container = place_container(findings, stranger->cgroup);
	struct str command;

	if (container != NULL)
		finding_fix(findings, finding,
			    "Publish the port when the container is started, on localhost only",
			    arena_printf(arena, "%s run -p 127.0.0.1:%u:%u IMAGE",
					 strncmp(container, "podman", strlen("podman")) == 0
						 ? "podman"
						 : "docker",
					 port, port),
			    NULL);
	str_init(&command, arena);
	if (stranger->name.len != 0) {
		str_add(&command, "ip netns exec ");
		str_add_shell(&command, stranger->name);
	} else {
		str_addf(&command, "nsenter --target %d --net", stranger->pid);
	}
	str_addf(&command, " muxdiag check localhost:%u", port);
	finding_fix(findings, finding, "Ask in its namespace, which takes root", str_done(&command),
		    NULL);
	if (addr_is_loopback(&stranger->address))
		finding_fix(findings, finding,
			    "To reach it from here, let it listen on an address that leads there, "
			    "such as 0.0.0.0",
			    NULL, NULL);
	finding_fix(findings, finding, "If another server is meant, start it here", NULL, NULL);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = listener_missing(evaluation);
	const struct mux_stranger *stranger;
	struct cause_finding *finding;

	if (candidate == NULL || place_of(evaluation) != PLACE_OTHER_NAMESPACE)
		return 0;
	stranger = choose(&evaluation->snapshot->strangers);
	finding = finding_add(findings, &cause_wrong_namespace,
			      subject_severity(evaluation, candidate->name->of_target));
	if (stranger->holds)
		finding_title(findings, finding,
			      "nobody listens on port %u here, but %s (pid %d) does in %s",
			      (unsigned)evaluation->target.port,
			      cause_escape(findings, stranger->command), stranger->pid,
			      namespace_text(findings, stranger));
	else
		finding_title(findings, finding,
			      "nobody listens on port %u here, but a process of uid %u does in %s",
			      (unsigned)evaluation->target.port, (unsigned)stranger->uid,
			      namespace_text(findings, stranger));
	add_evidence(findings, finding);
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	add_fixes(findings, finding, stranger);
	return finding_result(findings);
}

const struct cause cause_wrong_namespace = {
	.id = "wrong-namespace",
	.summary = "a process in another network namespace listens on the port",
	.explanation = "Nobody listens on the port here, but a process in another network "
		       "namespace does. Each container, and each namespace of `ip netns`, "
		       "has a lo, addresses and ports of its own, so one localhost does "
		       "not lead to the server on the other.\n\n"
		       "Every client here gets \"Connection refused\" at once, while the "
		       "server's log says that it listens, and a test inside the container "
		       "works.\n\n"
		       "When no socket of this namespace is on the port, muxdiag reads the "
		       "sockets of the other namespaces below /proc, each once, for at "
		       "most a few hundredths of a second. That needs no privilege; the "
		       "process that holds the socket is named for root or its own user, "
		       "else any process of its namespace. A process that /proc hides, as "
		       "outside of a container, is not found.\n\n"
		       "Publish the port of the container on the host's localhost, or ask "
		       "for an address of that namespace at which the server listens. A "
		       "server that listens on 127.0.0.1 inside a container is reached "
		       "from inside alone, published or not.",
	.find = find,
};
