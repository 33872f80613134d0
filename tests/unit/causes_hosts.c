/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes about what stands in /etc/hosts: found where it harms, silent where it does not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes_fixture.h"

static struct fixture fixture;

static struct mux_address address_of(const char *text)
{
	struct mux_address address;

	assert_int_equal(addr_parse(slice_of(text), &address), 0);
	return address;
}

/* The target stands for another address, and how it fares there. */
static struct ev_candidate *move(const char *name, const char *from, const char *to,
				 enum mux_answer works)
{
	struct ev_candidate *candidate = fixture_find(&fixture, name, from);

	candidate->address = address_of(to);
	candidate->works = works;
	candidate->tcp = NULL;
	candidate->blocked = works == MUX_NO ? 1u << MUX_STAGE_ROUTE : 0;
	return candidate;
}

static void assert_silent(const char *id)
{
	const struct mux_finding *finding = fixture_finding(&fixture, id);

	if (finding != NULL)
		fail_msg("%s is accused: %s", id, finding->title);
}

/* --- hosts-localhost-not-loopback --------------------------------------------------------- */

static const char not_loopback[] = "hosts-localhost-not-loopback";

static void blames_the_line_that_leads_away(void **state)
{
	static const char *const hosts[] = {"1 live 192.0.2.10 other localhost",
					    "2 live 127.0.1.1 debian5", ""};
	const struct mux_finding *finding;
	struct ev_candidate *moved;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	moved = move("localhost", "127.0.0.1", "192.0.2.10", MUX_NO);
	moved->route.state = EV_ROUTE_ELSEWHERE;
	move("localhost", "::1", "192.0.2.10", MUX_NO);
	finding = fixture_finding(&fixture, not_loopback);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	assert_true(has_evidence(finding, "/etc/hosts:1", "192.0.2.10 other localhost"));
	assert_true(has_command(finding,
				"sed -i '1s/[[:space:]]localhost\\([[:space:]#]\\|$\\)/\\1/I' "
				"/etc/hosts"));
	assert_true(has_command(finding, "printf '127.0.0.1\\tlocalhost\\n' >> /etc/hosts"));
	fixture_done(&fixture);
}

static void warns_of_what_linux_lets_pass(void **state)
{
	static const char *const hosts[] = {"1 live 0.0.0.0 LOCALHOST", "2 live 127.0.1.1 debian5",
					    "3 live ::1 localhost", ""};
	static const char *const twice[] = {"1 live 0.0.0.0 localhost",
					    "2 live 127.0.0.1 localhost", "3 live ::1 localhost",
					    ""};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	move("localhost", "127.0.0.1", "0.0.0.0", MUX_YES);
	finding = fixture_finding(&fixture, not_loopback);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_false(finding->decisive);
	assert_true(has_command(finding,
				"sed -i '1s/^[[:space:]]*[^[:space:]]*/127.0.0.1/' /etc/hosts"));
	fixture_hosts(&fixture, twice);
	finding = fixture_finding(&fixture, not_loopback);
	assert_non_null(finding);
	assert_true(has_command(finding, "sed -i 1d /etc/hosts"));
	fixture_done(&fixture);
}

/* The line is there, but the target does not follow it, or is another name. */
static void informs_of_what_is_not_used(void **state)
{
	static const char *const hosts[] = {"1 live 127.0.0.1 localhost", "2 live ::1 localhost",
					    "3 live 10.0.0.1 ip6-localhost", ""};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	finding = fixture_finding(&fixture, not_loopback);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	assert_false(finding->decisive);
	fixture_done(&fixture);
}

static void leaves_other_names_alone(void **state)
{
	static const char *const hosts[] = {"1 live 127.0.0.1 localhost",
					    "2 live ::1 localhost ip6-localhost",
					    "3 live 127.0.0.53 app.localhost",
					    "4 off 0.0.0.0 localhost",
					    "5 live 0.0.0.0 localhost.localdomain",
					    "6 live 10.0.0.1 debian5",
					    ""};

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	assert_silent(not_loopback);
	fixture_done(&fixture);
}

