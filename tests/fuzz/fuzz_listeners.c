/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"netlink/diag/tcp4", "netlink/diag/tcp6", "processes"};
	struct mux_bundle *bundle =
		fuzz_bundle(data, size, names, sizeof(names) / sizeof(names[0]));
	struct arena *arena = arena_new();
	struct mux_listeners listeners;
	size_t i;

	if (bundle != NULL && arena != NULL && parse_listeners(bundle, arena, &listeners) == 0) {
		for (i = 0; i < listeners.n_sockets; i++) {
			fuzz_touch(listeners.sockets[i].command);
			fuzz_check(listeners.sockets[i].family ==
				   listeners.sockets[i].address.family);
			fuzz_check(listeners.sockets[i].pid >= 0);
		}
	}
	arena_free(arena);
	mux_bundle_free(bundle);
	return 0;
}
