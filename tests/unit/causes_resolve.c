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
		finding, "sed -i '7s/hosts:*[[:space:]]*/hosts: files /' /etc/nsswitch.conf"));
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
