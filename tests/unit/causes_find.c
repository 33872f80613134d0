/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each cause: found where it is, with its words; not found where it is not; ranked by what helps.
 */
#include <errno.h>
#include <linux/netfilter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes_fixture.h"
#include "netfilter/ruleset.h"

static struct fixture fixture;

static void assert_contains(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("'%s' does not contain '%s'", text, part);
}

static size_t n_above_info(const struct mux_finding *findings, size_t n)
{
	size_t i, above = 0;

	for (i = 0; i < n; i++)
		above += findings[i].severity > MUX_SEVERITY_INFO;
	return above;
}

static void test_ids_match_the_list(void **state)
{
	size_t i;

	(void)state;
	assert_true(n_causes >= 19);
	for (i = 0; i < n_causes; i++) {
		assert_null(strchr(causes[i]->id, '_'));
		assert_true(strlen(causes[i]->summary) > 10);
	}
	assert_string_equal(causes[0]->id, "hosts-localhost-missing");
}

static void test_healthy_has_no_finding(void **state)
{
	static const char *const targets[] = {"localhost", "debian5", "127.0.0.1", "::1"};
	size_t i, n = 0;

	(void)state;
	for (i = 0; i < 2 * 4; i++) {
		fixture_init(&fixture, targets[i / 2], i % 2 == 0 ? 8000 : 0);
		fixture_findings(&fixture, &n);
		assert_int_equal(n, 0);
		fixture_done(&fixture);
	}
}

static const char *const all_commented[] = {"1 off 127.0.0.1 localhost", "2 off 127.0.1.1 debian5",
					    "4 off ::1 localhost ip6-localhost", ""};

static void test_hosts_missing_names_the_lines(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, all_commented);
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	finding = fixture_finding(&fixture, "hosts-localhost-missing");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	assert_string_equal(finding->title,
			    "localhost is not in /etc/hosts (commented out in lines 1 and 4)");
	assert_true(has_evidence(finding, "/etc/hosts:1", "# 127.0.0.1 localhost"));
	assert_true(has_evidence(finding, "/etc/hosts:4", "# ::1 localhost ip6-localhost"));
	assert_true(has_evidence(finding, "resolver", "Name or service not known"));
	assert_true(has_command(finding,
				"sed -i '1s/^[#[:space:]]*//;4s/^[#[:space:]]*//' /etc/hosts"));
	assert_true(has_command(finding, "printf '127.0.0.1\\tlocalhost\\n::1\\tlocalhost "
					 "ip6-localhost ip6-loopback\\n' >> /etc/hosts"));
	fixture_done(&fixture);
}

static void test_hosts_append_ends_an_unfinished_line(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, all_commented);
	fixture.snapshot.hosts.final_newline = false;
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	finding = fixture_finding(&fixture, "hosts-localhost-missing");
	assert_true(has_command(finding, "printf '\\n127.0.0.1\\tlocalhost\\n::1\\tlocalhost "
					 "ip6-localhost ip6-loopback\\n' >> /etc/hosts"));
	fixture_done(&fixture);
}

/* nss-myhostname and the like answer: no accusation. */
static void test_hosts_missing_is_harmless_where_the_name_works(void **state)
{
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture.snapshot.hosts.source.presence = MUX_ABSENT;
	fixture.snapshot.hosts.n_entries = 0;
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].title, "there is no /etc/hosts");
	assert_int_equal(n_above_info(findings, n), 0);
	assert_false(findings[0].decisive);
	fixture_done(&fixture);
}

static void test_hosts_unreadable_is_no_finding(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture.snapshot.hosts.source.presence = MUX_DENIED;
	fixture.snapshot.hosts.n_entries = 0;
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	assert_null(fixture_finding(&fixture, "hosts-localhost-missing"));
	fixture_done(&fixture);
}

