/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text format of Prometheus (exposition format 0.0.4), for the textfile collector of
 * node_exporter. One unfit series makes the collector refuse a file as a whole, so that no series
 * is written twice and every label is escaped. What is not known has no sample.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "render/render.h"

struct page {
	const struct mux_report *report;
	struct str text;
	const char *family; /* the metric that was written last */
};

/* Appends `, name="value"`, without the comma after a brace. */
static void add_label(struct page *page, const char *name, const char *value)
{
	struct str clean;
	const char *at;

	str_init(&clean, page->text.arena);
	render_add(&clean, value);
	str_addf(&page->text, "%s%s=\"", strcmp(name, "target") == 0 ? "{" : ",", name);
	for (at = clean.len != 0 ? str_done(&clean) : ""; at != NULL && *at != '\0'; at++) {
		size_t len = strcspn(at, "\\\"\n");

		str_addf(&page->text, "%.*s", (int)len, at);
		at += len;
		if (*at == '\0')
			break;
		str_add(&page->text, *at == '\n' ? "\\n" : *at == '"' ? "\\\"" : "\\\\");
	}
	str_add(&page->text, "\"");
}

/* Begins a sample: a series of one metric, which all follow one another. */
static void begin(struct page *page, const char *metric, const char *help)
{
	if (page->family == NULL || strcmp(page->family, metric) != 0)
		str_addf(&page->text,
			 "# HELP muxdiag_check_%s %s\n"
			 "# TYPE muxdiag_check_%s gauge\n",
			 metric, help, metric);
	page->family = metric;
	str_addf(&page->text, "muxdiag_check_%s", metric);
	add_label(page, "target", page->report->target);
}

static void end(struct page *page, long long value)
{
	str_addf(&page->text, "} %lld\n", value);
}

static void add_answer(struct page *page)
{
	begin(page, "status",
	      "What the check says: 0 works, 1 works with a warning, 2 fails, 3 not known.");
	end(page, page->report->status);
	begin(page, "ok", "Whether the target works over every address and for every client.");
	end(page, page->report->status == MUX_STATUS_OK);
}

/* --- findings ---------------------------------------------------------------------------- */

static bool is_same_finding(const struct mux_finding *a, const struct mux_finding *b)
{
	return a->severity == b->severity && strcmp(a->id, b->id) == 0;
}

/* One cause may be found of several things. */
static bool finding_came_before(const struct mux_report *report, size_t number)
{
	size_t i;

	for (i = 0; i < number; i++)
		if (is_same_finding(&report->findings[i], &report->findings[number]))
			return true;
	return false;
}

static void add_findings(struct page *page)
{
	size_t i;

	for (i = 0; i < page->report->n_findings; i++) {
		const struct mux_finding *finding = &page->report->findings[i];

		if (finding_came_before(page->report, i))
			continue;
		begin(page, "finding", "A cause that applies; `muxdiag explain` knows the ids.");
		add_label(page, "id", finding->id);
		add_label(page, "severity", render_severity(finding->severity));
		end(page, 1);
	}
}

/* --- endpoints --------------------------------------------------------------------------- */

static bool is_same_endpoint(const struct mux_endpoint *a, const struct mux_endpoint *b)
{
	char text_a[ADDR_TEXT_MAX], text_b[ADDR_TEXT_MAX];

	return a->address.family == b->address.family && strcmp(a->name, b->name) == 0 &&
	       strcmp(addr_format(&a->address, text_a), addr_format(&b->address, text_b)) == 0;
}

/* Returns what is known of the endpoint with that number and all others of its labels, the worst
 * first; MUX_UNKNOWN when an earlier one has stood for them. */
static enum mux_answer endpoint_works(const struct mux_report *report, size_t number)
{
	const struct mux_endpoint *endpoints = report->endpoints;
	enum mux_answer works = MUX_UNKNOWN;
	size_t i;

	for (i = 0; i < report->n_endpoints; i++) {
		if (endpoints[i].works == MUX_UNKNOWN ||
		    !is_same_endpoint(&endpoints[i], &endpoints[number]))
			continue;
		if (i < number)
			return MUX_UNKNOWN;
		if (works != MUX_NO)
			works = endpoints[i].works;
	}
	return endpoints[number].works == MUX_UNKNOWN ? MUX_UNKNOWN : works;
}

static void add_endpoints(struct page *page)
{
	char address[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < page->report->n_endpoints; i++) {
		const struct mux_endpoint *endpoint = &page->report->endpoints[i];
		enum mux_answer works = endpoint_works(page->report, i);

		if (works == MUX_UNKNOWN)
			continue;
		begin(page, "endpoint_works", "Whether an address that clients would try works.");
		add_label(page, "name", endpoint->name);
		add_label(page, "address", addr_format(&endpoint->address, address));
		add_label(page, "family", endpoint->address.family == AF_INET6 ? "ipv6" : "ipv4");
		end(page, works == MUX_YES);
	}
}

/* --- clients ----------------------------------------------------------------------------- */

/* Their names are rows of one table: none is there twice. */
static void add_clients(struct page *page)
{
	size_t i;

	for (i = 0; i < page->report->n_clients; i++) {
		const struct mux_client *client = &page->report->clients[i];

		if (client->works == MUX_UNKNOWN)
			continue;
		begin(page, "client_works", "Whether a client is foreseen to reach the target.");
		add_label(page, "client", client->name);
		end(page, client->works == MUX_YES);
	}
	for (i = 0; i < page->report->n_clients; i++) {
		const struct mux_client *client = &page->report->clients[i];

		if (client->works == MUX_UNKNOWN)
			continue;
		begin(page, "client_seconds", "How long until a client works or gives up.");
		add_label(page, "client", client->name);
		/* Not by %f, whose point is a comma in some locales. */
		str_addf(&page->text, "} %lld.%03d\n", (long long)(client->after_ms / 1000),
			 (int)(client->after_ms % 1000));
	}
}

/* --- the machine ------------------------------------------------------------------------- */

static void add_machine(struct page *page)
{
	const struct mux_machine *machine = page->report->machine;

	begin(page, "gaps", "How many sources could not be read or decided.");
	end(page, (long long)page->report->n_gaps);
	if (machine != NULL && machine->time > 0) {
		begin(page, "timestamp_seconds", "When the facts were gathered, in Unix time.");
		end(page, machine->time);
	}
	begin(page, "info", "What looked, and at which machine.");
	add_label(page, "version", MUX_VERSION);
	if (machine != NULL && machine->kernel != NULL && machine->kernel[0] != '\0')
		add_label(page, "kernel", machine->kernel);
	if (machine != NULL && machine->host_name != NULL && machine->host_name[0] != '\0')
		add_label(page, "hostname", machine->host_name);
	end(page, 1);
}

int render_prometheus(const struct mux_report *report, const struct mux_render_options *options,
		      char **ret_text, size_t *ret_len)
{
	struct page page = {.report = report};
	struct arena *arena = arena_new();
	char *text = NULL;

	(void)options;
	if (arena == NULL)
		return -ENOMEM;
	str_init(&page.text, arena);
	add_answer(&page);
	add_findings(&page);
	add_endpoints(&page);
	add_clients(&page);
	add_machine(&page);
	if (!arena_failed(arena))
		text = malloc(page.text.len + 1);
	if (text != NULL) {
		memcpy(text, str_done(&page.text), page.text.len + 1);
		*ret_text = text;
		*ret_len = page.text.len;
	}
	arena_free(arena);
	return text != NULL ? 0 : -ENOMEM;
}
