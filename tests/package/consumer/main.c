/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program that uses the installed library: prints the report of a recorded machine. */
#include <muxdiag/muxdiag.h>

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct mux_render_options options = {.format = MUX_FORMAT_TEXT, .verbosity = -1};
	const struct mux_snapshot *snapshot = NULL;
	struct mux_report *report = NULL;
	struct mux_bundle *bundle;
	struct mux_error error = {0};
	char *text = NULL;
	size_t len;

	bundle = argc == 2 ? mux_bundle_load(argv[1], &error) : NULL;
	if (bundle != NULL)
		snapshot = mux_snapshot_parse(bundle, &error);
	if (snapshot != NULL)
		report = mux_diagnose(snapshot, NULL, &error);
	if (report != NULL && mux_render(report, &options, &text, &len) == 0)
		printf("%s: %s", mux_version(), text);
	else
		fprintf(stderr, "consumer: %s\n", error.message);
	free(text);
	mux_report_free(report);
	mux_snapshot_free(snapshot);
	mux_bundle_free(bundle);
	return text == NULL;
}
