/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gaih_inet() of glibc 2.36: address literals, then the services of the `hosts:` line in turn until
 * a status has the action "return". */
#include "evaluate/predict.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"

/* What a service would say; the first four are enum mux_nss_status. */
enum answer { ANSWER_UNKNOWN = MUX_NSS_TRYAGAIN + 1 };

struct lookup {
	const struct ev_context *context;
	struct mux_slice name;
	int family;
	struct ev_prediction *ret;
};

static void add_address(const struct lookup *lookup, const struct mux_address *address)
{
	struct mux_address *added = arena_list_add(lookup->context->arena, &lookup->ret->addresses);

	if (added != NULL)
		*added = *address;
}

/* --- files ------------------------------------------------------------------------------- */

/* Lines are kept only for names that matter (struct mux_hosts). */
static bool is_of_interest(const struct lookup *lookup)
{
	static const char *const always[] = {
		"localhost", "ip6-localhost", "ip6-loopback", "localhost4", "localhost6",
	};
	const struct mux_machine *machine = &lookup->context->snapshot->machine;
	size_t i;

	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (slice_equal_nocase(lookup->name, slice_of(always[i])))
			return true;
	return slice_equal_nocase(lookup->name, slice_of(machine->host_name)) ||
	       slice_equal_nocase(lookup->name, slice_of(machine->target));
}

static bool has_name(const struct mux_hosts_entry *entry, struct mux_slice name)
{
	size_t i;

	for (i = 0; i < entry->n_names; i++)
		if (slice_equal_nocase(entry->names[i], name))
			return true;
	return false;
}

/*
 * The line parser of nss_files: asked for IPv4 it takes ::1 for 127.0.0.1 and IPv4-mapped addresses
 * for what they map, and it skips lines of another family.
 */
static bool convert(const struct mux_address *address, int family, struct mux_address *ret)
{
	*ret = *address;
	if (family == AF_UNSPEC || address->family == family)
		return address->family != 0;
	if (family != AF_INET || address->family != AF_INET6)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->family = AF_INET;
	if (addr_is_mapped(address))
		memcpy(ret->bytes, address->bytes + 12, 4);
	else if (addr_is_loopback(address))
		*ret = addr_loopback4;
	else
		return false;
	return true;
}

/* When nss_files itself could not open the file, it is unavailable; other failures are ours. */
static int status_of_unread(const struct mux_source *source)
{
	if (source->presence == MUX_ABSENT)
		return MUX_NSS_UNAVAIL;
	if (source->presence == MUX_DENIED &&
	    (source->error == EACCES || source->error == EPERM || source->error == ELOOP))
		return MUX_NSS_UNAVAIL;
	return ANSWER_UNKNOWN;
}

static int ask_files(const struct lookup *lookup)
{
	const struct mux_snapshot *snapshot = lookup->context->snapshot;
	const struct mux_hosts *hosts = &snapshot->hosts;
	size_t i, before = lookup->ret->addresses.n;
	struct mux_address address;

	if (hosts->source.presence != MUX_PRESENT)
		return status_of_unread(&hosts->source);
	for (i = 0; i < hosts->n_entries; i++) {
		const struct mux_hosts_entry *entry = &hosts->entries[i];

		if (entry->commented || !has_name(entry, lookup->name) ||
		    !convert(&entry->address, lookup->family, &address))
			continue;
		add_address(lookup, &address);
		/* host.conf(5): without `multi on` the first line is all there is. */
		if (!snapshot->host_conf.multi)
			break;
	}
	if (lookup->ret->addresses.n != before)
		return MUX_NSS_SUCCESS;
	return is_of_interest(lookup) && !hosts->source.truncated ? MUX_NSS_NOTFOUND
								  : ANSWER_UNKNOWN;
}

/* --- myhostname -------------------------------------------------------------------------- */

static bool ends_in(struct mux_slice name, const char *tail)
{
	size_t len = strlen(tail);

	return name.len > len &&
	       slice_equal_nocase((struct mux_slice){name.data + name.len - len, len},
				  slice_of(tail));
}

