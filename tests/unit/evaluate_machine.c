/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evaluate_machine.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "evaluate/route.h"
#include "parse/parse.h"

struct machine machine;

struct mux_address machine_address(const char *text)
{
	struct mux_address address;

	if (addr_parse(slice_of(text), &address) != 0)
		fail_msg("'%s' is no address", text);
	return address;
}

/* --- names ------------------------------------------------------------------------------- */

static struct mux_slice next_word(struct mux_slice *rest)
{
	struct mux_slice word;

	while (rest->len != 0 && rest->data[0] == ' ') {
		rest->data++;
		rest->len--;
	}
	word = *rest;
	for (word.len = 0; word.len < rest->len && word.data[word.len] != ' ';)
		word.len++;
	rest->data += word.len;
	rest->len -= word.len;
	return word;
}

void machine_hosts(const char *const *lines)
{
	struct mux_hosts *hosts = &machine.snapshot.hosts;
	size_t i;

	memset(machine.hosts, 0, sizeof(machine.hosts));
	for (i = 0; lines[i] != NULL; i++) {
		struct mux_hosts_entry *entry = &machine.hosts[i];
		struct mux_slice rest = slice_of(lines[i]), word;

		entry->line = i + 1;
		entry->text = rest;
		entry->commented = rest.data[0] == '#';
		rest.data += entry->commented;
		rest.len -= entry->commented;
		if (addr_parse(next_word(&rest), &entry->address) != 0)
			entry->fault = MUX_HOSTS_BAD_ADDRESS;
		entry->names = machine.host_names[i];
		while ((word = next_word(&rest)).len != 0)
			machine.host_names[i][entry->n_names++] = word;
	}
	hosts->entries = machine.hosts;
	hosts->n_entries = i;
}

void machine_services(const char *text)
{
	struct mux_nsswitch *nsswitch = &machine.snapshot.nsswitch;
	struct mux_nss_service *service = machine.services;
	struct mux_slice rest = slice_of(text), word;

	memset(machine.services, 0, sizeof(machine.services));
	nsswitch->services = machine.services;
	nsswitch->n_services = 0;
	while ((word = next_word(&rest)).len != 0) {
		if (slice_is(word, "[NOTFOUND=return]")) {
			service->actions[MUX_NSS_NOTFOUND] = MUX_NSS_RETURN;
		} else if (slice_is(word, "[SUCCESS=continue]")) {
			service->actions[MUX_NSS_SUCCESS] = MUX_NSS_CONTINUE;
		} else {
			service = &machine.services[nsswitch->n_services++];
			service->name = word;
			service->actions[MUX_NSS_SUCCESS] = MUX_NSS_RETURN;
		}
	}
}

void machine_answers(const char *name, const char *addresses, int status)
{
	size_t i = machine.snapshot.n_resolutions++;
	struct mux_resolution *answer = &machine.resolutions[i];
	char *copy = arena_copy(machine.arena, addresses, strlen(addresses)), *word, *rest = copy;

	*answer = (struct mux_resolution){
		.resolver = MUX_GETADDRINFO,
		.name = slice_of(name),
		.family = AF_UNSPEC,
		.answered = true,
		.status = status,
		.status_text = slice_of(status != 0 ? gai_strerror(status) : ""),
		.addresses = machine.answers[i],
	};
	while ((word = strsep(&rest, ",")) != NULL)
		if (*word != '\0')
			machine.answers[i][answer->n_addresses++] = machine_address(word);
	machine.snapshot.resolutions = machine.resolutions;
}

void machine_forget_answers(void)
{
	machine.snapshot.n_resolutions = 0;
}

/* --- routing ----------------------------------------------------------------------------- */

void machine_route(const char *destination, uint8_t type, int error)
{
	struct mux_routing *routing = &machine.snapshot.routing;
	struct mux_address address = machine_address(destination);
	size_t i;

	for (i = 0; i < routing->n_answers; i++)
		if (addr_equal(&machine.routes[i].destination, &address))
			break;
	routing->n_answers += i == routing->n_answers;
	machine.routes[i] = (struct mux_route_answer){
		.destination = address,
		.error = error,
		.type = type,
		.link = type == RTN_LOCAL ? 1 : 2,
	};
	if (error == 0)
		machine.routes[i].source = address.family == AF_INET && addr_is_loopback(&address)
						   ? addr_loopback4
						   : address;
	routing->answers = machine.routes;
}

static void add_address(const char *address, uint8_t prefix_len, uint8_t scope, int link)
{
	struct mux_routing *routing = &machine.snapshot.routing;

	machine.addresses[routing->n_addresses++] = (struct mux_interface_address){
		.link = link,
		.address = machine_address(address),
		.prefix_len = prefix_len,
		.scope = scope,
	};
	routing->addresses = machine.addresses;
}

