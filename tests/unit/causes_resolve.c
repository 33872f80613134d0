/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes about name services beyond /etc/hosts: found where they harm, silent elsewhere. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes_fixture.h"

static struct fixture fixture;
static struct mux_nss_service services[4];

static struct mux_address address_of(const char *text)
{
	struct mux_address address;

	assert_int_equal(addr_parse(slice_of(text), &address), 0);
	return address;
}

static void assert_silent(const char *id)
{
	const struct mux_finding *finding = fixture_finding(&fixture, id);

	if (finding != NULL)
		fail_msg("%s is accused: %s", id, finding->title);
}

static const struct mux_finding *assert_found(const char *id, enum mux_severity severity)
{
	const struct mux_finding *finding = fixture_finding(&fixture, id);

	if (finding == NULL)
		fail_msg("%s is not found", id);
	assert_int_equal(finding->severity, severity);
	return finding;
}

/* The hosts line is line 7 and names these services; "!" in front ends the look-up at NOTFOUND. */
static void set_services(const char *text, const char *const *names)
{
	struct mux_nsswitch *nsswitch = &fixture.snapshot.nsswitch;

	memset(services, 0, sizeof(services));
	nsswitch->source.presence = MUX_PRESENT;
	nsswitch->line = 7;
	nsswitch->text = slice_of(text);
	nsswitch->services = services;
	for (nsswitch->n_services = 0; *names != NULL; names++) {
		struct mux_nss_service *service = &services[nsswitch->n_services++];
		bool ends = (*names)[0] == '!';

		service->name = slice_of(*names + ends);
		service->actions[MUX_NSS_SUCCESS] = MUX_NSS_RETURN;
		service->actions[MUX_NSS_NOTFOUND] = ends ? MUX_NSS_RETURN : MUX_NSS_CONTINUE;
	}
}

#define SERVICES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* localhost stands for an address of somebody else, where nobody answers. */
static void lead_away(void)
{
	static const char *const addresses[] = {"::1", "127.0.0.1"};
	size_t i;

	for (i = 0; i < 2; i++) {
		struct ev_candidate *candidate = fixture_find(&fixture, "localhost", addresses[i]);

		candidate->address = address_of(i == 0 ? "192.0.2.66" : "192.0.2.67");
		candidate->works = MUX_NO;
		candidate->tcp = NULL;
		candidate->route.state = EV_ROUTE_ELSEWHERE;
		candidate->blocked = 1u << MUX_STAGE_ROUTE;
	}
}

/* --- nsswitch-without-files --------------------------------------------------------------- */

static const char without_files[] = "nsswitch-without-files";

