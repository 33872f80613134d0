/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links, addresses, routes and the sysctls that take them away. */
#include "evaluate/change.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "evaluate/route.h"

static int forget(struct change_world *world, int family)
{
	int error = change_forget_routes(world, family);

	return error != 0 ? error : change_forget_probes(world, family);
}

/* --- addresses --------------------------------------------------------------------------- */

static int add_local_route(struct change_world *world, const struct mux_interface_address *own)
{
	struct mux_routing *routing = &world->snapshot.routing;
	struct mux_route *routes = change_insert(world->arena, routing->routes, routing->n_routes,
						 sizeof(*routes), routing->n_routes);

	if (routes == NULL)
		return -ENOMEM;
	routes[routing->n_routes++] = (struct mux_route){
		.family = own->address.family,
		.type = RTN_LOCAL,
		.table = RT_TABLE_LOCAL,
		.destination = own->address,
		.prefix_len = own->prefix_len,
		.link = own->link,
	};
	routing->routes = routes;
	return 0;
}

/* The kernel makes the local route by itself (fib_add_ifaddr(), addrconf's ipv6_add_addr()). */
static int add_address(struct change_world *world, const struct mux_address *address,
		       uint8_t prefix_len)
{
	struct mux_routing *routing = &world->snapshot.routing;
	const struct mux_link *loopback = ev_route_loopback(routing);
	struct mux_interface_address *addresses;
	int error;

	if (loopback == NULL || routing->addresses_source.presence != MUX_PRESENT)
		return -ENOENT;
	addresses = change_insert(world->arena, routing->addresses, routing->n_addresses,
				  sizeof(*addresses), routing->n_addresses);
	if (addresses == NULL)
		return -ENOMEM;
	addresses[routing->n_addresses] = (struct mux_interface_address){
		.link = loopback->index,
		.address = *address,
		.prefix_len = prefix_len,
		.scope = RT_SCOPE_HOST,
	};
	error = add_local_route(world, &addresses[routing->n_addresses]);
	routing->addresses = addresses;
	routing->n_addresses++;
	return error != 0 ? error : forget(world, address->family);
}

int change_address(struct change_world *world, const struct change *change)
{
	return add_address(world, &change->address.address, change->address.prefix_len);
}

/* --- sysctls ----------------------------------------------------------------------------- */

#define DISABLE_LO  "net/ipv6/conf/lo/disable_ipv6"
#define DISABLE_ALL "net/ipv6/conf/all/disable_ipv6"

static const struct mux_sysctl *find_sysctl(const struct change_world *world, const char *path)
{
	size_t i;

	for (i = 0; i < world->snapshot.n_sysctls; i++)
		if (strcmp(world->snapshot.sysctls[i].path, path) == 0)
			return &world->snapshot.sysctls[i];
	return NULL;
}

/* addrconf_notify() at NETDEV_UP: init_loopback() gives an enabled lo its ::1. */
static int give_loopback6(struct change_world *world)
{
	const struct mux_link *loopback = ev_route_loopback(&world->snapshot.routing);
	const struct mux_sysctl *off = find_sysctl(world, DISABLE_LO);
	int error = forget(world, AF_INET6);

	if (error != 0 || loopback == NULL || (loopback->flags & IFF_UP) == 0 ||
	    loopback->mtu < IPV6_LEAST_MTU || off == NULL || off->source.presence != MUX_PRESENT ||
	    !slice_is(off->text, "0") ||
	    ev_route_own(&world->snapshot.routing, &addr_loopback6) != NULL)
		return error;
	return add_address(world, &addr_loopback6, 128);
}

static int set_sysctl(struct change_world *world, const char *path, const char *value)
{
	size_t i, n = world->snapshot.n_sysctls;
	struct mux_sysctl *sysctls = arena_array(world->arena, n, sizeof(*sysctls));
	bool found = false;

	if (sysctls == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		sysctls[i] = world->snapshot.sysctls[i];
		if (strcmp(sysctls[i].path, path) != 0 || sysctls[i].source.presence != MUX_PRESENT)
			continue;
		sysctls[i].text = slice_of(value);
		found = true;
	}
	world->snapshot.sysctls = sysctls;
	return found ? 0 : -ENOENT;
}

int change_sysctl(struct change_world *world, const struct change *change)
{
	const char *path = change->sysctl.path;
	int error = set_sysctl(world, path, change->sysctl.value);

	/* conf.all is written through to every link (addrconf_disable_ipv6()). */
	if (error == 0 && strcmp(path, DISABLE_ALL) == 0)
		error = set_sysctl(world, DISABLE_LO, change->sysctl.value);
	if (error == 0 && (strcmp(path, DISABLE_ALL) == 0 || strcmp(path, DISABLE_LO) == 0))
		error = give_loopback6(world);
	return error;
}

/* --- lo ---------------------------------------------------------------------------------- */

