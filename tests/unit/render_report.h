/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report with something in every field, for the tests of the formats. */
#ifndef MUX_TESTS_RENDER_REPORT_H
#define MUX_TESTS_RENDER_REPORT_H

#include <sys/socket.h>

#include <muxdiag/report.h>

static const char *const sample_commands[] = {"ip6tables -I OUTPUT 1 -o lo -j ACCEPT"};

static const struct mux_fix sample_fixes[] = {
	{
		.title = "Let loopback packets, and only those, out",
		.commands = sample_commands,
		.n_commands = 1,
		.proved = MUX_YES,
		.then = "works for every client",
		.n_working = 34,
		.n_clients = 34,
	},
	{.title = "Ask the administrator", .proved = MUX_UNKNOWN, .then = ""},
};

static const struct mux_evidence sample_evidence[] = {
	{"ip6 filter OUTPUT policy", "hook output, priority 0, policy drop"},
	{"to see it", "ip6tables -S OUTPUT"},
};

static const struct mux_finding sample_findings[] = {
	{
		.id = "firewall-output-drop",
		.severity = MUX_SEVERITY_WARNING,
		.title = "the policy of ip6 filter OUTPUT (hook output) drops packets to ::1",
		.hit = "clients that try ::1",
		.evidence = sample_evidence,
		.n_evidence = 2,
		.fixes = sample_fixes,
		.n_fixes = 2,
		.decisive = true,
	},
	{
		.id = "hostname-unresolvable",
		.severity = MUX_SEVERITY_INFO,
		.title = "the host name box stands for no address",
		.hit = "sudo",
		.inferred = true,
	},
};

static const struct mux_name sample_names[] = {
	{"localhost", true, MUX_YES, "::1, 127.0.0.1 (getaddrinfo)"},
	{"box", false, MUX_NO, "Name or service not known"},
};

static const struct mux_endpoint sample_endpoints[] = {
	{
		.name = "localhost",
		.address = {.family = AF_INET6, .bytes = {[15] = 1}},
		.port = 8000,
		.position = 1,
		.of_target = true,
		.works = MUX_NO,
		.text = "no answer for 300 ms",
		.stages = {{MUX_YES, "lo is up"},
			   {MUX_NO, "policy drop"},
			   {MUX_YES, "accepted"},
			   {MUX_UNKNOWN, "not read"},
			   {MUX_NO, "no answer for 300 ms"}},
	},
	{
		.name = "localhost",
		.address = {.family = AF_INET, .bytes = {127, 0, 0, 1}},
		.port = 8000,
		.position = 2,
		.of_target = true,
		.works = MUX_YES,
		.text = "connected in 0.1 ms",
		.stages = {{MUX_YES, "lo is up"},
			   {MUX_YES, "accepted"},
			   {MUX_YES, "accepted"},
			   {MUX_YES, "127.0.0.1:8000 (muxd, pid 7)"},
			   {MUX_YES, "connected after 0.1 ms"}},
	},
};

static const struct mux_client sample_clients[] = {
	{
		.name = "ab",
		.title = "ab",
		.works = MUX_NO,
		.after_ms = 30000,
		.over = "",
		.says = "apr_pollset_poll: The timeout specified has expired (70007)",
		.text = "fails after 30 s",
	},
	{
		.name = "curl",
		.title = "curl",
		.works = MUX_YES,
		.over = "127.0.0.1",
		.says = "",
		.text = "works over 127.0.0.1",
	},
	{
		.name = "wget",
		.title = "wget",
		.works = MUX_UNKNOWN,
		.by_proxy = true,
		.over = "",
		.says = "",
		.text = "asks the proxy of http_proxy instead",
	},
	{
		.name = "java",
		.title = "Java",
		.works = MUX_YES,
		.over = "127.0.0.1",
		.says = "",
		.text = "works over 127.0.0.1",
	},
};

static const struct mux_recommendation sample_recommendations[] = {
	{"http://127.0.0.1:8000/", "connects to 127.0.0.1 in 0.1 ms"},
};

static const struct mux_gap sample_gaps[] = {
	{"IPv6 listening sockets", "EPERM: Operation not permitted; not known: who listens"},
};

static const struct mux_machine sample_machine = {
	.kernel = "6.1.0",
	.host_name = "box",
	.target = "localhost",
	.port = 8000,
	.uid = 1000,
	.capabilities = 0x1ffffffffffull,
	.netns = 4026531840,
	.time = 1700000000,
};

/* Returns a copy that the test may change. */
static inline struct mux_report sample_report(void)
{
	return (struct mux_report){
		.target = "localhost:8000",
		.port = 8000,
		.status = MUX_STATUS_WARNING,
		.headline = "localhost:8000 works over 127.0.0.1 but not over ::1: the policy.",
		.names = sample_names,
		.n_names = 2,
		.endpoints = sample_endpoints,
		.n_endpoints = 2,
		.clients = sample_clients,
		.n_clients = 4,
		.findings = sample_findings,
		.n_findings = 2,
		.recommendations = sample_recommendations,
		.n_recommendations = 1,
		.gaps = sample_gaps,
		.n_gaps = 1,
		.machine = &sample_machine,
	};
}

#endif
