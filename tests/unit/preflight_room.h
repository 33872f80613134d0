/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine made by hand that is fit for its load in every respect; tests spoil it. */
#ifndef TESTS_UNIT_PREFLIGHT_ROOM_H
#define TESTS_UNIT_PREFLIGHT_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/slice.h"
#include "causes_fixture.h"
#include "preflight/preflight.h"

enum { ROOM_SYSCTLS = 16, ROOM_REQUESTS = 4, ROOM_COUNTERS = 4 };

struct room {
	struct fixture fixture;
	struct mux_listener listeners[2];
	struct mux_sysctl sysctls[ROOM_SYSCTLS];
	struct mux_capacity capacity;
	struct mux_process server;
	struct mux_request requests[ROOM_REQUESTS];
	struct mux_destination destination;
	struct mux_run run;
	struct mux_counter counters[ROOM_COUNTERS];
	struct preflight preflight;
	const struct mux_fitness_finding *findings;
	size_t n_findings;
};

static inline struct mux_source room_present(void)
{
	return (struct mux_source){.name = "a source", .presence = MUX_PRESENT};
}

/* Sets a sysctl, once more or anew. */
static inline void room_sysctl(struct room *room, const char *path, const char *text)
{
	struct mux_snapshot *snapshot = &room->fixture.snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_sysctls && strcmp(room->sysctls[i].path, path) != 0; i++)
		;
	assert_true(i < ROOM_SYSCTLS);
	if (i == snapshot->n_sysctls)
		snapshot->n_sysctls++;
	room->sysctls[i] = (struct mux_sysctl){room_present(), path, slice_of(text)};
}

static inline void room_sysctls(struct room *room)
{
	room->fixture.snapshot.sysctls = room->sysctls;
	room->fixture.snapshot.n_sysctls = 0;
	room_sysctl(room, "net/core/somaxconn", "4096");
	room_sysctl(room, "net/ipv4/tcp_max_syn_backlog", "1024");
	room_sysctl(room, "net/ipv4/tcp_syncookies", "1");
	room_sysctl(room, "net/ipv4/ip_local_port_range", "32768\t60999");
	room_sysctl(room, "net/ipv4/ip_local_reserved_ports", "");
	room_sysctl(room, "net/ipv4/tcp_tw_reuse", "2");
	room_sysctl(room, "net/ipv4/tcp_timestamps", "1");
	room_sysctl(room, "net/ipv4/tcp_max_tw_buckets", "131072");
	room_sysctl(room, "net/ipv4/tcp_mem", "190000\t250000 380000");
	room_sysctl(room, "net/ipv4/tcp_congestion_control", "cubic");
	room_sysctl(room, "net/netfilter/nf_conntrack_count", "10");
	room_sysctl(room, "net/netfilter/nf_conntrack_max", "262144");
	room_sysctl(room, "net/netfilter/nf_conntrack_tcp_timeout_time_wait", "120");
}

static inline void room_process(struct mux_process *process, int pid)
{
	process->pid = pid;
	process->command = slice_of("muxd");
	process->limits = (struct mux_limits){room_present(), 65536, 65536};
	process->status = (struct mux_process_status){
		.source = room_present(), .threads = 3, .cpus.bits[0] = 0xf, .n_cpus = 4};
	process->files_source = room_present();
	process->open_files = 10;
}

static inline void room_reach(struct room *room)
{
	struct mux_reach *reach = &room->capacity.reach;
	size_t i;

	for (i = 0; i < ROOM_REQUESTS; i++)
		room->requests[i] = (struct mux_request){
			.kind = slice_of(i < 2 ? "new" : "kept"),
			.number = (int)(i % 2) + 1,
			.status = 200,
			.body = 1301,
			.elapsed_us = 100,
			.server_closed = i < 2,
			.keeps = i >= 2,
			.server = slice_of("muxd"),
		};
	reach->source = room_present();
	reach->requests = room->requests;
	reach->n_requests = ROOM_REQUESTS;
	reach->n_baseline = 100;
	reach->least_us = 80;
	reach->median_us = 100;
	reach->p99_us = 150;
	reach->conntrack_before = reach->conntrack_with = 10;
}

