/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the slowest requests wait: a timer leaves a step in the percentiles, just behind its time,
 * and a counter of the kernel's says that it ran. One without the other accuses nobody.
 */
#include "preflight/preflight.h"

/* A timer that a connection may wait for. */
struct timer {
	int64_t ms;
	const char *counter; /* that goes up with it; NULL = see was_stopped() */
	const char *what;
};

static const char syn[] = "the SYN was lost or refused a place in the queue, and sent again (RFC "
			  "6298: after 1 s, 3 s, 7 s)";

static const struct timer timers[] = {
	{40, "DelayedACKs",
	 "an ACK that was held back (TCP_DELACK_MIN): Nagle's algorithm waits for "
	 "it; see TCP_NODELAY"},
	{100, NULL, "a control group stopped somebody until its next period (cpu.max)"},
	{200, "RetransSegs", "a packet was lost, and sent again (TCP_RTO_MIN)"},
	{1000, "TCPSynRetrans", syn},
	/* With net.ipv4.tcp_syn_linear_timeouts, which is usual since Linux 6.5, once a second. */
	{2000, "TCPSynRetrans", syn},
	{3000, "TCPSynRetrans", syn},
	{4000, "TCPSynRetrans", syn},
	{5000, "TCPSynRetrans", syn},
	{7000, "TCPSynRetrans", syn},
};

static bool was_stopped(const struct mux_run *run)
{
	return (run->self_before.throttled >= 0 &&
		run->self_after.throttled > run->self_before.throttled) ||
	       (run->server_before.throttled >= 0 &&
		run->server_after.throttled > run->server_before.throttled);
}

/* How often the timer ran, as far as the kernel counts. */
static long long runs_of(const struct preflight *preflight, const struct timer *timer)
{
	long long n;

	if (timer->counter == NULL)
		return was_stopped(preflight->run);
	n = preflight_went_up(preflight, timer->counter);
	/* RetransSegs counts the SYNs, too. */
	if (timer->ms == 200)
		n -= preflight_went_up(preflight, "TCPSynRetrans");
	return n;
}

static bool is_possible(const struct preflight *preflight, const struct timer *timer)
{
	if (timer->ms != 2000 && timer->ms != 4000 && timer->ms != 5000)
		return true;
	return preflight_sysctl(preflight, "net/ipv4/tcp_syn_linear_timeouts") > 0;
}

/* The time that half of the requests take. */
static int64_t median_of(const struct mux_run *run)
{
	size_t i;

	for (i = 0; i < run->n_percentiles; i++)
		if (run->percentiles[i].percent >= 50)
			return run->percentiles[i].ms;
	return 0;
}

/*
 * Returns the first percentile that lies on the timer's step, or NULL: not before its time, behind
 * it by no more than a tenth and what requests take besides, and far above the percentile before.
 * Times are whole milliseconds, rounded.
 */
static const struct mux_percentile *find_step(const struct mux_run *run, const struct timer *timer)
{
	int64_t median = median_of(run), most = timer->ms + timer->ms / 10 + median + 1;
	size_t i;

	if (median >= timer->ms / 2)
		return NULL;
	/* Who comes so late finds a longer queue. */
	if (timer->ms >= 1000)
		most += median;
	for (i = 1; i < run->n_percentiles; i++)
		if (run->percentiles[i].ms >= timer->ms - 1)
			break;
	if (i >= run->n_percentiles || run->percentiles[i].ms > most ||
	    run->percentiles[i - 1].ms > timer->ms / 2)
		return NULL;
	return &run->percentiles[i];
}

static void see_percentiles(struct preflight *preflight, struct fit *fit)
{
	const struct mux_run *run = preflight->run;
	const struct mux_percentile *last = &run->percentiles[run->n_percentiles - 1];

	fit_see(preflight, fit, preflight_escape(preflight, run->command),
		"50 %% within %lld ms, %.0f %% within %lld ms", (long long)median_of(run),
		last->percent, (long long)last->ms);
}

static void see_step(struct preflight *preflight, struct fit *fit, const struct timer *timer,
		     const struct mux_percentile *step)
{
	fit_see(preflight, fit, "percentiles", "%.0f %% before it: %lld ms; %.0f %%: %lld ms",
		step[-1].percent, (long long)step[-1].ms, step->percent, (long long)step->ms);
	if (timer->counter != NULL)
		fit_see(preflight, fit, "/proc/net/netstat", "%s +%lld", timer->counter,
			preflight_went_up(preflight, timer->counter));
	else
		fit_see(preflight, fit, "control group", "it stopped in more periods than before");
}

static void run_tail(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_run *run = preflight->run;
	struct fit *fit = NULL;
	size_t i;

	if (run->n_percentiles < 2 || run->counters_source.presence != MUX_PRESENT)
		return;
	for (i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		const struct timer *timer = &timers[i];
		const struct mux_percentile *step = find_step(run, timer);

		if (step == NULL || !is_possible(preflight, timer) ||
		    runs_of(preflight, timer) <= 0)
			continue;
		fit = fit_add(preflight, check, MUX_FIT_WARNING,
			      "up to %.0f %% of the requests waited for a timer of %lld ms",
			      100 - step[-1].percent, (long long)timer->ms);
		see_step(preflight, fit, timer, step);
		fit_expect(preflight, fit, "%s", timer->what);
		fit_want(
			preflight, fit,
			"percentiles that rise without steps: this one measures the timer, not the "
			"server");
	}
	if (fit != NULL)
		return;
	fit = fit_add(preflight, check, MUX_FIT_OK, "the slowest requests waited for no timer");
	see_percentiles(preflight, fit);
}

const struct preflight_check preflight_run_tail = {
	.id = "run-tail", .subject = "queues", .run = run_tail};
