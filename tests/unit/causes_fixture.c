/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes_fixture.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "netfilter/ruleset.h"

static struct mux_address address_of(const char *text)
{
	struct mux_address address;

	assert_int_equal(addr_parse(slice_of(text), &address), 0);
	return address;
}

static struct ev_name *add_name(struct fixture *fixture, const char *name, unsigned flags)
{
	struct ev_name *added = &fixture->names[fixture->evaluation.n_names++];

	added->name = slice_of(name);
	added->of_target = (flags & FIXTURE_TARGET) != 0;
	added->host_name = (flags & FIXTURE_HOST_NAME) != 0;
	added->literal = (flags & FIXTURE_LITERAL) != 0;
	added->resolves = MUX_YES;
	added->text = "some addresses";
	return added;
}

static void add_candidate(struct fixture *fixture, const struct ev_name *name, const char *address,
			  unsigned position)
{
	struct ev_candidate *added = &fixture->candidates[fixture->evaluation.n_candidates++];
	struct mux_probe *probe = &fixture->probes[fixture->n_probes++];
	bool has_port = fixture->evaluation.target.port != 0;

	added->name = name;
	added->address = address_of(address);
	added->position = position;
	added->route.passes = added->output.passes = added->input.passes = MUX_YES;
	added->listen.accepts = has_port ? MUX_YES : MUX_UNKNOWN;
	added->works = MUX_YES;
	added->route.text = "lo is up";
	added->output.text = added->input.text = "passes";
	added->listen.text = "a socket";
	added->text = "works";
	if (!has_port)
		return;
	added->listen.listener =
		added->address.family == AF_INET6 ? &fixture->listener6 : &fixture->listener4;
	probe->protocol = MUX_TCP;
	probe->address = added->address;
	probe->port = fixture->evaluation.target.port;
	probe->finished = probe->connected = true;
	probe->elapsed_us = 123;
	added->tcp = probe;
}

static void set_listener(struct mux_listener *listener, const char *address, uint16_t port)
{
	listener->address = address_of(address);
	listener->family = listener->address.family;
	listener->port = port;
	listener->v6only = MUX_NO;
	listener->pid = 42;
	listener->command = slice_of("python3");
	listener->backlog = 128;
}

static void set_present(struct mux_source *source, const char *name)
{
	source->name = name;
	source->presence = MUX_PRESENT;
}

static void add_names(struct fixture *fixture, const char *target)
{
	const struct ev_name *name;
	bool is4 = strcmp(target, "127.0.0.1") == 0, is6 = strcmp(target, "::1") == 0;
	bool is_host = strcmp(target, "debian5") == 0;

	if (!is_host && !is4 && !is6) {
		name = add_name(fixture, target, FIXTURE_TARGET);
		add_candidate(fixture, name, "::1", 1);
		add_candidate(fixture, name, "127.0.0.1", 2);
	}
	name = add_name(fixture, "debian5", FIXTURE_HOST_NAME | (is_host ? FIXTURE_TARGET : 0));
	add_candidate(fixture, name, "127.0.1.1", 1);
	name = add_name(fixture, "127.0.0.1", FIXTURE_LITERAL | (is4 ? FIXTURE_TARGET : 0));
	add_candidate(fixture, name, "127.0.0.1", 1);
	name = add_name(fixture, "::1", FIXTURE_LITERAL | (is6 ? FIXTURE_TARGET : 0));
	add_candidate(fixture, name, "::1", 1);
}

