/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The resolvers that clients bring with them: Go's, and c-ares as aria2 uses it. */
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/client_question.h"
#include "parse/parse.h"

/* --- Go (net/conf.go, net/dnsclient_unix.go, net/addrselect.go) -------------------------- */

static bool is_set(const struct client_question *question, const char *name)
{
	const struct mux_environment *environment = &question->context->snapshot->environment;
	size_t i;

	for (i = 0; i < environment->n_variables; i++)
		if (strcmp(environment->variables[i].name, name) == 0)
			return true;
	return false;
}

/* Services that Go knows itself, or may skip for a name that is not theirs. */
static bool is_own_service(struct mux_slice service)
{
	return slice_is(service, "files") || slice_is(service, "dns") ||
	       slice_is(service, "mymachines") || slice_starts_with(service, "mdns");
}

/* A program with cgo asks the system where it does not know a service or a setting. */
static bool needs_system(const struct client_question *question)
{
	const struct mux_nsswitch *nsswitch = &question->context->snapshot->nsswitch;
	size_t i;

	if (is_set(question, "LOCALDOMAIN") || is_set(question, "RES_OPTIONS") ||
	    is_set(question, "HOSTALIASES"))
		return true;
	for (i = 0; i < nsswitch->n_services; i++)
		if (!is_own_service(nsswitch->services[i].name))
			return true;
	return false;
}

static bool has_name(const struct mux_hosts_entry *entry, struct mux_slice name)
{
	size_t i;

	for (i = 0; i < entry->n_names; i++)
		if (slice_equal_nocase(entry->names[i], name))
			return true;
	return false;
}

static void read_hosts(const struct client_question *question)
{
	const struct mux_hosts *hosts = &question->context->snapshot->hosts;
	size_t i;

	for (i = 0; hosts->source.presence == MUX_PRESENT && i < hosts->n_entries; i++)
		if (!hosts->entries[i].commented && has_name(&hosts->entries[i], question->name))
			client_add_address(&question->ret->addresses, &hosts->entries[i].address);
}

/* What name servers say was asked beside, of both families. */
static void ask_name_servers(const struct client_question *question)
{
	struct ev_client_names *ret = question->ret;
	const struct mux_resolution *answers[2] = {
		client_find_answer(question, MUX_CARES, MUX_LOOKUP_DNS, AF_INET, false),
		client_find_answer(question, MUX_CARES, MUX_LOOKUP_DNS, AF_INET6, false),
	};
	size_t i, j;

	ret->known = MUX_UNKNOWN;
	ret->text = "its own resolver asks name servers, which have not answered here";
	if (answers[0] == NULL || answers[1] == NULL)
		return;
	for (i = 0; i < 2; i++)
		for (j = 0; answers[i]->status == 0 && j < answers[i]->n_addresses; j++)
			client_add_address(&ret->addresses, &answers[i]->addresses[j]);
	ret->known = ret->addresses.n != 0 ? MUX_YES : MUX_NO;
	ret->text = "no such host";
}

/* gai.conf is glibc's; Go has RFC 6724's own table built in. */
void client_ask_go_itself(const struct client_question *question)
{
	struct mux_gai gai = {0};

	read_hosts(question);
	if (question->ret->addresses.n != 0)
		question->ret->known = MUX_YES;
	else
		ask_name_servers(question);
	if (parse_gai((struct mux_slice){0}, question->context->arena, &gai) == 0)
		ev_resolve_order(question->context, &gai, &question->ret->addresses);
}

void client_ask_go(const struct client_question *question)
{
	if (needs_system(question))
		client_ask_system(question, false);
	else
		client_ask_go_itself(question);
}

/* --- c-ares ------------------------------------------------------------------------------ */

/* /etc/hosts as file_lookup() reads it: every line of the family, and localhost is known without
 * one. */
