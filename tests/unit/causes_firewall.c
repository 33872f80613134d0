/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes that a firewall is: whose rules decide, and why they hit only sometimes or somebody.
 */
#include <linux/netfilter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/slice.h"
#include "causes/owner.h"
#include "causes_fixture.h"
#include "netfilter/ruleset.h"

static struct fixture fixture;

/* --- owners ------------------------------------------------------------------------------ */

/* Whose is the rule in that chain? "" = nobody's. */
static const char *owner_of(uint8_t family, const char *table, const char *chain)
{
	struct findings findings = {.evaluation = &fixture.evaluation, .arena = fixture.arena};
	const struct nf_decision decision = {.kind = NF_KIND_DROP,
					     .family = family,
					     .table = slice_of(table),
					     .chain = slice_of(chain),
					     .position = 1};
	const char *why = NULL;
	const struct owner *owner = owner_find(&findings, &decision, &why);

	if (owner == NULL)
		return "";
	assert_non_null(why);
	return owner->name;
}

static void test_owner_by_name(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	assert_string_equal(owner_of(NFPROTO_IPV6, "filter", "ufw6-user-input"), "ufw");
	assert_string_equal(owner_of(NFPROTO_IPV4, "filter", "ufw-before-output"), "ufw");
	assert_string_equal(owner_of(NFPROTO_INET, "firewalld", "filter_IN_public"), "firewalld");
	assert_string_equal(owner_of(NFPROTO_INET, "nordvpn", "output"), "NordVPN");
	assert_string_equal(owner_of(NFPROTO_INET, "mullvad", "output"), "Mullvad");
	assert_string_equal(owner_of(NFPROTO_IPV4, "filter", "f2b-sshd"), "fail2ban");
	assert_string_equal(owner_of(NFPROTO_IPV4, "filter", "ts-input"), "Tailscale");
	assert_string_equal(owner_of(NFPROTO_IPV4, "wg-quick-wg0", "preraw"), "wg-quick");
	assert_string_equal(owner_of(NFPROTO_INET, "fw4", "input"), "OpenWrt's fw4");
	fixture_done(&fixture);
}

static void test_owner_of_nothing_known(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	assert_string_equal(owner_of(NFPROTO_IPV6, "filter", "OUTPUT"), "");
	assert_string_equal(owner_of(NFPROTO_IPV6, "filter", "my-ufw-like"), "");
	assert_string_equal(owner_of(NFPROTO_INET, "nordvpn2", "output"), "");
	assert_string_equal(owner_of(NFPROTO_IPV6, "fw4", "input"), "");
	assert_string_equal(owner_of(NFPROTO_INET, "", ""), "");
	fixture_done(&fixture);
}

/* ufw sets the policies of iptables' own chains; Docker does not. */
static void test_owner_of_policy(void **state)
{
	const struct nf_decision policy = fixture_policy(NF_HOOK_INPUT);
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_INPUT, &policy);
	fixture.chains[1] = fixture.chains[0];
	fixture.chains[1].base = false;
	fixture.chains[1].name = slice_of("DOCKER-USER");
	fixture.snapshot.nftables.n_chains = 2;
	finding = fixture_finding(&fixture, "firewall-input-drop");
	assert_non_null(finding);
	assert_false(has_evidence(finding, "owner", ""));
	fixture.chains[1].name = slice_of("ufw6-before-input");
	finding = fixture_finding(&fixture, "firewall-input-drop");
	assert_non_null(finding);
	assert_true(has_evidence(finding, "owner", "ufw (chain ufw6-before-input)"));
	assert_string_equal(finding->fixes[0].commands[0], "ufw prepend allow in on lo");
	assert_true(has_command(finding, "ip6tables -I INPUT 1 -i lo -j ACCEPT"));
	fixture_done(&fixture);
}

static void test_ban_is_lifted_for_the_address(void **state)
{
	struct nf_decision rule = fixture_policy(NF_HOOK_INPUT);
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	rule.by_policy = false;
	rule.position = 1;
	rule.chain = slice_of("f2b-http");
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_INPUT, &rule);
	finding = fixture_finding(&fixture, "firewall-input-drop");
	assert_non_null(finding);
	assert_true(has_command(finding, "fail2ban-client unban ::1"));
	fixture_done(&fixture);
}

/* --- reasons ----------------------------------------------------------------------------- */

static struct nf_decision rule_in(uint8_t hook)
{
	struct nf_decision rule = fixture_policy(hook);

	rule.by_policy = false;
	rule.position = 2;
	rule.rule = "a rule";
	return rule;
}

