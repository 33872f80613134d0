/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside a container with a network of its own, localhost is the container: a server of its host,
 * or of another container, is not there. */
#include "causes/listener.h"
#include "causes/place.h"
#include "causes/subject.h"

/* As the runtime calls the host from inside. */
static void add_fixes(struct findings *findings, struct cause_finding *finding)
{
	const struct evaluation *evaluation = findings->evaluation;
	bool podman = evaluation->snapshot->surroundings.podman;
	const char *host = podman ? "host.containers.internal" : "host.docker.internal";
	unsigned port = evaluation->target.port;

	finding_fix(findings, finding, "If the server belongs into this container, start it here",
		    "ss -ltn", NULL);
	if (place_variable(evaluation, "KUBERNETES_SERVICE_HOST") != NULL) {
		finding_fix(findings, finding,
			    "If it runs in another pod, ask for the name of its service", NULL,
			    NULL);
		return;
	}
	finding_fix(findings, finding,
		    "If it runs on the host, ask for the host, where it must not listen on "
		    "127.0.0.1 alone",
		    arena_printf(findings->arena, "curl http://%s:%u/", host, port), NULL);
	if (!podman)
		finding_fix(findings, finding,
			    "Docker on Linux gives the host that name only when told to",
			    "docker run --add-host host.docker.internal:host-gateway IMAGE", NULL);
	finding_fix(findings, finding, "Or start the container in the network of the host",
		    podman ? "podman run --network host IMAGE" : "docker run --network host IMAGE",
		    NULL);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = listener_missing(evaluation);
	struct cause_finding *finding;

	if (candidate == NULL || place_of(evaluation) != PLACE_CONTAINER)
		return 0;
	finding = finding_add(findings, &cause_container_localhost,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding,
		      "nobody listens on port %u in this container, and its localhost is not that "
		      "of its host",
		      (unsigned)evaluation->target.port);
	finding_evidence(findings, finding, "listening sockets", "none on port %u in here",
			 (unsigned)evaluation->target.port);
	place_add_container(findings, finding);
	place_add_links(findings, finding);
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	add_fixes(findings, finding);
	return finding_result(findings);
}

const struct cause cause_container_localhost = {
	.id = "container-localhost",
	.summary = "nobody listens on the port in this container, whose localhost is its own",
	.explanation = "This process runs in a container with a network of its own, and "
		       "nobody in there listens on the port. Localhost inside a container "
		       "is the container: neither its host nor another container is "
		       "reached by it.\n\n"
		       "Clients inside get \"Connection refused\" at once, for an address "
		       "that works on the host. It shows when a program is moved into a "
		       "container together with a configuration that says localhost.\n\n"
		       "What speaks for a container is the file /.dockerenv or "
		       "/run/.containerenv, the variable container or "
		       "KUBERNETES_SERVICE_HOST, or the name of the control group. A "
		       "container in the host's network is not meant: it has the host's "
		       "localhost. All of it is read without privilege, and only when "
		       "nobody listens.\n\n"
		       "If the server belongs into the container, start it there. If it "
		       "runs on the host, ask for host.docker.internal (podman: "
		       "host.containers.internal), and let the server listen on an address "
		       "that the container reaches. Or start the container with --network "
		       "host. Between containers use a shared network and the container's "
		       "name.",
	.find = find,
};
