/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the run itself makes of the result, whatever the machine. */
#include "base/slice.h"
#include "evaluate/client.h"
#include "preflight/preflight.h"

enum { REQUESTS_EACH = 100, SECONDS = 10 };

static const char arguments[] = "arguments";

static void run_fewer_requests(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_load *load = &preflight->capacity->load;
	bool fewer = load->requests < load->concurrency;
	struct fit *fit;

	if (load->requests == 0)
		return;
	fit = fit_add(preflight, check, fewer ? MUX_FIT_FAIL : MUX_FIT_OK,
		      "%llu requests for %u connections", (unsigned long long)load->requests,
		      (unsigned)load->concurrency);
	fit_see(preflight, fit, arguments, "-n %llu -c %u", (unsigned long long)load->requests,
		(unsigned)load->concurrency);
	fit_want(preflight, fit, "at least one for each connection");
	if (fewer)
		fit_expect(preflight, fit, "%s",
			   preflight->tool->http10
				   ? "ab refuses: \"Cannot use concurrency level greater than "
				     "total number of requests\""
				   : "some connections never make a request");
}

const struct preflight_check preflight_fewer_requests = {
	.id = "fewer-requests", .subject = "method", .run = run_fewer_requests};

static void run_run_length(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_load *load = &preflight->capacity->load;
	uint64_t wanted = (uint64_t)load->concurrency * REQUESTS_EACH;
	int64_t rate = preflight_rate(preflight);
	bool few = load->requests < wanted, brief;
	struct fit *fit;

	if (load->requests == 0 || load->requests < load->concurrency)
		return;
	brief = rate > 0 && load->requests < (uint64_t)rate * SECONDS;
	if (brief && wanted < (uint64_t)rate * SECONDS)
		wanted = (uint64_t)rate * SECONDS;
	fit = fit_add(preflight, check,
		      few     ? MUX_FIT_WARNING
		      : brief ? MUX_FIT_INFO
			      : MUX_FIT_OK,
		      few || brief ? "the run is short: %llu requests for each connection"
				   : "%llu requests for each connection",
		      (unsigned long long)(load->requests / load->concurrency));
	fit_see(preflight, fit, arguments, "-n %llu -c %u", (unsigned long long)load->requests,
		(unsigned)load->concurrency);
	fit_want(preflight, fit,
		 "100 for each connection and 10 s, five times, the first one thrown away; then "
		 "medians and their spread");
	if (few || brief)
		fit_expect(preflight, fit,
			   "opening the connections and warming up are a large part of the result");
	if (few || brief)
		fit_mend(preflight, fit, "Make more requests",
			 arena_printf(preflight->arena, "-n %llu", (unsigned long long)wanted),
			 NULL);
}

const struct preflight_check preflight_run_length = {
	.id = "run-length", .subject = "method", .run = run_run_length};

/* --- what stands between ------------------------------------------------------------------- */

static void run_proxy(struct preflight *preflight, const struct preflight_check *check)
{
	const struct evaluation *evaluation = preflight->evaluation;
	const struct ev_client_result *client = NULL;
	bool obeyed = preflight->tool->proxy != NULL;
	struct fit *fit;
	size_t i;

	for (i = 0; i < evaluation->n_clients && client == NULL; i++)
		if (evaluation->clients[i].proxy != NULL)
			client = &evaluation->clients[i];
	if (client == NULL) {
		fit_add(preflight, check, MUX_FIT_OK,
			"no variable sends requests for this target to a proxy");
		return;
	}
	fit = fit_add(preflight, check, obeyed ? MUX_FIT_WARNING : MUX_FIT_INFO,
		      "%s sends requests for this target to a proxy", client->proxy->name);
	fit_see(preflight, fit, "environment", "%s=%s", client->proxy->name,
		preflight_escape(preflight, client->proxy->value));
	fit_want(preflight, fit, "no_proxy with localhost and its addresses");
	fit_expect(preflight, fit, "%s",
		   obeyed ? "a tool that obeys it measures the proxy"
			  : "this tool ignores it, others measure the proxy");
	fit_mend(preflight, fit, "Except this machine", "export no_proxy=localhost,127.0.0.1,::1",
		 NULL);
}

const struct preflight_check preflight_proxy = {
	.id = "proxy", .subject = "method", .run = run_proxy};

