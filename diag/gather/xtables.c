/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Legacy ip_tables and ip6_tables. Asking for a table makes it (and loads its module), so only
 * tables that /proc/net/ip{,6}_tables_names lists are asked for; where that list cannot be read,
 * nothing is.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "base/record.h"
#include "gather/mechanism.h"

enum { MAX_TRIES = 5, LARGEST_TABLE = 512 * 1024 * 1024 };

/* The two protocols differ in numbers only: the structs have the same layout but for the entries,
 * which are not looked into here. */
struct protocol {
	const char *name; /* as in the bundle */
	const char *names_entry;
	int family, level, get_info, get_entries;
};

static const struct protocol protocols[] = {
	{"ip", "file/proc/net/ip_tables_names", AF_INET, IPPROTO_IP, IPT_SO_GET_INFO,
	 IPT_SO_GET_ENTRIES},
	{"ip6", "file/proc/net/ip6_tables_names", AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO,
	 IP6T_SO_GET_ENTRIES},
};

_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "same layout");
_Static_assert(offsetof(struct ipt_get_entries, entrytable) ==
		       offsetof(struct ip6t_get_entries, entrytable),
	       "same layout");

/* One table as the kernel gives it. */
struct table {
	struct ipt_getinfo info;
	struct ipt_get_entries *entries; /* malloc'ed */
	socklen_t len;			 /* bytes of entries */
};

/* Returns 0 or -errno; -EAGAIN when the table changed between the two calls. */
static int read_table(int fd, const struct protocol *protocol, const char *name, struct table *ret)
{
	socklen_t len = sizeof(ret->info);

	memset(ret, 0, sizeof(*ret));
	snprintf(ret->info.name, sizeof(ret->info.name), "%s", name);
	if (getsockopt(fd, protocol->level, protocol->get_info, &ret->info, &len) != 0)
		return -errno;
	if (ret->info.size > LARGEST_TABLE)
		return -EFBIG;
	ret->len = (socklen_t)(offsetof(struct ipt_get_entries, entrytable) + ret->info.size);
	ret->entries =
		calloc(1, ret->len < sizeof(*ret->entries) ? sizeof(*ret->entries) : ret->len);
	if (ret->entries == NULL)
		return -ENOMEM;
	memcpy(ret->entries->name, ret->info.name, sizeof(ret->entries->name));
	ret->entries->size = ret->info.size;
	if (getsockopt(fd, protocol->level, protocol->get_entries, ret->entries, &ret->len) != 0) {
		int error = -errno;

		free(ret->entries);
		return error;
	}
	return 0;
}

static int gather_table(int fd, const struct protocol *protocol, const char *name,
			struct mux_bundle *bundle)
{
	char info_name[64], entries_name[64];
	struct table table = {0};
	struct mux_slice info = {.data = (const char *)&table.info, .len = sizeof(table.info)};
	int tries, error = -EAGAIN;

	snprintf(info_name, sizeof(info_name), "xtables/%s/%.31s/info", protocol->name, name);
	snprintf(entries_name, sizeof(entries_name), "xtables/%s/%.31s/entries", protocol->name,
		 name);
	for (tries = 0; tries < MAX_TRIES && error == -EAGAIN; tries++)
		error = read_table(fd, protocol, name, &table);
	if (error == -ENOMEM)
		return error;
	if (error != 0)
		return bundle_put_error(bundle, info_name, -error);
	error = bundle_take(bundle, entries_name, (char *)table.entries, table.len, false);
	return error != 0 ? error : bundle_put(bundle, info_name, info);
}

static int gather_protocol(const struct protocol *protocol, struct mux_bundle *bundle)
{
	const struct bundle_entry *names = bundle_find(bundle, protocol->names_entry);
	struct mux_slice rest, line;
	int fd, error = 0;

	if (names == NULL || names->error != 0 || names->bytes.len == 0)
		return 0;
	/* A plain UDP socket will do: the kernel asks for CAP_NET_ADMIN, not for a raw socket. */
	fd = socket(protocol->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (rest = names->bytes; error == 0 && record_next(&rest, &line);) {
		char table[XT_TABLE_MAXNAMELEN];

		if (line.len >= sizeof(table))
			continue;
		memcpy(table, line.data, line.len);
		table[line.len] = '\0';
		if (bundle_name_is_safe(table))
			error = gather_table(fd, protocol, table, bundle);
	}
	if (fd >= 0)
		close(fd);
	return error;
}

int gather_xtables(struct mux_bundle *bundle)
{
	int error = gather_protocol(&protocols[0], bundle);

	return error != 0 ? error : gather_protocol(&protocols[1], bundle);
}
