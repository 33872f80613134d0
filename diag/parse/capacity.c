/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that only a preflight gathers: the load that is planned, and the machine's files. */
#include "parse/capacity.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "base/record.h"
#include "parse/netlink.h"
#include "parse/parse.h"
#include "parse/text.h"

enum { SOCKET_ALL = 0x0003 /* ETH_P_ALL */ };

static struct mux_slice next_word(struct mux_slice *rest)
{
	struct mux_slice word = {.data = NULL};

	text_next_word(rest, &word);
	return word;
}

/* "7.25"; -1 when it is none. */
static double decimal(struct mux_slice text)
{
	struct mux_slice whole = text_before(text, '.'), part = text;
	int64_t units = parse_leading_number(whole), fraction;
	double scale = 1;
	size_t i;

	if (text.len == 0)
		return -1;
	part.data += whole.len;
	part.len -= whole.len;
	if (units < 0 || part.len < 2)
		return (double)units;
	part.data++;
	part.len--;
	for (i = 0; i < part.len && part.data[i] >= '0' && part.data[i] <= '9'; i++)
		scale *= 10;
	fraction = parse_leading_number(part);
	return fraction < 0 ? (double)units : (double)units + (double)fraction / scale;
}

static void damage(struct mux_source *source)
{
	if (source->presence != MUX_PRESENT)
		return;
	source->presence = MUX_DENIED;
	source->error = EBADMSG;
}

static int parse_load(struct mux_slice bytes, struct arena *arena, struct mux_load *ret)
{
	struct mux_slice line, tool;
	int64_t number;

	memset(ret, 0, sizeof(*ret));
	if (!record_next(&bytes, &line))
		return 0;
	if (record_number(line, "concurrency", &number) == 0 && number > 0 && number <= UINT32_MAX)
		ret->concurrency = (uint32_t)number;
	if (record_number(line, "requests", &number) == 0 && number > 0)
		ret->requests = (uint64_t)number;
	ret->keepalive = record_number(line, "keepalive", &number) == 0 && number != 0;
	if (record_text(line, "tool", arena, &tool) == 0 && tool.len < sizeof(ret->tool) &&
	    tool.len != 0)
		memcpy(ret->tool, tool.data, tool.len);
	return arena_failed(arena) ? -ENOMEM : 0;
}

/* --- the machine's files ------------------------------------------------------------------- */

static void parse_file_nr(const struct mux_bundle *bundle, struct mux_capacity *ret)
{
	struct mux_slice bytes =
		bundle_source(bundle, "file/proc/sys/fs/file-nr", &ret->file_nr_source);

	ret->files_used = parse_leading_number(next_word(&bytes));
	next_word(&bytes);
	ret->files_max = parse_leading_number(next_word(&bytes));
	if (ret->files_used < 0 || ret->files_max <= 0)
		damage(&ret->file_nr_source);
}

/* "TCP: inuse 1 orphan 0 tw 0 alloc 3 mem 77" */
static void parse_sockstat(const struct mux_bundle *bundle, struct mux_capacity *ret)
{
	struct mux_slice bytes =
		bundle_source(bundle, "file/proc/self/net/sockstat", &ret->sockstat_source);
	struct mux_slice line = parse_line_after(bytes, "TCP:");

	ret->time_wait = ret->tcp_pages = -1;
	while (line.len != 0) {
		struct mux_slice name = next_word(&line);
		int64_t number = parse_leading_number(next_word(&line));

		if (slice_is(name, "tw"))
			ret->time_wait = number;
		else if (slice_is(name, "mem"))
			ret->tcp_pages = number;
	}
	if (ret->time_wait < 0)
		damage(&ret->sockstat_source);
}

/* proc_stat(5): user nice system idle iowait irq softirq steal */
void parse_cpu_time(const struct mux_bundle *bundle, const char *entry, struct mux_cpu_time *ret)
{
	struct mux_slice bytes = bundle_source(bundle, entry, &ret->source);
	struct mux_slice line = parse_line_after(bytes, "cpu ");
	int64_t ticks;
	int column;

	for (column = 0; column < 8; column++) {
		ticks = parse_leading_number(next_word(&line));
		if (ticks < 0) {
			damage(&ret->source);
			return;
		}
		ret->total += ticks;
		if (column == 3 || column == 4)
			ret->idle += ticks;
		if (column == 7)
			ret->steal = ticks;
	}
}

