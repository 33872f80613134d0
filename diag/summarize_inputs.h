/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the recorded snapshots and the JSON results below the paths of `muxdiag summarize`. */
#ifndef MUX_SUMMARIZE_INPUTS_H
#define MUX_SUMMARIZE_INPUTS_H

#include <muxdiag/summary.h>

struct summarize_inputs {
	struct mux_fleet *fleet;
	bool by_file;	/* a host is called as its file or folder */
	size_t unnamed; /* how much of the beginning of a path is not part of that name */
};

/*
 * Takes in what the path holds: a folder with a manifest.json is one snapshot; of any other folder
 * it takes in the snapshots and the files *.json, *.jsonl and *.ndjson in it and in its folders; a
 * file is JSON results, "-" is standard input. What cannot be read is noted as unread.
 * Returns 0 or -ENOMEM.
 */
int summarize_add(struct summarize_inputs *inputs, const char *path);

#endif