/* Makes all IPv6 candidates die of the rule, and returns what it is called. */
static const char *title_of(const char *id, const struct nf_decision *rule, enum ev_because because)
{
	const struct mux_finding *finding;
	size_t i, n = 0;

	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, rule);
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		if (fixture.candidates[i].address.family == AF_INET6)
			fixture.candidates[i].output.because = because;
	fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	finding = fixture_finding(&fixture, id);
	assert_non_null(finding);
	assert_true(finding->decisive);
	assert_false(finding->inferred);
	return finding->title;
}

static void test_reason_takes_the_place_of_the_drop(void **state)
{
	struct nf_decision rule = rule_in(NF_HOOK_OUTPUT);

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	assert_string_equal(title_of("firewall-owner", &rule, EV_BECAUSE_OWNER),
			    "rule 2 of ip6 filter OUTPUT (hook output) drops packets to ::1, "
			    "depending on who sends them");
	fixture_done(&fixture);
	fixture_init(&fixture, "localhost", 8000);
	assert_string_equal(title_of("firewall-ct-invalid", &rule, EV_BECAUSE_CONNTRACK),
			    "rule 2 of ip6 filter OUTPUT (hook output) drops packets to ::1, "
			    "because conntrack does not know them");
	fixture_done(&fixture);
	fixture_init(&fixture, "localhost", 8000);
	rule.hook = NF_HOOK_EGRESS;
	rule.family = NFPROTO_NETDEV;
	assert_string_equal(title_of("firewall-netdev", &rule, EV_BECAUSE_RULE),
			    "rule 2 of netdev filter OUTPUT (hook egress) drops packets to ::1, on "
			    "the link lo itself");
	fixture_done(&fixture);
	fixture_init(&fixture, "localhost", 8000);
	rule = rule_in(NF_HOOK_OUTPUT);
	rule.table = slice_of("mullvad");
	rule.family = NFPROTO_INET;
	assert_string_equal(title_of("vpn-kill-switch", &rule, EV_BECAUSE_RULE),
			    "the kill switch of Mullvad drops packets to ::1: rule 2 of inet "
			    "mullvad OUTPUT (hook output)");
	fixture_done(&fixture);
}

/* Only a conclusion: the rules let it pass while the limit is fresh. */
static void test_limit_that_is_used_up(void **state)
{
	const struct mux_finding *finding;
	struct ev_candidate *candidate;
	struct nf_decision limit = rule_in(NF_HOOK_INPUT);

	(void)state;
	limit.kind = NF_KIND_UNKNOWN;
	limit.reason = "limit rate 2/hour";
	fixture_init(&fixture, "::1", 8000);
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_INPUT, 0);
	candidate = fixture_find(&fixture, "::1", "::1");
	candidate->input.passes = MUX_NO;
	candidate->input.inferred = true;
	candidate->input.used_up = true;
	candidate->input.decision = limit;
	finding = fixture_finding(&fixture, "firewall-rate-limit");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(finding->inferred);
	assert_string_equal(finding->title, "rule 2 of ip6 filter INPUT (hook input) lets packets "
					    "to ::1 pass only sometimes (limit rate 2/hour)");
	assert_null(fixture_finding(&fixture, "firewall-input-drop"));
	fixture_done(&fixture);
}

static void test_limit_that_is_not(void **state)
{
	const struct mux_finding *finding;
	struct nf_decision limit = rule_in(NF_HOOK_INPUT);
	size_t n = 0;

	(void)state;
	limit.kind = NF_KIND_UNKNOWN;
	limit.reason = "whether a limit is used up";
	fixture_init(&fixture, "::1", 8000);
	fixture_find(&fixture, "::1", "::1")->input.busy = &limit;
	finding = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(finding->id, "firewall-rate-limit");
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	limit.reason = "chance";
	assert_int_equal(fixture_finding(&fixture, "firewall-rate-limit")->severity,
			 MUX_SEVERITY_WARNING);
	fixture_done(&fixture);
	/* Nobody asked about it. */
	fixture_init(&fixture, "127.0.0.1", 8000);
	fixture_find(&fixture, "::1", "::1")->input.busy = &limit;
	assert_null(fixture_finding(&fixture, "firewall-rate-limit"));
	fixture_done(&fixture);
}

/* --- queues ------------------------------------------------------------------------------ */

static void test_queue_without_a_reader(void **state)
{
	const struct mux_finding *finding;
	struct nf_decision rule = rule_in(NF_HOOK_OUTPUT);

	(void)state;
	rule.kind = NF_KIND_QUEUE;
	rule.queue = (struct nf_queue){.known = true, .first = 5, .total = 2};
	fixture_init(&fixture, "localhost", 8000);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &rule);
	finding = fixture_finding(&fixture, "firewall-queue");
	assert_non_null(finding);
	assert_string_equal(finding->title,
			    "rule 2 of ip6 filter OUTPUT (hook output) hands packets to ::1 to "
			    "queues 5 to 6, which no program reads");
	assert_false(finding->inferred);
	assert_null(fixture_finding(&fixture, "firewall-output-drop"));
	fixture_done(&fixture);
}

