/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes that lie in the kind of place (other namespaces, containers, sandboxes, security
 * modules, WSL), and IPv6 that is offered in vain. */
#include <errno.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes_fixture.h"

static const struct mux_link links[] = {
	{.index = 1, .name = SLICE("lo"), .flags = IFF_LOOPBACK | IFF_UP, .mtu = 65536},
	{.index = 2, .name = SLICE("eth0"), .flags = IFF_UP, .mtu = 1500},
};

static struct fixture fixture;

static struct mux_surroundings *surroundings(void)
{
	return &fixture.snapshot.surroundings;
}

/* An ordinary machine whose surroundings were looked at, with so many links. */
static void begin(size_t n_links)
{
	fixture_init(&fixture, "localhost", 8000);
	surroundings()->source.presence = MUX_PRESENT;
	surroundings()->first_netns = MUX_YES;
	surroundings()->no_new_privs = surroundings()->seccomp = MUX_NO;
	fixture.snapshot.routing.links_source.presence = MUX_PRESENT;
	fixture.snapshot.routing.links = links;
	fixture.snapshot.routing.n_links = n_links;
}

static void nobody_listens(void)
{
	fixture_refuse(&fixture, AF_INET, NULL);
	fixture_refuse(&fixture, AF_INET6, NULL);
}

static void set_variable(const char *name, const char *value)
{
	struct mux_environment *environment = &fixture.snapshot.environment;

	fixture.variables[environment->n_variables++] =
		(struct mux_variable){name, slice_of(value)};
	environment->variables = fixture.variables;
}

/* There is exactly this finding, and it frees the target. */
static const struct mux_finding *the_one(const char *id)
{
	const struct mux_finding *findings;
	size_t n = 0;

	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, id);
	assert_int_equal(findings[0].severity, MUX_SEVERITY_CRITICAL);
	return &findings[0];
}

/* --- other namespaces -------------------------------------------------------------------- */

static void test_server_in_another_namespace(void **state)
{
	const struct mux_stranger strangers[] = {
		{.address = addr_loopback4, .uid = 7, .pid = 5, .command = SLICE("sleep")},
		{.address = addr_loopback4,
		 .uid = 7,
		 .pid = 6,
		 .holds = true,
		 .command = SLICE("node\x1b"),
		 .name = SLICE("blue;x")},
	};
	const struct mux_finding *finding;

	(void)state;
	begin(2);
	nobody_listens();
	fixture.snapshot.strangers.source.presence = MUX_PRESENT;
	fixture.snapshot.strangers.sockets = strangers;
	fixture.snapshot.strangers.n_sockets = 2;
	finding = the_one("wrong-namespace");
	assert_true(finding->decisive);
	assert_string_equal(finding->title,
			    "nobody listens on port 8000 here, but node\\x1b (pid 6) "
			    "does in network namespace blue;x");
	assert_true(has_evidence(finding, "elsewhere", "127.0.0.1:8000 (uid 7), in another"));
	assert_true(has_command(finding, "ip netns exec 'blue;x' muxdiag check localhost:8000"));
	/* Found for another port than the one asked about now. */
	fixture.evaluation.live_target = false;
	the_one("no-listener");
	fixture_done(&fixture);
}

static void test_server_in_a_container(void **state)
{
	const struct mux_stranger stranger = {
		.pid = 6,
		.holds = true,
		.address = {.family = AF_INET},
		.command = SLICE("nginx"),
		.cgroup = SLICE(
			"0::/system.slice/docker-0123456789abcdef0123456789abcdef0123456789abc"
			"def0123456789abcdef.scope"),
	};
	const struct mux_finding *finding;

	(void)state;
	begin(2);
	nobody_listens();
	fixture.snapshot.strangers.sockets = &stranger;
	fixture.snapshot.strangers.n_sockets = 1;
	finding = the_one("wrong-namespace");
	assert_non_null(strstr(finding->title, "a network namespace of docker 0123456789ab"));
	assert_true(has_command(finding, "docker run -p 127.0.0.1:8000:8000 IMAGE"));
	assert_true(has_command(finding, "nsenter --target 6 --net muxdiag check localhost:8000"));
	fixture_done(&fixture);
}

/* --- containers and sandboxes ------------------------------------------------------------ */

static void test_container(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	begin(2);
	nobody_listens();
	surroundings()->first_netns = MUX_NO;
	surroundings()->podman = true;
	finding = the_one("container-localhost");
	assert_true(finding->decisive);
	assert_true(has_evidence(finding, "/run/.containerenv", "podman"));
	assert_true(has_evidence(finding, "links", "lo, eth0"));
	assert_true(has_command(finding, "curl http://host.containers.internal:8000/"));
	/* In the network of the host, localhost is that of the host. */
	surroundings()->first_netns = MUX_YES;
	the_one("no-listener");
	surroundings()->first_netns = MUX_UNKNOWN;
	the_one("no-listener");
	fixture_done(&fixture);
}

