/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/table.h"

#include <string.h>

#include "render/render.h"

void table_init(struct table *table, struct arena *arena, size_t n_columns)
{
	memset(table, 0, sizeof(*table));
	table->arena = arena;
	table->cells.size = sizeof(const char *);
	table->n_columns = n_columns < TABLE_MAX_COLUMNS ? n_columns : TABLE_MAX_COLUMNS;
}

void table_add(struct table *table, const char *text)
{
	const char **cell = arena_list_add(table->arena, &table->cells);
	struct str clean;

	if (cell == NULL)
		return;
	str_init(&clean, table->arena);
	render_add(&clean, text);
	*cell = str_done(&clean);
}

static const char *cell_at(const struct table *table, size_t i)
{
	const char *const *cells = table->cells.items;

	return cells[i] != NULL ? cells[i] : "";
}

/* In characters, as if each were one column wide: good enough for names, and never wrong by more
 * than a ragged edge. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void table_write(const struct table *table, struct str *text, const char *indent)
{
	size_t widths[TABLE_MAX_COLUMNS] = {0};
	size_t i, pending = 0;

	for (i = 0; i < table->cells.n; i++) {
		size_t width = width_of(cell_at(table, i));

		if (width > widths[i % table->n_columns])
			widths[i % table->n_columns] = width;
	}
	for (i = 0; i < table->cells.n; i++) {
		const char *cell = cell_at(table, i);
		size_t column = i % table->n_columns;

		if (column == 0)
			str_add(text, indent);
		if (cell[0] != '\0') {
			str_addf(text, "%*s%s", (int)pending, "", cell);
			pending = 0;
		}
		pending += widths[column] - width_of(cell) + 2;
		if (column + 1 == table->n_columns) {
			str_add(text, "\n");
			pending = 0;
		}
	}
}
