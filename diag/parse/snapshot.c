/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All parsers over one bundle. The snapshot lives in the arena that it owns. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <muxdiag/muxdiag.h>

#include "parse/parse.h"
#include "parse/text.h"

struct snapshot_box {
	struct mux_snapshot snapshot; /* first: mux_snapshot_free() finds the box by it */
	struct arena *arena;
};

/* Whose lines in /etc/hosts matter: what stands for this machine, and what was asked about. */
static int parse_hosts_of(const struct mux_bundle *bundle, struct arena *arena,
			  struct mux_snapshot *ret)
{
	struct mux_slice host_name = slice_of(ret->machine.host_name);
	const struct mux_slice names[] = {
		SLICE("localhost"),	     SLICE("ip6-localhost"),	    SLICE("ip6-loopback"),
		SLICE("localhost4"),	     SLICE("localhost6"),	    host_name,
		text_before(host_name, '.'), slice_of(ret->machine.target),
	};
	const struct parse_interest interest = {
		.names = names,
		.n_names = sizeof(names) / sizeof(names[0]),
	};
	struct mux_slice bytes = bundle_source(bundle, "file/etc/hosts", &ret->hosts.source);

	return parse_hosts(bytes, &interest, arena, &ret->hosts);
}

static int parse_files(const struct mux_bundle *bundle, struct arena *arena,
		       struct mux_snapshot *ret)
{
	struct mux_slice bytes;
	int error;

	error = parse_hosts_of(bundle, arena, ret);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "file/etc/nsswitch.conf", &ret->nsswitch.source);
	error = parse_nsswitch(bytes, arena, &ret->nsswitch);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "name-services", &ret->nss_modules.source);
	error = parse_name_services(bytes, arena, &ret->nss_modules);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "file/etc/resolv.conf", &ret->resolv.source);
	error = parse_resolv(bytes, arena, &ret->resolv);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "file/etc/host.conf", &ret->host_conf.source);
	error = parse_host_conf(bytes, &ret->host_conf);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "file/etc/gai.conf", &ret->gai.source);
	error = parse_gai(bytes, arena, &ret->gai);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "permissions", &ret->permissions.source);
	error = parse_permissions(bytes, arena, &ret->permissions);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "file/etc/hostname", &ret->host_name_file.source);
	return parse_line_file(bytes, &ret->host_name_file);
}

/* Needs the environment, which says where they are. */
static int parse_aliases(const struct mux_bundle *bundle, struct arena *arena,
			 struct mux_snapshot *ret)
{
	struct mux_slice bytes = bundle_source(bundle, "host-aliases", &ret->host_aliases.source);
	size_t i;

	for (i = 0; i < ret->environment.n_variables; i++)
		if (strcmp(ret->environment.variables[i].name, "HOSTALIASES") == 0)
			ret->host_aliases.path = ret->environment.variables[i].value;
	return parse_host_aliases(bytes, arena, &ret->host_aliases);
}

static int parse_records(const struct mux_bundle *bundle, struct arena *arena,
			 struct mux_snapshot *ret)
{
	struct mux_source source;
	struct mux_slice bytes;
	int error;

	bytes = bundle_source(bundle, "environment", &ret->environment.source);
	error = parse_environment(bytes, arena, &ret->environment);
	if (error != 0)
		return error;
	error = parse_aliases(bundle, arena, ret);
	if (error != 0)
		return error;
	error = parse_resolutions(bundle_source(bundle, "resolutions", &source), arena, ret);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "destinations", &ret->destinations.source);
	error = parse_destinations(bytes, arena, &ret->destinations);
	if (error != 0)
		return error;
	error = parse_probes(bundle_source(bundle, "probes", &source), arena, ret);
	if (error == 0)
		error = parse_talks(bundle_source(bundle, "http", &source), arena, ret);
	return error != 0 ? error : parse_sysctls(bundle, arena, ret);
}

