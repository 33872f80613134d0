/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory, and the loopback device, which is memory that pretends to be a network. */
#include <string.h>

#include "base/slice.h"
#include "preflight/preflight.h"

enum {
	LOOPBACK_MTU = 65536,
	MEGABYTE = 1 << 20,
	/* Of kernel and server together, for sockets with little in their buffers: measured, 8 KiB
	 * (muxd) to 80 KiB (a thread each). */
	CONNECTION_BYTES = 64 << 10,
};

static void run_free_memory(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	const struct mux_pressure *pressure = &capacity->memory_pressure;
	bool pressed = pressure->source.presence == MUX_PRESENT && pressure->some10 >= 1, low;
	struct fit *fit;

	if (capacity->memory_source.presence != MUX_PRESENT) {
		fit_add_unknown(preflight, check, &capacity->memory_source,
				"how much memory is free");
		return;
	}
	low = capacity->memory_available < capacity->memory_total / 10;
	fit = fit_add(preflight, check, low || pressed ? MUX_FIT_WARNING : MUX_FIT_OK,
		      "%lld of %lld MB of memory are free",
		      (long long)capacity->memory_available / MEGABYTE,
		      (long long)capacity->memory_total / MEGABYTE);
	fit_see(preflight, fit, "/proc/meminfo", "MemAvailable %lld MB, MemTotal %lld MB",
		(long long)capacity->memory_available / MEGABYTE,
		(long long)capacity->memory_total / MEGABYTE);
	if (pressure->source.presence == MUX_PRESENT)
		fit_see(preflight, fit, "/proc/pressure/memory",
			"somebody waited for memory in %.1f %% of the last 10 s", pressure->some10);
	if (capacity->swap_total > 0)
		fit_see(preflight, fit, "/proc/meminfo", "%lld of %lld MB of swap are in use",
			(long long)(capacity->swap_total - capacity->swap_free) / MEGABYTE,
			(long long)capacity->swap_total / MEGABYTE);
	fit_want(preflight, fit, "a tenth, and nobody who waits for it");
	if (low || pressed)
		fit_expect(preflight, fit, "pauses while the kernel makes room");
}

const struct preflight_check preflight_free_memory = {
	.id = "free-memory", .subject = "memory", .run = run_free_memory};

static void run_memory_quota(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	const struct mux_quota *quota = &capacity->server_quota;
	int64_t wanted = (int64_t)capacity->load.concurrency * CONNECTION_BYTES, left;
	struct fit *fit;

	if (quota->source.presence != MUX_PRESENT || quota->memory_max == MUX_UNLIMITED ||
	    quota->memory_now < 0)
		return;
	left = quota->memory_max - quota->memory_now;
	fit = fit_add(preflight, check, left < wanted ? MUX_FIT_WARNING : MUX_FIT_OK,
		      "the server's control group has %lld MB of memory left",
		      (long long)left / MEGABYTE);
	fit_see(preflight, fit, "control group", "%s: %lld of %lld MB",
		preflight_escape(preflight, quota->memory_path),
		(long long)quota->memory_now / MEGABYTE, (long long)quota->memory_max / MEGABYTE);
	fit_want(preflight, fit, "%lld MB: 64 KiB for each connection",
		 (long long)wanted / MEGABYTE + 1);
	if (left < wanted)
		fit_expect(preflight, fit, "the kernel stops or ends the server");
}

const struct preflight_check preflight_memory_quota = {
	.id = "memory-quota", .subject = "memory", .run = run_memory_quota};

/* tcp(7): "low pressure high", in pages. */
static int64_t tcp_pressure(const struct preflight *preflight)
{
	const struct mux_snapshot *snapshot = preflight->snapshot;
	struct mux_slice text = {.data = NULL};
	uint64_t number;
	size_t i, word;

	for (i = 0; i < snapshot->n_sysctls; i++)
		if (strcmp(snapshot->sysctls[i].path, "net/ipv4/tcp_mem") == 0 &&
		    snapshot->sysctls[i].source.presence == MUX_PRESENT)
			text = snapshot->sysctls[i].text;
	for (word = 0; text.len != 0; word++) {
		struct mux_slice first = text;

		first.len = 0;
		while (first.len < text.len && first.data[first.len] != '\t' &&
		       first.data[first.len] != ' ')
			first.len++;
		if (word == 1)
			return slice_parse_u64(first, 10, &number) == 0 && number <= INT64_MAX
				       ? (int64_t)number
				       : -1;
		text.data += first.len;
		text.len -= first.len;
		text = slice_trim(text);
	}
	return -1;
}