static void blames_a_line_without_files(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	set_services("hosts: dns", SERVICES("dns"));
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	finding = assert_found(without_files, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	assert_true(has_evidence(finding, "/etc/nsswitch.conf:7", "hosts: dns"));
	assert_true(has_command(
		finding, "sed -i '7s/hosts[[:space:]:]*/hosts: files /' /etc/nsswitch.conf"));
	fixture_done(&fixture);
}

static void blames_a_file_that_glibc_refuses(void **state)
{
	struct mux_nsswitch *nsswitch = &fixture.snapshot.nsswitch;
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	nsswitch->source.presence = MUX_DENIED;
	nsswitch->source.error = EBADMSG;
	nsswitch->line = 2;
	nsswitch->text = slice_of("passwd: files [SUCESS=return]");
	fixture_unresolve(&fixture, "localhost", "System error");
	finding = assert_found(without_files, MUX_SEVERITY_CRITICAL);
	assert_true(has_evidence(finding, "/etc/nsswitch.conf:2", "SUCESS"));
	assert_true(has_command(finding, "sed -i '2s/\\[[^]]*\\]*//g' /etc/nsswitch.conf"));
	fixture_done(&fixture);
}

static void is_mild_while_somebody_else_answers(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	set_services("hosts: myhostname dns", SERVICES("myhostname", "dns"));
	assert_found(without_files, MUX_SEVERITY_INFO);
	fixture_done(&fixture);
}

static void leaves_lines_with_files_alone(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	assert_silent(without_files);
	set_services("hosts: files dns", SERVICES("files", "dns"));
	assert_silent(without_files);
	fixture.snapshot.nsswitch.source.presence = MUX_DENIED;
	fixture.snapshot.nsswitch.source.error = EACCES;
	assert_silent(without_files);
	fixture_done(&fixture);
}

/* --- nsswitch-order ----------------------------------------------------------------------- */

static const char order[] = "nsswitch-order";

static void blames_an_end_before_the_hosts_file(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	set_services("hosts: dns [NOTFOUND=return] files", SERVICES("!dns", "files"));
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	finding = assert_found(order, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	assert_true(has_evidence(finding, "/etc/nsswitch.conf:7", "[NOTFOUND=return]"));
	assert_true(has_command(finding, "sed -i '7s/.*/hosts: files dns/' /etc/nsswitch.conf"));
	fixture_done(&fixture);
}

static void blames_a_name_server_that_answers_first(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	set_services("hosts: dns files", SERVICES("dns", "files"));
	lead_away();
	assert_found(order, MUX_SEVERITY_CRITICAL);
	fixture_done(&fixture);
}

static void blames_an_end_before_myhostname(void **state)
{
	static const char *const hosts[] = {"2 live 127.0.1.1 debian5", ""};

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	set_services("hosts: files [NOTFOUND=return] myhostname", SERVICES("!files", "myhostname"));
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	assert_true(has_command(assert_found(order, MUX_SEVERITY_CRITICAL),
				"sed -i '7s/.*/hosts: files myhostname dns/' /etc/nsswitch.conf"));
	fixture_done(&fixture);
}

static void leaves_an_order_that_does_no_harm(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	set_services("hosts: resolve [NOTFOUND=return] files", SERVICES("!resolve", "files"));
	assert_silent(order);
	/* Nobody behind knows it either. */
	fixture_hosts(&fixture, (const char *const[]){"2 live 127.0.1.1 debian5", ""});
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	assert_silent(order);
	fixture_done(&fixture);
}

/* --- nsswitch-module-missing -------------------------------------------------------------- */

static const char module_missing[] = "nsswitch-module-missing";

static void blames_the_module_that_was_to_answer(void **state)
{
	struct mux_nss_module module = {.service = SLICE("myhostname")};

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, (const char *const[]){"2 live 127.0.1.1 debian5", ""});
	set_services("hosts: files myhostname", SERVICES("files", "myhostname"));
	fixture.snapshot.nss_modules.source.presence = MUX_PRESENT;
	fixture.snapshot.nss_modules.list = &module;
	fixture.snapshot.nss_modules.n = 1;
	assert_silent(module_missing);
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	assert_true(has_command(assert_found(module_missing, MUX_SEVERITY_CRITICAL),
				"apt-get install libnss-myhostname"));
	fixture.snapshot.nss_modules.nscd = true;
	assert_silent(module_missing);
	fixture.snapshot.nss_modules.nscd = false;
	module.found = true;
	assert_silent(module_missing);
	fixture_done(&fixture);
}

static void blames_a_missing_module_that_ends_the_look_up(void **state)
{
	struct mux_nss_module module = {.service = SLICE("resolve")};

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	set_services("hosts: odd files", SERVICES("odd", "files"));
	module.service = slice_of("odd");
	fixture.snapshot.nss_modules.source.presence = MUX_PRESENT;
	fixture.snapshot.nss_modules.list = &module;
	fixture.snapshot.nss_modules.n = 1;
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	assert_silent(module_missing);
	services[0].actions[MUX_NSS_UNAVAIL] = MUX_NSS_RETURN;
	assert_found(module_missing, MUX_SEVERITY_CRITICAL);
	assert_silent(order);
	fixture_done(&fixture);
}

/* --- name servers ------------------------------------------------------------------------- */

static const char answers[] = "dns-answers-localhost", slow[] = "dns-slow-or-dead",
		  search[] = "search-domain-captures";

/* localhost is not in /etc/hosts, and getaddrinfo says what the candidates are. */
static void ask_name_server(void)
{
	static const char *const hosts[] = {"2 live 127.0.1.1 debian5", ""};
	struct mux_resolution *system = &fixture.resolutions[0];

	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	set_services("hosts: files dns", SERVICES("files", "dns"));
	*system = (struct mux_resolution){.resolver = MUX_GETADDRINFO,
					  .lookup = MUX_LOOKUP_SYSTEM,
					  .name = slice_of("localhost"),
					  .family = AF_UNSPEC,
					  .answered = true};
	fixture.names[0].resolution = system;
	fixture.snapshot.n_resolutions = 1;
	fixture.snapshot.resolv.source.presence = MUX_PRESENT;
}

static void add_denial(int family)
{
	fixture.resolutions[fixture.snapshot.n_resolutions++] =
		(struct mux_resolution){.resolver = MUX_CARES,
					.lookup = MUX_LOOKUP_DNS,
					.name = slice_of("localhost"),
					.family = family,
					.answered = true,
					.status = 4};
}

static void blames_a_name_server_that_leads_away(void **state)
{
	(void)state;
	ask_name_server();
	lead_away();
	assert_true(assert_found(answers, MUX_SEVERITY_CRITICAL)->decisive);
	assert_silent(search);
	assert_silent(slow);
	fixture_done(&fixture);
}

static void mentions_a_name_server_that_is_right(void **state)
{
	(void)state;
	ask_name_server();
	assert_found(answers, MUX_SEVERITY_INFO);
	set_services("hosts: files myhostname dns", SERVICES("files", "myhostname", "dns"));
	assert_silent(answers);
	fixture_done(&fixture);
	fixture_init(&fixture, "localhost", 8000);
	set_services("hosts: files dns", SERVICES("files", "dns"));
	assert_silent(answers);
	fixture_done(&fixture);
}

static void blames_a_search_domain(void **state)
{
	static const struct mux_slice domain = SLICE("example.com");
	const struct mux_finding *finding;

	(void)state;
	ask_name_server();
	lead_away();
	fixture.snapshot.resolv.search = &domain;
	fixture.snapshot.resolv.n_search = 1;
	add_denial(AF_INET);
	assert_silent(search);
	add_denial(AF_INET6);
	finding = assert_found(search, MUX_SEVERITY_CRITICAL);
	assert_true(has_evidence(finding, "/etc/resolv.conf", "search example.com"));
	assert_silent(answers);
	fixture.snapshot.resolv.n_search = 0;
	assert_silent(search);
	fixture_done(&fixture);
}

/* res_vinit_1(): LOCALDOMAIN replaces the search lines, and may be empty. */
static void blames_the_variable_that_replaces_the_search_list(void **state)
{
	static const struct mux_slice domain = SLICE("example.com");
	const struct mux_finding *finding;

	(void)state;
	ask_name_server();
	lead_away();
	add_denial(AF_INET);
	add_denial(AF_INET6);
	fixture.snapshot.resolv.search = &domain;
	fixture.snapshot.resolv.n_search = 1;
	fixture.snapshot.environment.variables = fixture.variables;
	fixture.snapshot.environment.n_variables = 1;
	fixture.variables[0] = (struct mux_variable){"LOCALDOMAIN", slice_of(" \t\nexample.org")};
	assert_silent(search);
	fixture.variables[0].value = slice_of("\tcorp.example\nexample.org");
	finding = assert_found(search, MUX_SEVERITY_CRITICAL);
	assert_true(has_evidence(finding, "environment", "LOCALDOMAIN=\\x09corp.example"));
	assert_true(has_command(finding, "unset LOCALDOMAIN"));
	assert_non_null(strstr(finding->title, "the search domain corp.example, which"));
	fixture.variables[0].value = slice_of("corp.example example.org");
	finding = assert_found(search, MUX_SEVERITY_CRITICAL);
	assert_non_null(strstr(finding->title, "the search domain of LOCALDOMAIN, which"));
	fixture.snapshot.resolv.source.presence = MUX_ABSENT;
	assert_found(search, MUX_SEVERITY_CRITICAL);
	fixture_done(&fixture);
}

static void blames_an_alias(void **state)
{
	static const struct mux_host_alias aliases[] = {
		{1, SLICE("printer"), SLICE("printer.example.com")},
		{2, SLICE("LOCALHOST"), SLICE("far\x1b.example.com")},
	};
	struct mux_host_aliases *facts = &fixture.snapshot.host_aliases;
	const struct mux_finding *finding;

	(void)state;
	ask_name_server();
	lead_away();
	facts->path = slice_of("/etc/aliases");
	facts->list = aliases;
	facts->n = 1;
	assert_silent("hostaliases");
	facts->n = 2;
	finding = assert_found("hostaliases", MUX_SEVERITY_CRITICAL);
	assert_true(has_evidence(finding, "environment", "HOSTALIASES=/etc/aliases"));
	assert_true(has_evidence(finding, "/etc/aliases:2", "LOCALHOST far\\x1b.example.com"));
	assert_true(has_command(finding, "unset HOSTALIASES"));
	assert_silent(answers);
	fixture_done(&fixture);
	/* What /etc/hosts has, no name server is asked for. */
	fixture_init(&fixture, "localhost", 8000);
	set_services("hosts: files dns", SERVICES("files", "dns"));
	fixture.snapshot.host_aliases =
		(struct mux_host_aliases){.path = SLICE("/etc/aliases"), .list = aliases, .n = 2};
	assert_silent("hostaliases");
	fixture_done(&fixture);
}

static void works_out_how_long_a_silent_name_server_takes(void **state)
{
	static const struct mux_slice options[] = {SLICE("timeout:2"), SLICE("attempts:1")};
	struct mux_address servers[4] = {address_of("192.0.2.1"), address_of("192.0.2.2"),
					 address_of("192.0.2.3"), address_of("192.0.2.4")};
	struct mux_resolv *resolv = &fixture.snapshot.resolv;

	(void)state;
	ask_name_server();
	fixture_unresolve(&fixture, "localhost", "it depends");
	fixture.resolutions[0].answered = false;
	resolv->nameservers = servers;
	resolv->n_nameservers = 1;
	assert_true(has_evidence(assert_found(slow, MUX_SEVERITY_CRITICAL), "/etc/resolv.conf",
				 "costs a client 10 s"));
	resolv->n_nameservers = 4;
	resolv->options = options;
	resolv->n_options = 2;
	assert_true(has_evidence(assert_found(slow, MUX_SEVERITY_CRITICAL), "/etc/resolv.conf",
				 "costs a client 5 s"));
	fixture.variables[0] =
		(struct mux_variable){"RES_OPTIONS", slice_of("ndots:1\tattempts:3")};
	fixture.snapshot.environment.variables = fixture.variables;
	fixture.snapshot.environment.n_variables = 1;
	assert_true(has_evidence(assert_found(slow, MUX_SEVERITY_CRITICAL), "/etc/resolv.conf",
				 "costs a client 15 s"));
	fixture_done(&fixture);
}

static void leaves_name_servers_that_refuse_at_once_alone(void **state)
{
	(void)state;
	ask_name_server();
	fixture_unresolve(&fixture, "localhost", "Temporary failure in name resolution");
	fixture.resolutions[0].elapsed_us = 300;
	assert_silent(slow);
	fixture.resolutions[0].elapsed_us = 1500000;
	assert_found(slow, MUX_SEVERITY_CRITICAL);
	/* A module that hangs may be what takes so long. */
	set_services("hosts: files mdns dns", SERVICES("files", "mdns", "dns"));
	assert_silent(slow);
	fixture_done(&fixture);
}

/* --- the order and choice of addresses ---------------------------------------------------- */

static const char addrconfig[] = "addrconfig-drops-ipv6", gai_order[] = "gai-conf-order";

static void fail_ipv4(void)
{
	struct ev_candidate *candidate = fixture_find(&fixture, "localhost", "127.0.0.1");

	candidate->works = MUX_NO;
	candidate->blocked = 1u << MUX_STAGE_LISTENER;
	candidate->listen.accepts = MUX_NO;
}

static void blames_addrconfig_for_the_hidden_address(void **state)
{
	struct mux_address left = address_of("127.0.0.1");

	(void)state;
	ask_name_server();
	fixture.resolutions[1] = fixture.resolutions[0];
	fixture.resolutions[1].addrconfig = true;
	fixture.resolutions[1].addresses = &left;
	fixture.resolutions[1].n_addresses = 1;
	fixture.snapshot.n_resolutions = 2;
	assert_silent(addrconfig);
	fail_ipv4();
	assert_true(has_evidence(assert_found(addrconfig, MUX_SEVERITY_WARNING),
				 "getaddrinfo with AI_ADDRCONFIG", "127.0.0.1"));
	assert_true(has_command(assert_found(addrconfig, MUX_SEVERITY_WARNING),
				"ip -6 address add fe80::1/128 dev lo"));
	left = address_of("::1");
	assert_silent(addrconfig);
	fixture_done(&fixture);
}

static void blames_the_line_that_turns_the_order_round(void **state)
{
	struct mux_gai_row rows[] = {
		{.prefix = address_of("::ffff:0:0"), .prefix_len = 96, .value = 100, .line = 3},
		{.prefix = address_of("::"), .prefix_len = 0, .value = 40, .line = 4},
	};

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_find(&fixture, "localhost", "::1")->position = 2;
	fixture_find(&fixture, "localhost", "127.0.0.1")->position = 1;
	fixture.snapshot.gai.source.presence = MUX_PRESENT;
	fixture.snapshot.gai.precedences = rows;
	fixture.snapshot.gai.n_precedences = 2;
	assert_silent(gai_order);
	fail_ipv4();
	assert_true(has_command(assert_found(gai_order, MUX_SEVERITY_WARNING),
				"sed -i '3s/^/#/' /etc/gai.conf"));
	rows[0].value = 10;
	assert_silent(gai_order);
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blames_a_line_without_files),
		cmocka_unit_test(blames_a_file_that_glibc_refuses),
		cmocka_unit_test(is_mild_while_somebody_else_answers),
		cmocka_unit_test(leaves_lines_with_files_alone),
		cmocka_unit_test(blames_an_end_before_the_hosts_file),
		cmocka_unit_test(blames_a_name_server_that_answers_first),
		cmocka_unit_test(blames_an_end_before_myhostname),
		cmocka_unit_test(leaves_an_order_that_does_no_harm),
		cmocka_unit_test(blames_the_module_that_was_to_answer),
		cmocka_unit_test(blames_a_missing_module_that_ends_the_look_up),
		cmocka_unit_test(blames_a_name_server_that_leads_away),
		cmocka_unit_test(mentions_a_name_server_that_is_right),
		cmocka_unit_test(blames_a_search_domain),
		cmocka_unit_test(blames_the_variable_that_replaces_the_search_list),
		cmocka_unit_test(blames_an_alias),
		cmocka_unit_test(works_out_how_long_a_silent_name_server_takes),
		cmocka_unit_test(leaves_name_servers_that_refuse_at_once_alone),
		cmocka_unit_test(blames_addrconfig_for_the_hidden_address),
		cmocka_unit_test(blames_the_line_that_turns_the_order_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
