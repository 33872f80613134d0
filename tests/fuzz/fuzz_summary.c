/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the results of a fleet: they count the same in whatever pieces they come, and what
 * is said of them may go to a terminal. The first byte is the length of the pieces. */
#include "fuzz.h"

#include <jansson.h>

#include <muxdiag/summary.h>

static const struct mux_fleet_source source = {.path = "file.json", .host = "file"};

static struct mux_fleet *read_all(const uint8_t *data, size_t size, size_t piece)
{
	struct mux_fleet *fleet = mux_fleet_new();
	size_t at, n;

	fuzz_check(fleet != NULL);
	for (at = 0; at < size; at += n) {
		n = size - at < piece ? size - at : piece;
		fuzz_check(mux_fleet_add_json(fleet, &source, (const char *)data + at, n) == 0);
	}
	fuzz_check(mux_fleet_add_json(fleet, &source, NULL, 0) == 0);
	return fleet;
}

static char *render(struct mux_fleet *fleet, enum mux_format format, size_t *ret_len)
{
	const struct mux_render_options options = {.format = format, .verbosity = 1};
	const struct mux_summary *summary;
	struct mux_error error;
	char *text = NULL;
	size_t i, n = 0;

	summary = mux_fleet_summarize(fleet, &error);
	fuzz_check(summary != NULL);
	for (i = 0; i < 4; i++)
		n += summary->n_of_status[i];
	fuzz_check(n == summary->n_hosts);
	fuzz_check(summary->n_hosts + summary->n_older <= summary->n_results);
	for (i = 0; i < summary->n_causes; i++)
		fuzz_check(summary->causes[i].n_hosts >= 1 &&
			   summary->causes[i].hosts[summary->causes[i].n_hosts - 1] < n);
	fuzz_check(mux_summary_render(summary, &options, &text, ret_len) == 0);
	fuzz_check_printable(text, *ret_len);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mux_fleet *whole, *pieces;
	char *text, *again;
	json_t *json;
	size_t len;

	if (size < 2)
		return 0;
	whole = read_all(data + 1, size - 1, size);
	pieces = read_all(data + 1, size - 1, (size_t)data[0] + 1);
	text = render(whole, MUX_FORMAT_JSON, &len);
	json = json_loadb(text, len, 0, NULL);
	fuzz_check(json != NULL);
	json_decref(json);
	again = render(pieces, MUX_FORMAT_JSON, &len);
	fuzz_check(strcmp(text, again) == 0);
	free(again);
	free(text);
	free(render(pieces, MUX_FORMAT_TEXT, &len));
	mux_fleet_free(whole);
	mux_fleet_free(pieces);
	return 0;
}