static void run_tcp_memory(struct preflight *preflight, const struct preflight_check *check)
{
	int64_t limit = tcp_pressure(preflight), used = preflight->capacity->tcp_pages;
	bool full = used >= limit;
	struct fit *fit;

	if (preflight->capacity->sockstat_source.presence != MUX_PRESENT || limit < 0 || used < 0)
		return;
	fit = fit_add(preflight, check, full ? MUX_FIT_WARNING : MUX_FIT_OK,
		      "TCP's buffers use %lld of %lld pages", (long long)used, (long long)limit);
	fit_see(preflight, fit, "/proc/net/sockstat", "TCP mem %lld; tcp_mem says pressure at %lld",
		(long long)used, (long long)limit);
	fit_want(preflight, fit,
		 "less than the second number of tcp_mem: beyond it windows shrink");
	if (full)
		fit_expect(preflight, fit, "slow answers, then connections that are reset");
}

const struct preflight_check preflight_tcp_memory = {
	.id = "tcp-memory", .subject = "memory", .run = run_tcp_memory};

static void run_loopback_device(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	bool mtu = capacity->lo_mtu == LOOPBACK_MTU;
	bool queueing = capacity->lo_qdisc.len != 0 && !slice_is(capacity->lo_qdisc, "noqueue");
	struct fit *fit;

	if (capacity->link_source.presence != MUX_PRESENT || capacity->lo_mtu == 0)
		return;
	fit = fit_add(preflight, check, mtu && !queueing ? MUX_FIT_OK : MUX_FIT_WARNING,
		      "lo has an MTU of %u and the queueing discipline %s",
		      (unsigned)capacity->lo_mtu, preflight_escape(preflight, capacity->lo_qdisc));
	fit_see(preflight, fit, "link lo", "mtu %u, qdisc %s", (unsigned)capacity->lo_mtu,
		preflight_escape(preflight, capacity->lo_qdisc));
	fit_want(preflight, fit, "65536 and noqueue, as the kernel makes it");
	if (mtu && !queueing)
		return;
	fit_expect(preflight, fit, "%s",
		   queueing ? "packets wait, or are lost, as that discipline says: a remainder of "
			      "somebody's tests"
			    : "more packets for each page than on other machines");
	if (queueing)
		fit_mend(preflight, fit, "Remove it", "tc qdisc del dev lo root", NULL);
	if (!mtu)
		fit_mend(preflight, fit, "Set the MTU back", "ip link set dev lo mtu 65536", NULL);
}

const struct preflight_check preflight_loopback_device = {
	.id = "loopback-device", .subject = "memory", .run = run_loopback_device};

static void run_congestion_control(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_snapshot *snapshot = preflight->snapshot;
	const char *path = "net/ipv4/tcp_congestion_control";
	struct fit *fit;
	bool paced;
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++) {
		if (strcmp(snapshot->sysctls[i].path, path) != 0 ||
		    snapshot->sysctls[i].source.presence != MUX_PRESENT)
			continue;
		paced = slice_is(snapshot->sysctls[i].text, "bbr");
		fit = fit_add(preflight, check, paced ? MUX_FIT_INFO : MUX_FIT_OK,
			      "connections start with the congestion control %s",
			      preflight_escape(preflight, snapshot->sysctls[i].text));
		fit_see(preflight, fit, path, "%s",
			preflight_escape(preflight, snapshot->sysctls[i].text));
		fit_want(preflight, fit, "cubic or reno: bbr paces its packets, on loopback too");
		if (paced)
			fit_expect(preflight, fit, "answers of many packets arrive late");
	}
}

const struct preflight_check preflight_congestion_control = {
	.id = "congestion-control", .subject = "memory", .run = run_congestion_control};

static void run_huge_pages(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_line_file *pages = &preflight->capacity->huge_pages;
	bool always;
	struct fit *fit;

	if (pages->source.presence != MUX_PRESENT)
		return;
	always = pages->text.len != 0 &&
		 memmem(pages->text.data, pages->text.len, "[always]", 8) != NULL;
	fit = fit_add(preflight, check, always ? MUX_FIT_INFO : MUX_FIT_OK,
		      "transparent huge pages: %s", preflight_escape(preflight, pages->text));
	fit_see(preflight, fit, "transparent_hugepage/enabled", "%s",
		preflight_escape(preflight, pages->text));
	if (always)
		fit_expect(preflight, fit, "now and then a pause while the kernel moves pages");
}

const struct preflight_check preflight_huge_pages = {
	.id = "huge-pages", .subject = "memory", .run = run_huge_pages};
