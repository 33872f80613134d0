/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine, the environment, one-line files, sysctls, resolutions and probes. */
#include "parse_room.h"

#include <netdb.h>
#include <sys/socket.h>

#include <muxdiag/muxdiag.h>

#include "base/addr.h"
#include "parse/parse.h"

static void reads_the_machine(void **state)
{
	struct mux_machine machine = {0};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(parse_machine(TEXT("kernel=6.18.44 host_name=debian5%20x uid=1000 "
					    "capabilities=1ffffffffff netns=4026531840 "
					    "time=1700000000 target=localhost port=8000 "
					    "root_dir=/\n"),
				       arena, &machine),
			 0);
	assert_string_equal(machine.kernel, "6.18.44");
	assert_string_equal(machine.host_name, "debian5 x");
	assert_string_equal(machine.target, "localhost");
	assert_int_equal(machine.port, 8000);
	assert_int_equal(machine.uid, 1000);
	assert_int_equal(machine.capabilities, 0x1ffffffffff);
	assert_int_equal(machine.netns, 4026531840);
	assert_int_equal(machine.time, 1700000000);
	arena_free(arena);
}

static void defaults_what_the_machine_lacks(void **state)
{
	struct mux_machine machine = {0};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(parse_machine(TEXT(""), arena, &machine), 0);
	assert_string_equal(machine.kernel, "");
	assert_string_equal(machine.host_name, "");
	assert_string_equal(machine.target, "");
	assert_int_equal(machine.port, 0);
	assert_int_equal(parse_machine(TEXT("port=65536 uid=-1 netns=x capabilities=-1 "
					    "target=%zz kernel=a\n"),
				       arena, &machine),
			 0);
	assert_int_equal(machine.port, 0);
	assert_int_equal(machine.uid, 0);
	assert_int_equal(machine.netns, 0);
	assert_int_equal(machine.capabilities, 0);
	assert_string_equal(machine.target, "");
	assert_string_equal(machine.kernel, "a");
	arena_free(arena);
}

static void reads_the_environment(void **state)
{
	struct mux_environment environment = {0};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(parse_environment(TEXT("http_proxy=http://p:3128\0EMPTY=\0=x\0none\0"
						"RES_OPTIONS=ndots:5=6"),
					   arena, &environment),
			 0);
	assert_int_equal(environment.n_variables, 3);
	assert_string_equal(environment.variables[0].name, "http_proxy");
	assert_slice(environment.variables[0].value, "http://p:3128");
	assert_string_equal(environment.variables[1].name, "EMPTY");
	assert_int_equal(environment.variables[1].value.len, 0);
	assert_slice(environment.variables[2].value, "ndots:5=6");
	arena_free(arena);
}

static void reads_one_line_files(void **state)
{
	struct mux_line_file file = {0};

	(void)state;
	parse_line_file(TEXT("  debian5\r\nmore\n"), &file);
	assert_slice(file.text, "debian5");
	parse_line_file(TEXT("debian5"), &file);
	assert_slice(file.text, "debian5");
	parse_line_file(TEXT("\ndebian5\n"), &file);
	assert_slice(file.text, "");
	parse_line_file(TEXT(""), &file);
	assert_slice(file.text, "");
}

static void reads_sysctls(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct arena *arena = arena_new();
	struct mux_snapshot snapshot = {0};

	(void)state;
	bundle_put(bundle, "sysctl/net/ipv6/bindv6only", TEXT("0\n"));
	bundle_put(bundle, "other/net", TEXT("1\n"));
	bundle_put_error(bundle, "sysctl/net/ipv6/conf/lo/disable_ipv6", ENOENT);
	bundle_put_error(bundle, "sysctl/net/core/somaxconn", EACCES);
	bundle_put(bundle, "sysctl/net/ipv4/ip_local_port_range", TEXT("32768\t60999\n"));
	assert_int_equal(parse_sysctls(bundle, arena, &snapshot), 0);
	assert_int_equal(snapshot.n_sysctls, 4);
	assert_string_equal(snapshot.sysctls[0].path, "net/ipv6/bindv6only");
	assert_slice(snapshot.sysctls[0].text, "0");
	assert_int_equal(snapshot.sysctls[1].source.presence, MUX_ABSENT);
	assert_int_equal(snapshot.sysctls[2].source.presence, MUX_DENIED);
	assert_int_equal(snapshot.sysctls[2].source.error, EACCES);
	assert_slice(snapshot.sysctls[3].text, "32768\t60999");
	arena_free(arena);
	mux_bundle_free(bundle);
}

