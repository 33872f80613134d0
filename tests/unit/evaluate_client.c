/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients will meet on broken machines, as it was measured with the real ones. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/slice.h"
#include "evaluate/client.h"
#include "evaluate_machine.h"

/* Evaluates for the host and returns how the client fares. */
static const struct ev_client_result *run_at(const char *host, const char *name)
{
	size_t i;

	machine_run(host, MACHINE_PORT);
	for (i = 0; i < machine.evaluation.n_clients; i++)
		if (strcmp(machine.evaluation.clients[i].client->name, name) == 0)
			return &machine.evaluation.clients[i];
	fail_msg("no client %s", name);
	return NULL;
}

/* Does the client fare like this with localhost? `says` is NULL for one that does not fail. */
static void expect(const char *name, const char *text, const char *says)
{
	const struct ev_client_result *result = run_at("localhost", name);

	if (strcmp(result->text, text) != 0)
		fail_msg("%s %s, expected: %s", name, result->text, text);
	if (says == NULL)
		assert_null(result->says);
	else
		assert_string_equal(result->says, says);
}

static void set_sysctl(const char *path, const char *value)
{
	machine.sysctls[machine.snapshot.n_sysctls++] = (struct mux_sysctl){
		.source.presence = value != NULL ? MUX_PRESENT : MUX_ABSENT,
		.path = path,
		.text = slice_of(value),
	};
}

/* As a kernel that takes an ICMP error for the port shows it to the probe. */
static void reject(const char *address, int error)
{
	struct mux_probe *probe = machine_probe(MUX_TCP, address, true, false, error);

	probe->icmp_origin = probe->address.family == AF_INET6 ? 3 : 2;
	probe->icmp_type = probe->address.family == AF_INET6 ? 1 : 3;
	probe->icmp_code = 1;
	machine_forget_listeners();
	machine_listen(AF_INET6, "::", MUX_NO);
}

/* Beside the answers of machine_answers(): of one family, or with AI_ADDRCONFIG. */
static void answer_also(const char *addresses, int family, bool addrconfig, int status)
{
	machine_answers("localhost", addresses, status);
	machine.resolutions[machine.snapshot.n_resolutions - 1].family = family;
	machine.resolutions[machine.snapshot.n_resolutions - 1].addrconfig = addrconfig;
}

/* --- addresses that fail ----------------------------------------------------------------- */

static void all_work_on_a_healthy_machine(void **state)
{
	size_t i;

	(void)state;
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine.evaluation.n_clients, ev_n_clients);
	for (i = 0; i < ev_n_clients; i++) {
		if (machine.evaluation.clients[i].aloof)
			continue;
		assert_int_equal(machine.evaluation.clients[i].works, MUX_YES);
		assert_int_equal(machine.evaluation.clients[i].after_ms, 0);
		assert_null(machine.evaluation.clients[i].says);
	}
}

static void silence_is_answered_by_patience(void **state)
{
	(void)state;
	machine_silent_out("::1");
	expect("ab", "fails after 30 s",
	       "apr_pollset_poll: The timeout specified has expired (70007)");
	expect("wrk", "works after 131 s over 127.0.0.1", NULL);
	expect("curl", "works over 127.0.0.1", NULL);
	expect("wget", "works after 131 s over 127.0.0.1", NULL);
	expect("node-17", "fails after 131 s", "connect ETIMEDOUT ::1:8000");
	expect("node-http", "works after 250 ms over 127.0.0.1", NULL);
	expect("go", "works after 300 ms over 127.0.0.1", NULL);
	expect("java-connection", "works over 127.0.0.1", NULL);
	expect("ruby", "fails after 60 s",
	       "Failed to open TCP connection to localhost:8000 (execution expired)");
	expect("perl-tiny", "works after 60 s over 127.0.0.1", NULL);
	expect("busybox-wget", "fails after 131 s",
	       "wget: can't connect to remote host: Connection timed out");
	expect("chromium", "works after 250 ms over 127.0.0.1", NULL);
}

static void add_network_address(const char *address)
{
	machine.addresses[machine.snapshot.routing.n_addresses++] = (struct mux_interface_address){
		.link = 2, .address = machine_address(address), .prefix_len = 24};
}

/* Measured: it looks for addresses of a network, asks for their families, and is slow to use the
 * second connection; when both are silent it waits for one after the other, five times. */
