/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/place.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/listener.h"
#include "causes/subject.h"
#include "evaluate/infer.h"
#include "evaluate/route.h"

enum { ID_DIGITS = 64, ID_SHOWN = 12 };

static const struct mux_surroundings *surroundings_of(const struct evaluation *evaluation)
{
	return &evaluation->snapshot->surroundings;
}

const struct mux_variable *place_variable(const struct evaluation *evaluation, const char *name)
{
	const struct mux_environment *environment = &evaluation->snapshot->environment;
	size_t i;

	for (i = 0; i < environment->n_variables; i++)
		if (strcmp(environment->variables[i].name, name) == 0)
			return &environment->variables[i];
	return NULL;
}

static bool contains(struct mux_slice text, const char *part)
{
	return text.len != 0 && memmem(text.data, text.len, part, strlen(part)) != NULL;
}

/* --- containers -------------------------------------------------------------------------- */

/* What the runtimes call the control group of a container. */
static const struct runtime {
	const char *part, *name;
} runtimes[] = {
	{"docker", "docker"},
	{"libpod", "podman"},
	{"kubepods", "kubernetes"},
	{"cri-containerd", "containerd"},
	{"/lxc", "lxc"},
	{"machine.slice", "machine"},
};

static const struct runtime *runtime_of(struct mux_slice cgroup)
{
	size_t i;

	for (i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
		if (contains(cgroup, runtimes[i].part))
			return &runtimes[i];
	return NULL;
}

/* The 64 hexadecimal digits that Docker, podman and containerd know a container by. */
static struct mux_slice find_id(struct mux_slice cgroup)
{
	size_t i, n = 0;

	for (i = 0; i < cgroup.len; i++) {
		n = isxdigit((unsigned char)cgroup.data[i]) ? n + 1 : 0;
		if (n == ID_DIGITS)
			return (struct mux_slice){cgroup.data + i + 1 - ID_DIGITS, ID_SHOWN};
	}
	return (struct mux_slice){"", 0};
}

const char *place_container(struct findings *findings, struct mux_slice cgroup)
{
	const struct runtime *runtime = runtime_of(cgroup);
	struct mux_slice id = find_id(cgroup);

	if (runtime == NULL)
		return NULL;
	return arena_printf(findings->arena, "%s%s%.*s", runtime->name, id.len != 0 ? " " : "",
			    (int)id.len, id.data);
}

static bool is_container(const struct evaluation *evaluation)
{
	const struct mux_surroundings *surroundings = surroundings_of(evaluation);

	return surroundings->docker || surroundings->podman ||
	       place_variable(evaluation, "container") != NULL ||
	       place_variable(evaluation, "KUBERNETES_SERVICE_HOST") != NULL ||
	       runtime_of(surroundings->cgroup) != NULL;
}

static void add_variable(struct findings *findings, struct cause_finding *finding, const char *name)
{
	const struct mux_variable *variable = place_variable(findings->evaluation, name);

	if (variable != NULL)
		finding_evidence(findings, finding, "environment", "%s=%s", name,
				 cause_escape(findings, variable->value));
}

void place_add_container(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_surroundings *surroundings = surroundings_of(findings->evaluation);
	const char *container = place_container(findings, surroundings->cgroup);

	if (surroundings->docker)
		finding_evidence(findings, finding, "/.dockerenv",
				 "is there, as in containers of "
				 "Docker");
	if (surroundings->podman)
		finding_evidence(findings, finding, "/run/.containerenv",
				 "is there, as in containers of podman");
	add_variable(findings, finding, "container");
	add_variable(findings, finding, "KUBERNETES_SERVICE_HOST");
	if (container != NULL)
		finding_evidence(findings, finding, "control group", "one of %s", container);
}

/* --- links ------------------------------------------------------------------------------- */

static bool has_only_loopback(const struct evaluation *evaluation)
{
	const struct mux_routing *routing = &evaluation->snapshot->routing;

	return ev_route_loopback(routing) != NULL && routing->n_links == 1;
}

void place_add_links(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_routing *routing = &findings->evaluation->snapshot->routing;
	struct str text;
	size_t i;

	str_init(&text, findings->arena);
	for (i = 0; i < routing->n_links; i++) {
		str_add(&text, i == 0 ? "" : ", ");
		str_add_escaped(&text, routing->links[i].name);
	}
	finding_evidence(findings, finding, "links", "%s%s", str_done(&text),
			 routing->n_links == 1 ? " alone" : "");
}

/* --- sandboxes --------------------------------------------------------------------------- */

static const char *const sandbox_variables[] = {"CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED"};

/* A sandbox that says so, or a process that gave up ever getting more rights: bwrap and its like do
 * that, container runtimes and shells do not. */
static bool is_sandbox(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < sizeof(sandbox_variables) / sizeof(sandbox_variables[0]); i++)
		if (place_variable(evaluation, sandbox_variables[i]) != NULL)
			return true;
	return surroundings_of(evaluation)->no_new_privs == MUX_YES;
}

