/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses that a client finds for the target, in its own order. What getaddrinfo answered
 * here is taken where it was asked; the resolvers that clients bring with them are followed.
 */
#include "evaluate/client.h"

#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/predict.h"
#include "parse/parse.h"

struct question {
	const struct ev_context *context;
	const struct evaluation *evaluation;
	struct mux_slice name;
	struct ev_client_names *ret;
};

/* Duplicates stay: a client tries them as often as its resolver names them. */
static void add(struct ev_addresses *addresses, const struct mux_address *address)
{
	if (addresses->n < EV_MAX_ADDRESSES && address->family != 0)
		addresses->list[addresses->n++] = *address;
}

/* --- the system's answers ---------------------------------------------------------------- */

static const struct mux_resolution *find_answer(const struct question *question,
						enum mux_resolver resolver, enum mux_lookup lookup,
						int family, bool addrconfig)
{
	const struct mux_snapshot *snapshot = question->context->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_resolutions; i++) {
		const struct mux_resolution *answer = &snapshot->resolutions[i];

		if (answer->resolver == resolver && answer->lookup == lookup &&
		    answer->family == family && answer->addrconfig == addrconfig &&
		    answer->answered && slice_equal_nocase(answer->name, question->name))
			return answer;
	}
	return NULL;
}

static void take_answer(const struct question *question, const struct mux_resolution *answer)
{
	struct ev_client_names *ret = question->ret;
	size_t i;

	for (i = 0; answer->status == 0 && i < answer->n_addresses; i++)
		add(&ret->addresses, &answer->addresses[i]);
	ret->known = ret->addresses.n != 0 ? MUX_YES : MUX_NO;
	ret->elapsed_us = answer->elapsed_us;
	ret->status = answer->status;
	ret->text = str_escape(question->context->arena, answer->status_text);
}

/* What the evaluation found the target to stand for, asked or predicted. */
static void take_candidates(const struct question *question)
{
	const struct evaluation *evaluation = question->evaluation;
	struct ev_client_names *ret = question->ret;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target)
			add(&ret->addresses, &evaluation->candidates[i].address);
	for (i = 0; i < evaluation->n_names; i++)
		if (evaluation->names[i].of_target) {
			ret->known = evaluation->names[i].resolves;
			ret->text = evaluation->names[i].text;
		}
}

/* 127.0.0.2 on lo is an address like any other to those who look for configured families. */
static bool is_loopback_itself(const struct mux_address *address)
{
	return addr_equal(address, &addr_loopback4) || addr_equal(address, &addr_loopback6);
}

/* Has the machine an address of the family but 127.0.0.1 and ::1? Link-local ones count, and those
 * of lo (make_request() of glibc's check_pf.c). */
static bool has_family(const struct mux_routing *routing, int family)
{
	size_t i;

	for (i = 0; i < routing->n_addresses; i++)
		if (routing->addresses[i].address.family == family &&
		    !is_loopback_itself(&routing->addresses[i].address))
			return true;
	return false;
}

/* The same for aria2, which overlooks link-local IPv6 addresses as well (checkAddrconfig() of its
 * SocketCore.cc). True as long as the contrary is not known. */
static bool reaches_others(const struct mux_routing *routing, int family)
{
	size_t i;

	if (routing->addresses_source.presence != MUX_PRESENT)
		return true;
	for (i = 0; i < routing->n_addresses; i++) {
		const struct mux_address *address = &routing->addresses[i].address;
		bool link_local = family == AF_INET6 && address->bytes[0] == 0xfe &&
				  (address->bytes[1] & 0xc0) == 0x80;

		if (address->family == family && !is_loopback_itself(address) && !link_local)
			return true;
	}
	return false;
}

/* AI_ADDRCONFIG of glibc: a family that only loopback has is left out, unless that goes for both.
 */
