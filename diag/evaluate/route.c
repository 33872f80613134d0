/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own answer (RTM_GETROUTE) comes first, but it does not tell everything: for
 * 127.0.0.1 it still says "local" while lo is down, and for ::1 it may name the default route when
 * the address is gone, where connect(2) then finds no source address (EADDRNOTAVAIL).
 */
#include "evaluate/route.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"

/* What is asked, and what is known of it so far. */
struct look {
	const struct ev_context *context;
	struct mux_address wire;
	struct ev_route *ret;
	enum mux_answer owned; /* is the address on a link, or within lo's network? */
};

const struct mux_link *ev_route_link(const struct mux_routing *routing, int index)
{
	size_t i;

	for (i = 0; i < routing->n_links; i++)
		if (routing->links[i].index == index)
			return &routing->links[i];
	return NULL;
}

const struct mux_link *ev_route_loopback(const struct mux_routing *routing)
{
	size_t i;

	if (routing->links_source.presence != MUX_PRESENT)
		return NULL;
	for (i = 0; i < routing->n_links; i++)
		if (routing->links[i].flags & IFF_LOOPBACK)
			return &routing->links[i];
	return NULL;
}

bool ev_route_is_small(const struct mux_link *link)
{
	return link != NULL && link->mtu < IPV6_LEAST_MTU;
}

const struct mux_interface_address *ev_route_own(const struct mux_routing *routing,
						 const struct mux_address *address)
{
	size_t i;

	if (routing->addresses_source.presence != MUX_PRESENT)
		return NULL;
	for (i = 0; i < routing->n_addresses; i++) {
		struct mux_address own = routing->addresses[i].address;

		/* Whether the facts give a link-local address its scope does not matter here. */
		if (address->scope_id == 0)
			own.scope_id = 0;
		if (addr_equal(&own, address))
			return &routing->addresses[i];
	}
	return NULL;
}

/* On lo an IPv4 network is local as a whole (fib_add_ifaddr()), so 127.0.0.1/8 stands for
 * 127.0.1.1 too. */
static enum mux_answer find_owner(const struct look *look)
{
	const struct mux_routing *routing = &look->context->snapshot->routing;
	const struct mux_link *loopback = look->context->loopback;
	size_t i;

	if (routing->addresses_source.presence != MUX_PRESENT)
		return MUX_UNKNOWN;
	if (ev_route_own(routing, &look->wire) != NULL)
		return MUX_YES;
	for (i = 0; look->wire.family == AF_INET && i < routing->n_addresses; i++) {
		const struct mux_interface_address *own = &routing->addresses[i];

		if ((loopback != NULL ? own->link == loopback->index
				      : addr_is_loopback(&own->address)) &&
		    addr_in_prefix(&look->wire, &own->address, own->prefix_len))
			return MUX_YES;
	}
	return MUX_NO;
}

static const struct mux_route_answer *find_answer(const struct look *look)
{
	const struct mux_routing *routing = &look->context->snapshot->routing;
	size_t i;

	for (i = 0; i < routing->n_answers; i++)
		if (addr_equal(&routing->answers[i].destination, &look->wire))
			return &routing->answers[i];
	return NULL;
}

/* --- IPv6 switched off ------------------------------------------------------------------- */

static const struct mux_sysctl *find_sysctl(const struct look *look, const char *path)
{
	const struct mux_snapshot *snapshot = look->context->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++)
		if (strcmp(snapshot->sysctls[i].path, path) == 0)
			return &snapshot->sysctls[i];
	return NULL;
}

static bool is_set(const struct mux_sysctl *sysctl)
{
	uint64_t value;

	return sysctl != NULL && sysctl->source.presence == MUX_PRESENT &&
	       slice_parse_u64(sysctl->text, 10, &value) == 0 && value != 0;
}

static bool is_present(const struct mux_sysctl *sysctl)
{
	return sysctl != NULL && sysctl->source.presence == MUX_PRESENT;
}