static inline void room_machine(struct mux_capacity *capacity)
{
	capacity->file_nr_source = capacity->sockstat_source = capacity->load_source =
		capacity->memory_source = capacity->online_source = capacity->packet_source =
			capacity->link_source = capacity->destinations.source = room_present();
	capacity->files_used = 1000;
	capacity->files_max = 1000000;
	capacity->tcp_pages = 10;
	capacity->load1 = 0.01;
	capacity->cpu_time = (struct mux_cpu_time){room_present(), 1000000, 900000, 10};
	capacity->cpu_pressure = capacity->memory_pressure =
		(struct mux_pressure){room_present(), 0.1};
	capacity->memory_total = (int64_t)8 << 30;
	capacity->memory_available = (int64_t)6 << 30;
	capacity->online.bits[0] = 0xf;
	capacity->n_online = 4;
	capacity->governor = (struct mux_line_file){room_present(), slice_of("performance")};
	capacity->clocksource = (struct mux_line_file){room_present(), slice_of("tsc")};
	capacity->huge_pages =
		(struct mux_line_file){room_present(), slice_of("always [madvise] never")};
	capacity->lo_mtu = 65536;
	capacity->lo_qdisc = slice_of("noqueue");
	capacity->self_quota.memory_max = capacity->server_quota.memory_max = MUX_UNLIMITED;
	capacity->self_quota.pids_max = capacity->server_quota.pids_max = MUX_UNLIMITED;
	capacity->threads = 200;
}

static inline void room_init(struct room *room)
{
	struct mux_capacity *capacity = &room->capacity;
	struct mux_snapshot *snapshot = &room->fixture.snapshot;

	memset(room, 0, sizeof(*room));
	fixture_init(&room->fixture, "localhost", 8080);
	room->fixture.evaluation.firewall_readable = true;
	room_sysctls(room);
	room->fixture.listener4.backlog = room->fixture.listener6.backlog = 4096;
	room->listeners[0] = room->fixture.listener4;
	room->listeners[1] = room->fixture.listener6;
	snapshot->listeners.sockets = room->listeners;
	snapshot->listeners.n_sockets = 2;
	capacity->load = (struct mux_load){.concurrency = 1000, .requests = 500000, .tool = "ab"};
	room_process(&capacity->self, 1);
	room_process(&room->server, 42);
	capacity->servers = &room->server;
	capacity->n_servers = 1;
	room_machine(capacity);
	room->destination.address = room->fixture.candidates[0].address;
	capacity->destinations.list = &room->destination;
	capacity->destinations.n = 1;
	room_reach(room);
	room->run.conntrack_drops = room->run.backlog_drops = -1;
	room->run.counters = room->counters;
}

/* Judges it as it is now, with the tool of its load. */
static inline void room_judge(struct room *room, bool after)
{
	struct preflight *preflight = &room->preflight;

	*preflight = (struct preflight){
		.snapshot = &room->fixture.snapshot,
		.evaluation = &room->fixture.evaluation,
		.capacity = &room->capacity,
		.run = after ? &room->run : NULL,
		.tool = preflight_tool_find(room->capacity.load.tool),
		.candidate = room->fixture.candidates[0].works == MUX_YES
				     ? &room->fixture.candidates[0]
				     : &room->fixture.candidates[1],
		.listener = room->fixture.snapshot.listeners.n_sockets != 0 ? &room->listeners[1]
									    : NULL,
		.arena = room->fixture.arena,
	};
	assert_int_equal(preflight_run(preflight, &room->findings, &room->n_findings), 0);
}

static inline const struct mux_fitness_finding *room_find(struct room *room, const char *id)
{
	size_t i;

	for (i = 0; i < room->n_findings; i++)
		if (strcmp(room->findings[i].id, id) == 0)
			return &room->findings[i];
	return NULL;
}

static inline void room_done(struct room *room)
{
	fixture_done(&room->fixture);
}

#endif
