/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SELinux or AppArmor refuses the connection: EACCES at once, and the kernel's route is good. */
#include "base/slice.h"
#include "causes/place.h"
#include "causes/subject.h"
#include "causes/words.h"

/* "unconfined_u:system_r:httpd_t:s0" → "httpd_t" */
static struct mux_slice type_of(struct mux_slice label)
{
	struct mux_slice type = label;
	size_t i, fields = 0;

	for (i = 0; i < label.len; i++) {
		if (label.data[i] != ':')
			continue;
		fields++;
		if (fields == 2)
			type = (struct mux_slice){label.data + i + 1, label.len - i - 1};
		if (fields == 3)
			type.len = i - (size_t)(type.data - label.data);
	}
	return type;
}

static void add_selinux_fixes(struct findings *findings, struct cause_finding *finding)
{
	struct mux_slice type = type_of(findings->evaluation->snapshot->surroundings.label);

	if (slice_is(type, "httpd_t"))
		finding_fix(findings, finding, "Allow web servers to connect",
			    "setsebool -P httpd_can_network_connect 1", NULL);
	finding_fix(findings, finding, "See what was denied, and why", "ausearch -m AVC -ts recent",
		    "ausearch -m AVC -ts recent | audit2why");
}

static void add_apparmor_fixes(struct findings *findings, struct cause_finding *finding)
{
	finding_fix(findings, finding, "See what was denied, and allow it in the profile",
		    "journalctl -k --grep apparmor", "aa-logprof");
}

static void report(struct findings *findings, enum refuser refuser,
		   const struct ev_candidate *candidate, int family)
{
	const struct mux_surroundings *surroundings = &findings->evaluation->snapshot->surroundings;
	bool selinux = refuser == REFUSER_SELINUX;
	struct cause_finding *finding =
		finding_add(findings, &cause_security_module_denies,
			    subject_severity(findings->evaluation, candidate->name->of_target));

	finding_title(findings, finding, "%s refuses connections of this process to %s",
		      selinux ? "SELinux" : "AppArmor",
		      family == 0 ? "both IPv4 and IPv6"
				  : words_address(findings->arena, &candidate->address));
	subject_add_probes(findings, finding, candidate);
	if (selinux)
		finding_evidence(findings, finding, "/sys/fs/selinux/enforce", "1: it enforces");
	if (surroundings->label.len != 0)
		finding_evidence(findings, finding, "/proc/self/attr/current", "%s",
				 cause_escape(findings, surroundings->label));
	finding_hit(finding, "only what has this label fails");
	finding_blocks(finding, 1u << MUX_STAGE_ROUTE, family);
	if (selinux)
		add_selinux_fixes(findings, finding);
	else
		add_apparmor_fixes(findings, finding);
	if (finding != NULL)
		finding->public.inferred = true;
}

static int find(struct findings *findings)
{
	static const enum refuser refusers[] = {REFUSER_SELINUX, REFUSER_APPARMOR};
	size_t i;

	for (i = 0; i < sizeof(refusers) / sizeof(refusers[0]); i++) {
		int family = 0;
		const struct ev_candidate *candidate =
			place_refused(findings->evaluation, refusers[i], &family);

		if (candidate != NULL)
			report(findings, refusers[i], candidate, family);
	}
	return finding_result(findings);
}

const struct cause cause_security_module_denies = {
	.id = "security-module-denies",
	.summary = "SELinux or AppArmor refuses the connection",
	.explanation = "The kernel's security module, SELinux or AppArmor, does not allow "
		       "this program to connect there.\n\n"
		       "connect() fails at once with \"Permission denied\", as in nginx's "
		       "\"connect() to 127.0.0.1:8081 failed (13: Permission denied) while "
		       "connecting to upstream\". Only programs with that label or profile "
		       "fail; in an interactive shell the same connection works.\n\n"
		       "muxdiag sees it when its own connection is refused like this "
		       "although the kernel's route is good, SELinux enforces or an "
		       "AppArmor profile is in force for it, and its own label is a "
		       "confined one. So run it in the context of the program that fails, "
		       "for example by `runcon` or `aa-exec`. What exactly was denied "
		       "stands in the audit log, which takes root to read.\n\n"
		       "For a web server in front of another one, `setsebool -P "
		       "httpd_can_network_connect 1` is the usual answer. Else let "
		       "audit2why or aa-logprof explain the denial and propose a rule.",
	.find = find,
};