void fixture_init(struct fixture *fixture, const char *target, uint16_t port)
{
	static const char *const hosts[] = {"1 live 127.0.0.1 localhost",
					    "2 live 127.0.1.1 debian5", "4 live ::1 localhost", ""};
	struct mux_snapshot *snapshot = &fixture->snapshot;

	memset(fixture, 0, sizeof(*fixture));
	fixture->arena = arena_new();
	assert_non_null(fixture->arena);
	snapshot->machine = (struct mux_machine){
		.kernel = "6.1", .host_name = "debian5", .target = target, .port = port};
	set_present(&snapshot->hosts.source, "file/etc/hosts");
	set_present(&snapshot->listeners.source4, "netlink/diag/tcp4");
	set_present(&snapshot->listeners.source6, "netlink/diag/tcp6");
	set_present(&snapshot->nftables.source, "nft/tables");
	snapshot->nftables.chains = fixture->chains;
	snapshot->resolutions = fixture->resolutions;
	snapshot->sysctls = fixture->sysctls;
	set_listener(&fixture->listener4, "127.0.0.1", port);
	set_listener(&fixture->listener6, "::", port);
	fixture->evaluation.snapshot = snapshot;
	fixture->evaluation.names = fixture->names;
	fixture->evaluation.candidates = fixture->candidates;
	fixture->evaluation.target.port = port;
	fixture->evaluation.live_target = true;
	fixture->evaluation.firewall_readable = true;
	snprintf(fixture->evaluation.target.host, sizeof(fixture->evaluation.target.host), "%s",
		 target);
	fixture_hosts(fixture, hosts);
	add_names(fixture, target);
}

void fixture_done(struct fixture *fixture)
{
	arena_free(fixture->arena);
}

struct ev_candidate *fixture_find(struct fixture *fixture, const char *name, const char *address)
{
	struct mux_address wanted = address_of(address);
	size_t i;

	for (i = 0; i < fixture->evaluation.n_candidates; i++)
		if (slice_is(fixture->candidates[i].name->name, name) &&
		    addr_equal(&fixture->candidates[i].address, &wanted))
			return &fixture->candidates[i];
	fail_msg("no candidate %s %s", name, address);
	return NULL;
}

void fixture_unresolve(struct fixture *fixture, const char *name, const char *reason)
{
	struct evaluation *evaluation = &fixture->evaluation;
	size_t i, kept = 0;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (!slice_is(fixture->candidates[i].name->name, name))
			fixture->candidates[kept++] = fixture->candidates[i];
	evaluation->n_candidates = kept;
	for (i = 0; i < evaluation->n_names; i++)
		if (slice_is(fixture->names[i].name, name)) {
			fixture->names[i].resolves = MUX_NO;
			fixture->names[i].text = reason;
		}
}

/* "4 off ::1 localhost ip6-localhost" */
static void parse_line(struct fixture *fixture, const char *line, struct mux_hosts_entry *entry)
{
	struct mux_slice *names = arena_array(fixture->arena, 8, sizeof(*names));
	char *copy = arena_copy(fixture->arena, line, strlen(line)), *word, *rest = copy;

	assert_non_null(names);
	assert_non_null(copy);
	entry->line = (size_t)strtoul(strtok_r(rest, " ", &rest), NULL, 10);
	entry->commented = strcmp(strtok_r(rest, " ", &rest), "off") == 0;
	entry->text =
		slice_of(arena_printf(fixture->arena, "%s%s", entry->commented ? "# " : "", rest));
	entry->address = address_of(strtok_r(rest, " ", &rest));
	entry->names = names;
	while ((word = strtok_r(rest, " ", &rest)) != NULL && entry->n_names < 8)
		names[entry->n_names++] = slice_of(word);
}

void fixture_hosts(struct fixture *fixture, const char *const *lines)
{
	struct mux_hosts *hosts = &fixture->snapshot.hosts;
	size_t i;

	memset(fixture->hosts, 0, sizeof(fixture->hosts));
	hosts->n_live = hosts->n_commented = 0;
	for (i = 0; lines[i][0] != '\0'; i++) {
		parse_line(fixture, lines[i], &fixture->hosts[i]);
		hosts->n_live += !fixture->hosts[i].commented;
		hosts->n_commented += fixture->hosts[i].commented;
	}
	hosts->entries = fixture->hosts;
	hosts->n_entries = i;
	hosts->n_lines = i;
	hosts->final_newline = true;
}

struct nf_decision fixture_policy(uint8_t hook)
{
	struct nf_decision decision = {
		.kind = NF_KIND_DROP,
		.backend = NF_NFTABLES,
		.family = NFPROTO_IPV6,
		.table = SLICE("filter"),
		.chain = SLICE("OUTPUT"),
		.hook = hook,
		.by_policy = true,
		.has_counters = true,
		.packets = 12,
		.bytes = 960,
	};

