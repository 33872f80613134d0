/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evaluate/resolve.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/order.h"
#include "evaluate/predict.h"
#include "evaluate/route.h"

/* --- which names ------------------------------------------------------------------------- */

static struct ev_name *find_name(struct ev_name *names, size_t n, struct mux_slice name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (slice_equal_nocase(names[i].name, name))
			return &names[i];
	return NULL;
}

static bool is_literal(struct mux_slice name)
{
	struct mux_address address;

	return addr_parse(name, &address) == 0;
}

size_t ev_resolve_names(const struct ev_context *context, struct ev_name names[EV_MAX_NAMES])
{
	const char *target = context->target->host;
	struct mux_slice host_name = slice_of(context->snapshot->machine.host_name);
	const struct mux_slice literals[] = {SLICE("127.0.0.1"), SLICE("::1")};
	struct ev_name *known;
	size_t i, n = 0;

	/* The caller's target may be gone before the evaluation is. */
	names[n].name = slice_of(arena_copy(context->arena, target, strlen(target)));
	names[n].literal = is_literal(names[n].name);
	names[n++].of_target = true;
	known = find_name(names, n, host_name);
	if (known != NULL && host_name.len != 0)
		known->host_name = true;
	if (known == NULL && host_name.len != 0) {
		names[n].name = host_name;
		names[n].literal = is_literal(host_name);
		names[n++].host_name = true;
	}
	for (i = 0; i < 2; i++) {
		known = find_name(names, n, literals[i]);
		if (known != NULL)
			continue;
		names[n].name = literals[i];
		names[n++].literal = true;
	}
	return n;
}

/* --- lists of addresses ------------------------------------------------------------------ */

static void add_address(struct ev_addresses *addresses, const struct mux_address *address)
{
	size_t i;

	if (addresses->n == EV_MAX_ADDRESSES || address->family == 0)
		return;
	for (i = 0; i < addresses->n; i++)
		if (addr_equal(&addresses->list[i], address))
			return;
	addresses->list[addresses->n++] = *address;
}

static void describe(struct str *text, const struct ev_addresses *addresses)
{
	char address[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < addresses->n; i++)
		str_addf(text, "%s%s", i == 0 ? "" : ", ",
			 addr_format(&addresses->list[i], address));
}

/* --- the real answer --------------------------------------------------------------------- */

static const struct mux_resolution *find_resolution(const struct ev_context *context,
						    struct mux_slice name, bool answered)
{
	const struct mux_snapshot *snapshot = context->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_resolutions; i++) {
		const struct mux_resolution *answer = &snapshot->resolutions[i];

		if (answer->resolver == MUX_GETADDRINFO && answer->lookup == MUX_LOOKUP_SYSTEM &&
		    answer->family == AF_UNSPEC && !answer->addrconfig &&
		    answer->answered == answered && slice_equal_nocase(answer->name, name))
			return answer;
	}
	return NULL;
}

static void take_answer(const struct ev_context *context, struct ev_name *name,
			struct ev_addresses *ret)
{
	const struct mux_resolution *answer = name->resolution;
	struct str text;
	size_t i;

	for (i = 0; answer->status == 0 && i < answer->n_addresses; i++)
		add_address(ret, &answer->addresses[i]);
	name->resolves = ret->n != 0 ? MUX_YES : MUX_NO;
	str_init(&text, context->arena);
	describe(&text, ret);
	if (ret->n == 0 && answer->status_text.len != 0)
		str_add_escaped(&text, answer->status_text);
	else if (ret->n == 0)
		str_add(&text, "no address");
	str_add(&text, " (getaddrinfo)");
	name->text = str_done(&text);
}

/* --- the predicted one ------------------------------------------------------------------- */

/* As connecting a datagram socket would show it; with lo down it still succeeds for IPv4. */
static void fill_destination(const struct ev_context *context, const struct mux_address *address,
			     struct ev_destination *ret)
{
	const struct mux_interface_address *own;
	struct mux_address wire = ev_wire_address(address);
	struct ev_route route;

	ev_route_run(context, address, &route);
	memset(ret, 0, sizeof(*ret));
	ret->address = *address;
	ret->usable = route.passes != MUX_NO ||
		      (route.state == EV_ROUTE_LOOPBACK_DOWN && route.error == ETIMEDOUT);
	ret->source = ev_route_source(&route, &wire);
	own = ev_route_own(&context->snapshot->routing, &ret->source);
	if (own == NULL)
		return;
	ret->source_prefix_len = own->prefix_len;
	ret->deprecated = (own->flags & IFA_F_DEPRECATED) != 0;
	ret->home = (own->flags & IFA_F_HOMEADDRESS) != 0;
}

void ev_resolve_order(const struct ev_context *context, const struct mux_gai *gai,
		      struct ev_addresses *addresses)
{
	struct ev_destination *destinations =
		arena_array(context->arena, addresses->n, sizeof(*destinations));
	size_t i;

	if (destinations == NULL)
		return;
	for (i = 0; i < addresses->n; i++)
		fill_destination(context, &addresses->list[i], &destinations[i]);
	if (ev_order(destinations, addresses->n, gai, context->arena) != 0)
		return;
	for (i = 0; i < addresses->n; i++)
		addresses->list[i] = destinations[i].address;
}

static void take_prediction(const struct ev_context *context, struct ev_name *name,
			    struct ev_addresses *ret)
{
	const struct mux_address *list;
	const struct mux_resolution *silent;
	struct ev_prediction prediction;
	struct str text;
	size_t i;

	ev_predict(context, name->name, AF_UNSPEC, &prediction);
	name->predicted = true;
	silent = find_resolution(context, name->name, false);
	name->resolves = prediction.resolves;
	list = prediction.addresses.items;
	for (i = 0; prediction.resolves == MUX_YES && i < prediction.addresses.n; i++)
		add_address(ret, &list[i]);
	ev_resolve_order(context, &context->snapshot->gai, ret);
	str_init(&text, context->arena);
	if (silent != NULL) {
		str_addf(&text, "getaddrinfo has not answered in %.0f ms",
			 (double)silent->elapsed_us / 1000);
		str_add(&text, silent->status_text.len != 0 ? " (" : "");
		str_add_escaped(&text, silent->status_text);
		str_add(&text, silent->status_text.len != 0 ? "); " : "; ");
	}
	describe(&text, ret);
	if (prediction.resolves == MUX_YES && prediction.source != NULL)
		str_addf(&text, " (predicted: %s)", prediction.source);
	else if (prediction.reason != NULL)
		str_addf(&text, "%s (predicted)", prediction.reason);
	name->text = str_done(&text);
}

void ev_resolve_run(const struct ev_context *context, struct ev_name *name,
		    struct ev_addresses *ret)
{
	struct mux_address address;

	ret->n = 0;
	if (addr_parse(name->name, &address) == 0) {
		add_address(ret, &address);
		name->resolves = MUX_YES;
		name->text = "an address";
		return;
	}
	name->resolution = find_resolution(context, name->name, true);
	if (name->resolution != NULL)
		take_answer(context, name, ret);
	else
		take_prediction(context, name, ret);
}
