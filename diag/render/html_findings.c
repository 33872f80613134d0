/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why it fails and how to mend it. The answer is read first, so proof is folded behind it. */
#include "render/html_part.h"

static const char *severity_kind(enum mux_severity severity)
{
	switch (severity) {
	case MUX_SEVERITY_CRITICAL:
		return "bad";
	case MUX_SEVERITY_WARNING:
		return "doubt";
	case MUX_SEVERITY_INFO:
	case MUX_SEVERITY_UNKNOWN:
		break;
	}
	return "quiet";
}

static void add_lines(struct html *html, const char *label, const char *const *lines, size_t n)
{
	size_t i;

	if (n == 0)
		return;
	html_add(html, "<pre tabindex=\"0\" role=\"group\" aria-label=\"");
	html_add_text(html, label);
	html_add(html, "\"><code>");
	for (i = 0; i < n; i++) {
		html_add_text(html, lines[i]);
		html_add(html, "\n");
	}
	html_add(html, "</code></pre>\n");
}

static void add_fix(struct html *html, const struct mux_fix *fix)
{
	html_add(html, "<div class=\"fix\">\n");
	html_add_element(html, "h4", fix->title);
	add_lines(html, "Commands", fix->commands, fix->n_commands);
	if (fix->proved == MUX_YES) {
		html_add(html, "<p class=\"then\">");
		html_add_badge(html, "good", "then");
		html_add(html, " ");
		html_add_text(html, fix->then);
		html_add(html, "</p>\n");
	}
	if (fix->n_diff != 0) {
		html_begin_fold(html, "What it changes", false);
		add_lines(html, "Difference", fix->diff, fix->n_diff);
		html_end_fold(html);
	}
	if (fix->n_lasting != 0) {
		html_begin_fold(html, "To keep it after a restart", false);
		add_lines(html, "Commands to keep it", fix->lasting, fix->n_lasting);
		html_end_fold(html);
	}
	html_add(html, "</div>\n");
}

static void add_evidence(struct html *html, const struct mux_finding *finding, bool open)
{
	size_t i;

	if (finding->n_evidence == 0)
		return;
	html_begin_fold(html, "Evidence", open);
	html_add(html, "<dl class=\"evidence\">\n");
	for (i = 0; i < finding->n_evidence; i++) {
		html_add_element(html, "dt", finding->evidence[i].source);
		html_add_element(html, "dd", finding->evidence[i].text);
	}
	html_add(html, "</dl>\n");
	html_end_fold(html);
}

static void add_finding(struct html *html, const struct mux_finding *finding, bool first)
{
	size_t i;

	str_addf(html->text, "<article class=\"finding %s\">\n", severity_kind(finding->severity));
	html_add_element(html, "h3", finding->title);
	html_add(html, "<p class=\"marks\">");
	html_add_badge(html, severity_kind(finding->severity), render_severity(finding->severity));
	html_add(html, " ");
	if (finding->inferred)
		html_add_badge(html, "quiet", "concluded");
	html_add(html, " <code>");
	html_add_text(html, finding->id);
	html_add(html, "</code></p>\n");
	if (finding->hit[0] != '\0')
		html_add_element(html, "p", finding->hit);
	add_evidence(html, finding, first);
	for (i = 0; i < finding->n_fixes; i++)
		add_fix(html, &finding->fixes[i]);
	html_add(html, "</article>\n");
}

void html_add_findings(struct html *html)
{
	const struct mux_report *report = html->report;
	size_t i;

	if (report->n_findings == 0)
		return;
	html_add(html, "<section aria-labelledby=\"why\">\n<h2 id=\"why\">Why, and the fix</h2>\n");
	for (i = 0; i < report->n_findings; i++)
		add_finding(html, &report->findings[i], i == 0);
	html_add(html, "</section>\n");
}
