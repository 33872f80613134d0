/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/run.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <stdio.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "base/record.h"
#include "gather/capacity.h"
#include "gather/clock.h"
#include "gather/mechanism.h"

enum { LARGEST = 1 << 20 };

int gather_run_counters(const struct run_watch *watch, const char *when)
{
	static const struct {
		const char *path, *name;
	} files[] = {
		{"proc/self/net/netstat", "netstat"},
		{"proc/self/net/snmp", "snmp"},
		{"proc/self/net/stat/nf_conntrack", "nf_conntrack"},
		{"proc/self/net/softnet_stat", "softnet"},
		{"proc/stat", "stat"},
	};
	char path[64], entry[64];
	int error = 0;
	size_t i;

	for (i = 0; error == 0 && i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(entry, sizeof(entry), "run/%s/%s", when, files[i].name);
		error = gather_system_file(files[i].path, entry, LARGEST, watch->bundle);
	}
	snprintf(entry, sizeof(entry), "run/%s/self/quota", when);
	if (error == 0)
		error = gather_quota(0, entry, watch->bundle);
	if (error != 0 || watch->server == 0)
		return error;
	snprintf(entry, sizeof(entry), "run/%s/server/quota", when);
	error = gather_quota(watch->server, entry, watch->bundle);
	snprintf(path, sizeof(path), "proc/%d/stat", watch->server);
	snprintf(entry, sizeof(entry), "run/%s/server-stat", when);
	return error != 0 ? error : gather_system_file(path, entry, LARGEST, watch->bundle);
}

static void look_at(const struct mux_bundle *sockets, const char *name, struct run_watch *watch)
{
	const struct bundle_entry *entry = bundle_find(sockets, name);
	const struct nlmsghdr *message;
	int left;

	if (entry == NULL || entry->error != 0)
		return;
	message = (const struct nlmsghdr *)(const void *)entry->bytes.data;
	left = (int)entry->bytes.len;
	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(message);

		if (mnl_nlmsg_get_payload_len(message) < sizeof(*socket) ||
		    socket->idiag_rqueue <= watch->peak_queue)
			continue;
		watch->peak_queue = socket->idiag_rqueue;
		watch->peak_backlog = socket->idiag_wqueue;
		watch->peak_us = clock_now_us() - watch->started_us;
	}
}

int gather_run_sample(struct run_watch *watch)
{
	struct mux_bundle *sockets = bundle_new();
	int error = -ENOMEM;

	if (sockets == NULL)
		return -ENOMEM;
	error = gather_listening(watch->port, sockets);
	look_at(sockets, "netlink/diag/tcp4", watch);
	look_at(sockets, "netlink/diag/tcp6", watch);
	watch->samples++;
	mux_bundle_free(sockets);
	return error;
}

int gather_run_summary(const struct run_watch *watch, const struct mux_run_command *command)
{
	struct arena *arena = arena_new();
	struct str record;
	int error = -ENOMEM;

	if (arena == NULL)
		return -ENOMEM;
	str_init(&record, arena);
	record_add_number(&record, "us", clock_now_us() - watch->started_us);
	record_add_number(&record, "samples", watch->samples);
	record_add_number(&record, "queue", watch->peak_queue);
	record_add_number(&record, "backlog", watch->peak_backlog);
	record_add_number(&record, "queue_us", watch->peak_us);
	record_add_number(&record, "ticks", sysconf(_SC_CLK_TCK));
	if (command != NULL) {
		record_add(&record, "command", slice_of(command->name));
		record_add_number(&record, "status", command->status);
		record_add_number(&record, "cpu_us", command->cpu_us);
	}
	record_end(&record);
	if (!arena_failed(arena))
		error = bundle_put(watch->bundle, "run/summary", slice_of(str_done(&record)));
	if (error == 0 && command != NULL && command->output != NULL)
		error = bundle_put(watch->bundle, "run/output",
				   (struct mux_slice){command->output, command->output_len});
	arena_free(arena);
	return error;
}
