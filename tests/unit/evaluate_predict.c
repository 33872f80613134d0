/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What glibc 2.36 answers, measured in namespaces with such files, and what cannot be known. */
#include "evaluate_machine.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/predict.h"

enum { MULTI = 0, SINGLE = 1 }; /* host.conf */

struct question {
	const char *hosts[5]; /* lines of /etc/hosts */
	int multi;
	const char *services;
	const char *name;
	const char *unspec, *inet, *inet6; /* expected: addresses, "NO" or "?" */
};

static const struct question questions[] = {
	/* kernel quirk-free ground */
	{{"127.0.0.1 localhost", "::1 localhost"},
	 MULTI,
	 "files dns",
	 "localhost",
	 "127.0.0.1 ::1",
	 "127.0.0.1 127.0.0.1",
	 "::1"},
	{{"127.0.0.1 LOCALHOST"}, MULTI, "files", "localHost", "127.0.0.1", "127.0.0.1", "NO"},
	{{"127.0.0.1 a localhost b"}, MULTI, "files", "localhost", "127.0.0.1", "127.0.0.1", "NO"},
	{{"127.0.1.1 debian5"}, MULTI, "files", "debian5", "127.0.1.1", "127.0.1.1", "NO"},
	/* ::1 is 127.0.0.1 to whoever asks for IPv4 */
	{{"::1 localhost"}, MULTI, "files dns", "localhost", "::1", "127.0.0.1", "::1"},
	{{"fe80::1 localhost"}, MULTI, "files", "localhost", "fe80::1", "NO", "fe80::1"},
	{{"::ffff:127.0.0.5 localhost"},
	 MULTI,
	 "files",
	 "localhost",
	 "::ffff:127.0.0.5",
	 "127.0.0.5",
	 "::ffff:127.0.0.5"},
	/* without `multi on` the first line that fits is all */
	{{"127.0.0.1 localhost", "::1 localhost"},
	 SINGLE,
	 "files",
	 "localhost",
	 "127.0.0.1",
	 "127.0.0.1",
	 "::1"},
	/* commented out or faulty */
	{{"#127.0.0.1 localhost", "#::1 localhost"}, MULTI, "files", "localhost", "NO", "NO", "NO"},
	{{"#127.0.0.1 localhost"}, MULTI, "files dns", "localhost", "?", "?", "?"},
	{{"127.1 localhost"}, MULTI, "files", "localhost", "NO", "NO", "NO"},
	{{"127.0.1.1 debian5"}, MULTI, "files", "localhost", "NO", "NO", "NO"},
	/* the order of services and their actions */
	{{"#x"}, MULTI, "files [NOTFOUND=return] dns", "localhost", "NO", "NO", "NO"},
	{{"127.0.0.1 localhost"}, MULTI, "dns files", "localhost", "?", "?", "?"},
	{{"127.0.0.1 localhost"},
	 MULTI,
	 "files [SUCCESS=continue] dns",
	 "localhost",
	 "?",
	 "?",
	 "?"},
	{{"#x"}, MULTI, "files mymachines", "localhost", "NO", "NO", "NO"},
	{{"#x"},
	 MULTI,
	 "files mdns4_minimal [NOTFOUND=return] myhostname",
	 "localhost",
	 "::1 127.0.0.1",
	 "127.0.0.1",
	 "::1"},
	{{"#x"}, MULTI, "files mdns4_minimal", "debian5.local", "?", "?", "?"},
	{{"#x"}, MULTI, "nis", "localhost", "?", "?", "?"},
	{{"#x"}, MULTI, "", "localhost", "NO", "NO", "NO"},
	/* myhostname makes localhost and the host name up */
	{{"#x"}, MULTI, "files myhostname", "localhost", "::1 127.0.0.1", "127.0.0.1", "::1"},
	{{"#x"}, MULTI, "myhostname", "a.LOCALHOST.", "::1 127.0.0.1", "127.0.0.1", "::1"},
	{{"#x"}, MULTI, "myhostname", "localhost.localdomain", "::1 127.0.0.1", "127.0.0.1", "::1"},
	{{"#x"}, MULTI, "myhostname", "debian5", "::1 127.0.0.2", "127.0.0.2", "::1"},
	{{"#x"}, MULTI, "myhostname", "xlocalhost", "NO", "NO", "NO"},
	{{"#x"}, MULTI, "myhostname", "_gateway", "?", "?", "?"},
	/* nobody is asked for numbers */
	{{"#x"}, MULTI, "dns", "127.1", "127.0.0.1", "127.0.0.1", "NO"},
	{{"#x"}, MULTI, "dns", "0x7f000001", "127.0.0.1", "127.0.0.1", "NO"},
	{{"#x"}, MULTI, "files", "", "?", "?", "?"},
	/* lines of other names were not kept */
	{{"127.0.0.1 localhost"}, MULTI, "files", "other", "?", "?", "?"},
};

