/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the machine is powered and protected: what to write down beside a result. */
#include <string.h>

#include "base/slice.h"
#include "base/str.h"
#include "preflight/preflight.h"

enum { LONG_SLEEP_US = 100 };

static void run_power_supply(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_hardware *hardware = &preflight->capacity->hardware;
	const struct mux_power_supply *off = NULL;
	size_t i, n_online = 0, n_mains = 0;
	struct fit *fit;

	for (i = 0; i < hardware->n_supplies; i++) {
		const struct mux_power_supply *supply = &hardware->supplies[i];

		n_online += supply->online == 1 && !slice_is(supply->type, "Battery");
		if (!slice_is(supply->type, "Mains") || supply->online < 0)
			continue;
		n_mains++;
		if (supply->online == 0)
			off = supply;
	}
	/* A server, or a virtual machine, does not say how it is powered. */
	if (n_mains == 0)
		return;
	if (n_online != 0)
		off = NULL;
	fit = fit_add(preflight, check, off != NULL ? MUX_FIT_WARNING : MUX_FIT_OK,
		      off != NULL ? "the machine runs on its battery"
				  : "the machine has power from outside");
	for (i = 0; i < hardware->n_supplies; i++)
		if (hardware->supplies[i].online >= 0)
			fit_see(preflight, fit, "/sys/class/power_supply", "%s (%s): online %d",
				preflight_escape(preflight, hardware->supplies[i].name),
				preflight_escape(preflight, hardware->supplies[i].type),
				hardware->supplies[i].online);
	fit_want(preflight, fit, "a power supply that is online");
	if (off == NULL)
		return;
	fit_expect(preflight, fit, "the processors are slowed down, and more so with time");
	fit_mend(preflight, fit, "Plug it in", NULL, NULL);
}

const struct preflight_check preflight_power_supply = {
	.id = "power-supply", .subject = "processor", .run = run_power_supply};

static void run_idle_states(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_hardware *hardware = &preflight->capacity->hardware;
	const struct mux_idle_state *deepest = NULL;
	struct fit *fit;
	bool deep;
	size_t i;

	for (i = 0; i < hardware->n_idle_states; i++) {
		const struct mux_idle_state *state = &hardware->idle_states[i];

		if (!state->disabled && state->latency_us >= 0 &&
		    (deepest == NULL || state->latency_us > deepest->latency_us))
			deepest = state;
	}
	if (deepest == NULL)
		return;
	deep = deepest->latency_us >= LONG_SLEEP_US;
	fit = fit_add(preflight, check, deep ? MUX_FIT_INFO : MUX_FIT_OK,
		      "an idle processor wakes up within %lld µs", (long long)deepest->latency_us);
	fit_see(preflight, fit, "cpuidle", "driver %s, governor %s; deepest state %s",
		preflight_escape(preflight, hardware->idle_driver),
		preflight_escape(preflight, hardware->idle_governor),
		preflight_escape(preflight, deepest->name));
	fit_want(preflight, fit, "less than %d µs, for latencies at low load", LONG_SLEEP_US);
	if (!deep)
		return;
	fit_expect(preflight, fit,
		   "requests one by one take longer than under load, because each wakes somebody");
	fit_mend(preflight, fit, "Keep the processors awake during the run",
		 "cpupower idle-set --disable-by-latency 99", NULL);
}

const struct preflight_check preflight_idle_states = {
	.id = "idle-states", .subject = "processor", .run = run_idle_states};

/* "Mitigation: …", "Vulnerable…" and "Not affected" (cpu_show_common()). */
static void run_weaknesses(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_hardware *hardware = &preflight->capacity->hardware;
	size_t i, n_mitigated = 0, n_open = 0;
	struct str names;
	struct fit *fit;

	if (hardware->n_weaknesses == 0)
		return;
	str_init(&names, preflight->arena);
	for (i = 0; i < hardware->n_weaknesses; i++) {
		const struct mux_weakness *weakness = &hardware->weaknesses[i];

		n_open += slice_starts_with(weakness->text, "Vulnerable");
		if (!slice_starts_with(weakness->text, "Mitigation"))
			continue;
		str_add(&names, n_mitigated == 0 ? "" : ", ");
		str_add_escaped(&names, weakness->name);
		n_mitigated++;
	}
	fit = fit_add(
		preflight, check, n_mitigated + n_open != 0 ? MUX_FIT_INFO : MUX_FIT_OK,
		"the kernel works around %zu weaknesses of the processor, and leaves %zu open",
		n_mitigated, n_open);
	fit_see(preflight, fit, "/sys/devices/system/cpu/vulnerabilities", "%s",
		n_mitigated != 0 ? str_done(&names) : "none is worked around");
	fit_want(preflight, fit, "the same on every machine that is compared");
	if (n_mitigated + n_open != 0)
		fit_expect(preflight, fit,
			   "each system call costs more or less than on a machine that is set up "
			   "otherwise: compare only what was measured in the same state");
}

const struct preflight_check preflight_weaknesses = {
	.id = "weaknesses", .subject = "processor", .run = run_weaknesses};

static void run_debug_kernel(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_source *lockdep = &preflight->capacity->lockdep_source;
	struct mux_slice release = slice_of(preflight->snapshot->machine.kernel != NULL
						    ? preflight->snapshot->machine.kernel
						    : "");
	bool locks = lockdep->presence == MUX_PRESENT || lockdep->presence == MUX_DENIED;
	bool named = release.len >= 5 && memmem(release.data, release.len, "debug", 5) != NULL;
	struct fit *fit;

	if (!locks && !named)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO, "the kernel was built for debugging");
	if (locks)
		fit_see(preflight, fit, "/proc/lockdep_stats", "is there: locks are checked");
	if (named)
		fit_see(preflight, fit, "kernel", "%s", preflight_escape(preflight, release));
	fit_want(preflight, fit, "the kernel that production has");
	fit_expect(preflight, fit, "everything that the kernel does takes several times as long");
}

const struct preflight_check preflight_debug_kernel = {
	.id = "debug-kernel", .subject = "processor", .run = run_debug_kernel};
