/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells in columns that are as wide as their widest cell, for text. */
#ifndef MUX_RENDER_TABLE_H
#define MUX_RENDER_TABLE_H

#include <muxdiag/report.h>

#include "base/arena.h"
#include "base/str.h"

enum { TABLE_MAX_COLUMNS = 10 };

struct table {
	struct arena *arena;
	struct arena_list cells; /* of const char *, row by row */
	size_t n_columns;
};

/* Starts an empty table of at most TABLE_MAX_COLUMNS columns. */
void table_init(struct table *table, struct arena *arena, size_t n_columns);

/* Adds the next cell; the text is escaped as by render_add(). NULL is an empty cell. */
void table_add(struct table *table, const char *text);

/* Appends the rows to the text, each after `indent`; two blanks part the columns, and no line ends
 * with a blank. */
void table_write(const struct table *table, struct str *text, const char *indent);

/* Appends what a verbose report adds: every name, and every address with its stages. */
void render_details(const struct mux_report *report, struct str *text);

#endif
