/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gather writes itself: machine, environment, resolutions, control group, probes. */
#include "fuzz.h"

#include "parse/parse.h"

static void touch_resolutions(const struct mux_snapshot *snapshot)
{
	size_t i, j;

	for (i = 0; i < snapshot->n_resolutions; i++) {
		const struct mux_resolution *resolution = &snapshot->resolutions[i];

		fuzz_touch(resolution->name);
		fuzz_touch(resolution->status_text);
		for (j = 0; j < resolution->n_addresses; j++)
			fuzz_check(resolution->addresses[j].family != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mux_slice bytes = fuzz_slice(data, size);
	struct mux_environment environment = {0};
	struct mux_snapshot snapshot = {0};
	struct arena *arena = arena_new();
	size_t i;

	if (arena == NULL)
		return 0;
	if (parse_machine(bytes, arena, &snapshot.machine) == 0) {
		fuzz_check(strlen(snapshot.machine.kernel) <= size);
		fuzz_check(strlen(snapshot.machine.target) <= size);
	}
	if (parse_environment(bytes, arena, &environment) == 0)
		for (i = 0; i < environment.n_variables; i++)
			fuzz_check(fuzz_is_inside(environment.variables[i].value, bytes));
	if (parse_resolutions(bytes, arena, &snapshot) == 0)
		touch_resolutions(&snapshot);
	if (parse_cgroup(bytes, arena, &snapshot.cgroup) == 0)
		for (i = 0; i < snapshot.cgroup.n_programs; i++) {
			fuzz_check(snapshot.cgroup.programs[i].hook < MUX_N_CGROUP_HOOKS);
			fuzz_touch(snapshot.cgroup.programs[i].name);
		}
	if (parse_probes(bytes, arena, &snapshot) == 0)
		for (i = 0; i < snapshot.n_probes; i++)
			fuzz_check(snapshot.probes[i].address.family != 0);
	arena_free(arena);
	return 0;
}
