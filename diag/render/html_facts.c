/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables: clients, addresses with their stages, names, what is not known, the machine. */
#include "render/html_part.h"

#include <inttypes.h>

enum { LATE_MS = 1000 }; /* from when on people wonder */

static bool is_late(const struct mux_client *client)
{
	return client->works == MUX_YES && client->after_ms >= LATE_MS;
}

static void add_client(struct html *html, const struct mux_client *client)
{
	html_add(html, "<tr><th scope=\"row\">");
	html_add_text(html, client->title);
	html_add(html, "</th><td>");
	if (is_late(client))
		html_add_badge(html, "doubt", "late");
	else
		html_add_badge(html, html_kind(client->works), render_answer(client->works));
	html_add(html, "</td><td>");
	html_add_text(html, client->text);
	html_add(html, "</td><td>");
	html_add_element(html, "code", client->says);
	html_add(html, "</td></tr>\n");
}

void html_add_clients(struct html *html)
{
	const struct mux_report *report = html->report;
	size_t i, n_working = 0, n_late = 0;

	if (report->n_clients == 0)
		return;
	for (i = 0; i < report->n_clients; i++) {
		n_working += report->clients[i].works == MUX_YES;
		n_late += is_late(&report->clients[i]);
	}
	html_add(html, "<section aria-labelledby=\"clients\">\n"
		       "<h2 id=\"clients\">Who is hit</h2>\n");
	str_addf(html->text, "<p>%zu of %zu clients work", n_working, report->n_clients);
	if (n_late != 0)
		str_addf(html->text, ", %zu of them only after a second or more", n_late);
	html_add(html, ".</p>\n");
	html_begin_fold(html, "Every client", report->n_clients == 1);
	html_begin_table(html, "Clients", "Client|Works|How|In its words");
	for (i = 0; i < report->n_clients; i++)
		add_client(html, &report->clients[i]);
	html_end_table(html);
	html_end_fold(html);
	html_add(html, "</section>\n");
}

static void add_endpoint_row(struct html *html, const struct mux_endpoint *endpoint)
{
	size_t stage;

	html_add(html, "<tr><th scope=\"row\">");
	html_add_text(html, endpoint->name);
	str_addf(html->text, "</th><td>%u</td><td><code>", endpoint->position);
	html_add_address(html, endpoint);
	html_add(html, "</code></td><td>");
	html_add_badge(html, html_kind(endpoint->works), render_answer(endpoint->works));
	for (stage = 0; stage < MUX_N_STAGES; stage++) {
		enum mux_answer passes = endpoint->stages[stage].passes;

		html_add(html, "</td><td>");
		html_add_badge(html, html_kind(passes), render_answer(passes));
	}
	html_add(html, "</td></tr>\n");
}

static void add_stages(struct html *html, const struct mux_endpoint *endpoint)
{
	size_t stage;

	html_add(html, "<h3>");
	html_add_text(html, endpoint->name);
	html_add(html, ", <code>");
	html_add_address(html, endpoint);
	html_add(html, "</code></h3>\n");
	html_add_element(html, "p", endpoint->text);
	html_add(html, "<dl class=\"evidence\">\n");
	for (stage = 0; stage < MUX_N_STAGES; stage++) {
		const struct mux_stage_result *result = &endpoint->stages[stage];

		html_add(html, "<dt>");
		html_add_text(html, render_stage((enum mux_stage)stage));
		html_add(html, " ");
		html_add_badge(html, html_kind(result->passes), render_answer(result->passes));
		html_add(html, "</dt>");
		html_add_element(html, "dd", result->text);
	}
	html_add(html, "</dl>\n");
}

static void add_addresses(struct html *html)
{
	const struct mux_report *report = html->report;
	size_t i;

	if (report->n_endpoints == 0)
		return;
	html_begin_table(html, "Addresses",
			 "Name|Order|Address|Works|Route|Output|Input|Listener|Probe");
	for (i = 0; i < report->n_endpoints; i++)
		add_endpoint_row(html, &report->endpoints[i]);
	html_end_table(html);
	html_begin_fold(html, "Each stage in words", false);
	for (i = 0; i < report->n_endpoints; i++)
		add_stages(html, &report->endpoints[i]);
	html_end_fold(html);
}

static void add_names(struct html *html)
{
	const struct mux_report *report = html->report;
	size_t i;

	html_add(html, "<section aria-labelledby=\"names\">\n"
		       "<h2 id=\"names\">Names and addresses</h2>\n<dl class=\"evidence\">\n");
	for (i = 0; i < report->n_names; i++) {
		html_add_element(html, "dt", report->names[i].name);
		html_add_element(html, "dd", report->names[i].text);
	}
	html_add(html, "</dl>\n");
	add_addresses(html);
	html_add(html, "</section>\n");
}

static void add_gaps(struct html *html)
{
	const struct mux_report *report = html->report;
	size_t i;

	if (report->n_gaps == 0)
		return;
	html_add(html, "<section aria-labelledby=\"gaps\">\n<h2 id=\"gaps\">Not known</h2>\n"
		       "<dl class=\"evidence\">\n");
	for (i = 0; i < report->n_gaps; i++) {
		html_add_element(html, "dt", report->gaps[i].source);
		html_add_element(html, "dd", report->gaps[i].text);
	}
	html_add(html, "</dl>\n</section>\n");
}

/* Day number since the epoch → civil date; counted from 0000-03-01, so leap days end years. Not
 * gmtime_r(3), which reads the machine's time zone files first. */
static void add_time(struct html *html, int64_t seconds)
{
	unsigned shifted = (unsigned)(seconds / 86400 + 719468), second;
	unsigned era = shifted / 146097, in_era = shifted % 146097, in_year, year, month, day;

	if (seconds <= 0 || seconds > INT64_C(253402300799))
		return;
	year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	in_year = in_era - (365 * year + year / 4 - year / 100);
	month = (5 * in_year + 2) / 153;
	day = in_year - (153 * month + 2) / 5 + 1;
	year += era * 400 + (month >= 10);
	month = month < 10 ? month + 3 : month - 9;
	second = (unsigned)(seconds % 86400);
	str_addf(html->text, ", looked at %04u-%02u-%02u %02u:%02u:%02u UTC", year, month, day,
		 second / 3600, second / 60 % 60, second % 60);
}

static void add_machine(struct html *html, const struct mux_machine *machine)
{
	html_add(html, "<footer><p>");
	html_add_text(html, machine->host_name);
	html_add(html, ", kernel ");
	html_add_text(html, machine->kernel);
	str_addf(html->text,
		 ", uid %" PRIu32 ", capabilities %016" PRIx64 ", network namespace %" PRIu64,
		 machine->uid, machine->capabilities, machine->netns);
	add_time(html, machine->time);
	html_add(html, "; muxdiag " MUX_VERSION ".</p></footer>\n");
}

void html_add_facts(struct html *html)
{
	add_names(html);
	add_gaps(html);
	html_add(html, "</main>\n");
	if (html->report->machine != NULL)
		add_machine(html, html->report->machine);
}