/* --- hosts-malformed ---------------------------------------------------------------------- */

static const char malformed[] = "hosts-malformed";

/* Line `i` is faulty in that way: it gives no address, or not to that name. */
static void spoil(size_t i, enum mux_hosts_fault fault, const char *text)
{
	struct mux_hosts_entry *entry = &fixture.hosts[i];

	entry->fault = fault;
	entry->text = slice_of(text);
	if (fault != MUX_HOSTS_NO_NAME && fault != MUX_HOSTS_BAD_NAME)
		entry->address.family = 0;
	entry->n_names = 0;
}

static const char *const usual[] = {"1 live 127.0.0.1 localhost", "2 live ::1 localhost",
				    "3 live 127.0.1.1 debian5", ""};

static void reads_lines_as_people_do(void **state)
{
	static const struct {
		enum mux_hosts_fault fault;
		const char *text, *address, *names;
	} lines[] = {
		{MUX_HOSTS_BAD_ADDRESS, "127.000.000.001 localhost", "127.0.0.1", "\tlocalhost"},
		{MUX_HOSTS_BAD_ADDRESS, "127.1 localhost # old", "127.0.0.1", "\tlocalhost"},
		{MUX_HOSTS_BAD_ADDRESS, "localhost 127.0.0.1", "127.0.0.1", "\tlocalhost"},
		{MUX_HOSTS_BAD_ADDRESS, "[::1] localhost", "::1", "\tlocalhost"},
		{MUX_HOSTS_BAD_ADDRESS, "::1%lo localhost a", "::1", "\tlocalhost\ta"},
		{MUX_HOSTS_BAD_ADDRESS, "127.0.0.1/8 localhost", "127.0.0.1", "\tlocalhost"},
		{MUX_HOSTS_BAD_ADDRESS, "127.0.0.1:80 localhost", "127.0.0.1", "\tlocalhost"},
		{MUX_HOSTS_BAD_ADDRESS, "127.0.0.1\xc2\xa0localhost", "127.0.0.1", "\tlocalhost"},
		{MUX_HOSTS_BAD_ADDRESS, "127.000.000.010 localhost", NULL,
		 "\t127.000.000.010\tlocalhost"},
		{MUX_HOSTS_BOM,
		 "\xef\xbb\xbf"
		 "127.0.0.1 localhost",
		 "127.0.0.1", "\tlocalhost"},
		{MUX_HOSTS_NO_NAME, "127.0.0.1 #localhost", "127.0.0.1", "\tlocalhost"},
		{MUX_HOSTS_BAD_NAME, "127.0.0.1 localhost.,a", "127.0.0.1", "\tlocalhost\ta"},
	};
	struct findings findings;
	size_t i;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	findings = (struct findings){.evaluation = &fixture.evaluation, .arena = fixture.arena};
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct mux_hosts_entry entry = {
			.fault = lines[i].fault,
			.text = slice_of(lines[i].text),
		};
		struct hosts_meaning meaning = hosts_meaning_of(&findings, &entry);
		struct mux_address expected = {0};

		if (lines[i].address != NULL)
			expected = address_of(lines[i].address);
		assert_true(addr_equal(&meaning.address, &expected));
		assert_string_equal(meaning.names, lines[i].names);
		assert_true(hosts_garbles(&findings, &entry, slice_of("LOCALHOST")));
		assert_false(hosts_garbles(&findings, &entry, slice_of("local")));
		assert_false(hosts_garbles(&findings, &entry, slice_of("old")));
	}
	fixture_done(&fixture);
}