static void remove_candidate(const char *name, const char *address)
{
	struct ev_candidate *gone = fixture_find(&fixture, name, address);
	size_t i = (size_t)(gone - fixture.candidates);

	memmove(gone, gone + 1, (--fixture.evaluation.n_candidates - i) * sizeof(*gone));
}

static void test_one_family(void **state)
{
	static const char *const v6_only[] = {"4 live ::1 LOCALHOST", ""};
	const struct nf_decision policy = fixture_policy(NF_HOOK_OUTPUT);
	const struct mux_finding *finding;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, v6_only);
	remove_candidate("localhost", "127.0.0.1");
	finding = fixture_finding(&fixture, "hosts-localhost-one-family");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &policy);
	finding = fixture_findings(&fixture, &n);
	/* Either would do; the line in a file comes before the rule. */
	assert_string_equal(finding[0].id, "hosts-localhost-one-family");
	assert_true(finding[0].decisive);
	assert_int_equal(finding[0].severity, MUX_SEVERITY_CRITICAL);
	assert_string_equal(finding[1].id, "firewall-output-drop");
	assert_true(finding[1].decisive);
	finding = fixture_finding(&fixture, "hosts-localhost-one-family");
	assert_true(has_command(finding, "printf '127.0.0.1\\tlocalhost\\n' >> /etc/hosts"));
	fixture_done(&fixture);
}

/* A container without IPv6 whose hosts file has IPv4 only is healthy. */
static void test_one_family_is_right_where_there_is_no_other(void **state)
{
	static const char *const v4_only[] = {"1 live 127.0.0.1 localhost", ""};

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, v4_only);
	remove_candidate("localhost", "::1");
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_ROUTE, EADDRNOTAVAIL);
	fixture_find(&fixture, "::1", "::1")->route.passes = MUX_NO;
	assert_null(fixture_finding(&fixture, "hosts-localhost-one-family"));
	fixture_done(&fixture);
}

static void test_output_policy_is_named(void **state)
{
	const struct nf_decision policy = fixture_policy(NF_HOOK_OUTPUT);
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &policy);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "firewall-output-drop");
	assert_string_equal(findings[0].title,
			    "the policy of ip6 filter OUTPUT (hook output) drops packets to ::1");
	assert_int_equal(findings[0].severity, MUX_SEVERITY_WARNING);
	assert_true(findings[0].decisive);
	assert_false(findings[0].inferred);
	assert_true(has_evidence(&findings[0], "ip6 filter OUTPUT policy",
				 "policy drop; 12 packets, 960 bytes"));
	assert_true(has_evidence(&findings[0], "to see it",
				 "ip6tables -S OUTPUT, or nft list chain ip6 filter OUTPUT"));
	assert_true(has_evidence(&findings[0], "probe tcp [::1]:8000", "no answer for 300 ms"));
	assert_true(has_command(&findings[0], "ip6tables -I OUTPUT 1 -o lo -j ACCEPT"));
	fixture_done(&fixture);
}

/* The user's own machine: both policies drop, so neither alone is the answer; OUTPUT comes first.
 */
static void test_two_policies(void **state)
{
	const struct nf_decision output = fixture_policy(NF_HOOK_OUTPUT);
	const struct nf_decision input = fixture_policy(NF_HOOK_INPUT);
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &output);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_INPUT, &input);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 2);
	assert_string_equal(findings[0].id, "firewall-output-drop");
	assert_string_equal(findings[1].id, "firewall-input-drop");
	assert_false(findings[0].decisive);
	assert_false(findings[1].decisive);
	assert_true(has_command(&findings[1], "ip6tables -I INPUT 1 -i lo -j ACCEPT"));
	fixture_done(&fixture);
}

