/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recorded trace: from its bytes to both accounts and what is printed of them. */
#include "fuzz.h"

#include "evaluate/trace.h"
#include "parse/parse.h"
#include "render/trace.h"

/* No byte that moves a terminal. */
static void check_text(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		fuzz_check((unsigned char)text[i] >= ' ' || text[i] == '\n');
	fuzz_check(strlen(text) == len);
}

static void render(const struct mux_trace_report *report, enum mux_format format)
{
	const struct mux_render_options options = {.format = format, .verbosity = 1};
	char *text = NULL;
	size_t len = 0;

	if (mux_trace_render(report, &options, &text, &len) == 0)
		check_text(text, len);
	free(text);
}

static void compare(const struct mux_snapshot *snapshot, struct arena *arena)
{
	struct mux_trace_report report;
	size_t i;

	for (i = 0; i < snapshot->trace.n_events; i++) {
		fuzz_touch(snapshot->trace.events[i].table);
		fuzz_touch(snapshot->trace.events[i].chain);
		fuzz_touch(snapshot->trace.events[i].target);
	}
	if (snapshot->trace.source.presence != MUX_PRESENT ||
	    ev_trace_run(snapshot, arena, &report) != 0)
		return;
	render(&report, MUX_FORMAT_TEXT);
	render(&report, MUX_FORMAT_JSON);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"trace/probe",		"trace/events",
		"trace/generation",	"nft/generation",
		"nft/generation-after", "nft/tables",
		"nft/chains",		"nft/rules/1/guard/in",
		"netlink/route/links",	"nft/rules/1/guard/web",
	};
	struct mux_bundle *bundle =
		fuzz_bundle(data, size, names, sizeof(names) / sizeof(names[0]));
	struct arena *arena = arena_new();
	struct mux_snapshot snapshot;

	if (bundle != NULL && arena != NULL && parse_snapshot(bundle, arena, &snapshot) == 0)
		compare(&snapshot, arena);
	arena_free(arena);
	mux_bundle_free(bundle);
	return 0;
}
