/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the causes about /etc/hosts share. */
#ifndef MUX_CAUSES_HOSTS_H
#define MUX_CAUSES_HOSTS_H

#include "causes/cause.h"

/* Does the line give `name` an address? True for a line that is commented out, too. */
bool hosts_names(const struct mux_hosts_entry *entry, const char *name);

/* Is there a live line of that family (0 = any) for `name`? */
bool hosts_has(const struct mux_hosts *hosts, const char *name, int family);

/* Returns "/etc/hosts:3". */
const char *hosts_place(struct findings *findings, const struct mux_hosts_entry *entry);

/* Says that the fix added last appends this line to /etc/hosts. */
void hosts_adds(struct findings *findings, struct cause_finding *finding, const char *line);

/* Returns the command that appends lines; `lines` is the format of a shell's printf, without single
 * quotes. A last line without its end would swallow the first new one, so that is ended first. */
const char *hosts_append(struct findings *findings, const char *lines);

#endif
