/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag path --batch`: many probes, one look at the machine, a line each. */
#ifndef MUX_PATH_BATCH_H
#define MUX_PATH_BATCH_H

#include <stdio.h>

/*
 * Reads lines `ID PROTOCOL FAMILY SOURCE-PORT DESTINATION-PORT` from `input` (protocol tcp, udp or
 * icmp; family 4 or 6; 0 for a free source port) and prints for each, in their order,
 * `ID VERDICT FAMILY TABLE CHAIN HANDLE<tab>RESULT`, after an UNKNOWN with a tab and its reason.
 * Packets go to the loopback address; with `replay` the facts are that folder's, else this
 * machine's, which with `record` are also kept in that folder. Returns the exit status; nothing is
 * printed before every line was understood.
 */
int path_batch(FILE *input, const char *replay, const char *record);

#endif