/* Its name is a program's own choice. */
static void test_queue_with_a_reader(void **state)
{
	static const struct mux_queue queues[] = {
		{.number = 4, .port = 99, .command = SLICE("other")},
		{.number = 5, .port = 42, .waiting = 3, .command = SLICE("open\033snitch")},
	};
	const struct mux_finding *finding;
	struct nf_decision rule = rule_in(NF_HOOK_OUTPUT);
	struct ev_candidate *candidate;

	(void)state;
	rule.kind = NF_KIND_QUEUE;
	rule.queue = (struct nf_queue){.known = true, .first = 5, .total = 1};
	fixture_init(&fixture, "::1", 8000);
	fixture.snapshot.queues.list = queues;
	fixture.snapshot.queues.n = 2;
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &rule);
	candidate = fixture_find(&fixture, "::1", "::1");
	candidate->output.decided = false;
	candidate->output.inferred = true;
	finding = fixture_finding(&fixture, "firewall-queue");
	assert_non_null(finding);
	assert_true(finding->inferred);
	assert_non_null(
		strstr(finding->title, "to queue 5, whose reader open\\x1bsnitch does not"));
	assert_true(has_evidence(finding, "queue 5", "(pid 42); 3 packets wait"));
	fixture_done(&fixture);
}

/* --- redirects --------------------------------------------------------------------------- */

static void send_on(const struct nf_decision *rule, uint16_t port)
{
	struct ev_candidate *candidate = fixture_find(&fixture, "::1", "::1");

	candidate->listen.redirected = true;
	candidate->listen.redirect = rule;
	candidate->listen.sent_on_to = candidate->address;
	candidate->listen.sent_on_to_port = port;
}

static void test_redirect_to_nobody(void **state)
{
	const struct mux_finding *findings;
	struct nf_decision rule = rule_in(NF_HOOK_OUTPUT);
	size_t n = 0;

	(void)state;
	rule.table = slice_of("nat");
	fixture_init(&fixture, "::1", 8000);
	fixture_refuse(&fixture, AF_INET6, NULL);
	send_on(&rule, 8118);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "firewall-redirect");
	assert_int_equal(findings[0].severity, MUX_SEVERITY_CRITICAL);
	assert_true(findings[0].decisive);
	assert_string_equal(findings[0].title,
			    "rule 2 of ip6 nat OUTPUT (hook output) sends connections to "
			    "[::1]:8000 on to [::1]:8118, where nobody listens");
	fixture_done(&fixture);
}

/* Without root the counters tell that a closed port answered, though a socket listens. */
static void test_redirect_without_root(void **state)
{
	const struct mux_finding *findings;
	struct ev_candidate *candidate;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "::1", 8000);
	fixture_refuse(&fixture, AF_INET6, NULL);
	candidate = fixture_find(&fixture, "::1", "::1");
	candidate->listen.redirected = true;
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "firewall-redirect");
	assert_true(findings[0].inferred && findings[0].decisive);
	fixture_done(&fixture);
}

/* A proxy that answers is no fault, and what nobody asked about is not mentioned. */
static void test_redirect_that_works(void **state)
{
	const struct mux_finding *finding;
	const struct nf_decision rule = rule_in(NF_HOOK_OUTPUT);

	(void)state;
	fixture_init(&fixture, "::1", 8000);
	send_on(&rule, 8118);
	finding = fixture_finding(&fixture, "firewall-redirect");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	assert_int_equal(finding->n_fixes, 0);
	fixture_done(&fixture);
	fixture_init(&fixture, "127.0.0.1", 8000);
	send_on(&rule, 8118);
	assert_null(fixture_finding(&fixture, "firewall-redirect"));
	fixture_done(&fixture);
}

/* --- conntrack --------------------------------------------------------------------------- */

static void test_full_table(void **state)
{
	const struct mux_finding *findings;
	struct ev_candidate *candidate;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "::1", 8000);
	fixture.snapshot.conntrack = (struct mux_conntrack){
		.source.presence = MUX_PRESENT, .count = 65536, .max = 65536};
	assert_null(fixture_finding(&fixture, "conntrack-full"));
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_OUTPUT, 0);
	candidate = fixture_find(&fixture, "::1", "::1");
	candidate->output.passes = MUX_NO;
	candidate->output.inferred = candidate->output.table_full = true;
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "conntrack-full");
	assert_int_equal(findings[0].severity, MUX_SEVERITY_CRITICAL);
	assert_true(findings[0].inferred && findings[0].decisive);
	assert_true(has_evidence(&findings[0], "conntrack", "65536 of 65536 flows"));
	assert_true(has_command(&findings[0], "sysctl -w net.netfilter.nf_conntrack_max=131072"));
	fixture_done(&fixture);
}

