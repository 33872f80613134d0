/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nobody listens, and IPv6 is off: a server that is told to use it does not even start. */
#include "base/slice.h"
#include "causes/listener.h"
#include "causes/place.h"
#include "causes/subject.h"

static const struct mux_sysctl *find_switch(const struct mux_snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++)
		if (slice_is(slice_of(snapshot->sysctls[i].path),
			     "net/ipv6/conf/lo/disable_ipv6") &&
		    snapshot->sysctls[i].source.presence == MUX_PRESENT &&
		    slice_is(snapshot->sysctls[i].text, "1"))
			return &snapshot->sysctls[i];
	return NULL;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	const struct mux_sysctl *off = find_switch(snapshot);
	struct cause_finding *finding;

	if (listener_missing(evaluation) == NULL || place_of(evaluation) != PLACE_ORDINARY ||
	    (off == NULL && !snapshot->surroundings.ipv6_off))
		return 0;
	finding = finding_add(findings, &cause_server_lost_ipv6, MUX_SEVERITY_UNKNOWN);
	finding_title(
		findings, finding,
		"IPv6 is off, and a server that is told to listen on it may not have started");
	if (off != NULL)
		finding_evidence(findings, finding, "sysctl", "net.ipv6.conf.lo.disable_ipv6 = 1");
	if (snapshot->surroundings.ipv6_off)
		finding_evidence(findings, finding, "/sys/module/ipv6/parameters/disable", "1");
	finding_evidence(findings, finding, "listening sockets", "none on port %u",
			 (unsigned)evaluation->target.port);
	finding_fix(findings, finding,
		    "Look in the server's log for \"Cannot assign requested address\" or \"Address "
		    "family not supported by protocol\", and take [::1] or [::] out of its "
		    "configuration",
		    NULL, NULL);
	if (off != NULL) {
		finding_fix(findings, finding, "Or enable IPv6 on lo, and start it again",
			    "sysctl -w net.ipv6.conf.lo.disable_ipv6=0", NULL);
		finding_lasting(findings, finding,
				"echo net.ipv6.conf.lo.disable_ipv6=0 > "
				"/etc/sysctl.d/99-zz-loopback.conf");
	}
	if (finding != NULL)
		finding->public.inferred = true;
	return finding_result(findings);
}

const struct cause cause_server_lost_ipv6 = {
	.id = "server-lost-ipv6",
	.summary = "IPv6 is off, so a server that is told to listen on it may not have started",
	.explanation =
		"Servers that are told to listen on [::1] or [::] fail where IPv6 is off, and many "
		"then end altogether instead of serving IPv4 alone. With disable_ipv6 set, [::1] "
		"cannot be bound (\"Cannot assign requested address\") while [::] still can; with "
		"ipv6.disable=1 at boot there are no such sockets at all (\"socket() [::]:80 "
		"failed (97: Address family not supported by protocol)\").\n\n"
		"Clients see \"Connection refused\" over IPv4 too. It often begins with an update "
		"of the machine, or in a container, that turned IPv6 off.\n\n"
		"muxdiag cannot see a server that is not there. It says so as a possibility, "
		"beside no-listener, when nobody listens on the port and IPv6 is off, and nothing "
		"else explains the missing server.\n\n"
		"Take the IPv6 address out of the server's configuration, or enable IPv6 on lo, "
		"and start it again.",
	.find = find,
};