static const char resolutions_text[] =
	"resolver=getaddrinfo lookup=system name=localhost family=unspec addrconfig=0 answered=1 "
	"status=0 error=0 us=412 addresses=::1,127.0.0.1,fe80::1%253\n"
	"resolver=getaddrinfo lookup=system name=x family=inet6 addrconfig=1 answered=1 status=-11 "
	"error=22 text=System%20error us=9 addresses=\n"
	"resolver=c-ares lookup=dns name=a%20b family=inet answered=0 us=1000000\n"
	"resolver=bind lookup=dns name=x family=inet answered=1\n"
	"resolver=c-ares lookup=hosts name=x family=inet7 answered=1\n"
	"resolver=c-ares lookup=hosts name=x family=inet answered=1 status=99999999999 "
	"addresses=1.2.3.4,,bad,127.1,::1%25x,::1%2599999999999,5.6.7.8\n"
	"nonsense\n";

static void reads_resolutions(void **state)
{
	struct mux_snapshot snapshot = {0};
	struct arena *arena = arena_new();
	const struct mux_resolution *first, *last;

	(void)state;
	assert_int_equal(parse_resolutions(TEXT(resolutions_text), arena, &snapshot), 0);
	assert_int_equal(snapshot.n_resolutions, 4);
	first = &snapshot.resolutions[0];
	assert_int_equal(first->resolver, MUX_GETADDRINFO);
	assert_int_equal(first->lookup, MUX_LOOKUP_SYSTEM);
	assert_slice(first->name, "localhost");
	assert_int_equal(first->family, AF_UNSPEC);
	assert_true(first->answered);
	assert_int_equal(first->elapsed_us, 412);
	assert_int_equal(first->n_addresses, 3);
	assert_true(addr_equal(&first->addresses[0], &addr_loopback6));
	assert_true(addr_equal(&first->addresses[1], &addr_loopback4));
	assert_int_equal(first->addresses[2].scope_id, 3);
	assert_int_equal(snapshot.resolutions[1].status, EAI_SYSTEM);
	assert_int_equal(snapshot.resolutions[1].error, EINVAL);
	assert_true(snapshot.resolutions[1].addrconfig);
	assert_slice(snapshot.resolutions[1].status_text, "System error");
	assert_int_equal(snapshot.resolutions[1].n_addresses, 0);
	assert_int_equal(snapshot.resolutions[2].resolver, MUX_CARES);
	assert_int_equal(snapshot.resolutions[2].lookup, MUX_LOOKUP_DNS);
	assert_false(snapshot.resolutions[2].answered);
	assert_slice(snapshot.resolutions[2].name, "a b");
	last = &snapshot.resolutions[3];
	assert_int_equal(last->status, 0);
	assert_int_equal(last->n_addresses, 2);
	assert_int_equal(last->addresses[1].bytes[0], 5);
	arena_free(arena);
}

static const char probes_text[] =
	"protocol=tcp address=127.0.0.1 port=8000 local_port=40001 finished=1 connected=1 error=0 "
	"icmp=0/0/0 us=61 out_requests=3 out_transmits=3 in_receives=3 in_delivers=3 "
	"listen_overflows=0\n"
	"protocol=udp address=::1 port=8000 local_port=40002 finished=1 connected=0 error=1 us=12\n"
	"protocol=tcp address=::1 port=8000 finished=0 us=300000 out_requests=1 in_receives=1 "
	"in_delivers=0\n"
	"protocol=tcp address=::1 port=8000 finished=1 error=13 icmp=3/1/5 us=1\n"
	"protocol=tcp address=::1 port=70000 finished=7 icmp=3/256/5\n"
	"protocol=sctp address=::1\n"
	"protocol=tcp address=\n";