static void aria2_needs_a_network(void **state)
{
	(void)state;
	machine_silent_out("::1");
	assert_true(run_at("localhost", "aria2c")->aloof);
	expect("aria2c", "fails", "Name resolution for localhost failed");
	assert_string_equal(run_at("127.0.0.1", "aria2c")->text, "works over 127.0.0.1");
	assert_false(run_at("127.0.0.1", "aria2c")->aloof);
	add_network_address("192.0.2.2");
	add_network_address("fe80::2");
	expect("aria2c", "works over 127.0.0.1", NULL);
	assert_false(run_at("localhost", "aria2c")->aloof);
	add_network_address("2001:db8::2");
	expect("aria2c", "works after 1 s over 127.0.0.1", NULL);
	machine_silent_out("127.0.0.1");
	expect("aria2c", "fails after 600 s", "Timeout.");
	set_sysctl("net/ipv4/tcp_syn_retries", "2");
	expect("aria2c", "fails after 70 s",
	       "Failed to establish connection, cause: Connection timed out");
}

static void silence_of_ipv4_hits_others(void **state)
{
	(void)state;
	machine_silent_out("127.0.0.1");
	expect("ab", "works over ::1", NULL);
	expect("wrk", "works after 131 s over ::1", NULL);
	expect("curl", "works after 200 ms over ::1", NULL);
	expect("java-connection", "fails after 131 s",
	       "java.net.ConnectException: Connection timed out");
	expect("java-client", "fails after 262 s", "java.net.ConnectException");
	expect("redis-cli", "fails after 262 s",
	       "Could not connect to Redis at localhost:8000: Connection timed out");
	expect("socat", "fails after 131 s", "Connection timed out");
}

/* Measured: the kernel gave up after 3, 7, 19 and 35 s, and without linear timeouts after 15. */
static void the_kernels_patience_is_set_by_sysctl(void **state)
{
	static const struct {
		const char *retries, *linear, *text;
	} rows[] = {
		{"1", "4", "fails after 3 s"},	     {"2", "4", "fails after 7 s"},
		{"3", "4", "fails after 19 s"},	     {"4", "4", "fails after 35 s"},
		{"3", "0", "fails after 15 s"},	     {"1", "1", "fails after 4 s"},
		{"6", "4", "fails after 131 s"},     {"6", NULL, "fails after 127 s"},
		{"0", "4", "fails after 3 s"},	     {"7", "0", "fails after 247 s"},
		{"127", "x", "fails after 14651 s"},
	};
	size_t i, n = machine.snapshot.n_sysctls;

	(void)state;
	machine_silent_out("::1");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		machine.snapshot.n_sysctls = n;
		set_sysctl("net/ipv4/tcp_syn_retries", rows[i].retries);
		set_sysctl("net/ipv4/tcp_syn_linear_timeouts", rows[i].linear);
		expect("first-address", rows[i].text, "Connection timed out");
	}
}

static void a_rejected_address_costs_a_second(void **state)
{
	(void)state;
	reject("::1", EACCES);
	expect("ab", "works after 1 s over 127.0.0.1", NULL);
	expect("first-address", "fails after 1 s", "Permission denied");
	expect("node-http", "works after 250 ms over 127.0.0.1", NULL);
	expect("chromium", "works over 127.0.0.1", NULL);
	reject("127.0.0.1", EHOSTUNREACH);
	expect("java-connection", "fails after 1 s",
	       "java.net.NoRouteToHostException: No route to host");
	expect("redis-cli", "fails",
	       "Could not connect to Redis at localhost:8000: No route to host");
	expect("node-http", "fails after 250 ms", "connect ETIMEDOUT ::1:8000");
	expect("nc", "fails after 1 s",
	       "nc: connect to localhost (127.0.0.1) port 8000 (tcp) failed: No route to host");
	expect("wget", "fails after 2 s", "failed: No route to host.");
	expect("wrk", "fails after 2 s", "unable to connect to localhost:8000 Permission denied");
}

static void nobody_listens(void **state)
{
	(void)state;
	machine_forget_listeners();
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	machine_probe(MUX_TCP, "127.0.0.1", true, false, ECONNREFUSED);
	expect("ab", "fails", "apr_socket_recv: Connection refused (111)");
	expect("curl", "fails", "curl: (7) Failed to connect to localhost port 8000");
	expect("nc", "fails",
	       "nc: connect to localhost (127.0.0.1) port 8000 (tcp) failed: Connection refused");
	expect("go", "fails", "dial tcp [::1]:8000: connect: connection refused");
	expect("python-asyncio", "fails", "[Errno 111] Connect call failed ('::1', 8000, 0, 0)");
	expect("busybox-wget", "fails", "wget: can't connect to remote host: Connection refused");
	expect("h2load", "fails", NULL);
}