static const char *answer_to(const char *name, int family)
{
	struct ev_context context = machine_context();
	const struct mux_address *addresses;
	struct ev_prediction prediction;
	char address[ADDR_TEXT_MAX];
	struct str text;
	size_t i;

	ev_predict(&context, slice_of(name), family, &prediction);
	addresses = prediction.addresses.items;
	if (prediction.resolves != MUX_YES) {
		assert_non_null(prediction.reason);
		return prediction.resolves == MUX_NO ? "NO" : "?";
	}
	assert_non_null(prediction.source);
	str_init(&text, machine.arena);
	for (i = 0; i < prediction.addresses.n; i++)
		str_addf(&text, "%s%s", i == 0 ? "" : " ", addr_format(&addresses[i], address));
	return str_done(&text);
}

static void compare(const struct question *question, int family, const char *expected)
{
	const char *answer = answer_to(question->name, family);

	if (strcmp(answer, expected) != 0)
		fail_msg("'%s' by '%s' from '%s' for family %d: %s, not %s", question->name,
			 question->services, question->hosts[0], family, answer, expected);
}

static void answers_as_glibc(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		machine_hosts(questions[i].hosts);
		machine_services(questions[i].services);
		machine.snapshot.host_conf.multi = questions[i].multi == MULTI;
		compare(&questions[i], AF_UNSPEC, questions[i].unspec);
		compare(&questions[i], AF_INET, questions[i].inet);
		compare(&questions[i], AF_INET6, questions[i].inet6);
	}
}

static void unreadable_files(void **state)
{
	static const char *const hosts[] = {"127.0.0.1 localhost", NULL};
	struct mux_snapshot *snapshot = &machine.snapshot;

	(void)state;
	machine_hosts(hosts);
	machine_services("files");
	snapshot->hosts.source = (struct mux_source){.presence = MUX_DENIED, .error = EACCES};
	assert_string_equal(answer_to("localhost", AF_UNSPEC), "NO");
	snapshot->hosts.source = (struct mux_source){.presence = MUX_ABSENT, .error = ENOENT};
	assert_string_equal(answer_to("localhost", AF_UNSPEC), "NO");
	snapshot->hosts.source = (struct mux_source){.presence = MUX_DENIED, .error = EFBIG};
	assert_string_equal(answer_to("localhost", AF_UNSPEC), "?");
	snapshot->hosts.source = (struct mux_source){.presence = MUX_PRESENT, .truncated = true};
	assert_string_equal(answer_to("localhost", AF_UNSPEC), "127.0.0.1");
	snapshot->hosts.n_entries = 0;
	assert_string_equal(answer_to("localhost", AF_UNSPEC), "?");
	snapshot->nsswitch.source = (struct mux_source){.presence = MUX_DENIED, .error = EBADMSG};
	assert_string_equal(answer_to("localhost", AF_UNSPEC), "NO");
	snapshot->nsswitch.source = (struct mux_source){.presence = MUX_DENIED, .error = EACCES};
	assert_string_equal(answer_to("localhost", AF_UNSPEC), "?");
	snapshot->nsswitch.source = (struct mux_source){.presence = MUX_NOT_ASKED};
	assert_string_equal(answer_to("localhost", AF_UNSPEC), "?");
}

static void myhostname_gives_what_others_reach(void **state)
{
	struct mux_routing *routing = &machine.snapshot.routing;

	(void)state;
	machine_services("myhostname");
	machine_sysctl("all/disable_ipv6", "1");
	assert_string_equal(answer_to("localhost", AF_UNSPEC), "127.0.0.1");
	assert_string_equal(answer_to("localhost", AF_INET6), "NO");
	machine.addresses[routing->n_addresses++] = (struct mux_interface_address){
		.link = 2, .address = machine_address("192.0.2.1"), .scope = RT_SCOPE_UNIVERSE};
	machine.addresses[routing->n_addresses++] = (struct mux_interface_address){
		.link = 2, .address = machine_address("fe80::1"), .scope = RT_SCOPE_LINK};
	assert_string_equal(answer_to("debian5", AF_UNSPEC), "192.0.2.1 fe80::1%2");
	routing->addresses_source.presence = MUX_DENIED;
	assert_string_equal(answer_to("debian5", AF_UNSPEC), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_as_glibc, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(unreadable_files, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(myhostname_gives_what_others_reach, machine_begin,
						machine_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
