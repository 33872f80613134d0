/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the packet path itself remembers: who reads the queues that rules hand packets to, and how
 * full conntrack's table is. It only explains failures, and is only looked at then.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/record.h"
#include "gather/mechanism.h"

enum { MAX_QUEUES = 256 };

static void add_command(struct str *records, unsigned pid)
{
	char path[64], name[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	file = fopen(path, "re");
	if (file != NULL && fgets(name, sizeof(name), file) != NULL)
		record_add(records, "command", slice_trim(slice_of(name)));
	if (file != NULL)
		fclose(file);
}

/* seq_show() of nfnetlink_queue.c. A program's first netlink socket has its process id for a port
 * (netlink_autobind()). */
static void add_queues(struct str *records, FILE *file)
{
	unsigned number, port, waiting, mode, range, dropped, user_dropped, n = 0;
	char line[256];

	while (n++ < MAX_QUEUES && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%u %u %u %u %u %u %u", &number, &port, &waiting, &mode, &range,
			   &dropped, &user_dropped) != 7)
			continue;
		record_add_number(records, "number", number);
		record_add_number(records, "port", port);
		record_add_number(records, "waiting", waiting);
		record_add_number(records, "dropped", (int64_t)dropped + user_dropped);
		add_command(records, port);
		record_end(records);
	}
}

static int gather_queues(struct arena *arena, struct mux_bundle *bundle)
{
	FILE *file = fopen("/proc/net/netfilter/nfnetlink_queue", "re");
	struct str records;

	if (file == NULL)
		return bundle_put_error(bundle, "queues", errno);
	str_init(&records, arena);
	add_queues(&records, file);
	fclose(file);
	return arena_failed(arena) ? -ENOMEM
				   : bundle_put(bundle, "queues", slice_of(str_done(&records)));
}

/* Returns whether the file is one number. */
static bool read_number(const char *path, long long *ret)
{
	FILE *file = fopen(path, "re");
	bool is_number = file != NULL && fscanf(file, "%lld", ret) == 1;

	if (file != NULL)
		fclose(file);
	return is_number;
}

static int gather_conntrack(struct arena *arena, struct mux_bundle *bundle)
{
	long long count, most;
	struct str record;

	if (!read_number("/proc/sys/net/netfilter/nf_conntrack_count", &count) ||
	    !read_number("/proc/sys/net/netfilter/nf_conntrack_max", &most))
		return bundle_put_error(bundle, "conntrack", ENOENT);
	str_init(&record, arena);
	record_add_number(&record, "count", count);
	record_add_number(&record, "max", most);
	record_end(&record);
	return arena_failed(arena) ? -ENOMEM
				   : bundle_put(bundle, "conntrack", slice_of(str_done(&record)));
}

int gather_packet_path(struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	int error = arena == NULL ? -ENOMEM : gather_queues(arena, bundle);

	if (error == 0)
		error = gather_conntrack(arena, bundle);
	arena_free(arena);
	return error;
}