static void blames_lines_that_are_dropped(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, usual);
	spoil(0, MUX_HOSTS_BAD_ADDRESS, "127.1 localhost");
	spoil(1, MUX_HOSTS_BAD_ADDRESS, "localhost ::1");
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	finding = fixture_finding(&fixture, malformed);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	assert_true(has_evidence(finding, "/etc/hosts:2", "localhost ::1"));
	assert_true(has_command(finding, "sed -i '1s/.*/127.0.0.1\\tlocalhost/;"
					 "2s/.*/::1\\tlocalhost/' /etc/hosts"));
	assert_silent("hosts-localhost-missing");
	fixture_done(&fixture);
}

/* A byte order mark takes IPv4 away, and IPv4 is what the server listens on. */
static void blames_a_mark_that_hides_the_working_family(void **state)
{
	const struct mux_finding *finding;
	struct ev_candidate *candidate;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, usual);
	spoil(0, MUX_HOSTS_BOM,
	      "\xef\xbb\xbf"
	      "127.0.0.1 localhost");
	candidate = move("localhost", "127.0.0.1", "::1", MUX_YES);
	finding = fixture_finding(&fixture, malformed);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	candidate->works = MUX_NO;
	fixture_find(&fixture, "localhost", "::1")->works = MUX_NO;
	finding = fixture_finding(&fixture, malformed);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(has_command(finding, "sed -i '1s/^\\xef\\xbb\\xbf//' /etc/hosts"));
	assert_silent("hosts-localhost-one-family");
	fixture_done(&fixture);
}

/* What is faulty, but takes nothing away that matters. */
static void leaves_harmless_faults_alone(void **state)
{
	static const char *const hosts[] = {
		"1 live 127.0.0.1 localhost", "2 live ::1 localhost",
		"3 live 127.0.1.1 debian5",   "4 live 127.0.0.1 x",
		"5 live 127.0.0.1 x",	      "6 off 127.0.0.1 localhost",
		"7 live 127.0.0.1 x",	      ""};

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	spoil(3, MUX_HOSTS_BAD_ADDRESS, "127.1 localhost");
	spoil(4, MUX_HOSTS_BAD_ADDRESS, "127.000.1.1 elsewhere # localhost");
	spoil(5, MUX_HOSTS_BAD_ADDRESS, "# 127.1 localhost");
	spoil(6, MUX_HOSTS_BAD_ADDRESS, "this is the hosts file of debian5");
	fixture.hosts[0].crlf = true;
	fixture.snapshot.hosts.final_newline = false;
	assert_silent(malformed);
	fixture_done(&fixture);
}

/* It would not help to write a line well that nobody reads. */
static void accuses_no_file_that_is_not_asked(void **state)
{
	static const struct mux_nss_service dns = {.name = SLICE("dns")};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, usual + 2);
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	fixture.snapshot.nsswitch.source.presence = MUX_PRESENT;
	fixture.snapshot.nsswitch.services = &dns;
	fixture.snapshot.nsswitch.n_services = 1;
	finding = fixture_finding(&fixture, "hosts-localhost-missing");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	fixture_hosts(&fixture, usual);
	spoil(0, MUX_HOSTS_BAD_ADDRESS, "127.1 localhost");
	finding = fixture_finding(&fixture, malformed);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	fixture_done(&fixture);
}

/* --- hosts-unreadable --------------------------------------------------------------------- */

static const char unreadable[] = "hosts-unreadable";
static struct mux_permission permissions[2];

static void permit(uint32_t mode, const char *link)
{
	permissions[0] = (struct mux_permission){
		.path = SLICE("etc/hosts"),
		.mode = mode,
		.link = slice_of(link),
	};
	permissions[1] = (struct mux_permission){.path = SLICE("etc/gai.conf"), .mode = 0100644};
	fixture.snapshot.permissions.files = permissions;
	fixture.snapshot.permissions.n_files = 2;
}

