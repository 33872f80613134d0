/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel counted of connections while a load ran. Its counters are those of the network
 * namespace: others' connections are in them, too. */
#include "preflight/preflight.h"

static const char counters[] = "/proc/net/netstat";

/* Were the counters read? Else the finding says why not. */
static bool is_counted(struct preflight *preflight, const struct preflight_check *check,
		       const char *what)
{
	const struct mux_source *source = &preflight->run->counters_source;

	if (source->presence == MUX_PRESENT)
		return true;
	fit_add_unknown(preflight, check, source, what);
	return false;
}

static void run_accept_queue(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_run *run = preflight->run;
	long long overflows = preflight_went_up(preflight, "ListenOverflows");
	long long drops = preflight_went_up(preflight, "ListenDrops");
	bool lost = overflows > 0 || drops > 0;
	struct fit *fit;

	if (!is_counted(preflight, check, "whether the accept queue overflowed"))
		return;
	fit = fit_add(preflight, check, lost ? MUX_FIT_FAIL : MUX_FIT_OK,
		      lost ? "the accept queue overflowed %lld times"
			   : "the accept queue never overflowed (%lld)",
		      overflows);
	fit_see(preflight, fit, counters, "ListenOverflows +%lld, ListenDrops +%lld", overflows,
		drops);
	fit_see(preflight, fit, "listening sockets",
		"at most %lld waited of a backlog of %lld, %.1f s from the start (%lld looks)",
		(long long)run->peak_queue, (long long)run->peak_backlog,
		(double)run->peak_us / 1000000, (long long)run->samples);
	if (!lost)
		return;
	fit_expect(preflight, fit,
		   "these connects took 1 s or more; a client whose last ACK was dropped believes "
		   "that it is connected, and its request is answered by \"Connection reset by "
		   "peer\"");
	fit_want(preflight, fit, "0: the server accepts too slowly, or its backlog is too small");
	fit_mend(preflight, fit,
		 "Start the server with a larger backlog, and raise the kernel's limit",
		 "sysctl -w net.core.somaxconn=4096", NULL);
}

const struct preflight_check preflight_run_accept_queue = {
	.id = "run-accept-queue", .subject = "queues", .run = run_accept_queue};

static void run_syn_queue(struct preflight *preflight, const struct preflight_check *check)
{
	long long drops = preflight_went_up(preflight, "TCPReqQFullDrop");
	long long cookies = preflight_went_up(preflight, "TCPReqQFullDoCookies");
	long long sent = preflight_went_up(preflight, "SyncookiesSent");
	long long failed = preflight_went_up(preflight, "SyncookiesFailed");
	bool full = drops + cookies + sent + failed > 0;
	struct fit *fit;

	if (!is_counted(preflight, check, "whether there was room for half-open connections"))
		return;
	fit = fit_add(preflight, check, full ? MUX_FIT_WARNING : MUX_FIT_OK,
		      full ? "there were too many half-open connections"
			   : "there was room for half-open connections");
	fit_see(preflight, fit, counters,
		"TCPReqQFullDrop +%lld, TCPReqQFullDoCookies +%lld, SyncookiesSent +%lld, "
		"SyncookiesFailed +%lld",
		drops, cookies, sent, failed);
	if (full)
		fit_expect(
			preflight, fit,
			"SYN cookies went out: the server knows nothing of such a connection until "
			"its ACK comes, and resets it when the accept queue is full by then");
}

const struct preflight_check preflight_run_syn_queue = {
	.id = "run-syn-queue", .subject = "queues", .run = run_syn_queue};

static void run_resets(struct preflight *preflight, const struct preflight_check *check)
{
	long long sent = preflight_went_up(preflight, "OutRsts");
	long long ended = preflight_went_up(preflight, "EstabResets");
	long long unread = preflight_went_up(preflight, "TCPAbortOnClose");
	struct fit *fit;

	if (!is_counted(preflight, check, "whether connections were reset"))
		return;
	fit = fit_add(preflight, check, ended > 0 || sent > 0 ? MUX_FIT_WARNING : MUX_FIT_OK,
		      ended > 0 || sent > 0 ? "%lld connections were reset"
					    : "no connection was reset (%lld)",
		      ended > 0 ? ended : sent);
	fit_see(preflight, fit, "/proc/net/snmp", "OutRsts +%lld, EstabResets +%lld", sent, ended);
	if (unread > 0)
		fit_see(preflight, fit, counters,
			"TCPAbortOnClose +%lld: closed with data that nobody had read", unread);
	if (ended > 0 || sent > 0)
		fit_expect(preflight, fit, "the client met \"Connection reset by peer (104)\"");
}

const struct preflight_check preflight_run_resets = {
	.id = "run-resets", .subject = "queues", .run = run_resets};