/* And the second machine: no name, and the drop; the name comes first, because 127.0.0.1 works. */
static void test_name_before_firewall(void **state)
{
	const struct nf_decision policy = fixture_policy(NF_HOOK_OUTPUT);
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, all_commented);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &policy);
	fixture_unresolve(&fixture, "localhost", "Temporary failure in name resolution");
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 2);
	assert_string_equal(findings[0].id, "hosts-localhost-missing");
	assert_true(findings[0].decisive);
	assert_string_equal(findings[1].id, "firewall-output-drop");
	assert_int_equal(findings[1].severity, MUX_SEVERITY_WARNING);
	assert_false(findings[1].decisive);
	fixture_done(&fixture);
}

static void test_backends_have_their_own_words(void **state)
{
	struct nf_decision decision = fixture_policy(NF_HOOK_OUTPUT);
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	decision.backend = NF_LEGACY;
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &decision);
	finding = fixture_finding(&fixture, "firewall-output-drop");
	assert_true(has_command(finding, "ip6tables-legacy -I OUTPUT 1 -o lo -j ACCEPT"));
	assert_contains(finding->title, "legacy");
	fixture_done(&fixture);

	fixture_init(&fixture, "localhost", 8000);
	decision = fixture_policy(NF_HOOK_OUTPUT);
	decision.family = NFPROTO_INET;
	decision.chain = slice_of("output");
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &decision);
	finding = fixture_finding(&fixture, "firewall-output-drop");
	assert_true(
		has_command(finding, "nft insert rule inet filter output oifname \"lo\" accept"));
	assert_true(has_evidence(finding, "to see it", "nft list chain inet filter output"));
	fixture_done(&fixture);
}

/* A drop in a chain that was jumped to is undone in the base chain. */
static void test_fix_goes_into_the_base_chain(void **state)
{
	struct nf_decision base = fixture_policy(NF_HOOK_INPUT), decision;
	const struct mux_finding *finding;
	size_t i;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	base.family = NFPROTO_INET;
	base.table = slice_of("fw4");
	base.chain = slice_of("input");
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_INPUT, &base);
	decision = base;
	decision.chain = slice_of("input_lan");
	decision.by_policy = false;
	decision.position = 3;
	decision.rule = "ip6 saddr ::1 drop";
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		if (fixture.candidates[i].address.family == AF_INET6)
			fixture.candidates[i].input.decision = decision;
	finding = fixture_finding(&fixture, "firewall-input-drop");
	assert_string_equal(finding->title,
			    "rule 3 of inet fw4 input_lan (hook input) drops packets to ::1");
	assert_true(has_evidence(finding, "inet fw4 input_lan rule 3", "ip6 saddr ::1 drop"));
	assert_true(has_command(finding, "nft insert rule inet fw4 input iifname \"lo\" accept"));
	fixture_done(&fixture);
}

/* The SYN passes, the answer dies: that is said. */
static void test_reply_drop(void **state)
{
	const struct nf_decision policy = fixture_policy(NF_HOOK_INPUT);
	const struct mux_finding *findings;
	size_t i, n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_INPUT, &policy);
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		fixture.candidates[i].input.of_reply =
			fixture.candidates[i].address.family == AF_INET6;
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "firewall-reply-drop");
	assert_string_equal(findings[0].title, "the policy of ip6 filter INPUT (hook input) drops "
					       "the answers (SYN/ACK) from ::1");
	assert_true(findings[0].decisive);
	assert_true(has_command(&findings[0], "ip6tables -I INPUT 1 -i lo -j ACCEPT"));
	fixture_done(&fixture);
}

/* One inet policy for both families is one finding. */
static void test_one_decider_is_one_finding(void **state)
{
	struct nf_decision decision = fixture_policy(NF_HOOK_INPUT);
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	decision.family = NFPROTO_INET;
	decision.chain = slice_of("input");
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_INPUT, &decision);
	fixture_drop(&fixture, AF_INET, MUX_STAGE_INPUT, &decision);
	fixture.snapshot.nftables.n_chains = 1;
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_int_equal(findings[0].severity, MUX_SEVERITY_CRITICAL);
	assert_true(findings[0].decisive);
	assert_string_equal(findings[0].hit, "");
	assert_contains(findings[0].title, "::1, 127.0.0.1, 127.0.1.1");
	fixture_done(&fixture);
}

