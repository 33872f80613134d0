/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All checks, in order; and the sentence that sums them up. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "preflight/preflight.h"

#define CHECK(subject, identifier) &preflight_##identifier,
static const struct preflight_check *const before[] = {
#include "preflight/preflight.def"
};
static const struct preflight_check *const after[] = {
#include "preflight/after.def"
};
#undef CHECK

static void run_checks(struct preflight *preflight, const struct preflight_check *const *checks,
		       size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		checks[i]->run(preflight, checks[i]);
}

/* Adds those of one weight. */
static size_t add_sorted(const struct arena_list *findings, int fitness,
			 struct mux_fitness_finding *ret)
{
	const struct fit *fits = findings->items;
	size_t i, n = 0;

	for (i = 0; i < findings->n; i++) {
		if ((int)fits[i].public.fitness != fitness)
			continue;
		ret[n] = fits[i].public;
		ret[n].evidence = fits[i].evidence.items;
		ret[n].n_evidence = fits[i].evidence.n;
		ret[n].fixes = fits[i].fixes.items;
		ret[n].n_fixes = fits[i].fixes.n;
		n++;
	}
	return n;
}

int preflight_run(struct preflight *preflight, const struct mux_fitness_finding **ret_findings,
		  size_t *ret_n)
{
	struct mux_fitness_finding *sorted;
	size_t n = 0;
	int fitness;

	preflight->findings = (struct arena_list){.size = sizeof(struct fit)};
	if (preflight->run == NULL)
		run_checks(preflight, before, sizeof(before) / sizeof(before[0]));
	else
		run_checks(preflight, after, sizeof(after) / sizeof(after[0]));
	sorted = arena_array(preflight->arena, preflight->findings.n, sizeof(*sorted));
	if (sorted == NULL || arena_failed(preflight->arena))
		return -ENOMEM;
	for (fitness = MUX_FIT_FAIL; fitness >= MUX_FIT_OK; fitness--)
		n += add_sorted(&preflight->findings, fitness, sorted + n);
	*ret_findings = sorted;
	*ret_n = n;
	return 0;
}

static size_t count(const struct mux_fitness_finding *findings, size_t n, enum mux_fitness fitness)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++)
		found += findings[i].fitness == fitness;
	return found;
}

static const char *load_text(struct preflight *preflight)
{
	const struct mux_load *load = &preflight->capacity->load;
	struct str text;

	str_init(&text, preflight->arena);
	str_addf(&text, "%u connections at once", (unsigned)load->concurrency);
	if (load->requests != 0)
		str_addf(&text, ", %llu requests%s", (unsigned long long)load->requests,
			 load->keepalive ? " on kept connections" : "");
	if (load->tool[0] != '\0') {
		str_add(&text, ", by ");
		str_add_escaped(&text, (struct mux_slice){load->tool, strlen(load->tool)});
	}
	return str_done(&text);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

const char *preflight_headline(struct preflight *preflight, const struct mux_report *check,
			       const struct mux_fitness_finding *findings, size_t n)
{
	size_t fails = count(findings, n, MUX_FIT_FAIL);
	size_t warnings = count(findings, n, MUX_FIT_WARNING);
	int64_t patience_us = preflight_patience_us(preflight);
	struct str text;

	str_init(&text, preflight->arena);
	if (check->status == MUX_STATUS_FAILS)
		return check->headline;
	if (fails == 0 && patience_us >= 0) {
		str_addf(&text, "it is not known whether %s is fit for ", check->target);
		str_add(&text, load_text(preflight));
		str_addf(&text, ": no answer within %.0f ms", (double)patience_us / 1000);
		return str_done(&text);
	}
	str_addf(&text, "%s is ", check->target);
	if (fails == 0 && warnings == 0)
		str_add(&text, "fit for ");
	else
		str_add(&text, fails != 0 ? "not fit for " : "fit, but not quite, for ");
	str_add(&text, load_text(preflight));
	if (fails != 0)
		str_addf(&text, ": %zu thing%s will break the run", fails, plural(fails));
	if (warnings != 0)
		str_addf(&text, "%s %zu will distort it", fails != 0 ? " and" : ":", warnings);
	return str_done(&text);
}

const char *preflight_run_headline(struct preflight *preflight,
				   const struct mux_fitness_finding *findings, size_t n)
{
	size_t fails = count(findings, n, MUX_FIT_FAIL);
	size_t warnings = count(findings, n, MUX_FIT_WARNING);
	double elapsed_s = (double)preflight->run->elapsed_us / 1000000;

	if (fails == 0 && warnings == 0)
		return arena_printf(preflight->arena,
				    "the run of %.1f s met nothing that would distort it",
				    elapsed_s);
	if (fails == 0)
		return arena_printf(preflight->arena,
				    "the run of %.1f s was distorted by %zu thing%s", elapsed_s,
				    warnings, plural(warnings));
	return arena_printf(preflight->arena, "the run of %.1f s is no measurement: %s", elapsed_s,
			    findings[0].title);
}