static void run_retransmits(struct preflight *preflight, const struct preflight_check *check)
{
	long long segments = preflight_went_up(preflight, "RetransSegs");
	long long syns = preflight_went_up(preflight, "TCPSynRetrans");
	struct fit *fit;

	if (!is_counted(preflight, check, "whether packets had to be sent again"))
		return;
	fit = fit_add(preflight, check, segments > 0 ? MUX_FIT_WARNING : MUX_FIT_OK,
		      segments > 0 ? "%lld packets had to be sent again"
				   : "no packet had to be sent again (%lld)",
		      segments);
	fit_see(preflight, fit, counters, "RetransSegs +%lld, of these TCPSynRetrans +%lld",
		segments, syns);
	if (segments == 0)
		return;
	fit_expect(
		preflight, fit,
		"a SYN is sent again after 1 s, data after 200 ms: look for these steps among the "
		"slowest");
	fit_want(preflight, fit, "0: loopback loses nothing by itself");
}

const struct preflight_check preflight_run_retransmits = {
	.id = "run-retransmits", .subject = "queues", .run = run_retransmits};

/* Over lo each packet goes through the queue of the processor that sends it (netif_rx()). */
static void run_backlog(struct preflight *preflight, const struct preflight_check *check)
{
	long long drops = (long long)preflight->run->backlog_drops;
	struct fit *fit;

	if (drops < 0)
		return;
	fit = fit_add(preflight, check, drops > 0 ? MUX_FIT_WARNING : MUX_FIT_OK,
		      "the processors' queues of packets had no room for %lld", drops);
	fit_see(preflight, fit, "/proc/net/softnet_stat", "dropped +%lld", drops);
	if (drops == 0)
		return;
	fit_expect(preflight, fit, "lost packets are sent again after 200 ms, SYNs after 1 s");
	fit_mend(preflight, fit, "Make them longer", "sysctl -w net.core.netdev_max_backlog=10000",
		 NULL);
}

const struct preflight_check preflight_run_backlog = {
	.id = "run-backlog", .subject = "queues", .run = run_backlog};

static void run_conntrack(struct preflight *preflight, const struct preflight_check *check)
{
	long long drops = (long long)preflight->run->conntrack_drops;
	struct fit *fit;

	if (drops < 0)
		return;
	fit = fit_add(preflight, check, drops > 0 ? MUX_FIT_FAIL : MUX_FIT_OK,
		      "conntrack dropped %lld packets or entries", drops);
	fit_see(preflight, fit, "/proc/net/stat/nf_conntrack",
		"drop, early_drop and insert_failed +%lld", drops);
	if (drops == 0)
		return;
	fit_expect(preflight, fit, "connections hung until their SYN was sent again");
	fit_mend(preflight, fit, "Give it more room, or let it leave lo alone",
		 "sysctl -w net.netfilter.nf_conntrack_max=1048576", NULL);
}

const struct preflight_check preflight_run_conntrack = {
	.id = "run-conntrack", .subject = "firewall", .run = run_conntrack};

static void run_time_wait(struct preflight *preflight, const struct preflight_check *check)
{
	long long overflows = preflight_went_up(preflight, "TCPTimeWaitOverflow");
	struct fit *fit;

	if (!is_counted(preflight, check, "whether there was room for connections in TIME_WAIT"))
		return;
	fit = fit_add(preflight, check, overflows > 0 ? MUX_FIT_WARNING : MUX_FIT_OK,
		      overflows > 0 ? "there were too many connections in TIME_WAIT"
				    : "there was room for connections in TIME_WAIT");
	fit_see(preflight, fit, counters, "TCPTimeWaitOverflow +%lld", overflows);
	if (overflows > 0)
		fit_mend(preflight, fit, "Raise the limit",
			 "sysctl -w net.ipv4.tcp_max_tw_buckets=262144", NULL);
}

const struct preflight_check preflight_run_time_wait = {
	.id = "run-time-wait", .subject = "ports", .run = run_time_wait};

static void run_memory(struct preflight *preflight, const struct preflight_check *check)
{
	long long aborted = preflight_went_up(preflight, "TCPAbortOnMemory");
	long long pressed = preflight_went_up(preflight, "TCPMemoryPressures");
	struct fit *fit;

	if (!is_counted(preflight, check, "whether TCP had the memory that it wanted"))
		return;
	fit = fit_add(preflight, check,
		      aborted > 0   ? MUX_FIT_FAIL
		      : pressed > 0 ? MUX_FIT_WARNING
				    : MUX_FIT_OK,
		      aborted + pressed > 0 ? "TCP ran short of memory"
					    : "TCP had the memory that it wanted");
	fit_see(preflight, fit, counters, "TCPAbortOnMemory +%lld, TCPMemoryPressures +%lld",
		aborted, pressed);
}

const struct preflight_check preflight_run_memory = {
	.id = "run-memory", .subject = "memory", .run = run_memory};
