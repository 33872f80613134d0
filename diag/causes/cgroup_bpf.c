/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A BPF program of the caller's control group denies: systemd's IPAddressDeny=, a network policy of
 * a cluster, a security agent. To a client it looks like a firewall's drop, or like a sandbox.
 */
#include <errno.h>
#include <sys/socket.h>

#include "base/str.h"
#include "causes/subject.h"

static const char *const hook_names[MUX_N_CGROUP_HOOKS] = {
	[MUX_CGROUP_SOCK_CREATE] = "socket()", [MUX_CGROUP_CONNECT4] = "connect()",
	[MUX_CGROUP_CONNECT6] = "connect()",   [MUX_CGROUP_SENDMSG4] = "sendmsg()",
	[MUX_CGROUP_SENDMSG6] = "sendmsg()",   [MUX_CGROUP_EGRESS] = "egress",
	[MUX_CGROUP_INGRESS] = "ingress",
};

/* The side on which a program stops the candidate, or NULL: the rules let it pass, the program has
 * a say, and a real connection failed as it then does. */
static const struct ev_path *find_denied(const struct ev_candidate *candidate)
{
	const struct ev_path *const paths[] = {&candidate->output, &candidate->input};
	size_t i;

	for (i = 0; i < 2; i++)
		if (paths[i]->program != NULL && paths[i]->passes == MUX_NO)
			return paths[i];
	return NULL;
}

static const char *name_of(struct findings *findings, const struct mux_cgroup_program *program)
{
	struct str text;

	str_init(&text, findings->arena);
	str_addf(&text, "BPF program %u", (unsigned)program->id);
	if (program->name.len != 0) {
		str_add(&text, " (");
		str_add_escaped(&text, program->name);
		str_add(&text, ")");
	}
	return str_done(&text);
}

static void add_fixes(struct findings *findings, struct cause_finding *finding,
		      const struct mux_cgroup_program *program)
{
	finding_fix(findings, finding,
		    "If systemd attached it (IPAddressDeny=), allow loopback in that unit",
		    "systemctl show -p IPAddressAllow,IPAddressDeny UNIT",
		    "systemctl set-property UNIT IPAddressAllow=localhost");
	finding_fix(findings, finding, "Else find out whose it is",
		    arena_printf(findings->arena, "bpftool prog show id %u", (unsigned)program->id),
		    "bpftool cgroup tree");
}

/* The first candidate that a program stops, and whom else it stops. */
struct group {
	const struct ev_candidate *first;
	const struct ev_path *path;
	bool hits_target, hits4, hits6;
};

/* Collects what the program that stops candidate `i` stops. False: an earlier one has it. */
static bool collect(const struct evaluation *evaluation, size_t i, struct group *group)
{
	size_t j;

	group->first = &evaluation->candidates[i];
	group->path = find_denied(group->first);
	for (j = 0; group->path != NULL && j < evaluation->n_candidates; j++) {
		const struct ev_candidate *candidate = &evaluation->candidates[j];
		const struct ev_path *path = find_denied(candidate);

		if (path == NULL || path->program != group->path->program)
			continue;
		if (j < i)
			return false;
		group->hits_target |= candidate->name->of_target;
		group->hits4 |= candidate->address.family == AF_INET;
		group->hits6 |= candidate->address.family == AF_INET6;
	}
	return group->path != NULL;
}

static void report(struct findings *findings, const struct group *group)
{
	const struct mux_cgroup *cgroup = &findings->evaluation->snapshot->cgroup;
	const struct mux_cgroup_program *program = group->path->program;
	const struct ev_candidate *first = group->first;
	enum mux_stage stage = group->path == &first->output ? MUX_STAGE_OUTPUT : MUX_STAGE_INPUT;
	int family = group->hits4 && group->hits6 ? 0 : first->address.family;
	struct cause_finding *finding =
		finding_add(findings, &cause_cgroup_bpf,
			    subject_severity(findings->evaluation, group->hits_target));

	finding_title(findings, finding, "a BPF program of the control group stops packets to %s",
		      family == 0 ? "IPv4 and IPv6 loopback"
				  : subject_address(findings, &first->address));
	finding_evidence(findings, finding, name_of(findings, program), "on %s of control group %s",
			 hook_names[program->hook], cause_escape(findings, cgroup->path));
	finding_evidence(findings, finding, "conclusion", "%s", group->path->text);
	subject_add_probes(findings, finding, first);
	finding_hit(finding, subject_hit(findings, family));
	finding_blocks(finding, 1u << stage, family);
	add_fixes(findings, finding, program);
	if (finding != NULL)
		finding->public.inferred = true;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		struct group group = {.first = NULL};

		if (collect(evaluation, i, &group))
			report(findings, &group);
	}
	return finding_result(findings);
}

const struct cause cause_cgroup_bpf = {
	.id = "cgroup-bpf",
	.summary = "a BPF program of the control group denies what the firewall allows",
	.explanation = "A BPF program that is attached to the control group of the client "
		       "drops or denies its packets. systemd's IPAddressDeny=, network "
		       "policies of clusters and security agents work like this.\n\n"
		       "Only the processes of that group are hit: the same command works "
		       "in another session or service. On connect() such a program gives "
		       "\"Operation not permitted\" at once; on egress or ingress the "
		       "connection hangs until it times out.\n\n"
		       "muxdiag asks the kernel which programs are in force, which needs "
		       "CAP_NET_ADMIN, but not what they do. It accuses one only where the "
		       "firewall's rules let a packet pass, such a program has a say, and "
		       "a real connection failed in the way it would make it fail. Without "
		       "privilege the same is seen as an unnamed refusal.\n\n"
		       "Where systemd attached it, allow loopback for the unit with "
		       "IPAddressAllow=localhost. Otherwise bpftool shows the program and "
		       "the group it is attached to; what loaded it is what has to be "
		       "configured.",
	.find = find,
};