static void drop_unconfigured(const struct question *question)
{
	const struct mux_routing *routing = &question->context->snapshot->routing;
	bool has4 = has_family(routing, AF_INET), has6 = has_family(routing, AF_INET6);
	struct ev_addresses *addresses = &question->ret->addresses;
	struct ev_addresses kept = {.n = 0};
	size_t i;

	if (routing->addresses_source.presence != MUX_PRESENT || has4 == has6)
		return;
	for (i = 0; i < addresses->n; i++)
		if (addresses->list[i].family == (has4 ? AF_INET : AF_INET6))
			add(&kept, &addresses->list[i]);
	*addresses = kept;
	if (question->ret->known == MUX_YES && kept.n == 0) {
		question->ret->known = MUX_NO;
		question->ret->text = "Address family for hostname not supported";
	}
}

/* getaddrinfo(AF_UNSPEC) */
static void ask_system(const struct question *question, bool addrconfig)
{
	const struct mux_resolution *answer =
		find_answer(question, MUX_GETADDRINFO, MUX_LOOKUP_SYSTEM, AF_UNSPEC, addrconfig);
	bool foresee = answer == NULL && addrconfig;

	if (foresee)
		answer =
			find_answer(question, MUX_GETADDRINFO, MUX_LOOKUP_SYSTEM, AF_UNSPEC, false);
	if (answer != NULL)
		take_answer(question, answer);
	else
		take_candidates(question);
	if (foresee)
		drop_unconfigured(question);
}

/* getaddrinfo of one family */
static void ask_family(const struct question *question, int family)
{
	const struct mux_resolution *answer =
		find_answer(question, MUX_GETADDRINFO, MUX_LOOKUP_SYSTEM, family, false);
	struct ev_client_names *ret = question->ret;
	struct ev_prediction prediction;
	size_t i;

	if (answer != NULL) {
		take_answer(question, answer);
		return;
	}
	ev_predict(question->context, question->name, family, &prediction);
	ret->known = prediction.resolves;
	ret->text = prediction.reason;
	for (i = 0; prediction.resolves == MUX_YES && i < prediction.addresses.n; i++)
		add(&ret->addresses, &((const struct mux_address *)prediction.addresses.items)[i]);
}

/* --- names that clients know by themselves ----------------------------------------------- */

static bool is_localhost(struct mux_slice name)
{
	return slice_equal_nocase(name, slice_of("localhost")) ||
	       slice_equal_nocase(name, slice_of("localhost."));
}

/* RFC 6761 section 6.3; curl and browsers take it for every name below as well. */
static bool is_below_localhost(struct mux_slice name)
{
	static const struct mux_slice domain = SLICE(".localhost");
	struct mux_slice tail = name;

	if (is_localhost(name))
		return true;
	if (name.len < domain.len)
		return false;
	tail.data += name.len - domain.len;
	tail.len = domain.len;
	return slice_equal_nocase(tail, domain);
}

static void ask_built_in(const struct question *question, const struct mux_address *first,
			 const struct mux_address *second)
{
	if (!is_below_localhost(question->name)) {
		ask_system(question, false);
		return;
	}
	add(&question->ret->addresses, first);
	add(&question->ret->addresses, second);
	question->ret->known = MUX_YES;
}

/* --- the system's answers, used otherwise ------------------------------------------------ */

static void put_ipv4_first(struct ev_addresses *addresses)
{
	struct ev_addresses sorted = {.n = 0};
	size_t i;

	for (i = 0; i < addresses->n; i++)
		if (addresses->list[i].family == AF_INET)
			add(&sorted, &addresses->list[i]);
	for (i = 0; i < addresses->n; i++)
		if (addresses->list[i].family != AF_INET)
			add(&sorted, &addresses->list[i]);
	*addresses = sorted;
}

/* java.net.InetAddress.getAllByName0() and its preferIPv4Stack order */
static void ask_java(const struct question *question)
{
	ask_system(question, false);
	if (question->ret->known == MUX_NO && is_localhost(question->name)) {
		add(&question->ret->addresses, &addr_loopback4);
		question->ret->known = MUX_YES;
	}
	put_ipv4_first(&question->ret->addresses);
}