static void infer(enum mux_stage stage, int udp_error)
{
	struct mux_probe *udp = &fixture.probes[fixture.n_probes++];
	size_t i;

	*udp = (struct mux_probe){.protocol = MUX_UDP, .port = 8000, .error = udp_error};
	udp->address = fixture_find(&fixture, "::1", "::1")->address;
	fixture_fail(&fixture, AF_INET6, stage, 0);
	fixture.evaluation.firewall_readable = false;
	for (i = 0; i < fixture.evaluation.n_candidates; i++) {
		struct ev_candidate *candidate = &fixture.candidates[i];
		struct ev_path *path =
			stage == MUX_STAGE_OUTPUT ? &candidate->output : &candidate->input;

		if (candidate->address.family != AF_INET6)
			continue;
		path->passes = MUX_NO;
		path->inferred = true;
		path->text = "concluded from the probes";
		candidate->udp = udp;
	}
}

static void test_output_drop_is_inferred_without_root(void **state)
{
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	infer(MUX_STAGE_OUTPUT, EPERM);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "firewall-output-drop");
	assert_true(findings[0].inferred);
	assert_string_equal(findings[0].title,
			    "IPv6 packets to ::1 are dropped on their way out of this machine");
	assert_true(has_evidence(&findings[0], "probe udp [::1]:8000", "EPERM"));
	assert_true(has_evidence(&findings[0], "conclusion", "as root"));
	assert_true(has_command(&findings[0], "sudo muxdiag check localhost:8000"));
	fixture_done(&fixture);
}

static void test_reject(void **state)
{
	struct nf_decision decision = fixture_policy(NF_HOOK_INPUT);
	const struct mux_finding *finding;
	size_t i, n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	decision.kind = NF_KIND_REJECT;
	decision.by_policy = false;
	decision.position = 1;
	decision.rule = "counter packets 12 bytes 960 -j REJECT";
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_INPUT, &decision);
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_INPUT, EACCES);
	for (i = 0; i < fixture.n_probes; i++)
		fixture.probes[i].icmp_origin = 3;
	finding = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(finding->id, "firewall-reject");
	assert_contains(finding->title, "rejects packets to ::1");
	assert_true(has_evidence(finding, "ip6 filter INPUT rule 1", "packets 12 bytes 960 -j"));
	assert_false(has_evidence(finding, "ip6 filter INPUT rule 1", "so far"));
	fixture_done(&fixture);
}

/* What was seen to connect is not accused, whatever the rules seem to say. */
static void test_a_working_address_is_not_accused(void **state)
{
	const struct nf_decision policy = fixture_policy(NF_HOOK_OUTPUT);
	size_t i, n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &policy);
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		fixture.candidates[i].works = MUX_YES;
	fixture_findings(&fixture, &n);
	assert_int_equal(n, 0);
	fixture_done(&fixture);
}

static void test_no_listener(void **state)
{
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_refuse(&fixture, AF_INET, NULL);
	fixture_refuse(&fixture, AF_INET6, NULL);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "no-listener");
	assert_string_equal(findings[0].title, "nobody listens on port 8000");
	assert_int_equal(findings[0].severity, MUX_SEVERITY_CRITICAL);
	assert_true(findings[0].decisive);
	assert_true(has_evidence(&findings[0], "probe tcp [::1]:8000", "ECONNREFUSED"));
	fixture.snapshot.listeners.source4.presence = MUX_DENIED;
	assert_null(fixture_finding(&fixture, "no-listener"));
	fixture_done(&fixture);
}