void place_add_sandbox(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_surroundings *surroundings = surroundings_of(findings->evaluation);
	size_t i;

	for (i = 0; i < sizeof(sandbox_variables) / sizeof(sandbox_variables[0]); i++)
		add_variable(findings, finding, sandbox_variables[i]);
	if (surroundings->seccomp == MUX_YES)
		finding_evidence(findings, finding, "/proc/self/status",
				 "a seccomp filter decides about system calls");
	if (surroundings->no_new_privs == MUX_YES)
		finding_evidence(findings, finding, "/proc/self/status",
				 "no_new_privs is set, as sandboxes do");
	if (contains(surroundings->modules, "landlock"))
		finding_evidence(findings, finding, "/sys/kernel/security/lsm",
				 "the kernel offers Landlock");
}

void place_add_allowance(struct findings *findings, struct cause_finding *finding)
{
	size_t i;

	for (i = 0; i < sizeof(sandbox_variables) / sizeof(sandbox_variables[0]); i++)
		if (place_variable(findings->evaluation, sandbox_variables[i]) != NULL) {
			finding_fix(findings, finding, "Allow network access to Codex's sandbox",
				    "codex -c sandbox_workspace_write.network_access=true", NULL);
			return;
		}
}

/* --- where the server may be ------------------------------------------------------------- */

bool place_is_wsl(const struct evaluation *evaluation)
{
	struct mux_slice release = surroundings_of(evaluation)->release;

	return contains(release, "microsoft") && contains(release, "WSL2");
}

enum place place_of(const struct evaluation *evaluation)
{
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	bool other = snapshot->surroundings.first_netns == MUX_NO;

	if (listener_missing(evaluation) == NULL || !evaluation->live_target)
		return PLACE_ORDINARY;
	if (snapshot->strangers.n_sockets != 0)
		return PLACE_OTHER_NAMESPACE;
	if (other && is_container(evaluation) && snapshot->routing.n_links > 1)
		return PLACE_CONTAINER;
	if (other && is_sandbox(evaluation) && has_only_loopback(evaluation))
		return PLACE_SANDBOX;
	return place_is_wsl(evaluation) ? PLACE_WSL : PLACE_ORDINARY;
}

/* --- who refuses ------------------------------------------------------------------------- */

/* "system_u:system_r:unconfined_t:s0" may do all; of a label that cannot be read nothing is known.
 */
static bool is_confined(struct mux_slice label)
{
	return label.len != 0 && !contains(label, "unconfined");
}

static enum refuser refuser_of_eacces(const struct evaluation *evaluation)
{
	const struct mux_surroundings *surroundings = surroundings_of(evaluation);

	if (contains(surroundings->label, "(enforce)"))
		return REFUSER_APPARMOR;
	if (surroundings->selinux_enforcing && is_confined(surroundings->label))
		return REFUSER_SELINUX;
	if (is_sandbox(evaluation) || surroundings->seccomp == MUX_YES)
		return REFUSER_SANDBOX;
	return surroundings->selinux_enforcing && surroundings->label.len == 0 ? REFUSER_SELINUX
									       : REFUSER_NONE;
}

/* No firewall makes connect() or socket() for TCP fail like this; a route does (EACCES), and that
 * the kernel's own answer has told. */
enum refuser place_refuser(const struct evaluation *evaluation,
			   const struct ev_candidate *candidate)
{
	const struct mux_surroundings *surroundings = surroundings_of(evaluation);

	if (surroundings->source.presence != MUX_PRESENT || !evaluation->live_target ||
	    candidate->works == MUX_YES || candidate->route.passes == MUX_NO ||
	    candidate->output.program != NULL || ev_fate_of(candidate) != EV_FATE_LOCAL)
		return REFUSER_NONE;
	switch (candidate->tcp->error) {
	case EACCES:
		return refuser_of_eacces(evaluation);
	case EPERM:
	case EAFNOSUPPORT:
	case ENOSYS:
		return is_sandbox(evaluation) || surroundings->seccomp == MUX_YES ? REFUSER_SANDBOX
										  : REFUSER_NONE;
	default:
		return REFUSER_NONE;
	}
}

const struct ev_candidate *place_refused(const struct evaluation *evaluation, enum refuser refuser,
					 int *ret_family)
{
	const struct ev_candidate *first = NULL;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (!subject_has(evaluation, candidate) ||
		    place_refuser(evaluation, candidate) != refuser)
			continue;
		if (first == NULL) {
			first = candidate;
			*ret_family = candidate->address.family;
		} else if (candidate->address.family != *ret_family) {
			*ret_family = 0;
		}
	}
	return first;
}