static void ask_one_ipv4(const struct question *question)
{
	ask_system(question, false);
	put_ipv4_first(&question->ret->addresses);
	if (question->ret->addresses.n > 1)
		question->ret->addresses.n = 1;
}

static void ask_ipv4(const struct question *question)
{
	ask_family(question, AF_INET);
}

static void ask_ipv4_first(const struct question *question)
{
	ask_family(question, AF_INET);
	if (question->ret->known == MUX_NO)
		ask_family(question, AF_INET6);
}

/* urllib3 once binds a socket to ::1 to see whether there is IPv6 (util/connection.py). */
static void ask_urllib3(const struct question *question)
{
	const struct ev_candidate *v6 = evaluation_literal(question->evaluation, AF_INET6);

	if (v6 != NULL && (v6->route.state == EV_ROUTE_LOOPBACK_DOWN ||
			   v6->route.state == EV_ROUTE_IPV6_DISABLED ||
			   v6->route.state == EV_ROUTE_ADDRESS_MISSING))
		ask_family(question, AF_INET);
	else
		ask_system(question, false);
}

/* --- Go (net/conf.go, net/dnsclient_unix.go, net/addrselect.go) -------------------------- */

static bool is_set(const struct question *question, const char *name)
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
static bool needs_system(const struct question *question)
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

static void read_hosts(const struct question *question)
{
	const struct mux_hosts *hosts = &question->context->snapshot->hosts;
	size_t i;

	for (i = 0; hosts->source.presence == MUX_PRESENT && i < hosts->n_entries; i++)
		if (!hosts->entries[i].commented && has_name(&hosts->entries[i], question->name))
			add(&question->ret->addresses, &hosts->entries[i].address);
}

/* What name servers say was asked beside, of both families. */
static void ask_name_servers(const struct question *question)
{
	struct ev_client_names *ret = question->ret;
	const struct mux_resolution *answers[2] = {
		find_answer(question, MUX_CARES, MUX_LOOKUP_DNS, AF_INET, false),
		find_answer(question, MUX_CARES, MUX_LOOKUP_DNS, AF_INET6, false),
	};
	size_t i, j;

	ret->known = MUX_UNKNOWN;
	ret->text = "its own resolver asks name servers, which have not answered here";
	if (answers[0] == NULL || answers[1] == NULL)
		return;
	for (i = 0; i < 2; i++)
		for (j = 0; answers[i]->status == 0 && j < answers[i]->n_addresses; j++)
			add(&ret->addresses, &answers[i]->addresses[j]);
	ret->known = ret->addresses.n != 0 ? MUX_YES : MUX_NO;
	ret->text = "no such host";
}

/* gai.conf is glibc's; Go has RFC 6724's own table built in. */
static void ask_go_itself(const struct question *question)
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

static void ask_go(const struct question *question)
{
	if (needs_system(question))
		ask_system(question, false);
	else
		ask_go_itself(question);
}

/* --- c-ares ------------------------------------------------------------------------------ */

/* /etc/hosts as file_lookup() reads it: every line of the family, and localhost is known without
 * one. */
static void ask_cares_hosts(const struct question *question, int family)
{
	const struct mux_resolution *answer =
		find_answer(question, MUX_CARES, MUX_LOOKUP_HOSTS, family, false);
	const struct mux_hosts *hosts = &question->context->snapshot->hosts;
	struct ev_addresses *addresses = &question->ret->addresses;
	size_t i, before = addresses->n;

	if (answer != NULL) {
		for (i = 0; answer->status == 0 && i < answer->n_addresses; i++)
			add(addresses, &answer->addresses[i]);
		return;
	}
	for (i = 0; hosts->source.presence == MUX_PRESENT && i < hosts->n_entries; i++)
		if (!hosts->entries[i].commented && hosts->entries[i].address.family == family &&
		    has_name(&hosts->entries[i], question->name))
			add(addresses, &hosts->entries[i].address);
	if (addresses->n == before && is_below_localhost(question->name))
		add(addresses, family == AF_INET ? &addr_loopback4 : &addr_loopback6);
}