static void test_listener_of_one_family(void **state)
{
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_refuse(&fixture, AF_INET6, &fixture.listener4);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "listener-ipv4-only");
	assert_string_equal(findings[0].title,
			    "the server on port 8000 listens on IPv4 only, not on ::1");
	assert_int_equal(findings[0].severity, MUX_SEVERITY_WARNING);
	assert_true(findings[0].decisive);
	assert_true(has_evidence(&findings[0], "listening sockets",
				 "127.0.0.1:8000 (python3, pid 42)"));
	assert_true(has_command(&findings[0], "python3 -m http.server 8000 --bind ::"));
	fixture_done(&fixture);

	fixture_init(&fixture, "localhost", 8000);
	fixture.listener6.v6only = MUX_YES;
	fixture_refuse(&fixture, AF_INET, &fixture.listener6);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "listener-ipv6-only");
	assert_true(has_evidence(&findings[0], "listening sockets", "IPV6_V6ONLY"));
	fixture_done(&fixture);
}

static void test_listener_on_another_address(void **state)
{
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture.listener4.address.bytes[0] = 10;
	fixture_refuse(&fixture, AF_INET, &fixture.listener4);
	fixture_refuse(&fixture, AF_INET6, &fixture.listener4);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "listener-other-address");
	assert_string_equal(findings[0].title,
			    "the server listens on 10.0.0.1:8000, not on [::1]:8000");
	assert_true(
		has_evidence(&findings[0], "listening sockets", "10.0.0.1:8000 (python3, pid 42)"));
	assert_string_equal(findings[0].fixes[0].title,
			    "Ask for 10.0.0.1:8000, where the server listens");
	assert_true(findings[0].decisive);
	fixture_done(&fixture);
}

static void test_loopback_down(void **state)
{
	const struct mux_finding *findings;
	size_t i, n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_fail(&fixture, AF_INET, MUX_STAGE_ROUTE, 0);
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_ROUTE, EADDRNOTAVAIL);
	for (i = 0; i < fixture.evaluation.n_candidates; i++) {
		fixture.candidates[i].route.passes = MUX_NO;
		fixture.candidates[i].route.state = EV_ROUTE_LOOPBACK_DOWN;
	}
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "loopback-down");
	assert_true(findings[0].decisive);
	assert_true(has_command(&findings[0], "ip link set lo up"));
	fixture_done(&fixture);
}

/* Both must be cured, and as long as lo is down nothing that is done about names shows. */
static void test_what_stops_everything_comes_first(void **state)
{
	static const char *const lines[] = {"2 live 127.0.1.1 debian5", ""};
	const struct mux_finding *findings;
	size_t i, n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, lines);
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	findings = fixture_findings(&fixture, &n);
	assert_string_equal(findings[0].id, "hosts-localhost-missing");
	assert_true(findings[0].decisive);
	fixture_fail(&fixture, AF_INET, MUX_STAGE_ROUTE, 0);
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_ROUTE, EADDRNOTAVAIL);
	for (i = 0; i < fixture.evaluation.n_candidates; i++) {
		fixture.candidates[i].route.passes = MUX_NO;
		fixture.candidates[i].route.state = EV_ROUTE_LOOPBACK_DOWN;
	}
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 2);
	assert_string_equal(findings[0].id, "loopback-down");
	assert_string_equal(findings[1].id, "hosts-localhost-missing");
	fixture_done(&fixture);
}

static void disable_ipv6(void)
{
	size_t i;

	fixture.sysctls[0].path = "net/ipv6/conf/all/disable_ipv6";
	fixture.sysctls[0].text = slice_of("1");
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_ROUTE, EADDRNOTAVAIL);
	for (i = 0; i < fixture.evaluation.n_candidates; i++) {
		if (fixture.candidates[i].address.family != AF_INET6)
			continue;
		fixture.candidates[i].route.passes = MUX_NO;
		fixture.candidates[i].route.state = EV_ROUTE_IPV6_DISABLED;
		fixture.candidates[i].route.sysctl = &fixture.sysctls[0];
	}
}

