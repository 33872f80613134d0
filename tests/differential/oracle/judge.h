/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends one probe and says what the kernel did with it. */
#ifndef ORACLE_JUDGE_H
#define ORACLE_JUDGE_H

#include <stdio.h>

#include "oracle.h"
#include "servers.h"
#include "trace.h"

/*
 * Prints `ID VERDICT FAMILY TABLE CHAIN HANDLE<TAB>RESULT<TAB>PACKET SIDE<TAB>SERVER` and a
 * newline: the first six words as `muxdiag path --batch` prints them; RESULT `connected`, `timeout`
 * or an errno's name; the packet and the side (out or in) that decided, or why it is UNKNOWN;
 * SERVER is `data`, `accepted` or `-`. Returns 0, or -errno when the probe could not be sent.
 */
int judge(const struct probe *probe, struct servers *servers, struct trace *trace, FILE *out,
	  struct failure *failure);

#endif