static void connect_itself_fails(void **state)
{
	(void)state;
	machine_route("::1", RTN_LOCAL, EADDRNOTAVAIL);
	machine_remove_address("::1");
	machine_probe(MUX_TCP, "::1", true, false, EADDRNOTAVAIL);
	expect("ab", "works over 127.0.0.1", NULL);
	machine_forget_answers();
	machine_answers("localhost", "::1", 0);
	expect("ab", "fails", "apr_socket_connect(): Cannot assign requested address (99)");
}

/* Without probes the stages tell, where they are known. */
static void what_was_not_tried_is_foreseen(void **state)
{
	(void)state;
	machine_forget_probes();
	expect("ab", "works over ::1", NULL);
	machine_forget_listeners();
	machine_listen(AF_INET, "127.0.0.1", MUX_NO);
	expect("ab", "works over 127.0.0.1", NULL);
	expect("first-address", "fails", "Connection refused");
	machine.listeners[0].queued = 200;
	expect("curl", "fails after 131 s", "curl: (28) Failed to connect to localhost port 8000");
	machine.snapshot.listeners.source6.presence = MUX_DENIED;
	expect("ab", "not known: the listening sockets could not be read", NULL);
}

/* --- names ------------------------------------------------------------------------------- */

static void forget_localhost(void)
{
	static const char *const lines[] = {"127.0.1.1 debian5", NULL};

	machine_hosts(lines);
	machine_forget_answers();
	machine_answers("localhost", "", EAI_AGAIN);
}

static void a_name_without_addresses(void **state)
{
	(void)state;
	forget_localhost();
	expect("ab", "fails",
	       "apr_sockaddr_info_get() for localhost: Temporary failure in name resolution");
	expect("node-http", "fails", "getaddrinfo EAI_AGAIN localhost");
	expect("python-http", "fails", "[Errno -3] Temporary failure in name resolution");
	expect("curl", "works over 127.0.0.1", NULL);
	expect("chromium", "works over ::1", NULL);
	expect("java-connection", "works over 127.0.0.1", NULL);
	expect("go", "not known: its own resolver asks name servers, which have not answered here",
	       NULL);
	machine_forget_answers();
	machine_answers("localhost", "", EAI_NONAME);
	expect("node-http", "fails", "getaddrinfo ENOTFOUND localhost");
}

static void name_servers_say(const char *addresses, int family, int status)
{
	answer_also(addresses, family, false, status);
	machine.resolutions[machine.snapshot.n_resolutions - 1].resolver = MUX_CARES;
	machine.resolutions[machine.snapshot.n_resolutions - 1].lookup = MUX_LOOKUP_DNS;
}

static void go_asks_name_servers_itself(void **state)
{
	(void)state;
	forget_localhost();
	name_servers_say("127.0.0.1", AF_INET, 0);
	name_servers_say("", AF_INET6, 4);
	expect("go", "works over 127.0.0.1", NULL);
	machine_forget_answers();
	name_servers_say("", AF_INET, 4);
	name_servers_say("", AF_INET6, 4);
	expect("go", "fails", "lookup localhost");
}

/* gai.conf is glibc's. With myhostname a program with cgo asks glibc. */
static void go_sorts_by_itself(void **state)
{
	(void)state;
	machine_forget_answers();
	machine_answers("localhost", "127.0.0.1,::1", 0);
	expect("ab", "works over 127.0.0.1", NULL);
	expect("go", "works over ::1", NULL);
	machine_services("files myhostname dns");
	expect("go", "works over 127.0.0.1", NULL);
	expect("go-pure", "works over ::1", NULL);
}

/* localhost needs no line for c-ares; any other name is asked of name servers for the family that
 * /etc/hosts lacks, and IPv6 alone is not enough for aria2. */
static void aria2_asks_for_each_family(void **state)
{
	static const char *const lines[] = {"::1 app", "127.0.0.1 shop", NULL};

	(void)state;
	add_network_address("192.0.2.2");
	add_network_address("2001:db8::2");
	forget_localhost();
	expect("aria2c", "works over ::1", NULL);
	machine_hosts(lines);
	machine_forget_answers();
	machine_answers("shop", "127.0.0.1", 0);
	assert_string_equal(run_at("shop", "aria2c")->text, "works over 127.0.0.1");
	machine_answers("app", "::1", 0);
	assert_int_equal(run_at("app", "aria2c")->works, MUX_UNKNOWN);
	machine_services("files");
	assert_string_equal(run_at("app", "aria2c")->text, "fails after 150 s");
	assert_string_equal(run_at("app", "aria2c")->says, "Timeout.");
}

