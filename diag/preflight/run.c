/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All checks, in order; and the sentence that sums them up. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "preflight/preflight.h"

#define CHECK(subject, identifier) &preflight_##identifier,
static const struct preflight_check *const checks[] = {
#include "preflight/preflight.def"
};
#undef CHECK

enum { N_CHECKS = sizeof(checks) / sizeof(checks[0]) };

int preflight_run(struct preflight *preflight, const struct mux_fitness_finding **ret_findings,
		  size_t *ret_n)
{
	struct mux_fitness_finding *sorted;
	const struct fit *fits;
	size_t i, n = 0;
	int fitness;

	preflight->findings = (struct arena_list){.size = sizeof(struct fit)};
	for (i = 0; i < N_CHECKS; i++)
		checks[i]->run(preflight, checks[i]);
	fits = preflight->findings.items;
	sorted = arena_array(preflight->arena, preflight->findings.n, sizeof(*sorted));
	if (sorted == NULL || arena_failed(preflight->arena))
		return -ENOMEM;
	for (fitness = MUX_FIT_FAIL; fitness >= MUX_FIT_OK; fitness--)
		for (i = 0; i < preflight->findings.n; i++) {
			if ((int)fits[i].public.fitness != fitness)
				continue;
			sorted[n] = fits[i].public;
			sorted[n].evidence = fits[i].evidence.items;
			sorted[n].n_evidence = fits[i].evidence.n;
			sorted[n].fixes = fits[i].fixes.items;
			sorted[n].n_fixes = fits[i].fixes.n;
			n++;
		}
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
	struct str text;

	str_init(&text, preflight->arena);
	if (check->status == MUX_STATUS_FAILS)
		return check->headline;
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