static void test_ipv6_disabled_but_offered(void **state)
{
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	disable_ipv6();
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "ipv6-disabled");
	assert_contains(findings[0].title, "net.ipv6.conf.all.disable_ipv6");
	assert_true(has_evidence(&findings[0], "/etc/hosts:4", "::1 localhost"));
	assert_true(has_command(&findings[0], "sysctl -w net.ipv6.conf.lo.disable_ipv6=0"));
	remove_candidate("localhost", "::1");
	fixture.hosts[2].commented = true;
	assert_null(fixture_finding(&fixture, "ipv6-disabled"));
	fixture_done(&fixture);
}

static void test_accept_queue_full(void **state)
{
	const struct mux_finding *findings;
	size_t i, n = 0;

	(void)state;
	fixture_init(&fixture, "127.0.0.1", 8000);
	fixture.listener4.queued = 129;
	fixture_fail(&fixture, AF_INET, MUX_STAGE_LISTENER, 0);
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		if (fixture.candidates[i].address.family == AF_INET) {
			fixture.candidates[i].listen.accepts = MUX_NO;
			fixture.candidates[i].listen.queue_full = true;
		}
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "accept-queue-full");
	assert_true(has_evidence(&findings[0], "listening sockets",
				 "129 connections wait, its backlog is 128"));
	assert_true(findings[0].decisive);
	fixture_done(&fixture);
}

static void test_host_name(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_unresolve(&fixture, "debian5", "Name or service not known");
	finding = fixture_finding(&fixture, "hostname-unresolvable");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	assert_true(has_command(finding, "printf '127.0.1.1\\tdebian5\\n' >> /etc/hosts"));
	fixture_done(&fixture);
	fixture_init(&fixture, "debian5", 8000);
	fixture_unresolve(&fixture, "debian5", "Name or service not known");
	finding = fixture_finding(&fixture, "hostname-unresolvable");
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	fixture_done(&fixture);
}

static void add_resolution(enum mux_resolver resolver, const char *name,
			   const struct mux_address *address)
{
	struct mux_resolution *added = &fixture.resolutions[fixture.snapshot.n_resolutions++];

	added->resolver = resolver;
	added->lookup = MUX_LOOKUP_SYSTEM;
	added->name = slice_of(name);
	added->family = AF_INET;
	added->answered = true;
	added->addresses = address;
	added->n_addresses = address != NULL;
	added->status_text = slice_of("no such name");
}

static void test_resolvers_disagree(void **state)
{
	static const struct mux_address wrong = {.family = AF_INET, .bytes = {127, 1, 0, 0}};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "debian5", 8000);
	add_resolution(MUX_GETADDRINFO, "debian5", &addr_loopback4);
	add_resolution(MUX_CARES, "debian5", NULL);
	finding = fixture_finding(&fixture, "resolvers-disagree");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	assert_true(has_evidence(finding, "c-ares", "debian5: no such name"));
	fixture.resolutions[1].addresses = &wrong;
	fixture.resolutions[1].n_addresses = 1;
	finding = fixture_finding(&fixture, "resolvers-disagree");
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	fixture.resolutions[1].answered = false;
	assert_null(fixture_finding(&fixture, "resolvers-disagree"));
	fixture_done(&fixture);
}

/* Asked for the hosts file alone, c-ares can only be wrong, not incomplete. */
static void test_resolvers_disagree_about_hosts(void **state)
{
	static const struct mux_address wrong = {.family = AF_INET, .bytes = {127, 1, 0, 0}};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "debian5", 8000);
	add_resolution(MUX_GETADDRINFO, "debian5", &addr_loopback4);
	add_resolution(MUX_CARES, "debian5", NULL);
	fixture.resolutions[1].lookup = MUX_LOOKUP_HOSTS;
	assert_null(fixture_finding(&fixture, "resolvers-disagree"));
	fixture.resolutions[1].addresses = &wrong;
	fixture.resolutions[1].n_addresses = 1;
	fixture.hosts[1].fault = MUX_HOSTS_BAD_ADDRESS;
	finding = fixture_finding(&fixture, "resolvers-disagree");
	assert_non_null(finding);
	assert_true(has_evidence(finding, "c-ares", "127.1.0.0"));
	assert_true(has_evidence(finding, "/etc/hosts:2", "debian5"));
	fixture_done(&fixture);
}