/* is_localhost() of systemd: with or without "localdomain" and a trailing dot. */
static bool is_localhost(struct mux_slice name)
{
	if (name.len != 0 && name.data[name.len - 1] == '.')
		name.len--;
	return slice_equal_nocase(name, slice_of("localhost")) ||
	       slice_equal_nocase(name, slice_of("localhost.localdomain")) ||
	       ends_in(name, ".localhost") || ends_in(name, ".localhost.localdomain");
}

/* socket_ipv6_is_supported() and socket_ipv6_is_enabled(): by conf.all alone. */
static bool has_ipv6(const struct mux_snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++)
		if (strcmp(snapshot->sysctls[i].path, "net/ipv6/conf/all/disable_ipv6") == 0)
			return snapshot->sysctls[i].source.presence != MUX_ABSENT &&
			       !slice_is(snapshot->sysctls[i].text, "1");
	return true;
}

static void add_if_asked(const struct lookup *lookup, const struct mux_address *address)
{
	if (lookup->family == AF_UNSPEC || lookup->family == address->family)
		add_address(lookup, address);
}

static void add_loopback(const struct lookup *lookup, const struct mux_address *v4)
{
	if (has_ipv6(lookup->context->snapshot))
		add_if_asked(lookup, &addr_loopback6);
	add_if_asked(lookup, v4);
}

/* local_addresses(): what other machines may reach, if there is any, stands for the host name. */
static void add_local_addresses(const struct lookup *lookup)
{
	const struct mux_routing *routing = &lookup->context->snapshot->routing;
	size_t i;

	for (i = 0; i < routing->n_addresses; i++) {
		const struct mux_interface_address *own = &routing->addresses[i];
		struct mux_address address = own->address;

		if (own->scope == RT_SCOPE_HOST || own->scope == RT_SCOPE_NOWHERE ||
		    (own->flags & IFA_F_DEPRECATED) != 0)
			continue;
		if (own->scope == RT_SCOPE_LINK && address.family == AF_INET6)
			address.scope_id = (uint32_t)own->link;
		add_if_asked(lookup, &address);
	}
}

static int ask_myhostname(const struct lookup *lookup)
{
	static const struct mux_address fallback = {.family = AF_INET, .bytes = {127, 0, 0, 2}};
	const struct mux_snapshot *snapshot = lookup->context->snapshot;
	size_t before = lookup->ret->addresses.n;

	if (is_localhost(lookup->name)) {
		add_loopback(lookup, &addr_loopback4);
	} else if (slice_equal_nocase(lookup->name, slice_of(snapshot->machine.host_name))) {
		if (snapshot->routing.addresses_source.presence != MUX_PRESENT)
			return ANSWER_UNKNOWN;
		add_local_addresses(lookup);
		if (lookup->ret->addresses.n == before)
			add_loopback(lookup, &fallback);
	} else {
		/* "_gateway" and "_outbound" depend on routes that are not in the facts. */
		return lookup->name.len != 0 && lookup->name.data[0] == '_' ? ANSWER_UNKNOWN
									    : MUX_NSS_NOTFOUND;
	}
	return lookup->ret->addresses.n != before ? MUX_NSS_SUCCESS : MUX_NSS_NOTFOUND;
}

/* --- other services ---------------------------------------------------------------------- */

/* Without its daemon, or asked for a name that is none of a local container's, it knows nothing. */
static int ask_mymachines(const struct lookup *lookup)
{
	(void)lookup;
	return MUX_NSS_NOTFOUND;
}

/* The minimal ones of nss-mdns answer for ".local" only (verify_name_allowed()). */
static int ask_mdns_minimal(const struct lookup *lookup)
{
	return ends_in(lookup->name, ".local") || ends_in(lookup->name, ".local.")
		       ? ANSWER_UNKNOWN
		       : MUX_NSS_UNAVAIL;
}