static void test_container_by_variable_and_group(void **state)
{
	(void)state;
	begin(2);
	nobody_listens();
	surroundings()->first_netns = MUX_NO;
	the_one("no-listener");
	surroundings()->cgroup = slice_of("0::/kubepods/besteffort/pod7");
	assert_true(has_evidence(the_one("container-localhost"), "control group", "kubernetes"));
	surroundings()->cgroup = slice_of("0::/");
	set_variable("container", "lxc\n");
	assert_true(
		has_evidence(the_one("container-localhost"), "environment", "container=lxc\\x0a"));
	fixture_done(&fixture);
}

static void test_sandbox_without_network(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	begin(1);
	nobody_listens();
	surroundings()->first_netns = MUX_NO;
	surroundings()->docker = true;
	the_one("no-listener");
	surroundings()->no_new_privs = MUX_YES;
	finding = the_one("sandboxed");
	assert_true(has_evidence(finding, "links", "lo alone"));
	surroundings()->no_new_privs = MUX_NO;
	set_variable("CODEX_SANDBOX_NETWORK_DISABLED", "1");
	finding = the_one("sandboxed");
	assert_true(has_command(finding, "codex -c sandbox_workspace_write.network_access=true"));
	fixture_done(&fixture);
}

/* Where the target works, or its port is served, no place is to blame. */
static void test_no_place_is_accused_of_success(void **state)
{
	size_t n = 1;

	(void)state;
	begin(1);
	surroundings()->first_netns = MUX_NO;
	surroundings()->docker = true;
	surroundings()->no_new_privs = surroundings()->seccomp = MUX_YES;
	surroundings()->selinux_enforcing = true;
	surroundings()->release = slice_of("5.15-microsoft-standard-WSL2");
	fixture_findings(&fixture, &n);
	assert_int_equal(n, 0);
	fixture_refuse(&fixture, AF_INET6, &fixture.listener4);
	fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_non_null(fixture_finding(&fixture, "listener-ipv4-only"));
	fixture_done(&fixture);
}

static void test_wsl(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	begin(2);
	nobody_listens();
	surroundings()->release = slice_of("5.15.1-microsoft-standard-WSL2");
	finding = the_one("wsl-localhost");
	assert_true(has_command(finding, "ip route show default"));
	surroundings()->release = slice_of("4.4.0-19041-Microsoft");
	the_one("no-listener");
	fixture_done(&fixture);
}

static void test_wsl_relays_ipv4_only(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	begin(2);
	surroundings()->release = slice_of("5.15.1-microsoft-standard-WSL2");
	fixture_refuse(&fixture, AF_INET, &fixture.listener6);
	finding = fixture_finding(&fixture, "wsl-localhost");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	assert_false(finding->decisive);
	fixture_done(&fixture);
}

/* --- refusals ---------------------------------------------------------------------------- */

static void refuse(int error)
{
	fixture_fail(&fixture, AF_INET, MUX_STAGE_OUTPUT, error);
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_OUTPUT, error);
}

static void no_finding(const char *id)
{
	assert_null(fixture_finding(&fixture, id));
}

static void test_sandbox_refuses(void **state)
{
	static const int errors[] = {EPERM, EACCES, EAFNOSUPPORT, ENOSYS};
	const struct mux_finding *finding;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		begin(2);
		refuse(errors[i]);
		no_finding("sandbox-denies");
		surroundings()->seccomp = MUX_YES;
		finding = the_one("sandbox-denies");
		assert_true(finding->inferred);
		assert_string_equal(finding->title, "a sandbox around this process refuses "
						    "connections to both IPv4 and IPv6");
		fixture_done(&fixture);
	}
}

static void test_what_no_sandbox_does(void **state)
{
	static const struct mux_cgroup_program program = {.hook = MUX_CGROUP_CONNECT6, .id = 3};
	size_t i;

	(void)state;
	begin(2);
	surroundings()->seccomp = MUX_YES;
	refuse(ECONNREFUSED);
	no_finding("sandbox-denies");
	refuse(EHOSTUNREACH);
	no_finding("sandbox-denies");
	refuse(EPERM);
	assert_non_null(fixture_finding(&fixture, "sandbox-denies"));
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		fixture.candidates[i].output.program = &program;
	no_finding("sandbox-denies");
	for (i = 0; i < fixture.evaluation.n_candidates; i++) {
		fixture.candidates[i].output.program = NULL;
		fixture.candidates[i].route.passes = MUX_NO;
	}
	no_finding("sandbox-denies");
	fixture_done(&fixture);
}