/* c-ares makes the answer for localhost up; it is no evidence. */
static void test_made_up_names_are_not_compared(void **state)
{
	static const char *const targets[] = {"localhost", "LOCALHOST", "app.localhost"};
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		fixture_init(&fixture, targets[i], 8000);
		add_resolution(MUX_GETADDRINFO, targets[i], NULL);
		add_resolution(MUX_CARES, targets[i], &addr_loopback4);
		assert_null(fixture_finding(&fixture, "resolvers-disagree"));
		fixture_done(&fixture);
	}
}

/* Whatever a table is called, a command holds it as one harmless word, and a title shows it. */
static void test_hostile_names(void **state)
{
	struct nf_decision decision = fixture_policy(NF_HOOK_OUTPUT);
	const struct mux_finding *finding;
	size_t i;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	decision.family = NFPROTO_INET;
	decision.table = slice_of("a;reboot\033[2J");
	decision.chain = slice_of("$(id) \xe2\x80\xae\xff");
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &decision);
	finding = fixture_finding(&fixture, "firewall-output-drop");
	assert_non_null(finding);
	assert_null(strchr(finding->title, '\033'));
	assert_contains(finding->title, "a;reboot\\x1b[2J $(id) \\u{202e}\\xff");
	assert_int_equal(finding->n_fixes, 1);
	assert_contains(finding->fixes[0].commands[0], "$'a\\x3breboot\\x1b\\x5b2J'");
	for (i = 0; i < finding->n_evidence; i++)
		assert_null(strpbrk(finding->evidence[i].text, "\033\xff\xe2"));
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_match_the_list),
		cmocka_unit_test(test_healthy_has_no_finding),
		cmocka_unit_test(test_hosts_missing_names_the_lines),
		cmocka_unit_test(test_hosts_append_ends_an_unfinished_line),
		cmocka_unit_test(test_hosts_missing_is_harmless_where_the_name_works),
		cmocka_unit_test(test_hosts_unreadable_is_no_finding),
		cmocka_unit_test(test_one_family),
		cmocka_unit_test(test_one_family_is_right_where_there_is_no_other),
		cmocka_unit_test(test_output_policy_is_named),
		cmocka_unit_test(test_two_policies),
		cmocka_unit_test(test_name_before_firewall),
		cmocka_unit_test(test_backends_have_their_own_words),
		cmocka_unit_test(test_fix_goes_into_the_base_chain),
		cmocka_unit_test(test_reply_drop),
		cmocka_unit_test(test_one_decider_is_one_finding),
		cmocka_unit_test(test_output_drop_is_inferred_without_root),
		cmocka_unit_test(test_reject),
		cmocka_unit_test(test_a_working_address_is_not_accused),
		cmocka_unit_test(test_no_listener),
		cmocka_unit_test(test_listener_of_one_family),
		cmocka_unit_test(test_listener_on_another_address),
		cmocka_unit_test(test_loopback_down),
		cmocka_unit_test(test_what_stops_everything_comes_first),
		cmocka_unit_test(test_ipv6_disabled_but_offered),
		cmocka_unit_test(test_accept_queue_full),
		cmocka_unit_test(test_host_name),
		cmocka_unit_test(test_resolvers_disagree),
		cmocka_unit_test(test_resolvers_disagree_about_hosts),
		cmocka_unit_test(test_made_up_names_are_not_compared),
		cmocka_unit_test(test_hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