static int parse_places(const struct mux_bundle *bundle, struct arena *arena,
			struct mux_snapshot *ret)
{
	struct mux_source source;
	struct mux_slice bytes = bundle_source(bundle, "surroundings", &ret->surroundings.source);
	int error = parse_surroundings(bytes, arena, &ret->surroundings);

	if (error != 0)
		return error;
	ret->surroundings.cgroup = bundle_source(bundle, "file/proc/self/cgroup", &source);
	error = parse_unix_sockets(bundle_source(bundle, "unix", &ret->unix_source), arena, ret);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "strangers", &ret->strangers.source);
	return parse_strangers(bytes, arena, &ret->strangers);
}

static int parse_packet_path(const struct mux_bundle *bundle, struct arena *arena,
			     struct mux_snapshot *ret)
{
	parse_conntrack(bundle_source(bundle, "conntrack", &ret->conntrack.source),
			&ret->conntrack);
	return parse_queues(bundle_source(bundle, "queues", &ret->queues.source), arena,
			    &ret->queues);
}

int parse_snapshot(const struct mux_bundle *bundle, struct arena *arena, struct mux_snapshot *ret)
{
	struct mux_source source;
	struct mux_slice bytes;
	int error;

	memset(ret, 0, sizeof(*ret));
	error = parse_machine(bundle_source(bundle, "machine", &source), arena, &ret->machine);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "file/proc/self/cgroup", &source);
	ret->machine.net_cls = MUX_UNKNOWN;
	if (source.presence == MUX_PRESENT)
		parse_controllers(bytes, &ret->machine);
	bytes = bundle_source(bundle, "file/sys/devices/system/cpu/possible", &source);
	if (source.presence == MUX_PRESENT)
		parse_cpus(bytes, &ret->machine);
	error = parse_files(bundle, arena, ret);
	if (error != 0)
		return error;
	error = parse_records(bundle, arena, ret);
	if (error != 0)
		return error;
	error = parse_routing(bundle, arena, &ret->routing);
	if (error != 0)
		return error;
	error = parse_listeners(bundle, arena, &ret->listeners);
	if (error != 0)
		return error;
	error = parse_listeners_later(bundle, arena, &ret->later);
	if (error != 0)
		return error;
	error = parse_selves(bundle, arena, &ret->selves);
	if (error != 0)
		return error;
	error = parse_neighbours(bundle, arena, &ret->neighbours, &ret->udp_neighbours);
	if (error != 0)
		return error;
	error = parse_udp_sockets(bundle, arena, &ret->udp);
	if (error != 0)
		return error;
	error = parse_cgroup(bundle_source(bundle, "cgroup", &ret->cgroup.source), arena,
			     &ret->cgroup);
	if (error != 0)
		return error;
	error = parse_places(bundle, arena, ret);
	if (error != 0)
		return error;
	error = parse_nftables(bundle, arena, &ret->nftables);
	if (error != 0)
		return error;
	error = parse_packet_path(bundle, arena, ret);
	if (error != 0)
		return error;
	error = parse_xtables(bundle, arena, &ret->xtables);
	return error != 0 ? error : parse_trace(bundle, arena, &ret->trace);
}

const struct mux_snapshot *mux_snapshot_parse(const struct mux_bundle *bundle,
					      struct mux_error *reterr)
{
	struct arena *arena = arena_new();
	struct snapshot_box *box = arena == NULL ? NULL : arena_alloc(arena, sizeof(*box));

	if (box != NULL && parse_snapshot(bundle, arena, &box->snapshot) == 0) {
		box->arena = arena;
		return &box->snapshot;
	}
	arena_free(arena);
	if (reterr != NULL) {
		reterr->code = ENOMEM;
		snprintf(reterr->message, sizeof(reterr->message),
			 "out of memory while parsing the facts");
	}
	return NULL;
}

void mux_snapshot_free(const struct mux_snapshot *snapshot)
{
	const struct snapshot_box *box = (const void *)snapshot;

	if (box != NULL)
		arena_free(box->arena);
}