static void warns_root_of_a_private_file(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	permit(0100644, NULL);
	assert_silent(unreadable);
	permit(0100640, NULL);
	finding = fixture_finding(&fixture, unreadable);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_string_equal(finding->title,
			    "users other than its owner and group cannot read /etc/hosts");
	assert_true(has_evidence(finding, "/etc/hosts", "mode 0640"));
	assert_true(has_command(finding, "chmod a+r /etc/hosts"));
	fixture_done(&fixture);
	fixture_init(&fixture, "127.0.0.1", 8000);
	permit(0100600, NULL);
	finding = fixture_finding(&fixture, unreadable);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	fixture_done(&fixture);
}

static void blames_what_cannot_be_opened(void **state)
{
	struct mux_source *source = &fixture.snapshot.hosts.source;
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	source->presence = MUX_DENIED;
	source->error = EACCES;
	finding = fixture_finding(&fixture, unreadable);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	finding = fixture_finding(&fixture, unreadable);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	source->error = EISDIR;
	finding = fixture_finding(&fixture, unreadable);
	assert_non_null(finding);
	assert_string_equal(finding->title, "/etc/hosts is a directory");
	assert_true(has_command(finding, "mv /etc/hosts /etc/hosts.old"));
	source->error = EIO;
	assert_silent(unreadable);
	fixture_done(&fixture);
}

static void tells_a_dangling_link_from_a_missing_file(void **state)
{
	struct mux_source *source = &fixture.snapshot.hosts.source;
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, usual + 3);
	fixture_unresolve(&fixture, "localhost", "Name or service not known");
	source->presence = MUX_ABSENT;
	source->error = ENOENT;
	assert_silent(unreadable);
	assert_non_null(fixture_finding(&fixture, "hosts-localhost-missing"));
	permit(0, "/gone\033");
	assert_silent("hosts-localhost-missing");
	finding = fixture_finding(&fixture, unreadable);
	assert_non_null(finding);
	assert_string_equal(finding->title,
			    "/etc/hosts is a link to /gone\\x1b, which is not there");
	fixture_done(&fixture);
}

/* The resolver has defaults to take where these cannot be read. */
static void informs_of_the_other_files(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture.snapshot.gai.source.presence = MUX_PRESENT;
	permit(0100644, NULL);
	permissions[1].mode = 0100600;
	finding = fixture_finding(&fixture, unreadable);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	assert_true(has_command(finding, "chmod a+r /etc/gai.conf"));
	fixture_done(&fixture);
}

/* --- hosts-duplicates --------------------------------------------------------------------- */

static const char duplicates[] = "hosts-duplicates";

/* shop is 127.0.2.1, which fails, and 127.0.0.1. */
static void keep_shop(const char *const *lines, bool multi)
{
	struct ev_candidate *bad;

	fixture_init(&fixture, "shop", 8000);
	fixture_hosts(&fixture, lines);
	fixture.snapshot.host_conf.source.presence = MUX_PRESENT;
	fixture.snapshot.host_conf.multi = multi;
	fixture.snapshot.host_conf.multi_line = multi ? 1 : 0;
	bad = move("shop", "::1", "127.0.2.1", MUX_NO);
	bad->blocked = 1u << MUX_STAGE_LISTENER;
	bad->listen.accepts = MUX_NO;
}

static void warns_of_addresses_that_differ(void **state)
{
	static const char *const hosts[] = {"1 live 127.0.0.1 localhost", "2 live ::1 localhost",
					    "3 live 127.0.2.1 shop x", "4 live 127.0.0.1 shop", ""};
	const struct mux_finding *finding;

	(void)state;
	keep_shop(hosts, true);
	finding = fixture_finding(&fixture, duplicates);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_string_equal(finding->title, "/etc/hosts gives shop several IPv4 addresses: "
					    "127.0.2.1 fails, 127.0.0.1 works");
	assert_true(has_evidence(finding, "/etc/host.conf:1", "multi on"));
	assert_true(has_command(
		finding, "sed -i '3s/[[:space:]]shop\\([[:space:]#]\\|$\\)/\\1/I' /etc/hosts"));
	fixture_find(&fixture, "shop", "127.0.2.1")->works = MUX_YES;
	finding = fixture_finding(&fixture, duplicates);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	fixture_done(&fixture);
}