/*
 * conf.lo decides. Writing conf.all sets every link (addrconf_disable_ipv6()), lo too, and lo may
 * be switched on again afterwards; conf.default only becomes the value of links made later, which
 * lo is in a new network namespace. So the one named is the one that an administrator wrote.
 */
static const struct mux_sysctl *find_guilty(const struct look *look)
{
	const struct mux_sysctl *lo = find_sysctl(look, "net/ipv6/conf/lo/disable_ipv6");
	const struct mux_sysctl *all = find_sysctl(look, "net/ipv6/conf/all/disable_ipv6");
	const struct mux_sysctl *otherwise =
		find_sysctl(look, "net/ipv6/conf/default/disable_ipv6");

	if (is_present(lo) && !is_set(lo))
		return NULL;
	if (is_set(all))
		return all;
	if (is_set(lo))
		return lo;
	return is_set(otherwise) ? otherwise : NULL;
}

/* ipv6.disable=1, or a kernel without IPv6: not one of its sysctls is there. */
static bool is_without_ipv6(const struct look *look)
{
	const struct mux_sysctl *all = find_sysctl(look, "net/ipv6/conf/all/disable_ipv6");

	return all != NULL && all->source.presence == MUX_ABSENT;
}

/* "net.ipv6.conf.all.disable_ipv6 = 1", as sysctl(8) writes it; no path here has a dot. */
static void add_sysctl(struct str *text, const struct mux_sysctl *sysctl)
{
	const char *at;

	for (at = sysctl->path; *at != '\0'; at++) {
		char byte = *at;

		if (byte == '/')
			byte = '.';
		str_add_escaped(text, (struct mux_slice){&byte, 1});
	}
	str_add(text, " = ");
	str_add_escaped(text, sysctl->text);
}

static bool look_at_ipv6(struct look *look)
{
	struct ev_route *ret = look->ret;
	struct str text;

	if (look->wire.family != AF_INET6 || look->owned == MUX_YES)
		return false;
	ret->sysctl = find_guilty(look);
	if (ret->sysctl == NULL && !is_without_ipv6(look))
		return false;
	ret->passes = MUX_NO;
	ret->state = EV_ROUTE_IPV6_DISABLED;
	if (ret->sysctl == NULL) {
		ret->error = EAFNOSUPPORT;
		ret->text = "this kernel runs without IPv6 (ipv6.disable=1, or not built in)";
		return true;
	}
	ret->error = EADDRNOTAVAIL;
	str_init(&text, look->context->arena);
	str_add(&text, "IPv6 is disabled (");
	add_sysctl(&text, ret->sysctl);
	str_add(&text, ")");
	ret->text = str_done(&text);
	return true;
}

/* --- the other ways to fail -------------------------------------------------------------- */

/* Everything this machine sends to itself goes over lo. */
static bool look_at_loopback(struct look *look)
{
	const struct mux_link *loopback = look->context->loopback;
	struct ev_route *ret = look->ret;
	bool local =
		ret->answer != NULL && ret->answer->error == 0 && ret->answer->type == RTN_LOCAL;

	if (loopback == NULL || (loopback->flags & IFF_UP) != 0 ||
	    (!local && look->owned != MUX_YES && !addr_is_loopback(&look->wire)))
		return false;
	ret->passes = MUX_NO;
	ret->state = EV_ROUTE_LOOPBACK_DOWN;
	ret->text = "the loopback interface lo is down";
	/* Once it has been up, the local table keeps 127.0.0.0/8 and connect() hangs. */
	if (look->wire.family == AF_INET6)
		ret->error = EADDRNOTAVAIL;
	else
		ret->error = ret->answer != NULL && ret->answer->error != 0 ? ret->answer->error
									    : ETIMEDOUT;
	return true;
}

