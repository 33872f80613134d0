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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner_by_name),
		cmocka_unit_test(test_owner_of_nothing_known),
		cmocka_unit_test(test_owner_of_policy),
		cmocka_unit_test(test_ban_is_lifted_for_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