/* Returns whether it is known what the name servers say. */
static bool ask_cares_dns(const struct question *question, int family)
{
	const struct mux_resolution *answer =
		find_answer(question, MUX_CARES, MUX_LOOKUP_DNS, family, false);
	size_t i;

	if (answer == NULL)
		return false;
	for (i = 0; answer->status == 0 && i < answer->n_addresses; i++)
		add(&question->ret->addresses, &answer->addresses[i]);
	return true;
}

/* c-ares looks at the first letters of the hosts line's services, and at no actions
 * (config_lookup()). Returns whether the answer is known. */
static bool ask_cares_family(const struct question *question, int family)
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

/* dns-timeout of 30 s, max-tries of 5. */
enum { WAITS_FOR_IPV4_US = 150 * 1000 * 1000 };

/* aria2 asks for the families one by one, and goes on as soon as it has IPv4. With IPv6 alone it
 * waits for the other answer although it has been told that there is none
 * (AsyncNameResolverMan::getStatus()). On a machine without a network it looks no name up. */
static void ask_cares(const struct question *question)
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

/* --- all together ------------------------------------------------------------------------ */

/* A literal is its own answer, for all who can speak its family. */
static bool take_literal(const struct question *question, const struct ev_client *client)
{
	struct ev_client_names *ret = question->ret;
	struct mux_address address;

	if (addr_parse(question->name, &address) != 0)
		return false;
	add(&ret->addresses, &address);
	ret->known = MUX_YES;
	/* AI_ADDRCONFIG narrows down the family that is asked for, and gaih_inet() refuses a
	 * literal of the other one. */
	if (client->literals && client->resolver == EV_SYSTEM_ADDRCONFIG)
		drop_unconfigured(question);
	if (client->resolver == EV_SYSTEM_IPV4 && address.family != AF_INET) {
		ret->known = MUX_NO;
		ret->text = "Address family for hostname not supported";
	}
	return true;
}

void ev_client_resolve(const struct ev_context *context, const struct evaluation *evaluation,
		       const struct ev_client *client, struct ev_client_names *ret)
{
	const struct question question = {
		.context = context,
		.evaluation = evaluation,
		.name = slice_of(context->target->host),
		.ret = ret,
	};

	memset(ret, 0, sizeof(*ret));
	ret->known = MUX_UNKNOWN;
	if (take_literal(&question, client))
		return;
	switch (client->resolver) {
	case EV_SYSTEM:
	case EV_SYSTEM_ADDRCONFIG:
		ask_system(&question, client->resolver == EV_SYSTEM_ADDRCONFIG);
		break;
	case EV_SYSTEM_IPV4:
		ask_ipv4(&question);
		break;
	case EV_SYSTEM_IPV4_FIRST:
		ask_ipv4_first(&question);
		break;
	case EV_SYSTEM_ONE_IPV4:
		ask_one_ipv4(&question);
		break;
	case EV_JAVA:
		ask_java(&question);
		break;
	case EV_URLLIB3:
		ask_urllib3(&question);
		break;
	case EV_GO:
		ask_go(&question);
		break;
	case EV_GO_PURE:
		ask_go_itself(&question);
		break;
	case EV_BUILT_IN_IPV4_FIRST:
		ask_built_in(&question, &addr_loopback4, &addr_loopback6);
		break;
	case EV_BUILT_IN_IPV6_FIRST:
		ask_built_in(&question, &addr_loopback6, &addr_loopback4);
		break;
	case EV_CARES_CONFIGURED:
		ask_cares(&question);
		break;
	}
}
