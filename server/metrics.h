/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of /metrics: what all workers counted, and what the process takes. */
#ifndef MUXD_METRICS_H
#define MUXD_METRICS_H

#include "worker.h"

/*
 * Writes Prometheus' text format (version 0.0.4) into a new string. Returns 0 with *ret_text, to
 * be freed with free(), and its length; or -ENOMEM.
 */
int metrics_format(const struct fleet *fleet, char **ret_text, size_t *ret_len);

#endif