static void ask_cares_hosts(const struct client_question *question, int family)
{
	const struct mux_resolution *answer =
		client_find_answer(question, MUX_CARES, MUX_LOOKUP_HOSTS, family, false);
	const struct mux_hosts *hosts = &question->context->snapshot->hosts;
	struct ev_addresses *addresses = &question->ret->addresses;
	size_t i, before = addresses->n;

	if (answer != NULL) {
		for (i = 0; answer->status == 0 && i < answer->n_addresses; i++)
			client_add_address(addresses, &answer->addresses[i]);
		return;
	}
	for (i = 0; hosts->source.presence == MUX_PRESENT && i < hosts->n_entries; i++)
		if (!hosts->entries[i].commented && hosts->entries[i].address.family == family &&
		    has_name(&hosts->entries[i], question->name))
			client_add_address(addresses, &hosts->entries[i].address);
	if (addresses->n == before && client_is_below_localhost(question->name))
		client_add_address(addresses,
				   family == AF_INET ? &addr_loopback4 : &addr_loopback6);
}

/* Returns whether it is known what the name servers say. */
static bool ask_cares_dns(const struct client_question *question, int family)
{
	const struct mux_resolution *answer =
		client_find_answer(question, MUX_CARES, MUX_LOOKUP_DNS, family, false);
	size_t i;

	if (answer == NULL)
		return false;
	for (i = 0; answer->status == 0 && i < answer->n_addresses; i++)
		client_add_address(&question->ret->addresses, &answer->addresses[i]);
	return true;
}

/* c-ares looks at the first letters of the hosts line's services, and at no actions
 * (config_lookup()). Returns whether the answer is known. */
static bool ask_cares_family(const struct client_question *question, int family)
{
	const struct mux_nsswitch *nsswitch = &question->context->snapshot->nsswitch;
	size_t i, before = question->ret->addresses.n;

	for (i = 0; i < nsswitch->n_services && question->ret->addresses.n == before; i++) {
		char first = nsswitch->services[i].name.data[0];

		if (first == 'f')
			ask_cares_hosts(question, family);
		else if ((first == 'd' || first == 'r') && !ask_cares_dns(question, family))
			return false;
	}
	return true;
}

/* Has the machine an address that aria2 takes for one of a network: neither 127.0.0.1 nor ::1, nor
 * a link-local one of IPv6 (checkAddrconfig() of its SocketCore.cc)? True as long as the contrary
 * is not known. */
static bool reaches_others(const struct mux_routing *routing, int family)
{
	size_t i;

	if (routing->addresses_source.presence != MUX_PRESENT)
		return true;
	for (i = 0; i < routing->n_addresses; i++) {
		const struct mux_address *address = &routing->addresses[i].address;
		bool link_local = family == AF_INET6 && address->bytes[0] == 0xfe &&
				  (address->bytes[1] & 0xc0) == 0x80;

		if (address->family == family && !client_is_loopback_itself(address) && !link_local)
			return true;
	}
	return false;
}

/* dns-timeout of 30 s, max-tries of 5. */
enum { WAITS_FOR_IPV4_US = 150 * 1000 * 1000 };

/* aria2 asks for the families one by one, and goes on as soon as it has IPv4. With IPv6 alone it
 * waits for the other answer although it has been told that there is none
 * (AsyncNameResolverMan::getStatus()). On a machine without a network it looks no name up. */
void client_ask_cares(const struct client_question *question)
{
	const struct mux_routing *routing = &question->context->snapshot->routing;
	bool has4 = reaches_others(routing, AF_INET), has6 = reaches_others(routing, AF_INET6);
	bool known4 = true, known6 = true;
	struct ev_client_names *ret = question->ret;
	size_t n4, n6;

	if (has6)
		known6 = ask_cares_family(question, AF_INET6);
	n6 = ret->addresses.n;
	if (has4)
		known4 = ask_cares_family(question, AF_INET);
	n4 = ret->addresses.n - n6;
	ret->aloof = !has4 && !has6;
	if (n4 != 0 || (n6 != 0 && !has4)) {
		ret->known = MUX_YES;
	} else if (!known4 || !known6) {
		ret->text = "its own resolver asks name servers, which have not answered here";
	} else {
		ret->known = MUX_NO;
		ret->elapsed_us = n6 != 0 ? WAITS_FOR_IPV4_US : 0;
		ret->text =
			n6 != 0 ? "Timeout."
				: arena_printf(
					  question->context->arena, "Name resolution for %s failed",
					  str_escape(question->context->arena, question->name));
	}
}