static void one_family_only(void **state)
{
	(void)state;
	machine_forget_answers();
	machine_answers("localhost", "::1", 0);
	answer_also("", AF_INET, false, EAI_NONAME);
	answer_also("::1", AF_INET6, false, 0);
	expect("perl-socket-inet", "fails", "IO::Socket::INET: Bad hostname 'localhost'");
	expect("redis-cli", "works over ::1", NULL);
	expect("socat", "works over ::1", NULL);
	expect("java-connection", "works over ::1", NULL);
}

/* Loopback addresses do not count for AI_ADDRCONFIG. */
static void addrconfig_drops_a_family(void **state)
{
	(void)state;
	answer_also("127.0.0.1,127.0.0.1", AF_UNSPEC, true, 0);
	machine_silent_out("::1");
	expect("ab", "works over 127.0.0.1", NULL);
	expect("node-17", "works over 127.0.0.1", NULL);
	expect("wget", "works after 131 s over 127.0.0.1", NULL);
}

static void addrconfig_is_foreseen(void **state)
{
	struct mux_routing *routing = &machine.snapshot.routing;

	(void)state;
	machine_silent_out("::1");
	machine.addresses[routing->n_addresses++] = (struct mux_interface_address){
		.link = 2, .address = machine_address("192.0.2.2"), .prefix_len = 24};
	expect("ab", "works over 127.0.0.1", NULL);
	/* Measured: of the three, only h2load puts a literal to the resolver. */
	assert_string_equal(run_at("::1", "h2load")->says,
			    "getaddrinfo() failed: Address family for hostname not supported");
	assert_string_equal(run_at("::1", "node-http")->text, "fails after 131 s");
	machine.addresses[routing->n_addresses++] = (struct mux_interface_address){
		.link = 1, .address = machine_address("fe80::1"), .prefix_len = 128};
	expect("ab", "fails after 30 s",
	       "apr_pollset_poll: The timeout specified has expired (70007)");
}

static void urllib3_looks_for_ipv6(void **state)
{
	(void)state;
	machine_forget_answers();
	machine_answers("localhost", "127.0.0.1,::1", 0);
	answer_also("127.0.0.1,127.0.0.1", AF_INET, false, 0);
	machine_route("::1", RTN_LOCAL, EADDRNOTAVAIL);
	machine_remove_address("::1");
	machine_probe(MUX_TCP, "::1", true, false, EADDRNOTAVAIL);
	machine_silent_out("127.0.0.1");
	expect("python-requests", "fails after 262 s",
	       "Connection to localhost timed out. (connect timeout=None)");
	expect("python-http", "fails after 131 s", "[Errno 99] Cannot assign requested address");
}

static void a_slow_name_delays_all_who_ask(void **state)
{
	(void)state;
	machine.resolutions[0].elapsed_us = 2000 * 1000;
	expect("wget", "works after 2 s over ::1", NULL);
	expect("curl", "works over 127.0.0.1", NULL);
}

static void literals_and_other_names(void **state)
{
	(void)state;
	machine_silent_out("::1");
	assert_string_equal(run_at("127.0.0.1", "ab")->text, "works over 127.0.0.1");
	assert_string_equal(run_at("::1", "curl")->text, "fails after 131 s");
	assert_string_equal(run_at("::1", "perl-socket-inet")->says,
			    "IO::Socket::INET: Bad hostname '::1'");
	assert_string_equal(run_at("debian5", "curl")->text, "works over 127.0.1.1");
	assert_string_equal(run_at("www.localhost", "curl")->text, "works over 127.0.0.1");
	assert_int_equal(run_at("www.localhost", "wget")->works, MUX_UNKNOWN);
}

/* --- proxies ----------------------------------------------------------------------------- */

static struct mux_variable variables[3];

static void set_variable(const char *name, const char *value)
{
	struct mux_environment *environment = &machine.snapshot.environment;

	variables[environment->n_variables++] =
		(struct mux_variable){.name = name, .value = slice_of(value)};
	environment->variables = variables;
}

static void proxies_are_asked_by_some(void **state)
{
	(void)state;
	set_variable("http_proxy", "http://proxy.example:3128");
	expect("curl", "asks the proxy of http_proxy instead", NULL);
	expect("busybox-wget", "asks the proxy of http_proxy instead", NULL);
	assert_non_null(run_at("localhost", "python-requests")->proxy);
	assert_int_equal(run_at("localhost", "python-requests")->works, MUX_UNKNOWN);
	expect("ab", "works over ::1", NULL);
	expect("go", "works over ::1", NULL);
	assert_non_null(run_at("debian5", "go")->proxy);
	assert_null(run_at("127.0.0.1", "go")->proxy);
	set_variable("no_proxy", "example.org, .LOCALHOST");
	expect("curl", "works over 127.0.0.1", NULL);
	expect("busybox-wget", "asks the proxy of http_proxy instead", NULL);
}