static void reads_probes(void **state)
{
	struct mux_snapshot snapshot = {0};
	struct arena *arena = arena_new();
	const struct mux_probe *probes;

	(void)state;
	assert_int_equal(parse_probes(TEXT(probes_text), arena, &snapshot), 0);
	assert_int_equal(snapshot.n_probes, 5);
	probes = snapshot.probes;
	assert_int_equal(probes[0].protocol, MUX_TCP);
	assert_true(addr_equal(&probes[0].address, &addr_loopback4));
	assert_int_equal(probes[0].port, 8000);
	assert_int_equal(probes[0].local_port, 40001);
	assert_true(probes[0].finished && probes[0].connected);
	assert_int_equal(probes[0].elapsed_us, 61);
	assert_true(probes[0].counters.known);
	assert_int_equal(probes[0].counters.out_transmits, 3);
	assert_int_equal(probes[0].counters.listen_overflows, 0);
	assert_true(probes[2].counters.known);
	assert_int_equal(probes[2].counters.out_transmits, -1);
	assert_int_equal(probes[2].counters.in_receives, 1);
	assert_false(probes[3].counters.known);
	assert_int_equal(probes[1].protocol, MUX_UDP);
	assert_int_equal(probes[1].error, EPERM);
	assert_false(probes[2].finished || probes[2].connected);
	assert_int_equal(probes[3].icmp_origin, 3);
	assert_int_equal(probes[3].icmp_type, 1);
	assert_int_equal(probes[3].icmp_code, 5);
	assert_int_equal(probes[4].port, 0);
	assert_false(probes[4].finished);
	assert_int_equal(probes[4].icmp_code, 0);
	arena_free(arena);
}

static int machine_of(struct mux_slice bytes, struct arena *arena)
{
	struct mux_machine machine = {0};

	return parse_machine(bytes, arena, &machine);
}

static int environment_of(struct mux_slice bytes, struct arena *arena)
{
	struct mux_environment environment = {0};

	return parse_environment(bytes, arena, &environment);
}

static int resolutions_of(struct mux_slice bytes, struct arena *arena)
{
	struct mux_snapshot snapshot = {0};

	return parse_resolutions(bytes, arena, &snapshot);
}

static int probes_of(struct mux_slice bytes, struct arena *arena)
{
	struct mux_snapshot snapshot = {0};

	return parse_probes(bytes, arena, &snapshot);
}

static int permissions_of(struct mux_slice bytes, struct arena *arena)
{
	struct mux_permissions permissions = {0};

	return parse_permissions(bytes, arena, &permissions);
}

static void reads_permissions(void **state)
{
	struct mux_permissions permissions = {0};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(parse_permissions(TEXT("path=etc/hosts mode=33152 uid=4294967295 gid=7\n"
						"mode=33188 uid=0\n"
						"path=etc/gai.conf link=%2fgone\n"
						"path=x mode=-1 uid=99999999999\n"),
					   arena, &permissions),
			 0);
	assert_int_equal(permissions.n_files, 3);
	assert_true(slice_is(permissions.files[0].path, "etc/hosts"));
	assert_int_equal(permissions.files[0].mode, 0100600);
	assert_int_equal(permissions.files[0].uid, UINT32_MAX);
	assert_int_equal(permissions.files[0].gid, 7);
	assert_true(slice_is(permissions.files[1].link, "/gone"));
	assert_int_equal(permissions.files[1].mode, 0);
	assert_int_equal(permissions.files[2].mode, 0);
	assert_int_equal(permissions.files[2].uid, 0);
	arena_free(arena);
}

static void bears_every_prefix_and_no_memory(void **state)
{
	static const struct {
		int (*parse)(struct mux_slice bytes, struct arena *arena);
		struct mux_slice bytes;
	} samples[] = {
		{machine_of, SLICE("kernel=a%20b host_name=x target=y capabilities=%31f\n")},
		{environment_of, SLICE("a=1\0b=2\0c=\0d=4\0e=5\0f=6\0g=7\0h=8\0i=9\0")},
		{resolutions_of, SLICE(resolutions_text)},
		{probes_of, SLICE(probes_text)},
		{permissions_of,
		 SLICE("path=etc%2fhosts mode=1 link=%2f\npath=a\npath=b\npath=c\n")},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		check_prefixes(samples[i].bytes, samples[i].parse, 1);
		check_no_memory(samples[i].bytes, samples[i].parse);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_machine),
		cmocka_unit_test(defaults_what_the_machine_lacks),
		cmocka_unit_test(reads_the_environment),
		cmocka_unit_test(reads_one_line_files),
		cmocka_unit_test(reads_sysctls),
		cmocka_unit_test(reads_resolutions),
		cmocka_unit_test(reads_probes),
		cmocka_unit_test(reads_permissions),
		cmocka_unit_test(bears_every_prefix_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
