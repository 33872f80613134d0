/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses that a client finds for the target, in its own order. What getaddrinfo answered
 * here is taken where it was asked; the resolvers that clients bring with them are followed, those
 * of more than a line in client_own.c.
 */
#include "evaluate/client_question.h"

#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/predict.h"

void client_add_address(struct ev_addresses *addresses, const struct mux_address *address)
{
	if (addresses->n < EV_MAX_ADDRESSES && address->family != 0)
		addresses->list[addresses->n++] = *address;
}

/* --- the system's answers ---------------------------------------------------------------- */

const struct mux_resolution *client_find_answer(const struct client_question *question,
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

static void take_answer(const struct client_question *question, const struct mux_resolution *answer)
{
	struct ev_client_names *ret = question->ret;
	size_t i;

	for (i = 0; answer->status == 0 && i < answer->n_addresses; i++)
		client_add_address(&ret->addresses, &answer->addresses[i]);
	ret->known = ret->addresses.n != 0 ? MUX_YES : MUX_NO;
	ret->elapsed_us = answer->elapsed_us;
	ret->status = answer->status;
	ret->text = str_escape(question->context->arena, answer->status_text);
}

/* What the evaluation found the target to stand for, asked or predicted. */
static void take_candidates(const struct client_question *question)
{
	const struct evaluation *evaluation = question->evaluation;
	struct ev_client_names *ret = question->ret;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target)
			client_add_address(&ret->addresses, &evaluation->candidates[i].address);
	for (i = 0; i < evaluation->n_names; i++)
		if (evaluation->names[i].of_target) {
			ret->known = evaluation->names[i].resolves;
			ret->text = evaluation->names[i].text;
		}
}

/* 127.0.0.2 on lo is an address like any other to those who look for configured families. */
bool client_is_loopback_itself(const struct mux_address *address)
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
		    !client_is_loopback_itself(&routing->addresses[i].address))
			return true;
	return false;
}

/* AI_ADDRCONFIG of glibc: a family that only loopback has is left out, unless that goes for both.
 */
static void drop_unconfigured(const struct client_question *question)
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
			client_add_address(&kept, &addresses->list[i]);
	*addresses = kept;
	if (question->ret->known == MUX_YES && kept.n == 0) {
		question->ret->known = MUX_NO;
		question->ret->text = "Address family for hostname not supported";
	}
}

/* getaddrinfo(AF_UNSPEC) */
void client_ask_system(const struct client_question *question, bool addrconfig)
{
	const struct mux_resolution *answer = client_find_answer(
		question, MUX_GETADDRINFO, MUX_LOOKUP_SYSTEM, AF_UNSPEC, addrconfig);
	bool foresee = answer == NULL && addrconfig;

	if (foresee)
		answer = client_find_answer(question, MUX_GETADDRINFO, MUX_LOOKUP_SYSTEM, AF_UNSPEC,
					    false);
	if (answer != NULL)
		take_answer(question, answer);
	else
		take_candidates(question);
	if (foresee)
		drop_unconfigured(question);
}

/* getaddrinfo of one family */
static void ask_family(const struct client_question *question, int family)
{
	const struct mux_resolution *answer =
		client_find_answer(question, MUX_GETADDRINFO, MUX_LOOKUP_SYSTEM, family, false);
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
		client_add_address(&ret->addresses,
				   &((const struct mux_address *)prediction.addresses.items)[i]);
}

/* --- names that clients know by themselves ----------------------------------------------- */

static bool is_localhost(struct mux_slice name)
{
	return slice_equal_nocase(name, slice_of("localhost")) ||
	       slice_equal_nocase(name, slice_of("localhost."));
}

bool client_is_below_localhost(struct mux_slice name)
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

static void ask_built_in(const struct client_question *question, const struct mux_address *first,
			 const struct mux_address *second)
{
	if (!client_is_below_localhost(question->name)) {
		client_ask_system(question, false);
		return;
	}
	client_add_address(&question->ret->addresses, first);
	client_add_address(&question->ret->addresses, second);
	question->ret->known = MUX_YES;
}

/* --- the system's answers, used otherwise ------------------------------------------------ */

static void put_ipv4_first(struct ev_addresses *addresses)
{
	struct ev_addresses sorted = {.n = 0};
	size_t i;

	for (i = 0; i < addresses->n; i++)
		if (addresses->list[i].family == AF_INET)
			client_add_address(&sorted, &addresses->list[i]);
	for (i = 0; i < addresses->n; i++)
		if (addresses->list[i].family != AF_INET)
			client_add_address(&sorted, &addresses->list[i]);
	*addresses = sorted;
}

/* java.net.InetAddress.getAllByName0() and its preferIPv4Stack order */
static void ask_java(const struct client_question *question)
{
	client_ask_system(question, false);
	if (question->ret->known == MUX_NO && is_localhost(question->name)) {
		client_add_address(&question->ret->addresses, &addr_loopback4);
		question->ret->known = MUX_YES;
	}
	put_ipv4_first(&question->ret->addresses);
}

static void ask_one_ipv4(const struct client_question *question)
{
	client_ask_system(question, false);
	put_ipv4_first(&question->ret->addresses);
	if (question->ret->addresses.n > 1)
		question->ret->addresses.n = 1;
}

static void ask_ipv4(const struct client_question *question)
{
	ask_family(question, AF_INET);
}

static void ask_ipv4_first(const struct client_question *question)
{
	ask_family(question, AF_INET);
	if (question->ret->known == MUX_NO)
		ask_family(question, AF_INET6);
}

/* urllib3 once binds a socket to ::1 to see whether there is IPv6 (util/connection.py). */
static void ask_urllib3(const struct client_question *question)
{
	const struct ev_candidate *v6 = evaluation_literal(question->evaluation, AF_INET6);

	if (v6 != NULL && (v6->route.state == EV_ROUTE_LOOPBACK_DOWN ||
			   v6->route.state == EV_ROUTE_IPV6_DISABLED ||
			   v6->route.state == EV_ROUTE_ADDRESS_MISSING))
		ask_family(question, AF_INET);
	else
		client_ask_system(question, false);
}

/* --- all together ------------------------------------------------------------------------ */

/* A literal is its own answer, for all who can speak its family. */
static bool take_literal(const struct client_question *question, const struct ev_client *client)
{
	struct ev_client_names *ret = question->ret;
	struct mux_address address;

	if (addr_parse(question->name, &address) != 0)
		return false;
	client_add_address(&ret->addresses, &address);
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
	const struct client_question question = {
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
		client_ask_system(&question, client->resolver == EV_SYSTEM_ADDRCONFIG);
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
		client_ask_go(&question);
		break;
	case EV_GO_PURE:
		client_ask_go_itself(&question);
		break;
	case EV_BUILT_IN_IPV4_FIRST:
		ask_built_in(&question, &addr_loopback4, &addr_loopback6);
		break;
	case EV_BUILT_IN_IPV6_FIRST:
		ask_built_in(&question, &addr_loopback6, &addr_loopback4);
		break;
	case EV_CARES_CONFIGURED:
		client_ask_cares(&question);
		break;
	}
}