void machine_remove_address(const char *text)
{
	struct mux_routing *routing = &machine.snapshot.routing;
	struct mux_address address = machine_address(text);
	size_t i;

	for (i = 0; i < routing->n_addresses; i++)
		if (addr_equal(&machine.addresses[i].address, &address))
			machine.addresses[i] = machine.addresses[--routing->n_addresses];
}

void machine_sysctl(const char *name, const char *value)
{
	const char *path = arena_printf(machine.arena, "net/ipv6/conf/%s", name);
	size_t i;

	for (i = 0; i < machine.snapshot.n_sysctls; i++)
		if (strcmp(machine.sysctls[i].path, path) == 0)
			break;
	machine.snapshot.n_sysctls += i == machine.snapshot.n_sysctls;
	machine.sysctls[i] = (struct mux_sysctl){
		.source.presence = value != NULL ? MUX_PRESENT : MUX_ABSENT,
		.path = path,
		.text = slice_of(value),
	};
	machine.snapshot.sysctls = machine.sysctls;
}

/* --- sockets, firewall, probes ----------------------------------------------------------- */

void machine_forget_listeners(void)
{
	machine.snapshot.listeners.n_sockets = 0;
}

struct mux_listener *machine_listen(int family, const char *address, enum mux_answer v6only)
{
	struct mux_listeners *listeners = &machine.snapshot.listeners;
	struct mux_listener *listener = &machine.listeners[listeners->n_sockets++];

	*listener = (struct mux_listener){
		.family = family,
		.address = machine_address(address),
		.port = MACHINE_PORT,
		.v6only = v6only,
		.backlog = 128,
	};
	listeners->sockets = machine.listeners;
	return listener;
}

struct mux_nft_chain *machine_chain(uint8_t family, const char *name, uint32_t hook,
				    uint32_t policy)
{
	struct mux_nftables *nftables = &machine.snapshot.nftables;
	struct mux_nft_chain *chain = &machine.chains[nftables->n_chains++];

	*chain = (struct mux_nft_chain){
		.family = family,
		.table = slice_of("filter"),
		.name = slice_of(name),
		.handle = nftables->n_chains,
		.base = true,
		.hook = hook,
		.policy = policy,
		.type = slice_of("filter"),
	};
	machine.chain_rules[nftables->n_rules++] = (struct mux_nft_chain_rules){
		.source.presence = MUX_PRESENT,
		.family = family,
		.table = chain->table,
		.chain = chain->name,
	};
	machine.tables[0] = (struct mux_nft_table){.family = family, .name = chain->table};
	nftables->tables = machine.tables;
	nftables->n_tables = 1;
	nftables->chains = machine.chains;
	nftables->rules = machine.chain_rules;
	return chain;
}

void machine_deny_firewall(void)
{
	struct mux_snapshot *snapshot = &machine.snapshot;

	snapshot->nftables.source.presence = MUX_DENIED;
	snapshot->nftables.source.error = EPERM;
	snapshot->xtables.names4 = snapshot->xtables.names6 =
		(struct mux_source){.presence = MUX_DENIED, .error = EACCES};
}

struct mux_probe *machine_probe(enum mux_protocol protocol, const char *text, bool finished,
				bool connected, int error)
{
	struct mux_snapshot *snapshot = &machine.snapshot;
	struct mux_address address = machine_address(text);
	size_t i;

	for (i = 0; i < snapshot->n_probes; i++)
		if (machine.probes[i].protocol == protocol &&
		    addr_equal(&machine.probes[i].address, &address))
			break;
	snapshot->n_probes += i == snapshot->n_probes;
	machine.probes[i] = (struct mux_probe){
		.protocol = protocol,
		.address = address,
		.port = MACHINE_PORT,
		.local_port = 40000,
		.finished = finished,
		.connected = connected,
		.error = error,
		.elapsed_us = finished ? 123 : 300123,
	};
	snapshot->probes = machine.probes;
	return &machine.probes[i];
}

void machine_silent_out(const char *address)
{
	machine_probe(MUX_TCP, address, false, false, 0);
	machine_probe(MUX_UDP, address, true, false, EPERM);
}

void machine_silent_in(const char *address)
{
	machine_probe(MUX_TCP, address, false, false, 0);
	machine_probe(MUX_UDP, address, true, true, 0);
}

void machine_forget_probes(void)
{
	machine.snapshot.n_probes = 0;
}

/* --- start and end ----------------------------------------------------------------------- */

static const char *const intact[] = {"127.0.0.1 localhost", "127.0.1.1 debian5",
				     "::1 localhost ip6-localhost ip6-loopback", NULL};

