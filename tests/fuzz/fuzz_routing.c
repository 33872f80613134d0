/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"netlink/route/links",	    "netlink/route/addresses", "netlink/route/rules4",
		"netlink/route/rules6",	    "netlink/route/routes4",   "netlink/route/routes6",
		"netlink/route/answer/::1",
	};
	struct mux_bundle *bundle =
		fuzz_bundle(data, size, names, sizeof(names) / sizeof(names[0]));
	struct arena *arena = arena_new();
	struct mux_routing routing;
	size_t i;

	if (bundle != NULL && arena != NULL && parse_routing(bundle, arena, &routing) == 0) {
		for (i = 0; i < routing.n_links; i++)
			fuzz_touch(routing.links[i].name);
		for (i = 0; i < routing.n_addresses; i++)
			fuzz_check(routing.addresses[i].address.family != 0);
		fuzz_check(routing.n_answers <= 1);
	}
	arena_free(arena);
	mux_bundle_free(bundle);
	return 0;
}