/* "some avg10=53.93 avg60=…" */
static void parse_pressure(const struct mux_bundle *bundle, const char *name,
			   struct mux_pressure *ret)
{
	struct mux_slice bytes = bundle_source(bundle, name, &ret->source);
	struct mux_slice some = parse_line_after(bytes, "some avg10=");

	ret->some10 = decimal(text_before(some, ' '));
	if (ret->some10 < 0)
		damage(&ret->source);
}

static int64_t kilobytes(struct mux_slice bytes, const char *name)
{
	int64_t number = parse_leading_number(parse_line_after(bytes, name));

	return number < 0 || number > INT64_MAX / 1024 ? -1 : number * 1024;
}

static void parse_memory(const struct mux_bundle *bundle, struct mux_capacity *ret)
{
	struct mux_slice bytes = bundle_source(bundle, "file/proc/meminfo", &ret->memory_source);

	ret->memory_total = kilobytes(bytes, "MemTotal:");
	ret->memory_available = kilobytes(bytes, "MemAvailable:");
	ret->swap_total = kilobytes(bytes, "SwapTotal:");
	ret->swap_free = kilobytes(bytes, "SwapFree:");
	if (ret->memory_total <= 0 || ret->memory_available < 0)
		damage(&ret->memory_source);
}

static void parse_line(const struct mux_bundle *bundle, const char *name, struct mux_line_file *ret)
{
	parse_line_file(bundle_source(bundle, name, &ret->source), ret);
}

/*
 * packet(7) sockets: "sk RefCnt Type Proto Iface R Rmem User Inode". Those of every protocol on lo
 * (interface 1) or on all see each packet twice.
 */
static void parse_packet_sockets(const struct mux_bundle *bundle, struct mux_capacity *ret)
{
	struct mux_slice bytes =
		bundle_source(bundle, "file/proc/self/net/packet", &ret->packet_source);

	text_next_item(&bytes, '\n');
	while (bytes.len != 0) {
		struct mux_slice line = text_next_item(&bytes, '\n'), proto, link;
		uint64_t protocol;

		next_word(&line);
		next_word(&line);
		next_word(&line);
		proto = next_word(&line);
		link = next_word(&line);
		if (slice_parse_u64(proto, 16, &protocol) == 0 && protocol == SOCKET_ALL &&
		    (slice_is(link, "0") || slice_is(link, "1")))
			ret->n_packet_sockets++;
	}
}

/* The link with the flag of a loopback; IFLA_QDISC comes with every link. */
static void parse_loopback(const struct mux_bundle *bundle, struct mux_capacity *ret)
{
	struct mux_slice bytes = bundle_source(bundle, "netlink/route/links", &ret->link_source);
	struct netlink_messages messages;
	const struct nlmsghdr *message;

	netlink_begin(&messages, bytes);
	while ((message = netlink_next(&messages, RTM_NEWLINK, sizeof(struct ifinfomsg)))) {
		const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *table[IFLA_MAX + 1];

		if ((header->ifi_flags & IFF_LOOPBACK) == 0)
			continue;
		netlink_attributes(message, sizeof(*header), table, IFLA_MAX + 1);
		ret->lo_mtu = netlink_u32(table[IFLA_MTU], 0);
		ret->lo_qdisc = netlink_string(table[IFLA_QDISC]);
	}
	netlink_finish(&messages, &ret->link_source);
}

/* "6.45 6.28 4.36 5/131 13436": averages, how many threads run, and how many there are. */
static void parse_load_average(const struct mux_bundle *bundle, struct mux_capacity *ret)
{
	struct mux_slice bytes = bundle_source(bundle, "file/proc/loadavg", &ret->load_source);
	struct mux_slice threads;
	size_t running;

	ret->load1 = decimal(next_word(&bytes));
	next_word(&bytes);
	next_word(&bytes);
	threads = next_word(&bytes);
	running = text_before(threads, '/').len;
	if (running < threads.len) {
		threads.data += running + 1;
		threads.len -= running + 1;
		ret->threads = parse_leading_number(threads);
	} else {
		ret->threads = -1;
	}
	if (ret->load1 < 0)
		damage(&ret->load_source);
}