/* Measured: curl 7.88 and requests take networks, for addresses only; wget and urllib take none. */
static void networks_of_no_proxy_are_for_few(void **state)
{
	(void)state;
	set_variable("http_proxy", "http://proxy.example:3128");
	set_variable("no_proxy", "10.0.0.0/8, 127.0.0.0/8,::1/128");
	assert_null(run_at("127.0.0.1", "curl")->proxy);
	assert_null(run_at("::1", "python-requests")->proxy);
	assert_non_null(run_at("127.0.0.1", "wget")->proxy);
	assert_non_null(run_at("127.0.0.1", "python-urllib")->proxy);
	assert_non_null(run_at("localhost", "curl")->proxy);
	variables[1].value = slice_of("127.0.0.0/33,128.0.0.0/8,/8,::/0");
	assert_non_null(run_at("127.0.0.1", "curl")->proxy);
}

/* Measured: wget, urllib and LWP do not obey it, in whichever case. */
static void all_proxy_is_for_few(void **state)
{
	(void)state;
	set_variable("ALL_PROXY", "http://proxy.example:3128");
	expect("curl", "asks the proxy of ALL_PROXY instead", NULL);
	expect("python-requests", "asks the proxy of ALL_PROXY instead", NULL);
	expect("perl-tiny", "asks the proxy of ALL_PROXY instead", NULL);
	assert_null(run_at("127.0.0.1", "aria2c")->proxy);
	expect("wget", "works over ::1", NULL);
	expect("python-urllib", "works over ::1", NULL);
}

static void capitals_are_for_some(void **state)
{
	(void)state;
	set_variable("HTTP_PROXY", "http://proxy.example:3128");
	expect("curl", "works over 127.0.0.1", NULL);
	expect("perl-lwp", "asks the proxy of HTTP_PROXY instead", NULL);
	set_variable("NO_PROXY", "host");
	expect("perl-lwp", "asks the proxy of HTTP_PROXY instead", NULL);
	variables[1].value = slice_of("*");
	expect("perl-lwp", "works over ::1", NULL);
	variables[0].value = variables[1].value = slice_of("");
	expect("perl-lwp", "works over ::1", NULL);
}

/* --- the table --------------------------------------------------------------------------- */

static void names_are_found(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ev_n_clients; i++)
		assert_ptr_equal(ev_client_find(mux_client_name(i)), &ev_clients[i]);
	assert_null(mux_client_name(ev_n_clients));
	assert_null(ev_client_find("telnet"));
}

static void running_out_of_memory_is_told(void **state)
{
	struct mux_target target = {.host = "localhost", .port = MACHINE_PORT};
	struct evaluation evaluation;
	size_t n, failures = 0;
	int error = -ENOMEM;

	(void)state;
	machine_silent_out("::1");
	for (n = 1; error != 0; n++) {
		struct arena *arena = arena_new();

		arena_fail_after(arena, n);
		error = evaluate(&machine.snapshot, &target, arena, &evaluation);
		failures += error == -ENOMEM;
		arena_free(arena);
	}
	assert_true(failures > ev_n_clients);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, machine_begin, machine_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_work_on_a_healthy_machine),
		TEST(silence_is_answered_by_patience),
		TEST(aria2_needs_a_network),
		TEST(silence_of_ipv4_hits_others),
		TEST(the_kernels_patience_is_set_by_sysctl),
		TEST(a_rejected_address_costs_a_second),
		TEST(nobody_listens),
		TEST(connect_itself_fails),
		TEST(what_was_not_tried_is_foreseen),
		TEST(a_name_without_addresses),
		TEST(go_asks_name_servers_itself),
		TEST(go_sorts_by_itself),
		TEST(aria2_asks_for_each_family),
		TEST(one_family_only),
		TEST(addrconfig_drops_a_family),
		TEST(addrconfig_is_foreseen),
		TEST(urllib3_looks_for_ipv6),
		TEST(a_slow_name_delays_all_who_ask),
		TEST(literals_and_other_names),
		TEST(proxies_are_asked_by_some),
		TEST(networks_of_no_proxy_are_for_few),
		TEST(all_proxy_is_for_few),
		TEST(capitals_are_for_some),
		TEST(names_are_found),
		TEST(running_out_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
