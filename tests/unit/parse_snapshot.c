/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole bundle becomes a snapshot. */
#include "parse_room.h"

#include <linux/rtnetlink.h>

#include <muxdiag/muxdiag.h>

#include "message.h"
#include "parse/parse.h"

static int parse(const struct mux_bundle *bundle, struct arena *arena)
{
	struct mux_snapshot *snapshot = arena_alloc(arena, sizeof(*snapshot));

	return snapshot == NULL ? -ENOMEM : parse_snapshot(bundle, arena, snapshot);
}

static struct mux_bundle *make_bundle(void)
{
	struct mux_bundle *bundle = bundle_new();

	assert_non_null(bundle);
	bundle_put(bundle, "machine",
		   TEXT("kernel=6.1 host_name=debian5.example target=Web.Example port=8000\n"));
	bundle_put(bundle, "file/etc/hosts",
		   TEXT("127.0.0.1 localhost\n127.0.1.1 debian5\n10.0.0.1 web.example\n"
			"10.0.0.2 other\n#::1 ip6-loopback\n10.0.0.3 debian5.example\n"
			"::1 localhost6 localhost4\n"));
	bundle_put_error(bundle, "file/etc/nsswitch.conf", ENOENT);
	bundle_put_error(bundle, "file/etc/gai.conf", EACCES);
	bundle_put(bundle, "file/etc/host.conf", TEXT("multi on\n"));
	bundle_put(bundle, "file/etc/hostname", TEXT("debian5\n"));
	bundle_put(bundle, "environment", TEXT("http_proxy=x\0"));
	bundle_put(bundle, "sysctl/net/ipv6/bindv6only", TEXT("0\n"));
	bundle_put(bundle, "resolutions", TEXT("resolver=c-ares lookup=dns family=inet\n"));
	bundle_put(bundle, "probes", TEXT("protocol=tcp address=::1\n"));
	bundle_put(bundle, "netlink/route/links", TEXT(""));
	bundle_put(bundle, "netlink/diag/tcp4", TEXT(""));
	bundle_put_error(bundle, "nft/tables", EPERM);
	bundle_put(bundle, "file/proc/net/ip6_tables_names", TEXT("filter\n"));
	return bundle;
}

static void parses_every_group(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct mux_error error;
	const struct mux_snapshot *snapshot = mux_snapshot_parse(bundle, &error);

	(void)state;
	assert_non_null(snapshot);
	assert_string_equal(snapshot->machine.target, "Web.Example");
	/* localhost, the host name whole and its first label, the target, the ip6- and 4/6 aliases
	 */
	assert_int_equal(snapshot->hosts.n_entries, 6);
	assert_int_equal(snapshot->hosts.n_lines, 7);
	assert_int_equal(snapshot->hosts.source.presence, MUX_PRESENT);
	assert_string_equal(snapshot->hosts.source.name, "file/etc/hosts");
	assert_int_equal(snapshot->nsswitch.source.presence, MUX_ABSENT);
	assert_int_equal(snapshot->nsswitch.n_services, 2);
	assert_int_equal(snapshot->resolv.source.presence, MUX_NOT_ASKED);
	assert_int_equal(snapshot->resolv.n_nameservers, 1);
	assert_int_equal(snapshot->gai.source.presence, MUX_DENIED);
	assert_int_equal(snapshot->gai.source.error, EACCES);
	assert_int_equal(snapshot->gai.n_labels, 8);
	assert_true(snapshot->host_conf.multi);
	assert_slice(snapshot->host_name_file.text, "debian5");
	assert_int_equal(snapshot->environment.n_variables, 1);
	assert_int_equal(snapshot->n_sysctls, 1);
	assert_int_equal(snapshot->n_resolutions, 1);
	assert_int_equal(snapshot->n_probes, 1);
	assert_int_equal(snapshot->routing.links_source.presence, MUX_PRESENT);
	assert_int_equal(snapshot->routing.rules_source.presence, MUX_NOT_ASKED);
	assert_int_equal(snapshot->listeners.source4.presence, MUX_PRESENT);
	assert_int_equal(snapshot->listeners.source6.presence, MUX_NOT_ASKED);
	assert_int_equal(snapshot->nftables.source.error, EPERM);
	assert_int_equal(snapshot->xtables.n_tables, 1);
	mux_snapshot_free(snapshot);
	mux_snapshot_free(NULL);
	mux_bundle_free(bundle);
}

static void parses_an_empty_bundle(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	const struct mux_snapshot *snapshot = mux_snapshot_parse(bundle, NULL);

	(void)state;
	assert_non_null(snapshot);
	assert_string_equal(snapshot->machine.host_name, "");
	assert_int_equal(snapshot->hosts.source.presence, MUX_NOT_ASKED);
	assert_int_equal(snapshot->nftables.source.presence, MUX_NOT_ASKED);
	mux_snapshot_free(snapshot);
	mux_bundle_free(bundle);
}

/* An empty host name is of no interest: it must not make every line interesting. */
static void ignores_empty_names(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	const struct mux_snapshot *snapshot;

	(void)state;
	bundle_put(bundle, "file/etc/hosts", TEXT("10.0.0.1 a\n10.0.0.2 b #\n"));
	snapshot = mux_snapshot_parse(bundle, NULL);
	assert_non_null(snapshot);
	assert_int_equal(snapshot->hosts.n_entries, 0);
	mux_snapshot_free(snapshot);
	mux_bundle_free(bundle);
}

/* Everything allocates something, so that every parser fails once. */
static void bears_no_memory(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct messages messages = {0};

	(void)state;
	bundle_put(bundle, "file/etc/resolv.conf", TEXT("nameserver 192.0.2.1\n"));
	bundle_put(bundle, "file/etc/gai.conf", TEXT("label ::1/128 0\n"));
	message_begin(&messages, RTM_NEWLINK, sizeof(struct ifinfomsg));
	message_end(&messages);
	message_store(&messages, bundle, "netlink/route/links");
	bundle_put(bundle, "processes", TEXT("inode=1 pid=1 command=a\n"));
	check_no_memory_bundle(bundle, parse);
	mux_bundle_free(bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_every_group),
		cmocka_unit_test(parses_an_empty_bundle),
		cmocka_unit_test(ignores_empty_names),
		cmocka_unit_test(bears_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