static const struct service {
	const char *name;
	const char *source;
	int (*ask)(const struct lookup *lookup);
} services[] = {
	{"files", "/etc/hosts", ask_files},
	{"myhostname", "nss-myhostname", ask_myhostname},
	{"mymachines", "nss-mymachines", ask_mymachines},
	{"mdns_minimal", "nss-mdns", ask_mdns_minimal},
	{"mdns4_minimal", "nss-mdns", ask_mdns_minimal},
	{"mdns6_minimal", "nss-mdns", ask_mdns_minimal},
};

/* --- all together ------------------------------------------------------------------------ */

/* Returns true when the look-up ends here. */
static bool ask(const struct lookup *lookup, const struct mux_nss_service *service)
{
	struct ev_prediction *ret = lookup->ret;
	int status = ANSWER_UNKNOWN;
	size_t i;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (!slice_is(service->name, services[i].name))
			continue;
		status = services[i].ask(lookup);
		ret->source = status == MUX_NSS_SUCCESS ? services[i].source : NULL;
	}
	if (status == MUX_NSS_SUCCESS && service->actions[status] == MUX_NSS_RETURN) {
		ret->resolves = MUX_YES;
		return true;
	}
	/* An answer that is looked past: what is kept of it, and how, differs by service. */
	if (status == ANSWER_UNKNOWN || status == MUX_NSS_SUCCESS) {
		ret->addresses.n = 0;
		ret->source = NULL;
		ret->reason = "it depends on a name service";
		return true;
	}
	if (service->actions[status] == MUX_NSS_RETURN) {
		ret->resolves = MUX_NO;
		ret->reason = "name or service not known";
		return true;
	}
	return false;
}

/* What inet_aton(3) takes needs no service: "127.1" is 127.0.0.1. */
static bool take_numbers(const struct lookup *lookup)
{
	struct mux_address address = {.family = AF_INET};
	struct in_addr v4;
	char text[64];

	if (lookup->name.len == 0 || lookup->name.len >= sizeof(text))
		return false;
	memcpy(text, lookup->name.data, lookup->name.len);
	text[lookup->name.len] = '\0';
	if (strlen(text) != lookup->name.len || strpbrk(text, " \t\r\n\v\f") != NULL ||
	    inet_aton(text, &v4) == 0)
		return false;
	if (lookup->family == AF_INET6) {
		lookup->ret->resolves = MUX_NO;
		lookup->ret->reason = "address family for hostname not supported";
		return true;
	}
	memcpy(address.bytes, &v4, 4);
	add_address(lookup, &address);
	lookup->ret->resolves = MUX_YES;
	lookup->ret->source = "it is an address";
	return true;
}

void ev_predict(const struct ev_context *context, struct mux_slice name, int family,
		struct ev_prediction *ret)
{
	const struct mux_nsswitch *nsswitch = &context->snapshot->nsswitch;
	const struct lookup lookup = {
		.context = context, .name = name, .family = family, .ret = ret};
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->addresses.size = sizeof(struct mux_address);
	ret->resolves = MUX_UNKNOWN;
	if (take_numbers(&lookup))
		return;
	if (nsswitch->source.presence == MUX_DENIED) {
		/* A file that glibc refuses as a whole, or one that we could not read. */
		ret->resolves = nsswitch->source.error == EBADMSG ? MUX_NO : MUX_UNKNOWN;
		ret->reason = nsswitch->source.error == EBADMSG
				      ? "glibc refuses /etc/nsswitch.conf"
				      : "/etc/nsswitch.conf could not be read";
		return;
	}
	if (nsswitch->source.presence == MUX_NOT_ASKED) {
		ret->reason = "/etc/nsswitch.conf was not read";
		return;
	}
	for (i = 0; i < nsswitch->n_services; i++)
		if (ask(&lookup, &nsswitch->services[i]))
			return;
	ret->resolves = MUX_NO;
	ret->reason = "name or service not known";
}