static void run_observers(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	int64_t tracer = capacity->n_servers != 0 ? capacity->servers[0].status.tracer : 0;
	bool traced = capacity->tracer.source.presence == MUX_PRESENT &&
		      capacity->tracer.text.len != 0 && !slice_is(capacity->tracer.text, "nop");
	bool watched = tracer > 0 || capacity->n_packet_sockets != 0 || traced;
	struct fit *fit;

	if (!watched && capacity->packet_source.presence != MUX_PRESENT) {
		fit_add_unknown(preflight, check, &capacity->packet_source,
				"whether somebody captures the packets");
		return;
	}
	fit = fit_add(preflight, check, watched ? MUX_FIT_WARNING : MUX_FIT_OK,
		      watched ? "somebody watches the server or its packets"
			      : "nobody traces the server or captures its packets");
	if (tracer > 0)
		fit_see(preflight, fit, "TracerPid", "process %lld traces the server",
			(long long)tracer);
	if (capacity->n_packet_sockets != 0)
		fit_see(preflight, fit, "/proc/net/packet",
			"%zu socket%s see every packet of lo, as tcpdump does",
			capacity->n_packet_sockets, capacity->n_packet_sockets == 1 ? "" : "s");
	if (traced)
		fit_see(preflight, fit, "/sys/kernel/tracing/current_tracer",
			"the kernel traces itself: %s",
			preflight_escape(preflight, capacity->tracer.text));
	if (!watched)
		return;
	fit_want(preflight, fit,
		 "nobody: a tracer stops the server at each system call, a capture "
		 "copies each packet");
	fit_expect(preflight, fit, "half the speed, or less");
	fit_mend(preflight, fit, "End them before the run", NULL, NULL);
}

const struct preflight_check preflight_observers = {
	.id = "observers", .subject = "method", .run = run_observers};

/* Where code and stacks lie decides by some percents how fast a program is, anew with each start.
 */
static void run_address_layout(struct preflight *preflight, const struct preflight_check *check)
{
	static const char path[] = "kernel/randomize_va_space";
	int64_t layout = preflight_sysctl(preflight, path);
	struct fit *fit;

	if (layout < 0)
		return;
	fit = fit_add(preflight, check, layout == 2 ? MUX_FIT_OK : MUX_FIT_INFO,
		      layout == 2 ? "each start of a program lays its memory out at random"
				  : "programs are laid out in memory always alike");
	fit_see(preflight, fit, path, "%lld", (long long)layout);
	fit_want(preflight, fit,
		 "2, and five starts of the server at least: only then is a difference more than "
		 "one layout's luck");
	if (layout == 2)
		return;
	fit_expect(preflight, fit,
		   "runs agree with each other better than with another build or machine");
	fit_mend(preflight, fit, "Leave it on, it protects every program",
		 "sysctl -w kernel.randomize_va_space=2", NULL);
}

const struct preflight_check preflight_address_layout = {
	.id = "address-layout", .subject = "method", .run = run_address_layout};

/* --- what the tool can measure ------------------------------------------------------------- */

static void run_old_protocol(struct preflight *preflight, const struct preflight_check *check)
{
	struct fit *fit;

	if (!preflight->tool->http10)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO, "%s speaks HTTP/1.0", preflight->tool->name);
	fit_expect(preflight, fit,
		   "no chunks, no pipelining, and connections are kept only with -k and a server "
		   "that says so");
	fit_see(preflight, fit, preflight->tool->name, "GET … HTTP/1.0");
}

const struct preflight_check preflight_old_protocol = {
	.id = "old-protocol", .subject = "method", .run = run_old_protocol};

static void run_closed_loop(struct preflight *preflight, const struct preflight_check *check)
{
	struct fit *fit;

	if (preflight->tool->name[0] == '\0' || preflight->tool->paced)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO,
		      "%s asks again only when it has been answered", preflight->tool->name);
	fit_see(preflight, fit, preflight->tool->name, "a closed loop");
	fit_expect(preflight, fit,
		   "a pause of the server stops the questions, too: its percentiles understate how "
		   "long users would wait (coordinated omission)");
	fit_mend(preflight, fit, "For latencies, send at a fixed rate below the most it can do",
		 "wrk2 -R RATE", NULL);
}

const struct preflight_check preflight_closed_loop = {
	.id = "closed-loop", .subject = "method", .run = run_closed_loop};
