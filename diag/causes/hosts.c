/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/hosts.h"

#include "base/addr.h"
#include "base/slice.h"

bool hosts_are_asked(const struct evaluation *evaluation)
{
	const struct mux_nsswitch *nsswitch = &evaluation->snapshot->nsswitch;
	size_t i;

	if (nsswitch->source.presence != MUX_PRESENT)
		return true;
	for (i = 0; i < nsswitch->n_services; i++)
		if (slice_is(nsswitch->services[i].name, "files"))
			return true;
	return false;
}

bool hosts_is_below_localhost(struct mux_slice name)
{
	static const struct mux_slice tail = SLICE(".localhost");

	return name.len > tail.len &&
	       slice_equal_nocase((struct mux_slice){name.data + name.len - tail.len, tail.len},
				  tail);
}

bool hosts_is_loopback_name(struct mux_slice name)
{
	static const char *const names[] = {
		"localhost", "ip6-localhost", "ip6-loopback", "localhost4", "localhost6",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_nocase(name, slice_of(names[i])))
			return true;
	return hosts_is_below_localhost(name);
}

bool hosts_names(const struct mux_hosts_entry *entry, const char *name)
{
	size_t i;

	/* A fault elsewhere in the line does not harm a good address and a good name. */
	if (entry->address.family == 0)
		return false;
	for (i = 0; i < entry->n_names; i++)
		if (slice_equal_nocase(entry->names[i], slice_of(name)))
			return true;
	return false;
}

bool hosts_has(const struct mux_hosts *hosts, const char *name, int family)
{
	size_t i;

	for (i = 0; i < hosts->n_entries; i++)
		if (!hosts->entries[i].commented && hosts_names(&hosts->entries[i], name) &&
		    (family == 0 || hosts->entries[i].address.family == family))
			return true;
	return false;
}

const char *hosts_place(struct findings *findings, const struct mux_hosts_entry *entry)
{
	return arena_printf(findings->arena, "/etc/hosts:%zu", entry->line);
}

bool hosts_is_own(const struct evaluation *evaluation, const struct mux_address *address)
{
	const struct mux_routing *routing = &evaluation->snapshot->routing;
	struct mux_address own;
	size_t i;

	if (addr_is_loopback(address) || addr_is_unspecified(address) ||
	    routing->addresses_source.presence != MUX_PRESENT)
		return true;
	for (i = 0; i < routing->n_addresses; i++) {
		own = routing->addresses[i].address;
		own.scope_id = address->scope_id;
		if (addr_equal(&own, address))
			return true;
	}
	for (i = 0; i < evaluation->n_candidates; i++)
		if (addr_equal(&evaluation->candidates[i].address, address) &&
		    (evaluation->candidates[i].route.state == EV_ROUTE_LOCAL ||
		     evaluation->candidates[i].route.state == EV_ROUTE_IPV6_DISABLED))
			return true;
	return false;
}

bool hosts_are_dangling(const struct mux_snapshot *snapshot)
{
	const struct mux_permissions *permissions = &snapshot->permissions;
	size_t i;

	for (i = 0; i < permissions->n_files; i++)
		if (slice_is(permissions->files[i].path, "etc/hosts") &&
		    permissions->files[i].link.len != 0)
			return true;
	return false;
}
