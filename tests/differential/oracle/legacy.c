/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Behind netinet/in.h, whose names they then do not define again. */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

/* --- reading ----------------------------------------------------------------------------- */

/* Both families have the same options, the same struct of information and of entries' head. */
static int read_table(int fd, int family, const char *name, struct legacy_table *ret)
{
	const int level = family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
	struct ipt_getinfo info = {0};
	struct ipt_get_entries *entries;
	socklen_t len = sizeof(info);

	snprintf(info.name, sizeof(info.name), "%s", name);
	if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &len) != 0)
		return -errno;
	len = (socklen_t)(sizeof(*entries) + info.size);
	entries = calloc(1, len);
	if (entries == NULL)
		return -ENOMEM;
	snprintf(entries->name, sizeof(entries->name), "%s", name);
	entries->size = info.size;
	if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, entries, &len) != 0) {
		free(entries);
		return -errno;
	}
	memmove(entries, entries->entrytable, info.size);
	ret->blob = (unsigned char *)entries;
	ret->len = info.size;
	ret->valid_hooks = info.valid_hooks;
	memcpy(ret->hook_entry, info.hook_entry, sizeof(ret->hook_entry));
	memcpy(ret->underflow, info.underflow, sizeof(ret->underflow));
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	return 0;
}

int legacy_read(int family, struct legacy *ret, struct failure *failure)
{
	char name[XT_TABLE_MAXNAMELEN];
	int status = 0, fd;
	FILE *names = fopen(family == AF_INET6 ? "/proc/self/net/ip6_tables_names"
					       : "/proc/self/net/ip_tables_names",
			    "re");

	*ret = (struct legacy){.family = family};
	if (names == NULL)
		return 0;
	fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0)
		status = -errno;
	while (status == 0 && ret->n_tables < LEGACY_MAX_TABLES &&
	       fgets(name, sizeof(name), names) != NULL) {
		name[strcspn(name, "\n")] = '\0';
		status = read_table(fd, family, name, &ret->tables[ret->n_tables]);
		if (status == 0)
			ret->n_tables++;
	}
	fclose(names);
	if (fd >= 0)
		close(fd);
	return status == 0 ? 0 : fail(failure, -status, "cannot read a legacy table");
}

void legacy_done(struct legacy *legacy)
{
	for (unsigned i = 0; i < legacy->n_tables; i++)
		free(legacy->tables[i].blob);
	legacy->n_tables = 0;
}

/* --- entries ----------------------------------------------------------------------------- */

struct entry {
	unsigned target, next; /* offsets from the start of the entry */
	uint64_t packets;
};

static struct entry entry_at(int family, const struct legacy_table *table, unsigned offset)
{
	if (family == AF_INET6) {
		const struct ip6t_entry *e = (const void *)(table->blob + offset);

		return (struct entry){e->target_offset, e->next_offset, e->counters.pcnt};
	}
	const struct ipt_entry *e = (const void *)(table->blob + offset);

	return (struct entry){e->target_offset, e->next_offset, e->counters.pcnt};
}

enum fate { FATE_PASSES, FATE_DROPS, FATE_REJECTS, FATE_MAY_DROP };

static enum fate fate_of(const struct xt_entry_target *target)
{
	/* NAT drops when it finds no address or port to use. */
	static const char *const nat[] = {"MASQUERADE", "SNAT", "DNAT", "REDIRECT", "NETMAP"};
	const char *name = target->u.user.name;

	if (name[0] == '\0') {
		const struct xt_standard_target *standard = (const void *)target;

		return standard->verdict == -NF_DROP - 1 ? FATE_DROPS : FATE_PASSES;
	}
	if (strcmp(name, "REJECT") == 0)
		return FATE_REJECTS;
	if (strcmp(name, "NFQUEUE") == 0)
		return FATE_DROPS;
	for (size_t i = 0; i < sizeof(nat) / sizeof(nat[0]); i++) {
		if (strcmp(name, nat[i]) == 0)
			return FATE_MAY_DROP;
	}
	return FATE_PASSES;
}

/* --- who was it -------------------------------------------------------------------------- */

static const char *const hooks[] = {"prerouting", "input", "forward", "output", "postrouting"};
static const char *const chains[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};

static const struct legacy_table *find_table(const struct legacy *legacy, const char *name)
{
	for (unsigned i = 0; i < legacy->n_tables; i++) {
		if (strcmp(legacy->tables[i].name, name) == 0)
			return &legacy->tables[i];
	}
	return NULL;
}

/* A walk over all entries that knows in which chain it is. */
struct walk {
	char chain[64];
	int hook; /* -1 in a chain of the user */
	unsigned position;
	bool is_policy;
};

/* Returns false for an entry that is no rule: the head of a chain. */
static bool walk_to(struct walk *walk, const struct legacy_table *table, unsigned offset,
		    const struct xt_entry_target *target)
{
	if (strcmp(target->u.user.name, XT_ERROR_TARGET) == 0) {
		const struct xt_error_target *error = (const void *)target;

		*walk = (struct walk){.hook = -1};
		snprintf(walk->chain, sizeof(walk->chain), "%s", error->errorname);
		return false;
	}
	walk->is_policy = false;
	for (int hook = 0; hook < 5; hook++) {
		if (!(table->valid_hooks & 1u << hook))
			continue;
		if (table->hook_entry[hook] == offset) {
			*walk = (struct walk){.hook = hook};
			snprintf(walk->chain, sizeof(walk->chain), "%s", chains[hook]);
		}
		if (table->underflow[hook] == offset)
			walk->is_policy = true;
	}
	walk->position++;
	return true;
}

/* What a rejected packet's answer meets counts as well: where there is a rule that rejects, the one
 * that drops took the answer. */
struct suspects {
	struct legacy_culprit drop, reject;
};

static void append(char *list, size_t size, const char *item)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", len > 0 ? "|" : "", item);
}

static void suspect(struct suspects *suspects, const struct walk *walk, enum fate fate)
{
	bool is_reject = fate == FATE_REJECTS;
	struct legacy_culprit *culprit = is_reject ? &suspects->reject : &suspects->drop;
	char handle[16] = "policy";

	if (fate == FATE_PASSES)
		return;
	if (!walk->is_policy)
		snprintf(handle, sizeof(handle), "%u", walk->position);
	append(culprit->chain, sizeof(culprit->chain), walk->chain);
	append(culprit->handle, sizeof(culprit->handle), handle);
	culprit->is_reject = is_reject;
	culprit->n++;
}

int legacy_find(const struct legacy *before, const struct legacy *after, const char *table,
		const char *hook, struct legacy_culprit *ret)
{
	const struct legacy_table *old = find_table(before, table);
	const struct legacy_table *new = find_table(after, table);
	struct suspects suspects = {0};
	struct walk walk = {.hook = -1};
	struct entry entry;

	if (old == NULL || new == NULL || old->len != new->len)
		return -ENOENT;
	for (unsigned offset = 0; offset < new->len; offset += entry.next) {
		const struct xt_entry_target *target;

		entry = entry_at(after->family, new, offset);
		target = (const void *)(new->blob + offset + entry.target);
		if (entry.next == 0)
			break;
		if (!walk_to(&walk, new, offset, target) ||
		    entry.packets == entry_at(before->family, old, offset).packets)
			continue;
		if (walk.hook < 0 || strcmp(hooks[walk.hook], hook) == 0)
			suspect(&suspects, &walk, fate_of(target));
	}
	*ret = suspects.reject.n > 0 ? suspects.reject : suspects.drop;
	return ret->n > 0 ? 0 : -ENOENT;
}
