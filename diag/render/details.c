/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbose part of the text: names, addresses with their stages, and why a stage does not pass.
 */
#include <string.h>

#include "base/addr.h"
#include "render/render.h"
#include "render/table.h"

/* So that a row of clients fits a terminal. */
enum { TITLES_WIDTH = 50 };

static const char *address_text(struct arena *arena, const struct mux_endpoint *endpoint)
{
	char address[ADDR_TEXT_MAX];

	if (endpoint->port == 0)
		addr_format(&endpoint->address, address);
	else
		addr_format_port(&endpoint->address, endpoint->port, address);
	return arena_printf(arena, "%s", address);
}

static void add_names(const struct mux_report *report, struct str *text)
{
	struct table table;
	size_t i;

	table_init(&table, text->arena, 2);
	for (i = 0; i < report->n_names; i++) {
		table_add(&table, report->names[i].name);
		table_add(&table, report->names[i].text);
	}
	str_add(text, "\nNames\n");
	table_write(&table, text, "  ");
}

static void add_endpoint(const struct mux_endpoint *endpoint, struct arena *arena,
			 struct table *table)
{
	size_t stage;

	table_add(table, endpoint->name);
	table_add(table, arena_printf(arena, "%u", endpoint->position));
	table_add(table, address_text(arena, endpoint));
	table_add(table, render_answer(endpoint->works));
	for (stage = 0; stage < MUX_N_STAGES; stage++)
		table_add(table, render_answer(endpoint->stages[stage].passes));
}

static void add_addresses(const struct mux_report *report, struct str *text)
{
	struct table table;
	size_t i, stage;

	table_init(&table, text->arena, 4 + MUX_N_STAGES);
	table_add(&table, "name");
	table_add(&table, "order");
	table_add(&table, "address");
	table_add(&table, "works");
	for (stage = 0; stage < MUX_N_STAGES; stage++)
		table_add(&table, render_stage((enum mux_stage)stage));
	for (i = 0; i < report->n_endpoints; i++)
		add_endpoint(&report->endpoints[i], text->arena, &table);
	str_add(text, "\nAddresses\n");
	table_write(&table, text, "  ");
}

/* Each stage's own words, for the addresses of one name after the other. */
static void add_stages(const struct mux_report *report, struct str *text)
{
	struct table table;
	size_t i, stage;

	for (i = 0; i < report->n_endpoints; i++) {
		const struct mux_endpoint *endpoint = &report->endpoints[i];

		str_add(text, "\n");
		render_add(text, endpoint->name);
		str_addf(text, ", %s: ", address_text(text->arena, endpoint));
		render_add(text, endpoint->text);
		str_add(text, "\n");
		table_init(&table, text->arena, 3);
		for (stage = 0; stage < MUX_N_STAGES; stage++) {
			table_add(&table, render_stage((enum mux_stage)stage));
			table_add(&table, render_answer(endpoint->stages[stage].passes));
			table_add(&table, endpoint->stages[stage].text);
		}
		table_write(&table, text, "  ");
	}
}

/* Did an earlier client fare the same? */
static bool is_grouped(const struct mux_report *report, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (strcmp(report->clients[j].text, report->clients[i].text) == 0)
			return true;
	return false;
}

/* Ends a row of titles: the text stands in the first only. */
static void end_row(struct table *table, struct str *titles, const char **text)
{
	table_add(table, *text);
	table_add(table, str_done(titles));
	str_init(titles, titles->arena);
	*text = "";
}

/* The clients that fare like client `first`: those with words of their own in a row each. */
static void add_group(const struct mux_report *report, size_t first, struct table *table)
{
	const char *text = report->clients[first].text;
	struct str titles;
	size_t i;

	str_init(&titles, table->arena);
	for (i = first; i < report->n_clients; i++) {
		const struct mux_client *client = &report->clients[i];

		if (strcmp(client->text, report->clients[first].text) != 0)
			continue;
		if (titles.len != 0)
			str_add(&titles, ", ");
		str_add(&titles, client->title);
		if (client->says[0] != '\0')
			str_addf(&titles, ": %s", client->says);
		if (client->says[0] != '\0' || titles.len > TITLES_WIDTH)
			end_row(table, &titles, &text);
	}
	if (titles.len != 0)
		end_row(table, &titles, &text);
}

static void add_clients(const struct mux_report *report, struct str *text)
{
	struct table table;
	size_t i;

	if (report->n_clients == 0)
		return;
	table_init(&table, text->arena, 2);
	for (i = 0; i < report->n_clients; i++)
		if (!is_grouped(report, i))
			add_group(report, i, &table);
	str_add(text, "\nClients\n");
	table_write(&table, text, "  ");
}

static void add_machine(const struct mux_machine *machine, struct str *text)
{
	str_add(text, "\nMachine\n  ");
	render_add(text, machine->host_name);
	str_add(text, ", kernel ");
	render_add(text, machine->kernel);
	str_addf(text, ", uid %u, capabilities %016llx, network namespace %llu\n",
		 (unsigned)machine->uid, (unsigned long long)machine->capabilities,
		 (unsigned long long)machine->netns);
}

void render_details(const struct mux_report *report, struct str *text)
{
	add_names(report, text);
	add_addresses(report, text);
	add_clients(report, text);
	add_stages(report, text);
	if (report->machine != NULL)
		add_machine(report->machine, text);
}
