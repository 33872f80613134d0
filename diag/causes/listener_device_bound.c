/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket is for one link alone (SO_BINDTODEVICE), and what is sent to oneself arrives on lo. */
#include "base/slice.h"
#include "causes/listener.h"
#include "causes/subject.h"

/* Returns the link's name, escaped, or its number. */
static const char *link_name(struct findings *findings, int index)
{
	const struct mux_routing *routing = &findings->evaluation->snapshot->routing;
	size_t i;

	for (i = 0; i < routing->n_links; i++)
		if (routing->links[i].index == index)
			return cause_escape(findings, routing->links[i].name);
	return arena_printf(findings->arena, "link %d", index);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = listener_find(evaluation, LISTENER_ELSEWHERE, 0);
	const struct mux_listener *listener;
	struct cause_finding *finding;

	if (candidate == NULL || !listener_is_device_bound(candidate))
		return 0;
	listener = candidate->listen.nearest;
	finding = finding_add(findings, &cause_listener_device_bound,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding,
		      "the server on port %u takes connections through %s only, and those to "
		      "oneself come through lo",
		      (unsigned)listener->port, link_name(findings, listener->link));
	finding_evidence(findings, finding, "listening sockets", "%s",
			 listener_text(findings, listener));
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	finding_fix(findings, finding,
		    "Start the server without the option that binds it to an interface "
		    "(SO_BINDTODEVICE), or a second one for lo",
		    NULL, NULL);
	listener_add_change(findings, finding, listener);
	return finding_result(findings);
}

const struct cause cause_listener_device_bound = {
	.id = "listener-device-bound",
	.summary = "the server is bound to one interface, and that is not lo",
	.explanation = "The socket listens on all addresses, but was bound to one network "
		       "interface (SO_BINDTODEVICE, or a VRF). Whatever a machine sends to one of "
		       "its own addresses arrives through lo, so a socket that belongs to another "
		       "interface never gets it.\n\n"
		       "Clients on this machine are refused at once (\"Connection refused\"), for "
		       "localhost and for every other address of this machine, while other "
		       "machines reach the server.\n\n"
		       "The kernel tells the interface of a listening socket to everybody; `ss "
		       "-ltn` shows it as 0.0.0.0%eth0:8000. Only a socket that would serve the "
		       "address otherwise is reported so.\n\n"
		       "Start the server without binding it to the interface; if only some "
		       "networks shall reach it, bind it to addresses, or filter by interface in "
		       "the firewall. For a VRF there is net.ipv4.tcp_l3mdev_accept.",
	.find = find,
};
