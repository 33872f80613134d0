/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP client's own programs: on socket() and connect() by the family of its socket, and on every
 * packet that it sends or gets (__cgroup_bpf_run_filter_sk(), _sock_addr(), _skb()). The server's
 * control group is another, perhaps; it is not asked about.
 */
#include "evaluate/cgroup.h"

#include <sys/socket.h>

#include "base/str.h"

static const char *const names[MUX_N_CGROUP_HOOKS] = {
	[MUX_CGROUP_SOCK_CREATE] = "socket()",
	[MUX_CGROUP_CONNECT4] = "connect()",
	[MUX_CGROUP_CONNECT6] = "connect()",
	[MUX_CGROUP_EGRESS] = "packets on their way out",
	[MUX_CGROUP_INGRESS] = "packets on their way in",
};

/* Finds a program on any of the hooks. */
static const struct mux_cgroup_program *find(const struct mux_cgroup *cgroup, unsigned hooks)
{
	size_t i;

	for (i = 0; i < cgroup->n_programs; i++)
		if ((hooks >> cgroup->programs[i].hook & 1) != 0)
			return &cgroup->programs[i];
	return NULL;
}

static void doubt(const struct ev_context *context, const struct mux_cgroup_program *program,
		  struct ev_path *path)
{
	struct str text;

	if (program == NULL || path->passes != MUX_YES)
		return;
	str_init(&text, context->arena);
	str_addf(&text, "the rules let it pass, but a BPF program of the control group (id %u",
		 (unsigned)program->id);
	if (program->name.len != 0)
		str_add(&text, ", ");
	str_add_escaped(&text, program->name);
	str_addf(&text, ") decides about %s", names[program->hook]);
	path->passes = MUX_UNKNOWN;
	path->program = program;
	path->text = str_done(&text);
}

void ev_cgroup_run(const struct ev_context *context, struct ev_candidate *candidate)
{
	const struct mux_cgroup *cgroup = &context->snapshot->cgroup;
	unsigned connect =
		candidate->address.family == AF_INET6 ? MUX_CGROUP_CONNECT6 : MUX_CGROUP_CONNECT4;

	if (cgroup->source.presence != MUX_PRESENT)
		return;
	doubt(context,
	      find(cgroup, 1u << MUX_CGROUP_SOCK_CREATE | 1u << connect | 1u << MUX_CGROUP_EGRESS),
	      &candidate->output);
	if (candidate->route.state != EV_ROUTE_ELSEWHERE)
		doubt(context, find(cgroup, 1u << MUX_CGROUP_INGRESS), &candidate->input);
}