static bool look_at_missing(struct look *look)
{
	const struct mux_link *loopback = look->context->loopback;
	struct arena *arena = look->context->arena;
	struct ev_route *ret = look->ret;
	bool v6 = look->wire.family == AF_INET6;
	char address[ADDR_TEXT_MAX];

	if (!addr_is_loopback(&look->wire) || look->owned != MUX_NO)
		return false;
	/* A local route alone is enough for IPv4; for IPv6 the answer says so too, but there is no
	 * source address to use. */
	if (!v6 && ret->answer != NULL && ret->answer->error == 0 && ret->answer->type == RTN_LOCAL)
		return false;
	ret->passes = MUX_NO;
	ret->state = EV_ROUTE_ADDRESS_MISSING;
	ret->error = v6 ? EADDRNOTAVAIL : ret->answer != NULL ? ret->answer->error : ENETUNREACH;
	addr_format(&look->wire, address);
	if (v6 && ev_route_is_small(loopback))
		ret->text = arena_printf(arena,
					 "no link has the address %s: lo has an MTU of %u, "
					 "IPv6 needs %d",
					 address, (unsigned)loopback->mtu, IPV6_LEAST_MTU);
	else
		ret->text = arena_printf(arena, "no link has the address %s", address);
	return true;
}

/* What connect() gives for a route of that type (fib_props[], ip6_rt_type_to_error()); 0 = it is
 * none that refuses. */
static int error_of_type(uint8_t type)
{
	switch (type) {
	case RTN_BLACKHOLE:
		return EINVAL;
	case RTN_UNREACHABLE:
		return EHOSTUNREACH;
	case RTN_PROHIBIT:
		return EACCES;
	case RTN_THROW:
		return ENETUNREACH;
	default:
		return 0;
	}
}

static const char *refusal_text(struct arena *arena, int error)
{
	switch (error) {
	case EACCES:
		return "a routing rule or route prohibits it";
	case EINVAL:
		return "a routing rule or route is a black hole for it";
	case ENETUNREACH:
		return "no route leads to it, or a routing rule says so";
	case EHOSTUNREACH:
		return "a route says that it cannot be reached";
	default:
		return arena_printf(arena, "the kernel finds no route: %s",
				    ev_error_text(arena, error));
	}
}

static bool look_at_refusal(struct look *look)
{
	struct ev_route *ret = look->ret;

	if (ret->answer == NULL)
		return false;
	ret->error =
		ret->answer->error != 0 ? ret->answer->error : error_of_type(ret->answer->type);
	if (ret->error == 0)
		return false;
	ret->passes = MUX_NO;
	ret->state = EV_ROUTE_REFUSED;
	ret->text = refusal_text(look->context->arena, ret->error);
	return true;
}

static void describe_link(const struct look *look, struct str *text, int index)
{
	const struct mux_link *link = ev_route_link(&look->context->snapshot->routing, index);

	if (link == NULL) {
		str_addf(text, "link %d", index);
		return;
	}
	str_add_escaped(text, link->name);
}

/* Nobody else in the world has a loopback address: what leaves for one is lost. */
static bool look_at_diversion(struct look *look)
{
	const struct mux_link *loopback = look->context->loopback;
	struct ev_route *ret = look->ret;
	struct str text;

	if (ret->answer == NULL || ret->answer->type != RTN_UNICAST || loopback == NULL ||
	    ret->answer->link == loopback->index || !addr_is_loopback(&look->wire))
		return false;
	str_init(&text, look->context->arena);
	str_add(&text, "it is sent out of this machine, through ");
	describe_link(look, &text, ret->answer->link);
	ret->passes = MUX_NO;
	ret->state = EV_ROUTE_DIVERTED;
	ret->error = ETIMEDOUT;
	ret->text = str_done(&text);
	return true;
}

/* --- the ways to pass -------------------------------------------------------------------- */

static void pass(struct look *look)
{
	struct ev_route *ret = look->ret;
	struct str text;

	str_init(&text, look->context->arena);
	ret->passes = MUX_YES;
	if (ret->answer->type == RTN_LOCAL) {
		ret->state = EV_ROUTE_LOCAL;
		ret->text = "the kernel delivers it on this machine";
		return;
	}
	ret->state = EV_ROUTE_ELSEWHERE;
	str_add(&text, "it leaves this machine through ");
	describe_link(look, &text, ret->answer->link);
	ret->text = str_done(&text);
}

