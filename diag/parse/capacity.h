/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes → struct mux_capacity, by the contract of parse.h. */
#ifndef MUX_PARSE_CAPACITY_H
#define MUX_PARSE_CAPACITY_H

#include <muxdiag/capacity.h>

#include "base/arena.h"
#include "base/bundle.h"

/* Everything that only a preflight gathers. ret->servers are the processes of the listeners, each
 * once. */
int parse_capacity(const struct mux_bundle *bundle, const struct mux_listeners *listeners,
		   struct arena *arena, struct mux_capacity *ret);

/* "process/<name>/…" */
void parse_process(const struct mux_bundle *bundle, const char *name, struct arena *arena,
		   struct mux_process *ret);
/* An entry of that name. */
void parse_quota(const struct mux_bundle *bundle, const char *entry, struct arena *arena,
		 struct mux_quota *ret);
void parse_cpu_time(const struct mux_bundle *bundle, const char *entry, struct mux_cpu_time *ret);

/* "process/<name>/build" and "preflight/hardware"; out of memory is remembered by the arena. */
void parse_build(struct mux_slice bytes, struct arena *arena, struct mux_build *ret);
void parse_hardware(struct mux_slice bytes, struct arena *arena, struct mux_hardware *ret);

/* Everything below "run/" */
int parse_run(const struct mux_bundle *bundle, struct arena *arena, struct mux_run *ret);

/* "preflight/reach" */
int parse_reach(struct mux_slice bytes, struct arena *arena, struct mux_reach *ret);

/* "0-3,8": a list of processors as the kernel writes it. Returns how many, 0 when it is damaged. */
size_t parse_cpu_list(struct mux_slice text, struct mux_cpu_set *ret);

/* The number that begins the text after blanks; -1 when there is none, or it is larger than
 * INT64_MAX. */
int64_t parse_leading_number(struct mux_slice text);

/* What follows `name` at the beginning of a line; empty when there is no such line. */
struct mux_slice parse_line_after(struct mux_slice bytes, const char *name);

#endif