/* Only the first line counts, and it leads astray. */
static void blames_the_first_line_without_multi(void **state)
{
	static const char *const hosts[] = {"1 live 127.0.2.1 shop", "2 live 127.0.0.1 shop", ""};
	const struct mux_finding *finding;

	(void)state;
	keep_shop(hosts, false);
	move("shop", "127.0.0.1", "127.0.2.1", MUX_NO);
	finding = fixture_finding(&fixture, duplicates);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	assert_true(has_evidence(finding, "/etc/host.conf", "multi is not set"));
	assert_true(has_command(finding, "sed -i 1d /etc/hosts"));
	fixture_done(&fixture);
}

static void counts_no_address_twice(void **state)
{
	static const char *const hosts[] = {"1 live 127.0.0.1 shop", "2 live 127.0.0.1 shop a",
					    "3 live ::1 shop",	     "4 off 127.0.2.1 shop",
					    "5 live 127.0.2.1 a",    ""};

	(void)state;
	keep_shop(hosts, true);
	assert_silent(duplicates);
	fixture_done(&fixture);
}

/* --- hostname-not-local ------------------------------------------------------------------- */

static const char not_local[] = "hostname-not-local";
static struct mux_interface_address own;

static struct ev_candidate *lease(const char *target, const char *const *lines)
{
	struct mux_routing *routing = &fixture.snapshot.routing;
	struct ev_candidate *moved;

	fixture_init(&fixture, target, 8000);
	fixture_hosts(&fixture, lines);
	own.address = address_of("192.0.2.7");
	routing->addresses_source.presence = MUX_PRESENT;
	routing->addresses = &own;
	routing->n_addresses = 1;
	moved = move("debian5", "127.0.1.1", "192.0.2.10", MUX_NO);
	moved->route.state = EV_ROUTE_ELSEWHERE;
	return moved;
}

static void blames_a_name_that_is_elsewhere(void **state)
{
	static const char *const hosts[] = {"1 live 127.0.0.1 localhost", "2 live ::1 localhost",
					    "3 live 192.0.2.10 debian5.lan debian5", ""};
	static const char *const shared[] = {"1 live 127.0.0.1 localhost", "2 live ::1 localhost",
					     "3 live 192.0.2.10 db debian5", ""};
	const struct mux_finding *finding;

	(void)state;
	lease("debian5", hosts);
	finding = fixture_finding(&fixture, not_local);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	assert_true(has_evidence(finding, "/etc/hosts:3", "debian5.lan"));
	assert_true(has_command(finding,
				"sed -i '3s/^[[:space:]]*[^[:space:]]*/127.0.1.1/' /etc/hosts"));
	fixture_done(&fixture);
	lease("localhost", shared);
	finding = fixture_finding(&fixture, not_local);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	assert_true(has_command(finding, "printf '127.0.1.1\\tdebian5\\n' >> /etc/hosts"));
	fixture_done(&fixture);
}

static void takes_what_is_this_machine_for_its_own(void **state)
{
	static const char *const hosts[] = {"1 live 127.0.0.1 localhost", "2 live ::1 localhost",
					    ""};
	struct ev_candidate *moved;

	(void)state;
	moved = lease("debian5", hosts);
	assert_true(has_evidence(fixture_finding(&fixture, not_local), "resolver", "addresses"));
	own.address = address_of("192.0.2.10");
	assert_silent(not_local);
	own.address = address_of("192.0.2.7");
	moved->route.state = EV_ROUTE_LOCAL;
	assert_silent(not_local);
	moved->route.state = EV_ROUTE_ELSEWHERE;
	fixture.snapshot.routing.addresses_source.presence = MUX_DENIED;
	assert_silent(not_local);
	fixture_done(&fixture);
}

/* --- dot-localhost-names ------------------------------------------------------------------ */

static const char dot_localhost[] = "dot-localhost-names";