/* Returns a copy of lo to be changed, or NULL. */
static struct mux_link *own_loopback(struct change_world *world, int *ret_error)
{
	struct mux_routing *routing = &world->snapshot.routing;
	const struct mux_link *loopback = ev_route_loopback(routing);
	struct mux_link *links;
	size_t at;

	*ret_error = -ENOENT;
	if (loopback == NULL)
		return NULL;
	at = (size_t)(loopback - routing->links);
	*ret_error = -ENOMEM;
	links = arena_array(world->arena, routing->n_links, sizeof(*links));
	if (links == NULL)
		return NULL;
	memcpy(links, routing->links, routing->n_links * sizeof(*links));
	routing->links = links;
	*ret_error = 0;
	return &links[at];
}

static bool has_ipv4(const struct mux_routing *routing, int link)
{
	size_t i;

	for (i = 0; i < routing->n_addresses; i++)
		if (routing->addresses[i].link == link &&
		    routing->addresses[i].address.family == AF_INET)
			return true;
	return false;
}

/* inetdev_event() gives a loopback link that has no IPv4 address 127.0.0.1/8. */
int change_link_up(struct change_world *world, const struct change *change)
{
	struct mux_routing *routing = &world->snapshot.routing;
	struct mux_link *loopback;
	int error;

	(void)change;
	loopback = own_loopback(world, &error);
	if (loopback == NULL)
		return error;
	loopback->flags |= IFF_UP;
	error = forget(world, AF_INET);
	if (error == 0 && routing->addresses_source.presence == MUX_PRESENT &&
	    !has_ipv4(routing, loopback->index))
		error = add_address(world, &addr_loopback4, 8);
	return error != 0 ? error : give_loopback6(world);
}

int change_link_mtu(struct change_world *world, const struct change *change)
{
	struct mux_link *loopback;
	int error;

	loopback = own_loopback(world, &error);
	if (loopback != NULL)
		loopback->mtu = change->mtu;
	return error;
}

/* --- routes ------------------------------------------------------------------------------ */

/* ip-rule(8) deletes the first that is like that. */
int change_rule(struct change_world *world, const struct change *change)
{
	struct mux_routing *routing = &world->snapshot.routing;
	void *rules;
	size_t i;

	for (i = 0; i < routing->n_rules; i++)
		if (routing->rules[i].family == change->rule.family &&
		    routing->rules[i].priority == change->rule.priority &&
		    routing->rules[i].action == change->rule.action)
			break;
	if (i == routing->n_rules)
		return -ENOENT;
	rules = change_remove(world->arena, routing->rules, routing->n_rules,
			      sizeof(*routing->rules), i);
	if (rules == NULL)
		return -ENOMEM;
	routing->rules = rules;
	routing->n_rules--;
	return forget(world, change->rule.family);
}

static bool is_same(const struct mux_route *a, const struct mux_route *b)
{
	return a->family == b->family && a->type == b->type && a->table == b->table &&
	       a->prefix_len == b->prefix_len && addr_equal(&a->destination, &b->destination);
}

int change_route(struct change_world *world, const struct change *change)
{
	struct mux_routing *routing = &world->snapshot.routing;
	void *routes;
	size_t i;

	for (i = 0; i < routing->n_routes; i++)
		if (is_same(&routing->routes[i], &change->route))
			break;
	if (i == routing->n_routes)
		return -ENOENT;
	routes = change_remove(world->arena, routing->routes, routing->n_routes,
			       sizeof(*routing->routes), i);
	if (routes == NULL)
		return -ENOMEM;
	routing->routes = routes;
	routing->n_routes--;
	return forget(world, change->route.family);
}

/* As every network namespace has it from the beginning (fib_default_rules_init()). */
int change_local_rule(struct change_world *world, const struct change *change)
{
	struct mux_routing *routing = &world->snapshot.routing;
	struct mux_rule *rules;

	if (routing->rules_source.presence != MUX_PRESENT)
		return -ENOENT;
	rules = change_insert(world->arena, routing->rules, routing->n_rules, sizeof(*rules), 0);
	if (rules == NULL)
		return -ENOMEM;
	rules[0] = (struct mux_rule){
		.family = change->family, .table = RT_TABLE_LOCAL, .action = FR_ACT_TO_TBL};
	routing->rules = rules;
	routing->n_rules++;
	return forget(world, change->family);
}

int change_local_route(struct change_world *world, const struct change *change)
{
	const struct mux_link *loopback = ev_route_loopback(&world->snapshot.routing);
	struct mux_interface_address own = {
		.address = change->address.address,
		.prefix_len = change->address.prefix_len,
	};
	int error;

	if (loopback == NULL)
		return -ENOENT;
	own.link = loopback->index;
	error = add_local_route(world, &own);
	return error != 0 ? error : forget(world, own.address.family);
}