/* --- both backends ----------------------------------------------------------------------- */

static void test_mixed_backends(void **state)
{
	static const struct mux_xtables_table filter = {
		.source.presence = MUX_PRESENT,
		.family = NFPROTO_IPV6,
		.name = SLICE("filter"),
		.valid_hooks =
			1u << NF_INET_LOCAL_IN | 1u << NF_INET_FORWARD | 1u << NF_INET_LOCAL_OUT,
		.n_entries = 6,
	};
	struct nf_decision policy = fixture_policy(NF_HOOK_OUTPUT);
	const struct mux_finding *findings;
	struct mux_xtables_table empty = filter;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture.snapshot.xtables.tables = &filter;
	fixture.snapshot.xtables.n_tables = 1;
	/* One backend alone is as it should be. */
	assert_null(fixture_finding(&fixture, "firewall-mixed-backends"));
	policy.backend = NF_LEGACY;
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &policy);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 2);
	assert_string_equal(findings[0].id, "firewall-output-drop");
	assert_string_equal(findings[1].id, "firewall-mixed-backends");
	assert_int_equal(findings[1].severity, MUX_SEVERITY_WARNING);
	assert_false(findings[1].decisive);
	assert_true(has_evidence(&findings[1], "legacy xtables", "filter (2 entries)"));
	assert_true(has_evidence(&findings[1], "nftables", "ip6 filter"));
	assert_true(has_command(&findings[1], "ip6tables-legacy-save"));
	fixture_done(&fixture);
	/* The table is there, but empty; or the guilty one is the one that is looked at. */
	fixture_init(&fixture, "localhost", 8000);
	empty.n_entries = 4;
	fixture.snapshot.xtables.tables = &empty;
	fixture.snapshot.xtables.n_tables = 1;
	policy.backend = NF_NFTABLES;
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &policy);
	assert_null(fixture_finding(&fixture, "firewall-mixed-backends"));
	fixture.snapshot.xtables.tables = &filter;
	assert_int_equal(fixture_finding(&fixture, "firewall-mixed-backends")->severity,
			 MUX_SEVERITY_INFO);
	fixture_done(&fixture);
}

/* --- without root ------------------------------------------------------------------------ */

static void test_unreadable_matters_where_nothing_is_known(void **state)
{
	const struct mux_finding *finding;
	struct ev_candidate *candidate;

	(void)state;
	fixture_init(&fixture, "::1", 0);
	candidate = fixture_find(&fixture, "::1", "::1");
	candidate->works = MUX_UNKNOWN;
	candidate->output.passes = candidate->input.passes = MUX_UNKNOWN;
	/* Readable, it is undecided for another reason, which is said elsewhere. */
	assert_null(fixture_finding(&fixture, "firewall-unreadable"));
	fixture.evaluation.firewall_readable = false;
	finding = fixture_finding(&fixture, "firewall-unreadable");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	assert_string_equal(finding->fixes[0].title, "Ask as root");
	/* What was concluded has a finding of its own, what works needs none. */
	candidate->output.inferred = true;
	candidate->output.passes = MUX_YES;
	candidate->input = candidate->output;
	assert_null(fixture_finding(&fixture, "firewall-unreadable"));
	candidate->input.passes = MUX_UNKNOWN;
	candidate->works = MUX_YES;
	assert_null(fixture_finding(&fixture, "firewall-unreadable"));
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner_by_name),
		cmocka_unit_test(test_owner_of_nothing_known),
		cmocka_unit_test(test_owner_of_policy),
		cmocka_unit_test(test_ban_is_lifted_for_the_address),
		cmocka_unit_test(test_reason_takes_the_place_of_the_drop),
		cmocka_unit_test(test_limit_that_is_used_up),
		cmocka_unit_test(test_limit_that_is_not),
		cmocka_unit_test(test_queue_without_a_reader),
		cmocka_unit_test(test_queue_with_a_reader),
		cmocka_unit_test(test_redirect_to_nobody),
		cmocka_unit_test(test_redirect_without_root),
		cmocka_unit_test(test_redirect_that_works),
		cmocka_unit_test(test_full_table),
		cmocka_unit_test(test_mixed_backends),
		cmocka_unit_test(test_unreadable_matters_where_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
