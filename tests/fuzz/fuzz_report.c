/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any recorded machine, from its bytes to the report: the text may go to a terminal, the JSON is
 * JSON, the HTML a tree, and every line of the metrics is one. */
#include "fuzz.h"

#include <jansson.h>

#include "../xml.h"

static char *render(const struct mux_report *report, enum mux_format format, size_t *ret_len)
{
	const struct mux_render_options options = {.format = format, .verbosity = 1};
	char *text = NULL;

	return mux_render(report, &options, &text, ret_len) == 0 ? text : NULL;
}

/* A comment, or one pair of braces and a number: a label cannot end its line. */
static void check_metrics(const char *text)
{
	while (*text != '\0') {
		const char *end = strchr(text, '\n'), *number;

		fuzz_check(end != NULL);
		number = memrchr(text, ' ', (size_t)(end - text));
		if (*text != '#')
			fuzz_check(strncmp(text, "muxdiag_check_", 14) == 0 && number[-1] == '}' &&
				   strspn(number + 1, "0123456789.-") ==
					   (size_t)(end - number - 1));
		text = end + 1;
	}
}

static void check_report(const struct mux_report *report)
{
	size_t len = 0;
	char *text = render(report, MUX_FORMAT_TEXT, &len);
	json_t *json;

	if (text != NULL)
		fuzz_check_printable(text, len);
	free(text);
	text = render(report, MUX_FORMAT_PROMETHEUS, &len);
	if (text != NULL) {
		fuzz_check_printable(text, len);
		check_metrics(text);
	}
	free(text);
	text = render(report, MUX_FORMAT_JSON, &len);
	if (text == NULL)
		return;
	fuzz_check_printable(text, len);
	json = json_loadb(text, len, 0, NULL);
	fuzz_check(json != NULL);
	json_decref(json);
	free(text);
}

static void check_html(const struct mux_report *report)
{
	static const char doctype[] = "<!DOCTYPE html>\n";
	size_t len = 0;
	char *text = render(report, MUX_FORMAT_HTML, &len);

	if (text == NULL)
		return;
	fuzz_check_printable(text, len);
	fuzz_check(xml_is_well_formed(text + strlen(doctype)));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mux_bundle *bundle = fuzz_whole_bundle(data, size);
	const struct mux_snapshot *snapshot = NULL;
	struct mux_report *report = NULL;
	struct mux_error error;

	if (bundle != NULL)
		snapshot = mux_snapshot_parse(bundle, &error);
	if (snapshot != NULL)
		report = mux_diagnose(snapshot, NULL, &error);
	if (report != NULL)
		check_report(report);
	if (report != NULL && mux_report_follow(report) == 0) {
		fuzz_check(report->n_paths == 0 || report->port != 0);
		check_html(report);
	}
	mux_report_free(report);
	mux_snapshot_free(snapshot);
	mux_bundle_free(bundle);
	return 0;
}