static void set_sources(struct mux_snapshot *snapshot)
{
	struct mux_source *const present[] = {
		&snapshot->hosts.source,	 &snapshot->nsswitch.source,
		&snapshot->routing.links_source, &snapshot->routing.addresses_source,
		&snapshot->routing.rules_source, &snapshot->routing.routes_source,
		&snapshot->listeners.source4,	 &snapshot->listeners.source6,
		&snapshot->nftables.source,
	};
	size_t i;

	for (i = 0; i < sizeof(present) / sizeof(present[0]); i++)
		present[i]->presence = MUX_PRESENT;
	snapshot->xtables.names4.presence = snapshot->xtables.names6.presence = MUX_ABSENT;
	snapshot->host_conf.multi = true;
}

static void add_links(void)
{
	struct mux_routing *routing = &machine.snapshot.routing;

	machine.links[0] = (struct mux_link){1, SLICE("lo"), IFF_UP | IFF_LOOPBACK, 65536, 0};
	machine.links[1] = (struct mux_link){2, SLICE("eth0"), IFF_UP, 1500, 0};
	routing->links = machine.links;
	routing->n_links = 2;
	add_address("127.0.0.1", 8, RT_SCOPE_HOST, 1);
	add_address("::1", 128, RT_SCOPE_HOST, 1);
}

int machine_begin(void **state)
{
	static const char *const everywhere[] = {"127.0.0.1", "127.0.1.1", "::1"};
	static const char *const switches[] = {"all/disable_ipv6", "default/disable_ipv6",
					       "lo/disable_ipv6"};
	struct mux_snapshot *snapshot = &machine.snapshot;
	size_t i;

	(void)state;
	memset(&machine, 0, sizeof(machine));
	machine.arena = arena_new();
	assert_non_null(machine.arena);
	snapshot->machine = (struct mux_machine){
		.host_name = "debian5", .target = "localhost", .port = MACHINE_PORT};
	set_sources(snapshot);
	machine_hosts(intact);
	machine_services("files dns");
	assert_int_equal(parse_gai((struct mux_slice){0}, machine.arena, &snapshot->gai), 0);
	machine_answers("localhost", "::1,127.0.0.1", 0);
	machine_answers("debian5", "127.0.1.1", 0);
	add_links();
	machine_listen(AF_INET6, "::", MUX_NO);
	for (i = 0; i < 3; i++) {
		machine_route(everywhere[i], RTN_LOCAL, 0);
		machine_sysctl(switches[i], "0");
		machine_probe(MUX_TCP, everywhere[i], true, true, 0);
		machine_probe(MUX_UDP, everywhere[i], true, true, ECONNREFUSED);
	}
	return 0;
}

int machine_end(void **state)
{
	(void)state;
	arena_free(machine.arena);
	machine.arena = NULL;
	return 0;
}

/* --- asking ------------------------------------------------------------------------------ */

struct ev_context machine_context(void)
{
	struct ev_context context = {
		.snapshot = &machine.snapshot,
		.target = &machine.target,
		.arena = machine.arena,
		.loopback = ev_route_loopback(&machine.snapshot.routing),
		.port_known = true,
	};

	strcpy(machine.target.host, "localhost");
	machine.target.port = MACHINE_PORT;
	assert_int_equal(nf_ruleset_init(&machine.snapshot, machine.arena, &context.ruleset), 0);
	return context;
}

void machine_run(const char *host, uint16_t port)
{
	struct mux_target target = {.port = port};

	strcpy(target.host, host);
	assert_int_equal(evaluate(&machine.snapshot, &target, machine.arena, &machine.evaluation),
			 0);
}

const struct ev_candidate *machine_find(const char *name, const char *text)
{
	const struct evaluation *evaluation = &machine.evaluation;
	struct mux_address address = machine_address(text);
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (slice_is(evaluation->candidates[i].name->name, name) &&
		    addr_equal(&evaluation->candidates[i].address, &address))
			return &evaluation->candidates[i];
	fail_msg("no candidate %s %s", name, text);
	return NULL;
}

const char *machine_order(const char *name)
{
	const struct evaluation *evaluation = &machine.evaluation;
	const char *order = "";
	char address[ADDR_TEXT_MAX];
	unsigned position = 0;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (!slice_is(candidate->name->name, name))
			continue;
		assert_int_equal(candidate->position, ++position);
		order = arena_printf(machine.arena, "%s%s%s", order, *order == '\0' ? "" : " ",
				     addr_format(&candidate->address, address));
	}
	return order;
}

void machine_has(const char *text, const char *part)
{
	assert_non_null(text);
	if (strstr(text, part) == NULL)
		fail_msg("'%s' does not say '%s'", text, part);
}