static void parse_machine_files(const struct mux_bundle *bundle, struct mux_capacity *ret)
{
	struct mux_slice bytes;

	parse_file_nr(bundle, ret);
	parse_sockstat(bundle, ret);
	parse_cpu_time(bundle, "file/proc/stat", &ret->cpu_time);
	parse_pressure(bundle, "file/proc/pressure/cpu", &ret->cpu_pressure);
	parse_pressure(bundle, "file/proc/pressure/memory", &ret->memory_pressure);
	parse_memory(bundle, ret);
	parse_packet_sockets(bundle, ret);
	parse_loopback(bundle, ret);
	parse_load_average(bundle, ret);
	bytes = bundle_source(bundle, "file/sys/devices/system/cpu/online", &ret->online_source);
	ret->n_online = parse_cpu_list(bytes, &ret->online);
	parse_line(bundle, "file/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
		   &ret->governor);
	parse_line(bundle, "file/sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference",
		   &ret->preference);
	parse_line(bundle, "file/sys/devices/system/cpu/cpufreq/boost", &ret->boost);
	parse_line(bundle, "file/sys/devices/system/cpu/intel_pstate/no_turbo", &ret->no_turbo);
	parse_line(bundle, "file/sys/devices/system/clocksource/clocksource0/current_clocksource",
		   &ret->clocksource);
	parse_line(bundle, "file/sys/kernel/mm/transparent_hugepage/enabled", &ret->huge_pages);
	parse_line(bundle, "file/sys/kernel/tracing/current_tracer", &ret->tracer);
	bundle_source(bundle, "file/proc/lockdep_stats", &ret->lockdep_source);
}

/* --- processes ----------------------------------------------------------------------------- */

static bool is_known(const struct arena_list *processes, int pid)
{
	const struct mux_process *list = processes->items;
	size_t i;

	for (i = 0; i < processes->n; i++)
		if (list[i].pid == pid)
			return true;
	return false;
}

static int parse_servers(const struct mux_bundle *bundle, const struct mux_listeners *listeners,
			 struct arena *arena, struct mux_capacity *ret)
{
	struct arena_list servers = {.size = sizeof(struct mux_process)};
	size_t i;

	for (i = 0; i < listeners->n_sockets; i++) {
		const struct mux_listener *listener = &listeners->sockets[i];
		struct mux_process *server;
		const char *name;

		if (listener->pid == 0 || is_known(&servers, listener->pid))
			continue;
		server = arena_list_add(arena, &servers);
		name = arena_printf(arena, "%d", listener->pid);
		if (server == NULL || name == NULL)
			return -ENOMEM;
		server->pid = listener->pid;
		server->command = listener->command;
		parse_process(bundle, name, arena, server);
		if (servers.n != 1)
			continue;
		name = arena_printf(arena, "process/%d/quota", listener->pid);
		if (name == NULL)
			return -ENOMEM;
		parse_quota(bundle, name, arena, &ret->server_quota);
		name = arena_printf(arena, "process/%d/build", listener->pid);
		if (name == NULL)
			return -ENOMEM;
		parse_build(bundle_source(bundle, name, &ret->server_build.source), arena,
			    &ret->server_build);
	}
	ret->servers = servers.items;
	ret->n_servers = servers.n;
	return 0;
}

int parse_capacity(const struct mux_bundle *bundle, const struct mux_listeners *listeners,
		   struct arena *arena, struct mux_capacity *ret)
{
	struct mux_source source;
	int error;

	memset(ret, 0, sizeof(*ret));
	error = parse_load(bundle_source(bundle, "preflight/load", &source), arena, &ret->load);
	if (error != 0)
		return error;
	parse_machine_files(bundle, ret);
	parse_process(bundle, "self", arena, &ret->self);
	parse_quota(bundle, "process/self/quota", arena, &ret->self_quota);
	parse_hardware(bundle_source(bundle, "preflight/hardware", &ret->hardware.source), arena,
		       &ret->hardware);
	error = parse_servers(bundle, listeners, arena, ret);
	if (error == 0)
		error = parse_destinations(
			bundle_source(bundle, "destinations", &ret->destinations.source), arena,
			&ret->destinations);
	if (error == 0)
		error = parse_reach(bundle_source(bundle, "preflight/reach", &ret->reach.source),
				    arena, &ret->reach);
	return error != 0 || arena_failed(arena) ? -ENOMEM : 0;
}