	if (hook == NF_HOOK_INPUT)
		decision.chain = slice_of("INPUT");
	return decision;
}

static void add_base_chain(struct fixture *fixture, const struct nf_decision *decision)
{
	struct mux_nft_chain *chain = &fixture->chains[fixture->snapshot.nftables.n_chains++];

	chain->family = decision->family;
	chain->table = decision->table;
	chain->name = decision->chain;
	chain->base = true;
	chain->hook = decision->hook == NF_HOOK_INPUT ? NF_INET_LOCAL_IN : NF_INET_LOCAL_OUT;
	chain->priority = decision->priority;
	chain->policy = NF_DROP;
}

void fixture_fail(struct fixture *fixture, int family, enum mux_stage stage, int error)
{
	size_t i;

	for (i = 0; i < fixture->evaluation.n_candidates; i++) {
		struct ev_candidate *candidate = &fixture->candidates[i];

		if (candidate->address.family != family)
			continue;
		candidate->works = MUX_NO;
		candidate->text = "does not work";
		candidate->blocked |= 1u << stage;
		if (candidate->tcp == NULL)
			continue;
		fixture->probes[candidate->tcp - fixture->probes] = (struct mux_probe){
			.protocol = MUX_TCP,
			.address = candidate->address,
			.port = candidate->tcp->port,
			.finished = error != 0,
			.error = error,
			.elapsed_us = error != 0 ? 40 : 300000,
		};
	}
}

void fixture_drop(struct fixture *fixture, int family, enum mux_stage stage,
		  const struct nf_decision *decision)
{
	size_t i;

	fixture_fail(fixture, family, stage, 0);
	add_base_chain(fixture, decision);
	for (i = 0; i < fixture->evaluation.n_candidates; i++) {
		struct ev_candidate *candidate = &fixture->candidates[i];
		struct ev_path *path =
			stage == MUX_STAGE_OUTPUT ? &candidate->output : &candidate->input;

		if (candidate->address.family != family)
			continue;
		path->passes = MUX_NO;
		path->decided = true;
		path->decision = *decision;
		path->text = "dropped";
	}
}

void fixture_refuse(struct fixture *fixture, int family, const struct mux_listener *nearest)
{
	size_t i;

	fixture_fail(fixture, family, MUX_STAGE_LISTENER, ECONNREFUSED);
	for (i = 0; i < fixture->evaluation.n_candidates; i++) {
		struct ev_candidate *candidate = &fixture->candidates[i];

		if (candidate->address.family != family)
			continue;
		candidate->listen.accepts = MUX_NO;
		candidate->listen.listener = NULL;
		candidate->listen.nearest = nearest;
	}
}

const struct mux_finding *fixture_findings(struct fixture *fixture, size_t *ret_n)
{
	const struct mux_finding *findings = NULL;

	assert_int_equal(causes_find(&fixture->evaluation, fixture->arena, false, &findings, ret_n),
			 0);
	return findings;
}

const struct mux_finding *fixture_finding(struct fixture *fixture, const char *id)
{
	size_t i, n = 0;
	const struct mux_finding *findings = fixture_findings(fixture, &n);

	for (i = 0; i < n; i++)
		if (strcmp(findings[i].id, id) == 0)
			return &findings[i];
	return NULL;
}

bool has_evidence(const struct mux_finding *finding, const char *source, const char *part)
{
	size_t i;

	for (i = 0; i < finding->n_evidence; i++)
		if (strcmp(finding->evidence[i].source, source) == 0 &&
		    strstr(finding->evidence[i].text, part) != NULL)
			return true;
	return false;
}

bool has_command(const struct mux_finding *finding, const char *command)
{
	size_t i, j;

	for (i = 0; i < finding->n_fixes; i++)
		for (j = 0; j < finding->fixes[i].n_commands; j++)
			if (strcmp(finding->fixes[i].commands[j], command) == 0)
				return true;
	return false;
}