/* Does a route of the local table refuse the address, or a part of the net it is in? */
static bool is_refused(const struct mux_routing *routing, const struct mux_address *wire)
{
	size_t i;

	for (i = 0; routing->routes_source.presence == MUX_PRESENT && i < routing->n_routes; i++)
		if (error_of_type(routing->routes[i].type) != 0 &&
		    addr_in_prefix(wire, &routing->routes[i].destination,
				   routing->routes[i].prefix_len))
			return true;
	return false;
}

/* Is another table asked before table local, or table local not at all? A rule for the tables of
 * l3mdev links has no table of its own. */
static bool may_divert(const struct mux_routing *routing, int family)
{
	bool any = false;
	size_t i;

	for (i = 0; i < routing->n_rules; i++) {
		const struct mux_rule *rule = &routing->rules[i];

		if (rule->family != family || rule->action != FR_ACT_TO_TBL ||
		    rule->table == RT_TABLE_UNSPEC || rule->has_mark)
			continue;
		if (rule->table != RT_TABLE_LOCAL)
			return true;
		if (!rule->selective)
			return false;
		any = true;
	}
	return any;
}

/* May a routing rule refuse packets, or send them elsewhere before the local table is asked? */
static bool may_refuse(const struct mux_routing *routing, int family)
{
	size_t i;

	if (routing->rules_source.presence != MUX_PRESENT || may_divert(routing, family))
		return true;
	for (i = 0; i < routing->n_rules; i++)
		if (routing->rules[i].family == family &&
		    (routing->rules[i].action == FR_ACT_BLACKHOLE ||
		     routing->rules[i].action == FR_ACT_UNREACHABLE ||
		     routing->rules[i].action == FR_ACT_PROHIBIT))
			return true;
	return false;
}

/* Without the kernel's answer. */
static void guess(struct look *look)
{
	const struct ev_context *context = look->context;
	struct ev_route *ret = look->ret;

	ret->passes = MUX_UNKNOWN;
	ret->state = EV_ROUTE_UNKNOWN;
	ret->text = "the kernel was not asked for its route";
	if (look->owned != MUX_YES)
		return;
	if (context->loopback == NULL) {
		ret->text = "this machine has the address, but the state of lo is not known";
		return;
	}
	ret->state = EV_ROUTE_LOCAL;
	if (may_refuse(&context->snapshot->routing, look->wire.family)) {
		ret->text = "this machine has the address, but a routing rule may refuse it";
		return;
	}
	if (is_refused(&context->snapshot->routing, &look->wire)) {
		ret->text = "this machine has the address, but a route may refuse it";
		return;
	}
	ret->passes = MUX_YES;
	ret->text = "this machine has the address";
}

void ev_route_run(const struct ev_context *context, const struct mux_address *address,
		  struct ev_route *ret)
{
	struct look look = {.context = context, .wire = ev_wire_address(address), .ret = ret};

	memset(ret, 0, sizeof(*ret));
	look.owned = find_owner(&look);
	ret->answer = find_answer(&look);
	if (look_at_loopback(&look) || (addr_is_loopback(&look.wire) && look_at_ipv6(&look)) ||
	    look_at_missing(&look))
		return;
	/* Another link's switch does not matter as long as there is a route. */
	if (ret->answer != NULL && ret->answer->error != 0 && look_at_ipv6(&look))
		return;
	if (look_at_refusal(&look) || look_at_diversion(&look))
		return;
	if (ret->answer != NULL)
		pass(&look);
	else
		guess(&look);
}

struct mux_address ev_route_source(const struct ev_route *route, const struct mux_address *wire)
{
	if (route->answer != NULL && route->answer->error == 0 &&
	    route->answer->source.family == wire->family)
		return route->answer->source;
	if (wire->family == AF_INET && addr_is_loopback(wire))
		return addr_loopback4;
	return *wire;
}