static void test_selinux_refuses(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	begin(2);
	refuse(EACCES);
	no_finding("security-module-denies");
	surroundings()->selinux_enforcing = true;
	surroundings()->label = slice_of("system_u:system_r:httpd_t:s0");
	finding = the_one("security-module-denies");
	assert_true(finding->inferred);
	assert_true(has_command(finding, "setsebool -P httpd_can_network_connect 1"));
	assert_true(has_evidence(finding, "/proc/self/attr/current", "httpd_t"));
	surroundings()->label = slice_of("unconfined_u:unconfined_r:unconfined_t:s0");
	no_finding("security-module-denies");
	surroundings()->no_new_privs = MUX_YES;
	the_one("sandbox-denies");
	fixture_done(&fixture);
}

static void test_apparmor_refuses(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	begin(2);
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_OUTPUT, EACCES);
	surroundings()->label = slice_of("/usr/bin/thing (complain)");
	no_finding("security-module-denies");
	surroundings()->label = slice_of("/usr/bin/thing (enforce)");
	finding = fixture_finding(&fixture, "security-module-denies");
	assert_non_null(finding);
	assert_string_equal(finding->title, "AppArmor refuses connections of this process to ::1");
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_true(has_command(finding, "aa-logprof"));
	fixture_done(&fixture);
}

/* --- IPv6 -------------------------------------------------------------------------------- */

static void stop_ipv6(enum ev_route_state state, int error)
{
	size_t i;

	fixture_fail(&fixture, AF_INET6, MUX_STAGE_ROUTE, error);
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		if (fixture.candidates[i].address.family == AF_INET6) {
			fixture.candidates[i].route.passes = MUX_NO;
			fixture.candidates[i].route.state = state;
		}
}

static void test_kernel_without_ipv6(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	begin(2);
	stop_ipv6(EV_ROUTE_IPV6_DISABLED, EAFNOSUPPORT);
	surroundings()->ipv6_off = true;
	surroundings()->parameter = slice_of("ipv6.disable=1");
	finding = fixture_finding(&fixture, "ipv6-disabled");
	assert_non_null(finding);
	assert_non_null(strstr(finding->title, "IPv6 is disabled by ipv6.disable=1, but"));
	assert_true(has_evidence(finding, "/proc/cmdline", "ipv6.disable=1"));
	assert_int_equal(finding->n_fixes, 2);
	assert_non_null(strstr(finding->fixes[0].title, "reboot"));
	assert_string_equal(finding->fixes[1].title,
			    "Take localhost off /etc/hosts:4, which gives it ::1");
	assert_false(has_command(finding, "sysctl -w net.ipv6.conf.lo.disable_ipv6=0"));
	no_finding("ipv6-offered-but-dead");
	fixture_done(&fixture);
}

static void test_ipv6_dies_unexplained(void **state)
{
	const struct mux_finding *finding;
	size_t i;

	(void)state;
	begin(2);
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_INPUT, 0);
	finding = fixture_finding(&fixture, "ipv6-offered-but-dead");
	assert_non_null(finding);
	assert_true(finding->inferred);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_true(has_evidence(finding, "probe tcp [::1]:8000", "no answer"));
	assert_true(has_evidence(finding, "probe tcp 127.0.0.1:8000", "connected"));
	assert_true(has_command(finding, "muxdiag trace '[::1]:8000'"));
	/* Nothing to compare it with, and not tried first. */
	fixture_fail(&fixture, AF_INET, MUX_STAGE_INPUT, 0);
	no_finding("ipv6-offered-but-dead");
	fixture_done(&fixture);
	begin(2);
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_INPUT, 0);
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		fixture.candidates[i].position = 3 - fixture.candidates[i].position;
	no_finding("ipv6-offered-but-dead");
	fixture_done(&fixture);
}

/* Any other cause is the better explanation. */
static void test_ipv6_dies_explained(void **state)
{
	(void)state;
	begin(2);
	fixture_refuse(&fixture, AF_INET6, &fixture.listener4);
	assert_non_null(fixture_finding(&fixture, "listener-ipv4-only"));
	no_finding("ipv6-offered-but-dead");
	fixture_done(&fixture);
	begin(2);
	stop_ipv6(EV_ROUTE_ADDRESS_MISSING, EADDRNOTAVAIL);
	assert_non_null(fixture_finding(&fixture, "loopback-address-missing"));
	no_finding("ipv6-offered-but-dead");
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server_in_another_namespace),
		cmocka_unit_test(test_server_in_a_container),
		cmocka_unit_test(test_container),
		cmocka_unit_test(test_container_by_variable_and_group),
		cmocka_unit_test(test_sandbox_without_network),
		cmocka_unit_test(test_no_place_is_accused_of_success),
		cmocka_unit_test(test_wsl),
		cmocka_unit_test(test_wsl_relays_ipv4_only),
		cmocka_unit_test(test_sandbox_refuses),
		cmocka_unit_test(test_what_no_sandbox_does),
		cmocka_unit_test(test_selinux_refuses),
		cmocka_unit_test(test_apparmor_refuses),
		cmocka_unit_test(test_kernel_without_ipv6),
		cmocka_unit_test(test_ipv6_dies_unexplained),
		cmocka_unit_test(test_ipv6_dies_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