static void tells_of_names_below_localhost(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "app.localhost", 8000);
	assert_silent(dot_localhost);
	fixture_unresolve(&fixture, "app.localhost", "Name or service not known");
	finding = fixture_finding(&fixture, dot_localhost);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	assert_true(has_command(finding, "printf '127.0.0.1\\tapp.localhost\\n"
					 "::1\\tapp.localhost\\n' >> /etc/hosts"));
	fixture_done(&fixture);
	fixture_init(&fixture, "localhost.example", 8000);
	fixture_unresolve(&fixture, "localhost.example", "Name or service not known");
	assert_silent(dot_localhost);
	fixture_done(&fixture);
}

/* A name server with a wildcard answers. */
static void tells_of_a_stray_address(void **state)
{
	static const char *const hosts[] = {"1 live 198.51.100.9 app.localhost", ""};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "app.localhost", 8000);
	move("app.localhost", "::1", "198.51.100.9", MUX_YES);
	finding = fixture_finding(&fixture, dot_localhost);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_string_equal(finding->title,
			    "app.localhost is not in /etc/hosts, and another source "
			    "makes it 198.51.100.9");
	fixture_hosts(&fixture, hosts);
	assert_silent(dot_localhost);
	assert_non_null(fixture_finding(&fixture, not_loopback));
	fixture_done(&fixture);
}

/* --- hosts-slow --------------------------------------------------------------------------- */

static void counts_the_lines_that_are_read(void **state)
{
	static struct mux_resolution answers[2];
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	answers[0] = (struct mux_resolution){
		.name = SLICE("localhost"),
		.answered = true,
		.elapsed_us = 31000,
	};
	answers[1] = answers[0];
	answers[1].elapsed_us = 29000;
	fixture.snapshot.resolutions = answers;
	fixture.snapshot.n_resolutions = 2;
	fixture.snapshot.hosts.n_lines = 300000;
	fixture.snapshot.hosts.n_live = 19999;
	assert_silent("hosts-slow");
	fixture.snapshot.hosts.n_live = 20000;
	finding = fixture_finding(&fixture, "hosts-slow");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	fixture.snapshot.hosts.n_live = 299000;
	finding = fixture_finding(&fixture, "hosts-slow");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_false(finding->decisive);
	assert_true(has_evidence(finding, "/etc/hosts", "299000 lines"));
	assert_true(has_evidence(finding, "getaddrinfo", "the fastest of the look-ups took 29"));
	fixture_done(&fixture);
	fixture_init(&fixture, "127.0.0.1", 8000);
	fixture.snapshot.hosts.n_live = 299000;
	assert_silent("hosts-slow");
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blames_the_line_that_leads_away),
		cmocka_unit_test(warns_of_what_linux_lets_pass),
		cmocka_unit_test(informs_of_what_is_not_used),
		cmocka_unit_test(leaves_other_names_alone),
		cmocka_unit_test(reads_lines_as_people_do),
		cmocka_unit_test(blames_lines_that_are_dropped),
		cmocka_unit_test(blames_a_mark_that_hides_the_working_family),
		cmocka_unit_test(leaves_harmless_faults_alone),
		cmocka_unit_test(accuses_no_file_that_is_not_asked),
		cmocka_unit_test(warns_root_of_a_private_file),
		cmocka_unit_test(blames_what_cannot_be_opened),
		cmocka_unit_test(tells_a_dangling_link_from_a_missing_file),
		cmocka_unit_test(informs_of_the_other_files),
		cmocka_unit_test(warns_of_addresses_that_differ),
		cmocka_unit_test(blames_the_first_line_without_multi),
		cmocka_unit_test(counts_no_address_twice),
		cmocka_unit_test(blames_a_name_that_is_elsewhere),
		cmocka_unit_test(takes_what_is_this_machine_for_its_own),
		cmocka_unit_test(tells_of_names_below_localhost),
		cmocka_unit_test(tells_of_a_stray_address),
		cmocka_unit_test(counts_the_lines_that_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
